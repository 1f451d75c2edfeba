"""Both databases, for every test that asks for them; and in which order a whole run goes."""

import os
from collections.abc import Iterator
from collections.abc import Set as AbstractSet

import pytest

from tests import postgres
from tests.eenmaal import made_once
from tests.opslag import POSTGRESQL, SOORTEN, SQLITE, running_on, stores_of_a_test

# Files that take minutes, the longest first; what is below a folder takes long by waiting.
LONG = (
    "faults/",
    "browser/",
    "integration/test_sluiting.py",
    "integration/test_replay.py",
    "integration/test_handboek.py",
    "integration/test_run.py",
    "integration/test_herbeoordeling.py",
    "api/test_fuzz.py",
    "web/test_paginas_vol.py",
    "web/test_paginas_streek.py",
    "scenarios/",
    "integration/test_plannen_werk.py",
    "integration/test_grootboek_aanbieder.py",
    "integration/test_alarmen.py",
    "integration/test_image.py",
    "api/",
    "conformiteit/",
    "integration/",
    "web/",
    "properties/",
)


# The store is tested on both databases.  What is shown of it, and what looks back at a whole
# region, on the one where rows are guarded and types are strict, and by `make test-both` on both.
ON_ONE = (
    "api/",
    "web/",
    "integration/test_correcties.py",
    "integration/test_herbeoordeling.py",
    "integration/test_regio.py",
    "integration/test_replay.py",
    "integration/test_sluiting.py",
    "integration/test_tariefjaar.py",
)
BOTH = os.environ.get("BOTH") == "1"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the files that take longest, so that none of them is left to one process alone."""
    names = {item.nodeid for item in items}
    again = [] if BOTH else [item for item in items if _is_again(item, names)]
    if again and postgres.found_server() is None:
        again = []
    config.hook.pytest_deselected(items=again)
    left_out = set(again)
    items[:] = [item for item in items if item not in left_out]
    items.sort(key=_order)


def _order(item: pytest.Item) -> tuple[int, str, str]:
    """Files by how long they take; in a file one database after the other, each made once."""
    file = item.nodeid.removeprefix("tests/").partition("::")[0]
    call = getattr(item, "callspec", None)
    return _place(file), file, "" if call is None else str(call.params.get("opslag", ""))


def _is_again(item: pytest.Item, names: AbstractSet[str]) -> bool:
    """Whether the same test is done on the other database, and that is enough."""
    other = item.nodeid.replace(SQLITE, POSTGRESQL)
    is_shown = item.nodeid.removeprefix("tests/").startswith(ON_ONE)
    return is_shown and other != item.nodeid and other in names


def _place(nodeid: str) -> int:
    return next((nr for nr, one in enumerate(LONG) if nodeid.startswith(one)), len(LONG))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Half as many processes again as there are cores: many tests wait most of their time."""
    cores = os.cpu_count() or 1
    return cores + cores // 2


@pytest.fixture(scope="module", params=SOORTEN)
def opslag(request: pytest.FixtureRequest) -> Iterator[None]:
    """Run a test on each kind of database."""
    with running_on(request.param):
        yield


@pytest.fixture(autouse=True, scope="session")
def _any_port() -> Iterator[None]:
    """What serves pages in a test takes a port that is free."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GATEWAY_PORT", "0")
        yield


@pytest.fixture(autouse=True, scope="session")
def _made_once() -> Iterator[None]:
    with made_once():
        yield


@pytest.fixture(autouse=True)
def _stores_of_a_test() -> Iterator[None]:
    with stores_of_a_test():
        yield

"""Both databases, for every test that asks for them; and in which order a whole run goes."""

import os
from collections.abc import Iterator

import pytest

from tests.eenmaal import made_once
from tests.opslag import SOORTEN, running_on, stores_of_a_test

# Files that take minutes, the longest first; what is below a folder takes long by waiting.
LONG = (
    "faults/",
    "browser/",
    "integration/test_replay.py",
    "integration/test_herbeoordeling.py",
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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest, so that none of them is left to one process alone."""
    items.sort(key=lambda item: _place(item.nodeid.removeprefix("tests/")))


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

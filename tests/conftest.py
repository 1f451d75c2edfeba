"""Both databases, for every test that asks for them, and an end to what a module left."""

import gc
from collections.abc import Iterator

import pytest

from tests.opslag import SOORTEN, running_on, stores_of_a_test


@pytest.fixture(scope="module", params=SOORTEN)
def opslag(request: pytest.FixtureRequest) -> Iterator[None]:
    """Run a test on each kind of database."""
    with running_on(request.param):
        yield


@pytest.fixture(autouse=True)
def _stores_of_a_test() -> Iterator[None]:
    with stores_of_a_test():
        yield


@pytest.fixture(autouse=True, scope="module")
def _left_behind() -> Iterator[None]:
    """What a module left behind goes away.

    An installation puts all that is there out of sight of the collector, which is right for a
    process with one of them and wrong for thousands.
    """
    yield
    gc.unfreeze()
    gc.collect()

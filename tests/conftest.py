"""Both databases, for every test that asks for them."""

from collections.abc import Iterator

import pytest

from tests.opslag import SOORTEN, running_on, stores_of_a_test


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


@pytest.fixture(autouse=True)
def _stores_of_a_test() -> Iterator[None]:
    with stores_of_a_test():
        yield

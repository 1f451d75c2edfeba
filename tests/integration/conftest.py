"""A store on both databases for every test that asks for one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.store.store import SqlStore
from tests.integration.store_builders import Klok, new_store
from tests.opslag import SOORTEN, running_on, stores_of_a_test


@pytest.fixture
def klok() -> Klok:
    return Klok()


@pytest.fixture(scope="module", params=SOORTEN)
def opslag(request: pytest.FixtureRequest) -> Iterator[None]:
    """Run a test on each kind of database."""
    with running_on(request.param):
        yield


@pytest.fixture(autouse=True)
def _stores_of_a_test() -> Iterator[None]:
    with stores_of_a_test():
        yield


@pytest.fixture
def store(opslag: None, tmp_path: Path, klok: Klok) -> Iterator[SqlStore]:
    opened = new_store(tmp_path, klok)
    yield opened
    opened.close()

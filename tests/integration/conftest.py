"""A store on both databases for every test that asks for one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.store.store import SqlStore
from tests.integration.store_builders import Klok, new_store


@pytest.fixture
def klok() -> Klok:
    return Klok()


@pytest.fixture
def store(opslag: None, tmp_path: Path, klok: Klok) -> Iterator[SqlStore]:
    opened = new_store(tmp_path, klok)
    yield opened
    opened.close()

"""One region for the tests of a module, on each kind of database."""

from collections.abc import Iterator

import pytest

from tests.api.dienst import Dienst, dienst


@pytest.fixture(scope="module")
def api(opslag: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dienst]:
    with dienst(tmp_path_factory.mktemp("api"), api_herkomst=("https://portaal.example",)) as made:
        yield made

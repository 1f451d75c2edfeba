"""A gateway for the tests of a module, with a user for every role."""

from collections.abc import Iterator

import pytest

from tests.web.huis import Huis, huis, iedereen


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Huis]:
    with huis(tmp_path_factory.mktemp("web")) as made:
        iedereen(made)
        yield made

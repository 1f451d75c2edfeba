"""A browser and a gateway for the tests of a module."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.browser import browser
from tests.web.huis import Huis, huis, iedereen


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Huis]:
    with huis(tmp_path_factory.mktemp("browser")) as made:
        iedereen(made)
        yield made

"""The screens of the demo, full of data: for everyone, and on a screen that is enlarged."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Browser

from tests.browser.browser import violations
from tests.browser.schermen import SCHERMEN, Scherm, demo, go
from tests.browser.test_paginas import ENLARGED, watched


@pytest.fixture(scope="module")
def adres() -> Iterator[str]:
    with demo() as started:
        yield started


@pytest.mark.parametrize("scherm", SCHERMEN, ids=lambda one: one.naam)
def test_a_screen_full_of_data_is_there_for_everyone(
    chromium: Browser, adres: str, scherm: Scherm
) -> None:
    context = chromium.new_context(locale="nl-NL")
    with closing(context), watched(context) as page:
        go(page, adres, scherm)
        found = list(violations(page))
        told = (page.locator("html").get_attribute("lang"), page.locator("h1").count())
        page.set_viewport_size(ENLARGED)  # type: ignore[arg-type]
        width = page.evaluate("document.documentElement.scrollWidth")
    assert ([], ("nl", 1), True) == (found, told, width <= ENLARGED["width"])

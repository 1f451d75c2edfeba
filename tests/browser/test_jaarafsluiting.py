"""The pages of a year that was closed, in a real browser: for everyone, and on a small screen."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.browser.browser import violations
from tests.browser.test_paginas import ENLARGED, opened
from tests.web import jaren
from tests.web.huis import AGB, ZWOLLE, Huis

HERE = "/geld/jaarafsluiting"


@pytest.fixture(scope="module")
def adressen(web: Huis) -> list[str]:
    """A pack, a statement that differs and a sample with a result."""
    made, kenmerken = jaren.fill_year(web.store, ZWOLLE, AGB), web.omgeving.kenmerken
    return [
        f"{HERE}?gemeente={ZWOLLE}&jaar={jaren.JAAR}",
        *(
            f"{HERE}/{form}?gemeente={ZWOLLE}&jaar={jaren.JAAR}"
            for form in ("pakketten", "verantwoordingen", "steekproeven")
        ),
        f"{HERE}/pakketten/{kenmerken.of('jaarafsluiting', made.pakket)}",
        f"{HERE}/verantwoordingen/{kenmerken.of('verantwoording', made.verantwoording)}",
        *(
            f"{HERE}/steekproeven/{kenmerken.of('steekproef', made.steekproef)}{deel}"
            for deel in ("", "/stukken", "/uitslagen")
        ),
    ]


def test_a_closed_year_is_for_everyone(chromium: Browser, web: Huis, adressen: list[str]) -> None:
    with opened(chromium, web, "financien") as page:
        for adres in adressen:
            page.goto(web.omgeving.adres + adres)
            assert [] == violations(page), adres


def test_a_closed_year_fits_a_small_screen(
    chromium: Browser, web: Huis, adressen: list[str]
) -> None:
    with opened(chromium, web, "financien", viewport=ENLARGED) as page:
        for adres in adressen:
            page.goto(web.omgeving.adres + adres)
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= ENLARGED["width"], adres

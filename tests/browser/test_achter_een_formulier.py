"""What only a form or an id leads to, for everyone; and the work of a day by keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from gateway.toegang.rechten import Rol
from gateway.toegang.wie import ALLE
from tests.browser.browser import violations
from tests.browser.test_paginas import ENLARGED, opened
from tests.enveloppen import set_aside
from tests.integration.berichten import BSN
from tests.web.huis import AGB, WACHTWOORD, ZWOLLE
from tests.web.werkhuis import Werkhuis, held, werkhuis

# So often somebody presses Tab before he gives up.
PATIENCE = 120
FOCUSED = "document.activeElement"


@pytest.fixture(scope="module")
def werk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Werkhuis]:
    """A held invoice, a parked message, an envelope set aside, and somebody who sees it all."""
    with werkhuis(tmp_path_factory.mktemp("werk")) as made:
        made.take_in(*held())
        parked = made.store.inbox.receive("los.xml", [b"<geen-bericht/>"])
        made.store.inbox.park(parked.inbox_id, "een fout in de gateway")
        set_aside(made.store, ZWOLLE, AGB)
        made.maak("noor", {ALLE: {Rol.BEOORDELAAR, Rol.TECHNISCH_BEHEER}})
        yield made


@pytest.fixture(scope="module")
def page(chromium: Browser, werk: Werkhuis) -> Iterator[Page]:
    with opened(chromium, werk, "noor") as found:
        yield found


def expect_for_everyone(page: Page) -> None:
    """Without a violation, on a screen of 1280 wide and enlarged to 400 %."""
    assert [] == violations(page), page.url
    before = page.viewport_size
    page.set_viewport_size(ENLARGED)  # type: ignore[arg-type]
    assert page.evaluate("document.documentElement.scrollWidth") <= ENLARGED["width"], page.url
    page.set_viewport_size(before)  # type: ignore[arg-type]


def clicks(page: Page, css: str) -> None:
    with page.expect_navigation():
        page.locator(css).first.click()


def test_a_client_is_there_for_everyone(page: Page, werk: Werkhuis) -> None:
    page.goto(f"{werk.omgeving.adres}/clienten")
    page.get_by_label("Burgerservicenummer").fill(BSN)
    page.get_by_label("Waarvoor").select_option("declaratie")
    clicks(page, "main form button")
    assert "?doel=declaratie" in page.url
    expect_for_everyone(page)
    address = page.url
    page.goto(address.partition("?")[0])
    assert "We leggen vast dat u deze cliënt bekijkt" in page.content()
    expect_for_everyone(page)
    page.goto(address)
    page.locator("form[action$='/bsn']").evaluate("form => form.closest('details').open = true")
    page.locator("form[action$='/bsn'] select").select_option("declaratie")
    clicks(page, "form[action$='/bsn'] button")
    assert BSN in page.content()
    expect_for_everyone(page)


def test_a_message_that_stands_still_is_there_for_everyone(page: Page, werk: Werkhuis) -> None:
    page.goto(f"{werk.omgeving.adres}/fouten?waar=geparkeerd")
    expect_for_everyone(page)
    clicks(page, "main #lijst + .tabel a")
    assert "Kon niet worden beoordeeld" in page.content()
    expect_for_everyone(page)
    page.locator("main summary").click()
    page.get_by_label("Waarvoor").select_option("storing")
    clicks(page, "form[action$='/inhoud'] button")
    assert "&lt;geen-bericht" in page.content()
    expect_for_everyone(page)
    page.goto(f"{werk.omgeving.adres}/fouten")
    clicks(page, "main a[href^='/fouten/enveloppen/']")
    clicks(page, "main form button")
    assert "Schrijf op waarom" in page.content()
    expect_for_everyone(page)


def test_a_new_judgement_is_there_for_everyone(page: Page, werk: Werkhuis) -> None:
    page.goto(f"{werk.omgeving.adres}/werkvoorraad")
    clicks(page, "tbody th a")
    clicks(page, "a[href$='/herstel']")
    page.locator("main h1").wait_for()
    expect_for_everyone(page)
    clicks(page, "main form[action$='/herstel'] button")
    assert "/besluiten/" in page.url
    expect_for_everyone(page)


def test_a_decision_is_taken_by_keyboard_alone(chromium: Browser, werk: Werkhuis) -> None:
    with opened(chromium, werk, None) as page:
        page.goto(f"{werk.omgeving.adres}/inloggen")
        tab_to(page, "#naam")
        page.keyboard.type("anna")
        tab_to(page, "#wachtwoord")
        page.keyboard.type(WACHTWOORD)
        enter(page)
        tab_to(page, ".menu a[href='/werkvoorraad']")
        enter(page)
        tab_to(page, "tbody th a")
        enter(page)
        tab_to(page, "tbody a[href^='/regels/']")
        enter(page)
        assert "wacht op besluit" in page.locator(".titel").first.inner_text()
        tab_to(page, "main a[href^='/werkvoorraad/']")
        enter(page)
        tab_to(page, "button[name=welke][value=alle]")
        enter(page)
        tab_to(page, "#reden")
        page.keyboard.type("gebeld met de aanbieder")
        tab_to(page, "button[name=doe][value=nemen]")
        enter(page)
        assert "genomen" in page.locator(".titel").first.inner_text()


def tab_to(page: Page, css: str) -> None:
    """Press Tab until the focus is on what is meant; it is seen there."""
    for _ in range(PATIENCE):
        page.keyboard.press("Tab")
        if page.evaluate(f"css => {FOCUSED}.matches(css)", css):
            assert "none" != page.evaluate(f"getComputedStyle({FOCUSED}).outlineStyle")
            return
    raise AssertionError(f"{css} is not reached on {page.url}")


def enter(page: Page) -> None:
    """Press Enter, which leads to another page."""
    with page.expect_navigation():
        page.keyboard.press("Enter")

"""The whole path on the demo, as staff walks it: find the cause, open a line, decide."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from gateway.cli.demo import REGELS, SEED
from gateway.simulate.region import Regio
from tests.browser.browser import violations
from tests.browser.schermen import demo, log_in

# Held for a person, decided without a second one, and let go at once.
BELEID = """
[check.S105]
effect = "hold"
[check.S119]
effect = "hold"
[besluit]
tweede_persoon_boven = 100000000
bedenktijd = 0
"""
LONGEST = 30_000


@pytest.fixture(scope="module")
def adres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A demo whose municipalities hold invoices for some checks."""
    folder = tmp_path_factory.mktemp("beleid")
    for gemeente in Regio(SEED, REGELS).gemeenten:
        Path(folder / f"{gemeente.code}.toml").write_text(BELEID, encoding="utf-8")
    with demo({"GATEWAY_BELEID": str(folder)}) as found:
        yield found


@pytest.fixture(params=[True, False], ids=["met script", "zonder script"])
def page(request: pytest.FixtureRequest, chromium: Browser, adres: str) -> Iterator[Page]:
    context = chromium.new_context(locale="nl-NL", java_script_enabled=request.param)
    opened = context.new_page()
    log_in(opened, adres, "beoordelaar")
    yield opened
    context.close()


def opens(page: Page, text: str) -> None:
    """Follow the first link or press the first button with this text."""
    with page.expect_navigation():
        page.get_by_text(text).first.click()


def first_of(page: Page, css: str) -> None:
    with page.expect_navigation():
        page.locator(css).first.click()


def test_a_held_invoice_is_decided_on_and_its_325_leaves(page: Page, adres: str) -> None:
    page.goto(f"{adres}/vandaag")
    opens(page, "aangehouden")
    first_of(page, "tbody th a")
    first_of(page, "tbody th a")
    assert "wacht op besluit" in page.locator(".titel").first.inner_text()
    assert page.locator(".tijdlijn").is_visible()
    opens(page, "Declaratie ")
    invoice = page.url
    assert "Er is nog geen antwoord" in page.content()
    while held_lines(page).count():
        decide_on_first_held(page)
        page.goto(invoice)
    expect_answer(page, invoice)


def held_lines(page: Page) -> Locator:
    """The lines of an invoice that wait for a person."""
    table = page.locator("h2:has-text('Open bevindingen') + .tabel")
    return table.locator("tbody tr", has_text="aangehouden")


def decide_on_first_held(page: Page) -> None:
    """Grant everything of the cause of the first held line of an invoice."""
    with page.expect_navigation():
        held_lines(page).first.locator("a").first.click()
    opens(page, "naar de oorzaak")
    with page.expect_navigation():
        page.get_by_role("button", name="Bekijk besluit over alles").click()
    assert "samen" in page.content()
    page.get_by_label("Waarom beslist u dit?").fill("gebeld met de aanbieder")
    with page.expect_navigation():
        page.get_by_role("button", name="Neem dit besluit").click()
    assert "genomen" in page.locator(".titel").first.inner_text()


def expect_answer(page: Page, invoice: str) -> None:
    """Wait until the 325 of an invoice has left."""
    for _ in range(LONGEST // 1_000):
        page.goto(invoice)
        if "verstuurd" in page.locator(".weg").inner_text():
            return
        page.wait_for_timeout(1_000)
    raise AssertionError(page.locator(".weg").inner_text())


def test_a_newcomer_finds_why_a_provider_got_less_and_settles_it(page: Page, adres: str) -> None:
    page.goto(f"{adres}/vandaag")
    opens(page, "Alle verschillen")
    gaps = page.locator("tbody th a").evaluate_all("links => links.map(link => link.href)")
    open_ones = "tbody a[href^='/werkvoorraad/']"
    for gap in gaps:
        page.goto(gap)
        assert "samen is dit het hele verschil" in page.content()
        if page.locator(open_ones).count():
            break
    first_of(page, open_ones)
    assert "Wat de aanbieder doet" in page.content()
    cause = page.url
    page.get_by_label("Terecht afgewezen").check()
    with page.expect_navigation():
        page.get_by_role("button", name="Bekijk besluit over alles").click()
    page.get_by_label("Waarom beslist u dit?").fill("de aanbieder dient opnieuw in")
    with page.expect_navigation():
        page.get_by_role("button", name="Neem dit besluit").click()
    page.goto(cause)
    expect(page.locator(".leeg")).to_contain_text("staat niets meer open")


def test_pages_behind_an_id_are_there_for_everyone(chromium: Browser, adres: str) -> None:
    context = chromium.new_context(locale="nl-NL", viewport={"width": 320, "height": 256})
    page = context.new_page()
    log_in(page, adres, "beoordelaar")
    seen = 0
    for steps in ([], ["tbody th a"], ["tbody th a", ".kruimel a"]):
        page.goto(f"{adres}/werkvoorraad")
        first_of(page, "tbody th a")
        for step in steps:
            first_of(page, step)
        assert [] == list(violations(page)), page.url
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, page.url
        seen += 1
    assert 3 == seen
    context.close()

"""Takes a picture of every page of the demo at two widths: `make screens`."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import Browser, Page

from tests.browser.browser import browser
from tests.integration.berichten import CODE, PROJECT, own_environment

FOLDER = PROJECT / "docs" / "schermen"
WIDTHS = (1280, 390)
LONGEST = 2_400


class Scherm(NamedTuple):
    """A picture: its name, who looks (a user of the demo), and the links that lead there.

    A step that begins with / is an address, with main a place on the page (CSS), and any other is
    the text of a link or button.
    """

    naam: str
    wie: str | None
    stappen: Sequence[str]


_WERK = "/werkvoorraad?stand=afgewezen"
_OORZAAK = "De productcategorie op de regel is een andere dan die van de toewijzing."
_REGEL = "F2604.2000030"

SCHERMEN = (
    Scherm("inloggen", None, ["/inloggen"]),
    Scherm("eerste-beheerder", None, ["/eerste"]),
    Scherm("mijn", "beoordelaar", ["/mijn"]),
    Scherm("vandaag", "beoordelaar", ["/vandaag"]),
    Scherm("termijnen", "beoordelaar", ["/vandaag/termijnen"]),
    Scherm("verschillen", "beoordelaar", ["/verschillen"]),
    Scherm("verschil", "beoordelaar", ["/verschillen", "Zorggroep De Populier, april 2026"]),
    Scherm("werkvoorraad", "beoordelaar", ["/werkvoorraad"]),
    Scherm("oorzaak", "beoordelaar", [_WERK, _OORZAAK]),
    Scherm("regel", "beoordelaar", [_WERK, _OORZAAK, _REGEL]),
    Scherm("declaratie", "beoordelaar", [_WERK, _OORZAAK, _REGEL, "Declaratie J0164202604"]),
    Scherm("besluit", "beoordelaar", [_WERK, _OORZAAK, "Bekijk besluit over alles"]),
    Scherm("besluiten", "beoordelaar", ["/besluiten"]),
    Scherm("geen-toegang", "lezer", ["/logboek"]),
    Scherm("berichten", "beoordelaar", ["/berichten"]),
    Scherm("bericht", "beoordelaar", ["/berichten?oordeel=partly", "main table a"]),
    Scherm("toewijzingen", "beoordelaar", ["/toewijzingen"]),
    Scherm("toewijzing", "beoordelaar", ["/toewijzingen", "main table a"]),
    Scherm("verzoeken", "beoordelaar", ["/verzoeken"]),
    Scherm("verzoek", "beoordelaar", ["/verzoeken", "main table a"]),
    Scherm("eigen-berichten", "aanbieder", ["/eigen"]),
    Scherm("eigen-bericht", "aanbieder", ["/eigen?oordeel=partly", "main table a"]),
    Scherm("eigen-maanden", "aanbieder", ["/eigen/maanden"]),
    Scherm("eigen-maand", "aanbieder", ["/eigen/maanden", "main table a"]),
    Scherm("eigen-correcties", "aanbieder", ["/eigen/correcties?reden=afgewezen"]),
    Scherm("eigen-betalingen", "aanbieder", ["/eigen/betalingen"]),
    Scherm("controle", "aanbieder", ["/controle"]),
    Scherm("eigen-overeenkomsten", "aanbieder", ["/overeenkomsten"]),
    Scherm("beleid", "beheerder", ["/beheer/beleid"]),
    Scherm("gemeenten", "beheerder", ["/beheer/gemeenten"]),
    Scherm("beleid-wijzigen", "beheerder", ["/beheer/gemeenten", "main table a"]),
    Scherm("sleutels", "beheerder", ["/beheer/sleutels"]),
    Scherm("sleutel-nieuw", "beheerder", ["/beheer/sleutels/nieuw"]),
    Scherm("gebruikers", "beheerder", ["/beheer/gebruikers"]),
    Scherm("gebruiker-nieuw", "beheerder", ["/beheer/gebruikers/nieuw", "Gebruiker maken"]),
    Scherm("gebruiker", "beheerder", ["/beheer/gebruikers", "Lezer van alle gemeenten"]),
    Scherm("logboek", "auditor", ["/logboek"]),
    Scherm("logboek-inzage", "auditor", ["/logboek/inzage"]),
    Scherm("client-zoeken", "beoordelaar", ["/clienten"]),
    Scherm("aanbieders", "beoordelaar", ["/aanbieders"]),
    Scherm("aanbieder", "beoordelaar", ["/aanbieders", "99000082"]),
    Scherm("overeenkomsten", "lezer", ["/overeenkomsten"]),
    Scherm("overeenkomst", "lezer", ["/overeenkomsten", "Jeugdhulp IJsselland"]),
    Scherm("vergelijken", "lezer", ["/overeenkomsten/vergelijken"]),
    Scherm("proef", "lezer", ["/overeenkomsten/proef"]),
    Scherm("geld", "financien", ["/geld"]),
    Scherm("betalingen", "financien", ["/geld/betalingen"]),
    Scherm("blokkades", "financien", ["/geld/betalingen/blokkades"]),
    Scherm("voorstellen", "financien", ["/geld/voorstellen"]),
    Scherm("verplichtingen", "financien", ["/geld/verplichtingen"]),
    Scherm("jaarafsluiting", "financien", ["/geld/jaarafsluiting"]),
    Scherm("jaar-sluiten", "financien", ["/geld/sluiting"]),
    Scherm("herprijzen", "lezer", ["/overeenkomsten/herprijzen"]),
    Scherm("indexeren", "beheerder", ["/overeenkomsten/indexeren"]),
    Scherm("publiceren", "beheerder", ["/overeenkomsten/publiceren"]),
    Scherm("creditverzoeken", "financien", ["/geld/creditverzoeken"]),
    Scherm("verrekeningen", "financien", ["/geld/verrekeningen"]),
    Scherm("facturen", "financien", ["/geld/facturen"]),
    Scherm("factuur-nieuw", "financien", ["/geld/facturen/nieuw"]),
    Scherm("mutaties", "beoordelaar", ["/geld/mutaties"]),
    Scherm("mutatie-nieuw", "beoordelaar", ["/geld/mutaties/nieuw?soort=indexatie"]),
    Scherm("instemmingen", "beoordelaar", ["/geld/instemmingen"]),
    Scherm("aanbiedersregister", "financien", ["/geld/aanbieders"]),
    Scherm("register-aanbieder", "financien", ["/geld/aanbieders/1"]),
    Scherm("register-formulier", "financien", ["/geld/aanbieders/1/rekening"]),
    Scherm("register-invoer", "financien", ["/geld/aanbieders/invoer"]),
    Scherm("fouten", "techniek", ["/fouten"]),
    Scherm("fout", "techniek", ["/fouten?waar=geparkeerd", "main #lijst + .tabel a"]),
    Scherm("terugzetten", "techniek", ["/fouten", "main a[href*=terugzetten]"]),
    Scherm("sturing", "lezer", ["/sturing"]),
    Scherm("regio", "lezer", ["/sturing/regio"]),
    Scherm("regio-vragen", "lezer", ["/sturing/regio/vragen"]),
)


def main(names: Sequence[str] = ()) -> None:
    """Take the pictures with these names, all without any."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    chosen = [one for one in SCHERMEN if not names or one.naam in names]
    with demo() as adres, browser() as opened:
        for width in WIDTHS:
            for one in chosen:
                _take(opened, adres, one, width)


@contextmanager
def demo(environment: Mapping[str, str] | None = None) -> Iterator[str]:
    """The address of a running demo, with settings of its own."""
    process = subprocess.Popen(
        [sys.executable, "-c", CODE, "demo", "--serve", "--port", "0"],
        cwd=PROJECT,
        env=own_environment(dict(environment or {})),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        found = (re.search(r"staan op (http://\S+)", line) for line in process.stdout)
        yield next(one[1] for one in found if one)
    finally:
        process.terminate()
        process.communicate(timeout=20)


# Who logged in stays so: logging in again for every page is more often than one may.
_SESSIONS: dict[tuple[str, str], list[Any]] = {}


def log_in(page: Page, adres: str, wie: str) -> None:
    """By the button of a user of the demo, or as who did so before."""
    known = _SESSIONS.get((adres, wie))
    if known is not None:
        page.context.add_cookies(known)
        return
    page.goto(f"{adres}/inloggen")
    with page.expect_navigation():
        page.locator(f"button[name=naam][value='{wie}']").click()
    _SESSIONS[adres, wie] = [*page.context.cookies()]


def go(page: Page, adres: str, scherm: Scherm) -> None:
    """To a page, as somebody finds it."""
    if scherm.wie is not None:
        log_in(page, adres, scherm.wie)
    for stap in scherm.stappen:
        if stap.startswith("/"):
            page.goto(adres + stap)
            continue
        is_place = stap.startswith("main ")
        place = page.locator(stap) if is_place else page.get_by_text(stap, exact=True)
        with page.expect_navigation():
            place.first.click()


def _take(opened: Browser, adres: str, scherm: Scherm, width: int) -> None:
    page = opened.new_page(viewport={"width": width, "height": 800}, locale="nl-NL")
    go(page, adres, scherm)
    height = min(page.evaluate("document.documentElement.scrollHeight"), LONGEST)
    page.set_viewport_size({"width": width, "height": max(int(height), 500)})
    page.screenshot(path=Path(FOLDER) / f"{scherm.naam}-{width}.png")
    page.close()


if __name__ == "__main__":
    main(sys.argv[1:])

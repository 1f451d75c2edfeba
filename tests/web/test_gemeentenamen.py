"""Municipalities are known by their names wherever somebody reads of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.web.huis import Bezoeker
from tests.web.streekhuis import Streekhuis, streekhuis
from tests.web.test_paginas_streek import een_bsn, gevonden, tekst

pytestmark = pytest.mark.usefixtures("opslag")
PAGES = (
    *("/vandaag", "/verschillen", "/werkvoorraad", "/besluiten", "/berichten", "/verzoeken"),
    *("/toewijzingen", "/aanbieders", "/overeenkomsten", "/sturing", "/fouten", "/mijn"),
    *("/geld/verplichtingen?per=gemeente", "/geld/verplichtingen?per=groep"),
)
# Where each of these pages leads: the first of a kind is looked at as well.
KINDS = re.compile(r'href="(/(?!static)([a-z]+)/[^"#?]+)')


@pytest.fixture(scope="module")
def hier(opslag: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Streekhuis]:
    with streekhuis(tmp_path_factory.mktemp("streek")) as made:
        yield made


def seen_by(wie: Bezoeker) -> Iterator[tuple[str, str]]:
    """Every page of the menu and the first page of each kind behind it, with what it says."""
    kinds = set[str]()
    for path in PAGES:
        page = wie.get(path)
        yield path, tekst(page)
        for behind, kind in KINDS.findall(page.text):
            if kind not in kinds:
                kinds.add(kind)
                yield behind, tekst(wie.get(behind))


def test_a_page_names_a_municipality_and_never_its_code(hier: Streekhuis) -> None:
    known = hier.huis.omgeving.gemeentenamen
    # One message of the region is for a municipality that does not exist.
    rows = hier.streek.rows("SELECT DISTINCT gemeente FROM partij")
    codes = {str(code) for (code,) in rows if str(code) in known}
    namen = {known[code] for code in codes}
    pages = dict(seen_by(hier.huis.bezoeker("beoordelaar")))
    pages["cliënt"] = tekst(gevonden(hier.huis.bezoeker("beoordelaar"), een_bsn(hier)))
    told = re.compile(rf"(?<![\w-])(?:{'|'.join(codes)})(?![\w-])")
    # A message shows the XML as it came in.
    assert [] == [
        (path, found.group(), text[max(0, found.start() - 60) : found.end()])
        for path, text in pages.items()
        for found in told.finditer(re.sub(r"<[^>]*>[^<]*</", "", text))
    ]
    named = [path for path, text in pages.items() if any(naam in text for naam in namen)]
    assert {"/vandaag", "/werkvoorraad", "/sturing", "/berichten", "cliënt"} <= set(named)
    assert len(pages) > len(PAGES) + 5


def test_a_file_names_a_municipality_and_keeps_its_code(hier: Streekhuis) -> None:
    wie = hier.huis.bezoeker("beoordelaar")
    wie.get("/werkvoorraad")
    found = wie.post("/werkvoorraad/uitvoer", {"doel": "overleg", "soort": "csv"})
    koppen, *rijen = [one.split(";") for one in found.content.decode("utf-8-sig").splitlines()]
    assert ["gemeente", "gemeentecode"] == koppen[:2]
    namen = hier.huis.omgeving.gemeentenamen
    assert rijen
    assert all(namen[code] == naam for naam, code, *_ in rijen)

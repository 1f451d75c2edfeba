"""The pages of a region: figures for who steers, and nothing of a client."""

from __future__ import annotations

import csv
import html
import io
import re
import time
from collections.abc import Iterator

import httpx
import pytest

from gateway.errors import WrongUse
from gateway.toegang.rechten import Rol
from gateway.toegang.wie import ALLE
from gateway.web.pages.regio import hundredths_of
from tests.web.huis import Bezoeker
from tests.web.streekhuis import Streekhuis, streekhuis
from tests.web.test_paginas_streek import stuur

pytestmark = pytest.mark.usefixtures("opslag")
ZWOLLE = "0193"
PAGES = ("/sturing/regio", "/sturing/regio/vragen")


@pytest.fixture(scope="module")
def hier(opslag: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Streekhuis]:
    with streekhuis(tmp_path_factory.mktemp("regio")) as made:
        yield made


def tekst(response: httpx.Response) -> str:
    plain = html.unescape(re.sub(r"<[^>]+>", " ", response.text))
    return re.sub(r"\s+", " ", plain)


def geteld(wie: Bezoeker, path: str) -> httpx.Response:
    """A page, once its figures were counted."""
    for _ in range(60):
        page = wie.get(path)
        if "De cijfers worden geteld" not in page.text:
            return page
        time.sleep(0.5)
    raise AssertionError("the figures were never counted")


@pytest.mark.parametrize("path", PAGES)
def test_who_steers_sees_figures_of_all_municipalities(hier: Streekhuis, path: str) -> None:
    page = geteld(hier.huis.bezoeker("auditor"), path)
    assert 200 == page.status_code
    assert "alle gemeenten samen" in tekst(page)


@pytest.mark.parametrize("path", PAGES)
def test_no_client_stands_on_a_page_of_the_region(hier: Streekhuis, path: str) -> None:
    page = geteld(hier.huis.bezoeker("lezer"), path).text
    people = hier.streek.rows("SELECT DISTINCT bsn, bsn_hash FROM toewijzing")
    assert people
    assert not [one for row in people for one in row if str(one) in page]


def test_granted_money_adds_up_to_the_lines_of_the_store(hier: Streekhuis) -> None:
    page = tekst(geteld(hier.huis.bezoeker("lezer"), PAGES[0]))
    granted = int(
        hier.een(
            "SELECT sum(CASE WHEN debet_credit = 'D' THEN ingediend_bedrag "
            "ELSE -ingediend_bedrag END) FROM prestatie "
            "WHERE toegekend = 1 AND tot_volgnr IS NULL AND begindatum >= '2026-01-01'"
        )
    )
    told = [
        int(re.sub(r"\D", "", one))
        for one in re.findall(r"€ ([\d.,]+)(?: Toegekend op deze| toegekend)", page)
    ]
    assert (granted, True) == (sum(told), len(told) > 1), told


def test_who_sees_all_municipalities_gets_no_other_sum_to_subtract(hier: Streekhuis) -> None:
    wie = hier.huis.bezoeker("lezer")
    whole = tekst(geteld(wie, PAGES[0]))
    assert whole == tekst(geteld(wie, f"{PAGES[0]}?gemeente={ZWOLLE}"))


def test_who_works_for_one_municipality_sees_that_one(hier: Streekhuis) -> None:
    wie = hier.huis.bezoeker(f"lezer {ZWOLLE}")
    page = tekst(geteld(wie, PAGES[0]))
    assert "in gemeente Zwolle" in page
    assert 404 == wie.get(f"{PAGES[0]}?gemeente=0164").status_code


def test_indexation_is_asked_in_percents(hier: Streekhuis) -> None:
    wie = hier.huis.bezoeker("lezer")
    page = tekst(geteld(wie, f"{PAGES[1]}?indexatie=4,25"))
    assert "Wat kost een indexatie van 4,25%?" in page
    wrong = wie.get(f"{PAGES[1]}?indexatie=veel")
    assert (422, True) == (wrong.status_code, "vul een percentage in" in tekst(wrong))


@pytest.mark.parametrize(
    ("text", "expected"), [("3", 300), ("3,5", 350), ("0.25", 25), ("100", 10_000), (" 2 % ", 200)]
)
def test_a_percentage_is_read_as_people_write_it(text: str, expected: int) -> None:
    assert expected == hundredths_of(text)


@pytest.mark.parametrize("text", ["", "-1", "3,555", "100,01", "drie", "3,5,5", "²"])
def test_what_is_no_percentage_is_refused(text: str) -> None:
    with pytest.raises(WrongUse):
        hundredths_of(text)


def test_a_year_that_is_not_counted_is_the_present_one(hier: Streekhuis) -> None:
    wie = hier.huis.bezoeker("lezer")
    assert "in 2026 liepen" in tekst(geteld(wie, f"{PAGES[0]}?jaar=1999"))


@pytest.mark.parametrize("soort", ["csv", "xlsx"])
def test_all_figures_can_be_saved_for_a_purpose(hier: Streekhuis, soort: str) -> None:
    wie = hier.huis.bezoeker("beoordelaar")
    geteld(wie, PAGES[0])
    given = {"soort": soort, "doel": "rapportage", "jaar": "2026", "gemeente": ""}
    file = wie.post("/sturing/regio/uitvoer", given)
    assert (200, True) == (file.status_code, len(file.content) > 1000), file.text[:300]
    if soort == "csv":
        rows = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig")), delimiter=";"))
        assert ["lijst", "rij", "kolom", "waarde"] == rows[0]
        assert {"Mix van intensiteiten per aanbieder", "Indexatie per gemeente"} <= {
            row[0] for row in rows
        }


def test_who_may_save_a_part_does_not_get_it_beside_the_whole(hier: Streekhuis) -> None:
    hier.huis.maak("deels", {ALLE: {Rol.LEZER}, ZWOLLE: {Rol.BEOORDELAAR}})
    wie = hier.huis.bezoeker("deels")
    assert "/sturing/regio/uitvoer" not in geteld(wie, PAGES[0]).text
    given = {"soort": "csv", "doel": "rapportage", "jaar": "2026", "gemeente": ZWOLLE}
    assert 403 == wie.post("/sturing/regio/uitvoer", given).status_code


def test_a_proposal_that_was_replayed_stands_beside_the_use_of_its_cells(hier: Streekhuis) -> None:
    wie = hier.huis.bezoeker("lezer")
    text = (hier.streek.agreements / "simulatie-aanbod.toml").read_text(encoding="utf-8")
    wie.get("/overeenkomsten/proef")
    begun = stuur(wie, "/overeenkomsten/proef", text.encode(), van="2026-01", tot="2026-06")
    assert 303 == begun.status_code, begun.text[:300]
    for _ in range(120):
        page = tekst(geteld(wie, PAGES[1]))
        if "Wat doet het voorstel" in page:
            break
        time.sleep(0.5)
    assert "Dezelfde regels komen met de prijzen van het voorstel" in page
    assert "Het voorstel naast het gebruik" in page
    others = tekst(geteld(hier.huis.bezoeker("auditor"), PAGES[1]))
    assert "Wat doet het voorstel" not in others

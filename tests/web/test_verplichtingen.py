"""The page of obligations and forecast: to the cent what the store has, for who may see it."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.ledger.geld.verplichting import Groep
from gateway.periods.bedragen import euros
from gateway.toegang.rechten import Rol
from gateway.toegang.wie import ALLE
from tests.integration.jaren import gevuld
from tests.web.huis import Bezoeker, huis, iedereen
from tests.web.streekhuis import Streekhuis, statements, streekhuis
from tests.web.test_paginas_streek import gelogd, tekst

pytestmark = pytest.mark.usefixtures("opslag")
ZWOLLE = "0193"
PATH = "/geld/verplichtingen"
DOEL = {"doel": "anders", "toelichting": "begroting van volgend jaar"}


@pytest.fixture(scope="module")
def hier(opslag: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Streekhuis]:
    with streekhuis(tmp_path_factory.mktemp("streek")) as made:
        yield made


def toegekend(hier: Streekhuis, gemeente: str = "%") -> str:
    cents = hier.een(
        "SELECT sum(CASE WHEN r.debet_credit = 'D' THEN r.ingediend_bedrag "
        "ELSE -r.ingediend_bedrag END) FROM prestatie r JOIN partij p ON p.id = r.partij_id "
        "WHERE r.toegekend = 1 AND r.tot_volgnr IS NULL AND p.gemeente LIKE ? "
        "AND r.begindatum BETWEEN '2026-01-01' AND '2026-12-31'",
        gemeente,
    )
    return euros(int(cents)).replace("\N{NO-BREAK SPACE}", " ")


def rijen(wie: Bezoeker, path: str, soort: str = "csv", **velden: str) -> list[dict[str, str]]:
    """The file behind the button, row by row."""
    wie.get(PATH)
    response = wie.post(path, {**DOEL, "soort": soort, **velden})
    assert 200 == response.status_code, response.text
    told = io.StringIO(response.content.decode("utf-8-sig"), newline="")
    return list(csv.DictReader(told, delimiter=";"))


def cents(text: str) -> int:
    return int(text.replace(",", ""))


def test_the_page_is_one_of_those_about_money(hier: Streekhuis) -> None:
    page = hier.huis.bezoeker("lezer").get("/geld")
    assert f'href="{PATH}"' in page.text


def test_what_is_realised_is_what_the_store_has_and_everything_adds_up(hier: Streekhuis) -> None:
    page = tekst(hier.huis.bezoeker("financien").get(PATH))
    assert f"{toegekend(hier)} Gerealiseerd" in page
    assert f"Toegekend tot nu toe de regels in het grootboek {toegekend(hier)}" in page


@pytest.mark.parametrize("per", ["wet", "categorie", "aanbieder", "gemeente", "groep"])
def test_every_way_of_adding_up_comes_to_the_same(hier: Streekhuis, per: str) -> None:
    found = rijen(hier.huis.bezoeker("financien"), f"{PATH}/uitvoer", per=per)
    realised = sum(cents(row["gerealiseerd"]) for row in found)
    assert toegekend(hier) == euros(realised).replace("\N{NO-BREAK SPACE}", " ")
    for row in found:
        assert cents(row["verplicht"]) == sum(
            cents(row[name]) for name in ("gerealiseerd", "verwacht", "vrijgevallen")
        )
        parts = ("gerealiseerd", "nog te declareren", "nog te leveren", "instroom")
        assert cents(row["prognose"]) == sum(cents(row[name]) for name in parts)


def test_who_works_for_one_municipality_sees_that_one(hier: Streekhuis) -> None:
    wie = hier.huis.bezoeker(f"lezer {ZWOLLE}")
    assert f"{toegekend(hier, ZWOLLE)} Gerealiseerd" in tekst(wie.get(PATH))
    assert 404 == wie.get(f"{PATH}?gemeente=0164").status_code


def test_a_row_leads_to_what_is_in_it_and_at_last_to_an_assignment(hier: Streekhuis) -> None:
    wie = hier.huis.bezoeker("financien")
    page = wie.get(f"{PATH}?per=wet").text
    for expected in ("per=categorie", "per=groep", f"{PATH}/toewijzingen"):
        links = [html.unescape(one) for one in re.findall(r'<th[^>]*><a[^>]*href="([^"]+)"', page)]
        naar = next(one for one in links if expected in one)
        page = wie.get(naar).text
    assert "Verplichtingen per toewijzing" in page
    naar = re.findall(r'<th[^>]*><a[^>]*href="(/toewijzingen/[^"]+)"', page)[0]
    assert 200 == wie.get(naar).status_code
    betrokkene, *_ = gelogd(hier, "verplichtingen per toewijzing bekijken")[-1]
    assert re.fullmatch("[0-9a-f]{32}", str(betrokkene))


def test_the_assignments_of_a_group_add_up_to_it(hier: Streekhuis) -> None:
    wie = hier.huis.bezoeker("financien")
    groups = rijen(wie, f"{PATH}/uitvoer", per="groep")
    group = max(groups, key=lambda row: int(row["toewijzingen"]))
    wetten = {"Jeugdwet": "jeugdwet", "Wmo 2015": "wmo"}
    groep = Groep(
        wetten[group["wet"]], group["productcategorie"], group["aanbieder"], group["gemeentecode"]
    )
    found = rijen(wie, f"{PATH}/toewijzingen/uitvoer", jaar="2026", **groep._asdict())
    assert int(group["toewijzingen"]) == len(found)
    for name in ("verplicht", "gerealiseerd", "verwacht", "vrijgevallen"):
        assert cents(group[name]) == sum(cents(row[name]) for row in found), name


def test_who_sees_no_clients_sees_what_all_comes_to_and_nothing_else(hier: Streekhuis) -> None:
    auditor = hier.huis.bezoeker("auditor")
    page = auditor.get(PATH)
    assert f"{toegekend(hier)} Gerealiseerd" in tekst(page)
    for told in ("Verdeling", "De cijfers achter elke groep", "Hoe snel wordt gedeclareerd"):
        assert told not in tekst(page)
    assert f"{PATH}/toewijzingen" not in page.text
    assert 403 == auditor.get(f"{PATH}/toewijzingen").status_code
    # Whatever else is asked, the answer is the same: nothing can be subtracted from it.
    amounts = re.findall(r"€ [\d.,]+", tekst(page))
    for asked in ("per=groep", "per=wet&aanbieder=99000081", f"gemeente={ZWOLLE}&per=aanbieder"):
        assert amounts == re.findall(r"€ [\d.,]+", tekst(auditor.get(f"{PATH}?{asked}")))
    assert "Verdeling" in tekst(hier.huis.bezoeker("lezer").get(PATH))


def test_who_sees_clients_of_one_municipality_never_sees_the_sum_of_all(hier: Streekhuis) -> None:
    # Of the others he may see sums only: all, less his own, would be theirs.
    hier.huis.maak("gemengd", {ALLE: {Rol.AUDITOR}, ZWOLLE: {Rol.LEZER}})
    wie = hier.huis.bezoeker("gemengd")
    own, other = wie.get(f"{PATH}?gemeente={ZWOLLE}"), wie.get(f"{PATH}?gemeente=0164")
    assert ("Verdeling" in tekst(own), "Verdeling" in tekst(other)) == (True, False)
    for path in (PATH, "/sturing", "/sturing/regio"):
        assert "alle gemeenten" not in tekst(wie.get(path))


def test_a_year_that_is_too_far_away_is_told(hier: Streekhuis) -> None:
    wie = hier.huis.bezoeker("lezer")
    page = wie.get(f"{PATH}?jaar=1999")
    assert (422, True) == (
        page.status_code,
        "kies een jaar van 2021 tot en met 2027" in tekst(page).lower(),
    )
    assert "Verplichtingen en prognose 2027" in tekst(wie.get(f"{PATH}?jaar=2027"))


def test_forecasts_of_last_year_say_why_there_are_none(hier: Streekhuis) -> None:
    page = tekst(hier.huis.bezoeker("lezer").get(PATH))
    assert "de opslag heeft niets van vóór deze dag" in page


@pytest.mark.parametrize("path", [PATH, f"{PATH}?per=groep"])
def test_the_page_asks_the_store_a_fixed_number_of_questions(hier: Streekhuis, path: str) -> None:
    wie = hier.huis.bezoeker("beoordelaar")
    wie.get(path)
    counts = []
    for _ in range(2):
        with statements(hier.huis) as told:
            assert 200 == wie.get(path).status_code
        counts.append(len(told))
    assert 1 == len(set(counts))
    assert counts[0] <= 20, counts


def test_the_error_of_last_year_stands_beside_the_forecast(tmp_path: Path) -> None:
    gevuld(tmp_path).store.close()
    with huis(tmp_path) as made:
        iedereen(made)
        page = tekst(made.bezoeker("financien").get(f"{PATH}?per=wet"))
        made.omgeving.taken.close()
    assert "Fout vorig jaar" in page
    # Forecast on each of three days as it came: two assignments that were used for 80 percent.
    assert 3 == page.count("2025 € 19.200,00 € 19.200,00 € 0,00 0,0 %")

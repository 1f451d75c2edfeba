"""The closing of a year on pages: any total is followed down to a line and its receipt."""

import csv
import io
import random
import re
from collections.abc import Iterator
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest

from gateway.agreements.match import index
from gateway.ledger.geld.factuurcontrole import Factuur, Factuurregel
from gateway.periods.bedragen import euros
from gateway.store.geld.nazorg.factuuropgave import Opgave
from gateway.store.store import SqlStore
from gateway.toegang.wie import Bereik
from tests.integration.betaalhuis import ANNA, BRAM
from tests.web.huis import Bezoeker
from tests.web.streekhuis import Streekhuis, statements, streekhuis
from tests.web.test_paginas_streek import gelogd, tekst

pytestmark = pytest.mark.usefixtures("opslag")
PATH = "/geld/sluiting"
DOEL = {"doel": "anders", "toelichting": "controle van het jaar"}
MET_REGELS = (
    *("grootboek", "gerealiseerd", "jaargrens", "jaren", "betaling", "credits"),
    *("overlopend", "facturen", "creditverzoeken", "verrekeningsregels"),
)
# Of these the region of the pages may have nothing.
MAY_BE_EMPTY = ("credits", "overlopend", "creditverzoeken", "verrekeningsregels")
FACTUUR = 7_000


@pytest.fixture(scope="module")
def hier(opslag: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Streekhuis]:
    with streekhuis(tmp_path_factory.mktemp("streek")) as made:
        approved_invoice(made.huis.store)
        yield made


@pytest.fixture(scope="module")
def anna(hier: Streekhuis) -> Bezoeker:
    return hier.huis.bezoeker("financien")


def approved_invoice(store: SqlStore) -> None:
    """An invoice outside the traffic that two people saw."""
    bereik, begin, end = Bereik(frozenset({"0193"})), date(2026, 4, 1), date(2026, 4, 30)
    one = Factuur(
        gemeente="0193",
        wet="jeugdwet",
        aanbieder="99000001",
        factuurnummer="F-1",
        factuurdatum=date(2026, 5, 2),
        regels=[Factuurregel(1, "45A04", "01", begin, end, 1, None, FACTUUR)],
    )
    opgave = Opgave(factuur=one, soort="geen-bsn", referentie="zaak 12")
    nummer = store.facturen.add(bereik, ANNA, opgave, index([]))
    voorstel = store.facturen.get(bereik, nummer).voorstel_id
    assert voorstel is not None
    store.voorstellen.approve(bereik, BRAM, voorstel)


def links(wie: Bezoeker, path: str, to: str) -> list[str]:
    page = wie.get(path)
    assert 200 == page.status_code, page.text
    found = re.findall(rf'href="({re.escape(to)}[^"]*)"', page.text)
    return [one.replace("&amp;", "&") for one in dict.fromkeys(found)]


def amounts(text: str) -> list[int]:
    """Amounts in cents as a page shows them."""
    found = re.findall(r"(-?)€[\s\N{NO-BREAK SPACE}](-?)([\d.]+),(\d\d)", text)
    return [
        (-1 if one or two else 1) * (int(whole.replace(".", "")) * 100 + int(rest))
        for one, two, whole, rest in found
    ]


def rows(wie: Bezoeker, path: str, **velden: str) -> list[dict[str, str]]:
    wie.get(PATH)
    response = wie.post(path, {**DOEL, "soort": "csv", **velden})
    assert 200 == response.status_code, response.text
    told = io.StringIO(response.content.decode("utf-8-sig"), newline="")
    return list(csv.DictReader(told, delimiter=";"))


def cents(text: str) -> int:
    return int(text.replace(",", ""))


def test_the_year_of_the_region_closes_on_the_page(hier: Streekhuis, anna: Bezoeker) -> None:
    page = tekst(anna.get(PATH))
    assert "2026 sluit: alle bewijzen kloppen" in page
    assert f'href="{PATH}"' in anna.get("/geld").text
    ((total,),) = hier.streek.rows(
        "SELECT sum(CASE WHEN debet_credit = 'D' THEN ingediend_bedrag ELSE -ingediend_bedrag END) "
        "FROM prestatie WHERE toegekend = 1 AND tot_volgnr IS NULL"
    )
    assert euros(int(total)).replace("\N{NO-BREAK SPACE}", " ") in page


@pytest.mark.parametrize("bewijs", MET_REGELS)
def test_a_random_total_is_followed_to_its_lines_and_a_receipt(anna: Bezoeker, bewijs: str) -> None:
    (naar,) = links(anna, PATH, f"{PATH}/bewijs?jaar=2026&amp;bewijs={bewijs}")
    groups = links(anna, naar, f"{PATH}/regels")
    if bewijs in MAY_BE_EMPTY and not groups:
        return
    group = random.choice(groups)
    asked = {name: value[0] for name, value in parse_qs(urlsplit(group).query).items()}
    found = rows(anna, f"{PATH}/regels/uitvoer", **asked)
    page = anna.get(group)
    (told, *_) = amounts(page.text.split("is samen")[1])
    assert told == sum(cents(one["telt mee"]) for one in found)
    lines = links(anna, group, "/geld/facturen/" if bewijs == "facturen" else "/regels/")
    assert lines or not found
    if lines:
        receipt = anna.get(random.choice(lines))
        assert 200 == receipt.status_code
        assert ("oedgekeurd" if bewijs == "facturen" else "oegekend") in receipt.text
    if bewijs == "facturen":
        assert FACTUUR == told


def test_the_file_has_every_amount_of_every_group(anna: Bezoeker) -> None:
    found = rows(anna, f"{PATH}/uitvoer")
    codes = {one["bewijs"] for one in found}
    assert {"betaling", "overlopend", "gerealiseerd", "verrekening"} <= codes
    for code in codes:
        left, right = (
            sum(
                cents(one["bedrag"])
                for one in found
                if (one["bewijs"], one["kant"]) == (code, side)
            )
            for side in ("links", "rechts")
        )
        assert left == right, code


def test_lines_are_logged_and_asked_for_a_page_at_a_time(hier: Streekhuis, anna: Bezoeker) -> None:
    anna.get(PATH)
    with statements(hier.huis) as told:
        anna.get(f"{PATH}/regels?jaar=2026&bewijs=betaling")
    reads = [one for one in told if "FROM prestatie" in one]
    assert 1 == len(reads)
    assert "LIMIT" in reads[0].upper()
    assert gelogd(hier, "regels achter een bedrag bekijken")


def test_who_sees_no_clients_sees_no_groups_and_no_lines(hier: Streekhuis) -> None:
    auditor = hier.huis.bezoeker("auditor")
    assert 200 == auditor.get(PATH).status_code
    page = tekst(auditor.get(f"{PATH}/bewijs?bewijs=betaling"))
    assert "te weinig cliënten" in page
    assert 403 == auditor.get(f"{PATH}/regels?bewijs=betaling").status_code
    assert 403 == hier.huis.bezoeker("technisch beheer").get(PATH).status_code


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{PATH}/bewijs?bewijs=zon", 404),
        (f"{PATH}/regels?bewijs=betaling&plek=0000", 404),
        (f"{PATH}?gemeente=0000", 404),
        (f"{PATH}?jaar=1999", 422),
    ],
)
def test_what_is_not_there_is_told(anna: Bezoeker, path: str, status: int) -> None:
    assert status == anna.get(path).status_code


def test_pages_of_lines_go_on_where_the_last_one_ended(
    anna: Bezoeker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.web.pages.geld.sluiting.LINES", 7)
    naar, seen = f"{PATH}/regels?jaar=2026&bewijs=betaling", 0
    for _ in range(3):
        page = anna.get(naar)
        seen += len(re.findall(r'href="/regels/', page.text))
        (naar,) = [
            one.replace("&amp;", "&") for one in re.findall(r'href="([^"]*na=[^"]*)"', page.text)
        ]
    assert 21 == seen

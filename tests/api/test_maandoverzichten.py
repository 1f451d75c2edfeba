"""The statement of an aanbieder: to the cent what the ledger says, by API, page and file."""

import csv
import io
import re
from collections import Counter
from typing import Any

import httpx
import pytest

from gateway.ledger.boek import Saldo, total
from gateway.periods.bedragen import euros
from gateway.store.ledger_views import Soorten
from gateway.toegang.rechten import Rol
from gateway.web import overzichtbestand
from tests.api.dienst import V1, Dienst
from tests.web.huis import Bezoeker

NAMES = ("regels", "ingediend", "toegekend", "gecrediteerd", "afgewezen", "wacht")
DOEL = {"doel": "anders", "toelichting": "eigen boekhouding"}


@pytest.fixture(scope="module")
def agb(api: Dienst) -> str:
    """The provider with most lines that were rejected; its figures are counted."""
    api.volg()
    ((found,),) = api.rijen(
        "SELECT p.aanbieder FROM prestatie r JOIN partij p ON p.id = r.partij_id "
        "WHERE r.tot_volgnr IS NULL GROUP BY 1 "
        "ORDER BY sum(CASE WHEN r.toegekend = 0 THEN 1 ELSE 0 END) DESC, 1 LIMIT 1"
    )
    return str(found)


def months(api: Dienst) -> list[str]:
    """Every month in which somebody declared."""
    return [row[0] for row in api.rijen("SELECT DISTINCT maand FROM maandstand ORDER BY maand")]


def statements(api: Dienst, client: httpx.Client) -> list[dict[str, Any]]:
    """The statements of a provider, of every month."""
    return [client.get(f"/maandoverzichten/{maand}").json() for maand in months(api)]


def ledger(api: Dienst, agb: str) -> Saldo:
    """What the ledger says of a provider."""
    kennis = api.omgeving.kennis
    declaraties = frozenset(one.code for one in kennis.types.all() if one.nummer == "323")
    soorten = Soorten(declaraties, frozenset({"JW325", "WMO325"}))
    with api.omgeving.store.grootboek(soorten, kennis.overeenkomsten) as boek:
        return total(saldo for key, saldo in boek.saldi("provider") if key == (agb,))


def test_the_months_of_every_provider_are_what_the_ledger_says(api: Dienst, agb: str) -> None:
    providers = [row[0] for row in api.rijen("SELECT DISTINCT aanbieder FROM partij ORDER BY 1")]
    assert agb in providers
    for one in providers:
        client = api.programma(Rol.AANBIEDER, aanbieder=one)
        found = Counter[str]()
        for statement in statements(api, client):
            found.update({name: statement[name] for name in NAMES})
            said = statement["afwijzingen"]
            assert statement["afgewezen"] == sum(ground["bedrag"] for ground in said)
            assert all(ground["redenen"] for ground in said)
        saldo = ledger(api, one)
        expected = (
            *(saldo.regels, saldo.ingediend, saldo.toegekend),
            *(saldo.credit, saldo.afgewezen, saldo.wacht),
        )
        assert expected == tuple(found[name] for name in NAMES), one
    assert found["wacht"] == 0


def test_the_lines_of_a_month_add_up_to_its_statement(api: Dienst, agb: str) -> None:
    client = api.programma(Rol.AANBIEDER, aanbieder=agb)
    for statement in statements(api, client):
        found = lines(client, statement["regelsAdres"].removeprefix(V1))
        assert statement["regels"] == len(found)
        by_verdict = Counter[str]()
        for one in found:
            by_verdict[one["oordeel"]] += one["ingediendBedrag"]
        assert (statement["toegekend"], statement["afgewezen"]) == (
            by_verdict["toegekend"],
            by_verdict["afgewezen"],
        )
        granted = lines(client, statement["regelsAdres"].removeprefix(V1), oordeel="toegekend")
        assert [one for one in found if one["oordeel"] == "toegekend"] == granted


def lines(client: httpx.Client, adres: str, **asked: str) -> list[dict[str, Any]]:
    """The lines of all pages."""
    found: list[dict[str, Any]] = []
    place: dict[str, str] = {}
    while True:
        blad = client.get(adres, params={"omvang": "3", **asked, **place}).json()
        found += blad["resultaten"]
        assert len(blad["resultaten"]) <= 3
        if blad["vanaf"] is None:
            return found
        place = {"vanaf": blad["vanaf"]}


def test_the_list_of_months_says_the_same(api: Dienst, agb: str) -> None:
    client = api.programma(Rol.AANBIEDER, aanbieder=agb)
    listed = client.get("/maandoverzichten").json()["resultaten"]
    assert listed
    for maand in {one["maand"] for one in listed}:
        rows = [one for one in listed if one["maand"] == maand]
        statement = client.get(rows[0]["adres"].removeprefix(V1)).json()
        for name in ("ingediend", "toegekend"):
            assert statement[name] == sum(one[name] for one in rows)


def test_a_month_of_others_is_empty_and_no_month_is_refused(api: Dienst) -> None:
    other = api.programma(Rol.AANBIEDER, aanbieder="99999999")
    assert [] == other.get("/maandoverzichten").json()["resultaten"]
    maand = months(api)[0]
    assert 0 == other.get(f"/maandoverzichten/{maand}").json()["regels"]
    assert [] == other.get(f"/maandoverzichten/{maand}/regels").json()["resultaten"]
    assert 400 == other.get("/maandoverzichten/2025-13").status_code
    assert 403 == api.programma(Rol.LEZER).get(f"/maandoverzichten/{maand}").status_code


@pytest.fixture
def page(api: Dienst, agb: str) -> Bezoeker:
    """Somebody of the provider, in a browser."""
    return api.bezoeker(f"linda {agb}", Rol.AANBIEDER, aanbieder=agb)


def test_the_page_shows_the_statement_and_gives_it_as_a_file(
    api: Dienst, agb: str, page: Bezoeker
) -> None:
    client = api.programma(Rol.AANBIEDER, aanbieder=agb)
    listed = page.get("/eigen/maanden").text
    assert "Hoe vaak klopte de controle vooraf?" in listed
    statement = max(statements(api, client), key=lambda one: int(one["afgewezen"]))
    path = f"/eigen/maanden/{statement['maand']}"
    assert path in listed
    shown = page.get(path).text
    for name in ("ingediend", "toegekend", "afgewezen"):
        assert euros(statement[name]) in shown
    assert statement["afwijzingen"][0]["redenen"][0] in shown
    assert re.search(r'href="/eigen/regels/[0-9a-f-]{36}"', shown)
    assert 400 == page.post(f"{path}/uitvoer", {"soort": "csv", "doel": ""}).status_code
    given = page.post(f"{path}/uitvoer", {"soort": "csv", **DOEL})
    assert 200 == given.status_code, given.text
    rows = list(csv.DictReader(io.StringIO(given.content.decode("utf-8-sig")), delimiter=";"))
    assert statement["regels"] == len(rows)
    for name in ("ingediend", "toegekend", "afgewezen"):
        assert statement[name] == sum(int(one[name].replace(",", "")) for one in rows)
    sheet = page.post(f"{path}/uitvoer", {"soort": "xlsx", **DOEL})
    assert b"PK" == sheet.content[:2]
    logged = api.rijen("SELECT attributes FROM verwerking WHERE name = 'maandoverzicht uitvoeren'")
    assert any("eigen boekhouding" in attributes for (attributes,) in logged)


def test_the_statement_line_by_line_adds_up_for_the_provider_and_for_staff(
    api: Dienst, agb: str
) -> None:
    own, staff = api.programma(Rol.AANBIEDER, aanbieder=agb), api.programma(Rol.LEZER)
    for statement in statements(api, own):
        adres = f"/maandoverzichten/{statement['maand']}/overzicht"
        found = lines(own, adres)
        assert found == lines(staff, adres, aanbieder=agb)
        assert statement["regels"] == len(found)
        for name in ("ingediend", "toegekend", "afgewezen", "wacht"):
            assert statement[name] == sum(one[name] for one in found), name
        assert all(one["redenen"] for one in found if one["retourcodes"])
        assert all(one["bericht325"] for one in found)
    assert 400 == staff.get("/maandoverzichten/2026-01/overzicht").status_code
    other = own.get("/maandoverzichten/2026-01/overzicht", params={"aanbieder": "99999999"})
    assert other.json() == own.get("/maandoverzichten/2026-01/overzicht").json()


def test_staff_sees_the_month_of_a_provider_and_takes_it_along(api: Dienst, agb: str) -> None:
    client = api.programma(Rol.AANBIEDER, aanbieder=agb)
    statement = max(statements(api, client), key=lambda one: int(one["afgewezen"]))
    path = f"/aanbieders/{agb}/maanden/{statement['maand']}"
    staff, reader = api.bezoeker("anna", Rol.BEOORDELAAR), api.bezoeker("lena", Rol.LEZER)
    for who, may in ((staff, True), (reader, False)):
        shown = who.get(path).text
        assert euros(statement["toegekend"]) in shown
        assert ("Opslaan als bestand" in shown) == may
    assert 403 == reader.post(f"{path}/uitvoer", {"soort": "csv", **DOEL}).status_code
    given = staff.post(f"{path}/uitvoer", {"soort": "csv", **DOEL})
    rows = list(csv.DictReader(io.StringIO(given.content.decode("utf-8-sig")), delimiter=";"))
    assert statement["toegekend"] == sum(int(one["toegekend"].replace(",", "")) for one in rows)
    pdf = staff.post(f"{path}/uitvoer", {"soort": "pdf", **DOEL})
    assert ("application/pdf", b"%PDF-") == (pdf.headers["content-type"], pdf.content[:5])
    logged = api.rijen(
        "SELECT count(DISTINCT betrokkene) FROM verwerking "
        "WHERE name = 'maandoverzicht van een aanbieder uitvoeren'"
    )

    assert logged[0][0] > 0
    assert 404 == staff.get("/aanbieders/99999999/maanden/2026-01").status_code


def test_a_month_too_large_for_a_pdf_says_so(
    api: Dienst, agb: str, page: Bezoeker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overzichtbestand, "MOST_IN_PDF", 0)
    client = api.programma(Rol.AANBIEDER, aanbieder=agb)
    maand = max(statements(api, client), key=lambda one: int(one["regels"]))["maand"]
    response = page.post(f"/eigen/maanden/{maand}/uitvoer", {"soort": "pdf", **DOEL})
    assert (400, True) == (response.status_code, "neem het CSV-bestand" in response.text)

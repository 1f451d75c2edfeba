"""The pages and the API of the year end: what somebody sees, decides and writes down."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from itertools import count
from zipfile import ZipFile

import httpx
import pytest

from gateway.store.noteren import no_log
from gateway.store.toegang.sleutels import Aanvraag
from gateway.toegang.rechten import Rol
from gateway.toegang.wie import Bereik
from tests.integration.betaalhuis import ANNA, Betaalhuis
from tests.integration.jaarhuis import opdracht
from tests.web import jaren
from tests.web.huis import AGB, KAMPEN, ZWOLLE, Bezoeker, Huis, handeling, huis, iedereen

HIER = f"/geld/jaarafsluiting?gemeente={ZWOLLE}&jaar={jaren.JAAR}"


@pytest.fixture(scope="module")
def jaar(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Huis, jaren.Jaar]]:
    with huis(tmp_path_factory.mktemp("jaar")) as made:
        iedereen(made)
        yield made, jaren.fill_year(made.store, ZWOLLE, AGB)


@pytest.fixture
def web(jaar: tuple[Huis, jaren.Jaar]) -> Huis:
    return jaar[0]


@pytest.fixture
def financien(web: Huis) -> Bezoeker:
    return web.bezoeker("financien")


def adres(web: Huis, soort: str, nummer: int) -> str:
    naam = {"verantwoording": "verantwoordingen", "steekproef": "steekproeven"}[soort]
    return f"/geld/jaarafsluiting/{naam}/{web.omgeving.kenmerken.of(soort, nummer)}"


def plain(page: httpx.Response) -> str:
    assert 200 == page.status_code, page.text
    return " ".join(page.text.replace("\N{NO-BREAK SPACE}", " ").split())


def test_money_leads_to_the_year_end(financien: Bezoeker) -> None:
    assert 'href="/geld/jaarafsluiting"' in financien.get("/geld").text


def test_the_year_shows_each_provider_beside_its_statement(financien: Bezoeker) -> None:
    page = plain(financien.get(HIER))
    for told in (AGB, "€ 100,00", "€ 80,00", "€ 120,00", "€ 20,00", "ontvangen", "Steekproef"):
        assert told in page, told


def test_who_is_late_with_its_statement_is_told_of(web: Huis, financien: Bezoeker) -> None:
    jaren.fill_year(web.store, KAMPEN, "87654321")
    with web.store.database.writing(KAMPEN) as connection:
        connection.exec_driver_sql("UPDATE verantwoording SET vervallen = 1 WHERE gemeente='0166'")
    page = plain(financien.get(HIER.replace(ZWOLLE, KAMPEN)))
    assert "te laat" in page
    assert AGB not in page


def test_a_year_of_another_municipality_is_not_there(web: Huis) -> None:
    alone = web.bezoeker(f"financien {ZWOLLE}")
    assert 404 == alone.get(HIER.replace(ZWOLLE, KAMPEN)).status_code
    assert 200 == alone.get(HIER).status_code


def test_a_statement_shows_why_it_differs_and_is_decided_on(
    jaar: tuple[Huis, jaren.Jaar], financien: Bezoeker
) -> None:
    web, made = jaar
    path = adres(web, "verantwoording", made.verantwoording)
    page = plain(financien.get(path))
    for told in ("afgewezen", "9321", "€ 15,00", "niet ingediend", "€ 5,00", "Betwist"):
        assert told in page, told
    refused = financien.post(path, {"doe": "akkoord"})
    assert (400, True) == (refused.status_code, "toelichting" in refused.text)
    assert 303 == financien.post(path, {"doe": "betwist", "toelichting": "nagevraagd"}).status_code
    assert "nagevraagd" in plain(financien.get(path))
    acts = {row["name"] for row in web.store.logboek.rows()}
    assert {"verantwoording bekijken", "verantwoording beoordelen"} <= acts


def test_who_only_looks_decides_nothing(jaar: tuple[Huis, jaren.Jaar]) -> None:
    web, made = jaar
    for wie in ("lezer", "auditor"):
        visitor = web.bezoeker(wie)
        for soort, nummer in (
            ("verantwoording", made.verantwoording),
            ("steekproef", made.steekproef),
        ):
            path = adres(web, soort, nummer)
            assert 'method="post" action="/geld' not in plain(visitor.get(path))
            assert 403 == visitor.post(path, {"doe": "akkoord"}).status_code


def test_a_result_is_written_down_and_projected(
    jaar: tuple[Huis, jaren.Jaar], financien: Bezoeker
) -> None:
    web, made = jaar
    path = adres(web, "steekproef", made.steekproef)
    # Likely is 1.00, just the tolerance of 1 %; the upper limit is far beyond it.
    assert "nog niet af" in plain(financien.get(path))
    wrong = financien.post(path, {"post": "2", "oordeel": "fout", "afwijking": "60,00"})
    assert (400, True) == (wrong.status_code, "hoogstens het bedrag" in wrong.text)
    good = {"post": "2", "oordeel": "onzeker", "afwijking": "2,50", "reden": "stuk ontbreekt"}
    assert 303 == financien.post(path, good).status_code
    page = plain(financien.get(path))
    assert ("stuk ontbreekt" in page, "nog niet zeker" in page) == (True, True)
    _, posten = web.store.steekproeven.get(Bereik(frozenset({ZWOLLE})), made.steekproef)
    assert [("fout", 100), ("onzeker", 250)] == [(one.oordeel, one.afwijking) for one in posten]


def test_the_differences_go_out_as_a_file(
    jaar: tuple[Huis, jaren.Jaar], financien: Bezoeker
) -> None:
    web, made = jaar
    path = f"{adres(web, 'verantwoording', made.verantwoording)}/uitvoer"
    given = {"doel": "overleg", "soort": "csv"}
    response = financien.post(path, given)
    assert 200 == response.status_code, response.text
    rows = response.content.decode("utf-8-sig").splitlines()
    assert ["R1;afgewezen;9321;15,00;15,00;0,00", "R2;niet ingediend;;5,00;5,00;0,00"] == rows[1:]


def test_the_year_goes_out_as_a_file(financien: Bezoeker) -> None:
    financien.get(HIER)
    given = {"doel": "overleg", "soort": "csv", "gemeente": ZWOLLE, "jaar": str(jaren.JAAR)}
    response = financien.post("/geld/jaarafsluiting/uitvoer", given)
    assert 200 == response.status_code, response.text
    rows = response.content.decode("utf-8-sig").splitlines()
    expected = f"{AGB};110,00;10,00;100,00;5,00;3,00;0,00;20,00;0,00;0,00;0,00;80,00;120,00;20,00;"
    assert rows[1].startswith(expected)


# --- the API ----------------------------------------------------------------------------------


@pytest.fixture
def programma(web: Huis) -> Iterator[httpx.Client]:
    """A program with the rights of a lezer in one municipality."""
    aanvraag = Aanvraag(naam="cijfers", rol=Rol.LEZER, gemeenten=(ZWOLLE,))
    _, sleutel = web.store.sleutels.make(aanvraag, handeling("sleutel maken"))
    koppen = {"Authorization": f"Bearer {sleutel}"}
    with httpx.Client(
        base_url=f"{web.omgeving.adres}/api/v1", headers=koppen, trust_env=False
    ) as client:
        yield client


def test_a_program_reads_the_year(programma: httpx.Client) -> None:
    (een,) = programma.get("/jaarafsluitingen?jaar=2025").json()["resultaten"]
    assert (ZWOLLE, 10_000, 8_000) == (
        een["gemeente"],
        een["bedragen"]["netto"],
        een["bedragen"]["lasten"],
    )
    here = f"/jaarafsluitingen/{een['kenmerk']}"
    assert een == programma.get(here).json()
    (product,) = programma.get(f"{here}/standen?omvang=1").json()["resultaten"]
    assert (AGB, "45A04") == (product["aanbieder"], product["productcode"])
    stand = programma.get(f"{here}/verantwoordingen").json()
    assert [(AGB, 12_000, 2_000)] == [
        (one["aanbieder"], one["verantwoord"], one["verschil"]) for one in stand["resultaten"]
    ]
    (sample,) = programma.get(f"{here}/steekproeven").json()["resultaten"]
    assert (2, 100) == (sample["posten"], sample["fouten"]["waarschijnlijk"])
    assert [] == programma.get("/jaarafsluitingen?jaar=2024").json()["resultaten"]


def test_a_program_decides_on_a_statement_and_a_sample(web: Huis) -> None:
    made = jaren.fill_year(web.store, ZWOLLE, AGB)
    aanvraag = Aanvraag(naam="pakket", rol=Rol.FINANCIEN, gemeenten=(ZWOLLE,))
    _, sleutel = web.store.sleutels.make(aanvraag, handeling("sleutel maken"))
    koppen = {"Authorization": f"Bearer {sleutel}"}
    adres = f"{web.omgeving.adres}/api/v1"
    with httpx.Client(base_url=adres, headers=koppen, trust_env=False) as een:
        (pack,) = een.get("/jaarafsluitingen?jaar=2025&omvang=1").json()["resultaten"]
        here = f"/jaarafsluitingen/{pack['kenmerk']}"
        (told,) = een.get(f"{here}/verantwoordingen").json()["resultaten"]
        statement = told["adres"].removeprefix("/api/v1")
        shown = een.get(statement)
        assert (2_000, "ontvangen", 2) == (
            *(shown.json()[name] for name in ("verschil", "staat")),
            len(shown.json()["verklaringen"]),
        )
        first = een.get(f"{statement}/verschillen?omvang=1").json()
        rest = een.get(first["volgende"].removeprefix("/api/v1")).json()
        assert (1, None) == (len(first["resultaten"]), rest["volgende"])
        parts = [*first["resultaten"], *rest["resultaten"]]
        assert [1_500, 500] == [one["verschil"] for one in parts]
        given = {"oordeel": "betwist", "toelichting": "nagevraagd"}
        assert 428 == een.post(f"{statement}/oordeel", json=given).status_code
        seen = {"If-Match": shown.headers["etag"]}
        assert (
            400
            == een.post(
                f"{statement}/oordeel", json={"oordeel": "betwist"}, headers=seen
            ).status_code
        )
        assert 201 == een.post(f"{statement}/oordeel", json=given, headers=seen).status_code
        assert 412 == een.post(f"{statement}/oordeel", json=given, headers=seen).status_code
        assert "betwist" == een.get(statement).json()["staat"]

        sample = next(
            one
            for one in een.get(f"{here}/steekproeven").json()["resultaten"]
            if one["kenmerk"] == web.omgeving.kenmerken.of("steekproef", made.steekproef)
        )
        path = sample["postenAdres"].removeprefix("/api/v1")
        posten = een.get(path)
        assert ["fout", None] == [one["oordeel"] for one in posten.json()["resultaten"]]
        to, seen = path.replace("/posten", "/uitslagen"), {"If-Match": posten.headers["etag"]}
        result = {"post": 2, "oordeel": "onzeker", "afwijking": 250, "reden": "stuk ontbreekt"}
        for wrong in ([result, result], [{**result, "post": 9}], [{**result, "afwijking": 9_999}]):
            refused = een.post(to, json={"uitslagen": wrong}, headers=seen)
            assert 400 == refused.status_code, refused.text
        assert 201 == een.post(to, json={"uitslagen": [result]}, headers=seen).status_code
        assert ["fout", "onzeker"] == [one["oordeel"] for one in een.get(path).json()["resultaten"]]
    acts = [row for row in web.store.logboek.rows() if row["name"] == "steekproef bekijken"]
    assert f"steekproef {made.steekproef}" in acts[-1]["attributes"]


def test_a_provider_has_no_right_to_the_books(web: Huis) -> None:
    aanvraag = Aanvraag(naam="a", rol=Rol.AANBIEDER, gemeenten=(ZWOLLE,), aanbieder=AGB)
    _, sleutel = web.store.sleutels.make(aanvraag, handeling("sleutel maken"))
    response = httpx.get(
        f"{web.omgeving.adres}/api/v1/jaarafsluitingen",
        headers={"Authorization": f"Bearer {sleutel}"},
        trust_env=False,
    )
    assert 403 == response.status_code


# --- invoices outside the traffic -------------------------------------------------------------


def test_an_invoice_is_a_cost_of_the_year_and_can_be_drawn(
    web: Huis, financien: Bezoeker, programma: httpx.Client
) -> None:
    """Last: the pack that is made here takes the place of the one before."""
    boek = Betaalhuis(web.store, web.klok, count(1))  # type: ignore[arg-type]
    dagen = {"begindatum": date(2025, 6, 1), "einddatum": date(2025, 6, 30)}
    boek.factureer(40_000, aanbieder=AGB, **dagen)
    boek.factureer(700, aanbieder=AGB, is_approved=False, **dagen)
    financien.get(HIER)
    form = {"gemeente": ZWOLLE, "jaar": str(jaren.JAAR), "doel": "verantwoording"}
    made = financien.post("/geld/jaarafsluiting/pakketten", form)
    assert 200 == made.status_code, made.text
    with ZipFile(io.BytesIO(made.content)) as archive:
        (lijst,) = [one for one in archive.namelist() if one.endswith("/facturen.csv")]
        assert "400,00;400,00;goedgekeurd" in archive.read(lijst).decode("utf-8-sig")
    page = plain(financien.get(HIER))
    assert ("€ 400,00" in page, "en € 7,00 wacht op goedkeuring" in page) == (True, True)
    (een, *_) = programma.get("/jaarafsluitingen?jaar=2025").json()["resultaten"]
    assert (0, 40_000, 700, 40_000) == tuple(
        een["bedragen"][name] for name in ("netto", "facturen", "facturenOpen", "lasten")
    )
    ours = opdracht().instellingen
    drawn = web.store.steekproeven.draw(ANNA, (ZWOLLE, jaren.JAAR, None), "peer", ours, no_log)
    page = plain(financien.get(adres(web, "steekproef", drawn)))
    assert "regel 1 van een factuur buiten het berichtenverkeer" in page
    here = f"/steekproeven/{web.omgeving.kenmerken.of('steekproef', drawn)}/posten"
    (post,) = programma.get(here).json()["resultaten"]
    assert ("factuur", 1, 40_000) == (post["bron"], post["regelnummer"], post["bedrag"])
    factuur = post["regelAdres"].removeprefix("/api/v1")
    assert 40_000 == programma.get(factuur).json()["bedrag"]
    assert f'href="/geld{factuur}"' in page

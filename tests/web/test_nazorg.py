"""The pages of what is put right afterwards, as people of both sides go through them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from gateway.pipeline.ports import Claim
from gateway.store.engine import ALL
from gateway.store.toegang.sleutels import Aanvraag
from gateway.toegang.rechten import Rol
from gateway.toegang.wie import ALLE
from tests.integration.store_builders import AANBIEDER, declared, line, settled, toewijzing
from tests.web.huis import AGB, KAMPEN, ZWOLLE, Bezoeker, Huis, handeling, huis

BSN3 = "999900031"
EXPORT = {"doel": "verantwoording", "toelichting": ""}


@pytest.fixture(scope="module")
def web(opslag: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Huis]:
    with huis(tmp_path_factory.mktemp("nazorg")) as made:
        made.maak("anna", {ZWOLLE: {Rol.FINANCIEN}})
        made.maak("bram", {ZWOLLE: {Rol.FINANCIEN}})
        made.maak("kampen", {KAMPEN: {Rol.FINANCIEN}})
        made.maak("beide", {ZWOLLE: {Rol.FINANCIEN}, KAMPEN: {Rol.FINANCIEN}})
        made.maak("lezer", {ZWOLLE: {Rol.LEZER}})
        made.maak("linde", {ALLE: {Rol.AANBIEDER}}, AGB)
        made.maak("elders", {ALLE: {Rol.AANBIEDER}}, "87654321")
        yield made


def invoice(web: Huis, nummer: str, *lines: tuple[Any, ...]) -> Claim:
    claim = declared(web.store, lines, AANBIEDER, nummer)
    web.store.werkvolger.catch_up()
    return claim


def links(page: str, path: str) -> list[str]:
    return re.findall(rf'href="({path}/[0-9a-f-]{{36}})"', page)


def last_link(visitor: Bezoeker, path: str) -> str:
    return links(visitor.get(path).text, path)[0]


def test_a_credit_is_asked_promised_and_settled_by_the_credit_itself(web: Huis) -> None:
    claim = invoice(web, "D1", line(1, referentienummer="A1"), line(2, referentienummer="A2"))
    bron = web.omgeving.kenmerken.of("declaratie", claim.inbox_id)
    anna, linde = web.bezoeker("anna"), web.bezoeker("linde")
    page = anna.get(f"/geld/creditverzoeken/nieuw?declaratie={bron}").text
    assert "alle 2 (€\xa0132,00)" in page
    form = {"bron": "declaratie", "kenmerk": bron, "welke": "alle", "uiterlijk": "2026-12-11"}
    refused = anna.post("/geld/creditverzoeken", form | {"reden": ""})
    assert (400, True) == (refused.status_code, "Kies een reden" in refused.text)
    asked = anna.post("/geld/creditverzoeken", form | {"reden": "dubbel"})
    assert 303 == asked.status_code
    there = asked.headers["location"]
    assert "wacht op de aanbieder" in anna.get(there).text
    own = last_link(linde, "/eigen/creditverzoeken")
    assert "Nog te crediteren <strong>€\xa0132,00</strong>" in linde.get(own).text
    assert 303 == linde.post(own, {"doe": "toegezegd"}).status_code
    assert "toegezegd" in anna.get(there).text
    credit = {"debet_credit": "C", "referentienummer": "C1", "vorig_referentienummer": "A1"}
    invoice(web, "D2", line(1, **credit))
    assert "deels gecrediteerd" in anna.get(there).text
    assert "Nog te crediteren <strong>€\xa066,00</strong>" in anna.get(there).text
    assert 404 == web.bezoeker("elders").get(own).status_code
    assert 404 == web.bezoeker("kampen").get(there).status_code
    *_, last = [row for row in web.store.logboek.rows() if row["name"] == "credit vragen"]
    assert (1, "anna") == (last["status_code"], last["wie"])


def test_only_what_is_crossed_is_asked(web: Huis) -> None:
    claim = invoice(web, "D3", line(1, referentienummer="B1"), line(2, referentienummer="B2"))
    bron = web.omgeving.kenmerken.of("declaratie", claim.inbox_id)
    anna = web.bezoeker("anna")
    anna.get(f"/geld/creditverzoeken/nieuw?declaratie={bron}")
    form = {"bron": "declaratie", "kenmerk": bron, "welke": "gekozen", "uiterlijk": "2026-12-11"}
    nothing = anna.post("/geld/creditverzoeken", form | {"reden": "dubbel"})
    assert (400, True) == (nothing.status_code, "Kruis aan" in nothing.text)
    chosen = {"regel": web.omgeving.kenmerken.of("regel", claim.inbox_id, 2), "reden": "dubbel"}
    there = anna.post("/geld/creditverzoeken", form | chosen).headers["location"]
    page = anna.get(there).text
    assert (True, False) == (">B2<" in page, ">B1<" in page)
    assert 303 == anna.post(there, {"reden": "toch niet"}).status_code
    assert "ingetrokken" in anna.get(there).text
    lezer = web.bezoeker("lezer")
    assert "Trek verzoek in" not in lezer.get(there).text
    assert 403 == lezer.post(there, {"reden": "x"}).status_code


def test_where_there_is_nothing_to_ask_the_page_says_so(web: Huis) -> None:
    anna = web.bezoeker("anna")
    assert 400 == anna.get("/geld/creditverzoeken/nieuw").status_code
    claim = invoice(web, "D4", line(1, referentienummer="N1", toegekend=0))
    bron = web.omgeving.kenmerken.of("declaratie", claim.inbox_id)
    page = anna.get(f"/geld/creditverzoeken/nieuw?declaratie={bron}")
    assert "Hier is niets meer" in page.text
    assert 404 == anna.get("/geld/creditverzoeken/nieuw?regel=iets").status_code


def test_two_municipalities_settle(web: Huis) -> None:
    settled(web.store, lambda work: work.add_toewijzingen(ZWOLLE, "jeugdwet", [toewijzing(71)]))
    invoice(web, "D5", line(1, referentienummer="S1", toewijzingnummer=71))
    anna, kampen, path = web.bezoeker("anna"), web.bezoeker("kampen"), "/geld/verrekeningen"
    anna.get(path)
    form = {"van": ZWOLLE, "aan": KAMPEN, "toewijzing": "71", "vanaf": "2026-01-01"}
    wrong = anna.post(path, form | {"grond": "verhuizing", "aan": "9999"})
    assert (400, True) == (wrong.status_code, "vier cijfers" in wrong.text)
    assert 303 == anna.post(path, form | {"grond": "verhuizing"}).status_code
    assert "€\xa066,00" in anna.get(path).text
    assert "€\xa0-66,00" in kampen.get(path).text
    there = last_link(kampen, path)
    assert 403 == anna.post(there, {"doe": "akkoord"}).status_code
    kampen.get(there)
    assert 303 == kampen.post(there, {"doe": "akkoord"}).status_code
    assert "akkoord" in anna.get(there).text
    anna.get(path)
    found = anna.post(f"{path}/uitvoer", EXPORT | {"jaar": "2026", "soort": "csv"})
    assert 200 == found.status_code, found.text
    told = found.content.decode("utf-8-sig").splitlines()[1].split(";")
    assert (ZWOLLE, KAMPEN, "2026", "66,00") == (told[0], told[2], told[4], told[10])
    assert "99990" not in found.text
    assert 303 == anna.post(f"{path}/zoek").status_code


INVOICE = {
    **{"soort": "geen-bsn", "gemeente": ZWOLLE, "wet": "jeugdwet", "aanbieder": AGB},
    **{"factuurnummer": "F-1", "factuurdatum": "2026-11-01", "referentie": "zaak 12"},
    **{"product1": "45A04", "eenheid1": "01", "begindatum1": "2026-10-01"},
    **{"einddatum1": "2026-10-31", "volume1": "100", "tarief1": "1,50", "bedrag1": "150,00"},
}


def test_an_invoice_is_put_down_by_one_and_approved_by_another(web: Huis) -> None:
    anna, bram, path = web.bezoeker("anna"), web.bezoeker("bram"), "/geld/facturen"
    anna.get(f"{path}/nieuw")
    for changes, told in (
        ({"aanbieder": "1"}, "acht cijfers"),
        ({"product1": ""}, "ten minste één regel"),
        ({"volume1": ""}, "volume"),
        ({"referentie": "999900006"}, "geen BSN"),
        ({"bedrag1": "veel"}, "bedrag"),
        ({"gemeente": KAMPEN}, KAMPEN),
    ):
        wrong = anna.post(path, INVOICE | changes)
        assert (True, True) == (wrong.status_code in (400, 403), told in wrong.text), changes
    there = anna.post(path, INVOICE).headers["location"]
    page = anna.get(there).text
    assert "is geen tarief afgesproken" in page
    voorstel = links(page, "/geld/voorstellen")[0]
    anna.get(voorstel)
    assert 403 == anna.post(voorstel, {"doe": "goedkeuren"}).status_code
    bram.get(voorstel)
    assert 303 == bram.post(voorstel, {"doe": "goedkeuren"}).status_code
    assert ("goedgekeurd" in anna.get(there).text, "te betalen" in anna.get(there).text) == (
        True,
        True,
    )
    assert "Goedgekeurd buiten het berichtenverkeer" in anna.get(f"{path}?jaar=2026").text
    provider = anna.get(f"/aanbieders/{AGB}").text
    assert "Buiten het berichtenverkeer" in provider
    assert "€\xa0150,00" in provider
    taken_back(anna, bram, there)


def taken_back(anna: Bezoeker, bram: Bezoeker, there: str) -> None:
    """What was approved is taken back by a creditfactuur that the other one approves."""
    page = anna.get(there).text
    assert "Klopt de factuur niet?" in page
    form = {"factuurnummer": "C-1", "factuurdatum": "2026-11-02", "regel": "1"}
    wrong = anna.post(f"{there}/creditfactuur", form | {"regel": ""})
    assert (400, True) == (wrong.status_code, "ten minste één regel" in wrong.text)
    credit = anna.post(f"{there}/creditfactuur", form).headers["location"]
    page = anna.get(credit).text
    assert ("€\xa0-150,00" in page, links(page, "/geld/facturen")) == (True, [there])
    assert "te crediteren met" in anna.get(there).text
    voorstel = links(page, "/geld/voorstellen")[0]
    anna.get(voorstel)
    assert 403 == anna.post(voorstel, {"doe": "goedkeuren"}).status_code
    bram.get(voorstel)
    assert 303 == bram.post(voorstel, {"doe": "goedkeuren"}).status_code
    page = anna.get(there).text
    assert ("gecrediteerd met" in page, "Klopt de factuur niet?" in page) == (True, False)


def test_care_that_came_in_the_traffic_too_is_shown(web: Huis) -> None:
    anna, path = web.bezoeker("anna"), "/geld/facturen"
    settled(web.store, lambda work: work.add_toewijzingen(ZWOLLE, "jeugdwet", [toewijzing(72)]))
    october = {"begindatum": "2026-10-01", "einddatum": "2026-10-31"}
    invoice(web, "D6", line(1, referentienummer="T1", toewijzingnummer=72, **october))
    anna.get(f"{path}/nieuw")
    there = anna.post(path, INVOICE | {"factuurnummer": "F-2", "referentie": "zaak 9"}).headers[
        "location"
    ]
    assert "ook in het berichtenverkeer" not in anna.get(path).text
    assert 303 == anna.post(there, {"toewijzing": "72"}).status_code
    assert "én in declaratie D6" in anna.get(there).text
    assert "ook in het berichtenverkeer" in anna.get(path).text


def test_an_assignment_by_hand_is_put_down(web: Huis) -> None:
    anna, path = web.bezoeker("anna"), "/geld/facturen/toewijzingen"
    anna.get(path)
    form = {name: INVOICE[name] for name in ("soort", "gemeente", "wet", "aanbieder")}
    form |= {"referentie": "zaak 12", "product": "45A04", "eenheid": "01", "volume": "90"}
    form |= {"begindatum": "2026-10-01", "bedrag": "", "einddatum": ""}
    assert 303 == anna.post(path, form).status_code
    page = anna.get(path).text
    nummer = re.findall(r'scope="row"[^>]*>(\d+)<', page)[0]
    anna.get("/geld/facturen/nieuw")
    given = INVOICE | {"factuurnummer": "F-3", "toewijzing": nummer}
    there = anna.post("/geld/facturen", given).headers["location"]
    assert "met deze factuur is 100 gevraagd, toegewezen is 90" in anna.get(there).text


def test_a_protected_client_is_named_nowhere(web: Huis) -> None:
    anna = web.bezoeker("anna")
    anna.get("/geld/facturen/nieuw")
    given = {"soort": "afgeschermd", "factuurnummer": "F-4", "referentie": "Jansen"}
    there = anna.post("/geld/facturen", INVOICE | given).headers["location"]
    page = anna.get(there).text
    assert (
        "Jansen" not in page + anna.get("/geld/facturen").text + anna.get("/geld/voorstellen").text
    )
    assert "Is het BSN er nu wel?" not in page
    told = "".join(str(row) for row in web.store.logboek.rows())
    assert "Jansen" not in told


def test_what_was_credited_since_both_agreed_is_taken_back(web: Huis) -> None:
    product = [toewijzing(79, bsn=BSN3)]
    settled(web.store, lambda work: work.add_toewijzingen(ZWOLLE, "jeugdwet", product))
    own = {"bsn": BSN3, "toewijzingnummer": 79}
    invoice(web, "D8", line(1, referentienummer="T1", **own))
    anna, kampen, path = web.bezoeker("anna"), web.bezoeker("kampen"), "/geld/verrekeningen"
    anna.get(path)
    form = {"van": ZWOLLE, "aan": KAMPEN, "toewijzing": "79", "vanaf": "2026-01-01"}
    assert 303 == anna.post(path, form | {"grond": "verhuizing"}).status_code
    there = last_link(kampen, path)
    kampen.get(there)
    kampen.post(there, {"doe": "akkoord"})
    assert "Voer tegenpost op" not in anna.get(there).text
    assert 400 == anna.post(there, {"doe": "tegenboeken"}).status_code
    credit = {"debet_credit": "C", "referentienummer": "TC", "vorig_referentienummer": "T1"}
    invoice(web, "D9", line(1, **credit, **own))
    seen = kampen.get(there).text
    assert "sindsdien €\xa066,00 gecrediteerd" in seen
    assert "Voer tegenpost op" not in seen
    assert 403 == kampen.post(there, {"doe": "tegenboeken"}).status_code
    assert "Voer tegenpost op" in anna.get(there).text
    made = anna.post(there, {"doe": "tegenboeken"})
    assert 303 == made.status_code
    tegen = made.headers["location"]
    assert ("€\xa0-66,00" in kampen.get(tegen).text, there in anna.get(tegen).text) == (True, True)
    assert "Voer tegenpost op" not in anna.get(there).text
    with api_of(web) as suite:
        shown = suite.get(f"/api/v1{tegen.removeprefix('/geld')}").json()
        adres = f"/api/v1{there.removeprefix('/geld')}"
        koppen = {"If-Match": suite.get(adres).headers["etag"]}
        again = suite.post(f"{adres}/stappen", json={"stap": "tegenboeken"}, headers=koppen)
    assert (-66_00, "open", there.rsplit("/", 1)[1], 0) == (
        *(shown["bedrag"], shown["stand"], shown["tegen"]),
        shown["gecrediteerd"],
    )
    assert (400, True) == (again.status_code, "niets gecrediteerd" in again.json()["detail"])


def test_only_who_can_is_told_to_withdraw(web: Huis) -> None:
    product = [toewijzing(80, bsn="999900043")]
    settled(web.store, lambda work: work.add_toewijzingen(ZWOLLE, "jeugdwet", product))
    own = {"bsn": "999900043", "toewijzingnummer": 80}
    two = (line(nr, referentienummer=f"U{nr}", **own) for nr in (1, 2))
    invoice(web, "D10", *two)
    anna, kampen, path = web.bezoeker("anna"), web.bezoeker("kampen"), "/geld/verrekeningen"
    anna.get(path)
    form = {"van": ZWOLLE, "aan": KAMPEN, "toewijzing": "80", "vanaf": "2026-01-01"}
    anna.post(path, form | {"grond": "verhuizing"})
    there = last_link(kampen, path)
    credit = {"debet_credit": "C", "referentienummer": "UC", "vorig_referentienummer": "U1"}
    invoice(web, "D11", line(1, **credit, **own))
    told = "Trek de post in en voer hem opnieuw op"
    assert (True, False) == (told in anna.get(there).text, told in kampen.get(there).text)
    kampen.post(there, {"doe": "akkoord"})
    assert told not in anna.get(there).text
    with web.store.database.writing(ALL) as connection:
        gone = sa.text("UPDATE prestatie SET toegekend = 0 WHERE referentienummer = 'U2'")
        connection.execute(gone)
    assert (True, False) == (told in anna.get(there).text, told in kampen.get(there).text)
    assert 303 == anna.post(there, {"doe": "intrekken"}).status_code
    assert "ingetrokken" in kampen.get(there).text


def test_who_works_for_both_municipalities_speaks_for_one_of_them(web: Huis) -> None:
    product = [toewijzing(81, bsn="999900055")]
    settled(web.store, lambda work: work.add_toewijzingen(ZWOLLE, "jeugdwet", product))
    invoice(web, "D12", line(1, referentienummer="W1", bsn="999900055", toewijzingnummer=81))
    beide, kampen, path = web.bezoeker("beide"), web.bezoeker("kampen"), "/geld/verrekeningen"
    beide.get(path)
    form = {"van": ZWOLLE, "aan": KAMPEN, "toewijzing": "81", "vanaf": "2026-01-01"}
    assert 303 == beide.post(path, form | {"grond": "verhuizing"}).status_code
    there, why = last_link(beide, path), "laat een collega dit doen"
    page = beide.get(there).text
    assert (True, False, True) == (why in page, "Betwist" in page, "Trek in" in page)
    refused = beide.post(there, {"doe": "akkoord"})
    assert (403, True) == (refused.status_code, why in refused.text)
    page = kampen.get(there).text
    assert (False, True) == (why in page, "Betwist" in page)
    assert 303 == kampen.post(there, {"doe": "betwist", "reden": "te lang"}).status_code
    assert "Trek in" in beide.get(there).text


def api_of(web: Huis) -> httpx.Client:
    """A program of the municipality that pays."""
    asked = Aanvraag(naam="suite", rol=Rol.FINANCIEN, gemeenten=[ZWOLLE], namens="bram")
    made, text = web.store.sleutels.make(asked, handeling("sleutel maken"))
    web.store.sleutels.confirm(made.nummer, "bram", handeling("eigen sleutel bevestigen"))
    koppen = {"Authorization": f"Bearer {text}"}
    return httpx.Client(base_url=web.omgeving.adres, headers=koppen, trust_env=False)

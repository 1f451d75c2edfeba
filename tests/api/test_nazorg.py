"""Credit requests, settlements and invoices by the API, from every side that has a part in them."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from gateway.messages.reader import Source
from gateway.store.engine import insert_one
from gateway.store.geld.betalen.maken import Runvraag
from gateway.store.geld.nazorg.woonplaats import Woonplaatsen
from gateway.store.geld.tables import aanbieder_rekening
from gateway.store.toegang.herhalingen import Herhalingen
from gateway.toegang.rechten import Rol
from gateway.toegang.wie import Bereik, Wie
from tests.api.dienst import V1, Dienst


@pytest.fixture(scope="module")
def debet(api: Dienst) -> tuple[str, str, str]:
    """A granted invoice line: its id, municipality and provider."""
    api.volg()
    (row,) = api.rijen(
        "SELECT d.inbox_id, r.volgnr, p.gemeente, p.aanbieder FROM prestatie r "
        "JOIN declaratie d ON d.id = r.declaratie_id JOIN partij p ON p.id = r.partij_id "
        "WHERE r.tot_volgnr IS NULL AND r.toegekend = 1 AND r.debet_credit = 'D' "
        "AND NOT EXISTS (SELECT 1 FROM prestatie c WHERE c.partij_id = r.partij_id "
        "AND c.vorig_referentienummer = r.referentienummer) ORDER BY r.id LIMIT 1"
    )
    return api.omgeving.kenmerken.of("regel", row[0], row[1]), row[2], row[3]


def today(api: Dienst) -> date:
    return api.klok().date()


def short(response: httpx.Response) -> str:
    return str(response.headers["location"]).removeprefix(V1)


def cut_off(
    monkeypatch: pytest.MonkeyPatch, client: httpx.Client, path: str, given: dict[str, Any]
) -> httpx.Response:
    """What is heard by who asks again, after the process ended between commit and answer."""

    def cut(*_: object) -> None:
        raise RuntimeError("afgebroken")

    key = {"Idempotency-Key": path}
    with monkeypatch.context() as patched:
        patched.setattr(Herhalingen, "end", cut)
        patched.setattr(Herhalingen, "drop", lambda *_: None)
        assert 500 == client.post(path, json=given, headers=key).status_code
    again = client.post(path, json=given, headers=key)
    assert again.is_success, again.text
    assert again.content == client.post(path, json=given, headers=key).content
    return again


def test_a_credit_is_asked_and_answered(api: Dienst, debet: tuple[str, str, str]) -> None:
    regel, gemeente, agb = debet
    financien = api.programma(Rol.FINANCIEN, gemeente)
    asked = financien.post("/creditverzoeken", json={"regels": [regel], "reden": "dubbel"})
    assert 201 == asked.status_code, asked.text
    there = short(asked)
    one = financien.get(there).json()
    assert ("open", gemeente, agb, 1, 0) == (
        *(one["stand"], one["gemeente"], one["aanbieder"]),
        *(one["regels"], one["gecrediteerd"]),
    )
    assert one["uiterlijkOp"] > (today(api) + timedelta(days=12)).isoformat()
    again = financien.post("/creditverzoeken", json={"regels": [regel], "reden": "dubbel"})
    assert (400, True) == (again.status_code, "geen toegekende regel" in again.json()["detail"])
    own = api.programma(Rol.AANBIEDER, aanbieder=agb)
    assert [one["id"]] == [row["id"] for row in own.get("/creditverzoeken").json()["resultaten"]]
    (line,) = own.get(f"{there}/regels").json()["resultaten"]
    assert (one["bedrag"], False) == (line["bedrag"], line["gecrediteerd"])
    assert 200 == own.get(line["regel"].removeprefix(V1)).status_code
    refused = own.post(f"{there}/antwoord", json={"antwoord": "geweigerd"})
    assert 400 == refused.status_code
    assert 403 == financien.post(f"{there}/antwoord", json={"antwoord": "toegezegd"}).status_code
    assert 200 == own.post(f"{there}/antwoord", json={"antwoord": "toegezegd"}).status_code
    assert "toegezegd" == financien.get(there).json()["stand"]
    assert 403 == own.post(f"{there}/intrekking", json={"reden": "x"}).status_code
    assert 200 == financien.post(f"{there}/intrekking", json={"reden": "vergissing"}).status_code
    late = own.post(f"{there}/antwoord", json={"antwoord": "toegezegd"})
    assert 409 == late.status_code
    assert [] == own.get("/creditverzoeken").json()["resultaten"]
    gone = own.get("/creditverzoeken?stand=ingetrokken").json()["resultaten"]
    assert ["ingetrokken"] == [row["stand"] for row in gone]


def test_what_was_cut_off_after_its_commit_is_answered_and_not_done_again(
    api: Dienst, debet: tuple[str, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    regel, gemeente, agb = debet
    financien = api.programma(Rol.FINANCIEN, gemeente)
    own = api.programma(Rol.AANBIEDER, aanbieder=agb)
    vraag = {"regels": [regel], "reden": "dubbel"}
    there = short(cut_off(monkeypatch, financien, "/creditverzoeken", vraag))
    assert 1 == len(financien.get("/creditverzoeken").json()["resultaten"])
    cut_off(monkeypatch, own, f"{there}/antwoord", {"antwoord": "toegezegd"})
    # Asked anew it would be refused, for it is withdrawn by then.
    done = cut_off(monkeypatch, financien, f"{there}/intrekking", {"reden": "vergissing"})
    assert {"adres": V1 + there} == done.json()


def test_others_do_not_see_a_request(api: Dienst, debet: tuple[str, str, str]) -> None:
    regel, gemeente, _ = debet
    financien = api.programma(Rol.FINANCIEN, gemeente)
    there = short(financien.post("/creditverzoeken", json={"regels": [regel], "reden": "tarief"}))
    elsewhere = next(code for code in ("0193", "0150", "0166") if code != gemeente)
    for other in (
        api.programma(Rol.FINANCIEN, elsewhere),
        api.programma(Rol.AANBIEDER, aanbieder="99999999"),
    ):
        assert 404 == other.get(there).status_code
        assert [] == other.get("/creditverzoeken?stand=alle").json()["resultaten"]
    nothing: dict[str, Any] = {"reden": "dubbel"}
    assert 400 == financien.post("/creditverzoeken", json=nothing).status_code


def stap(client: httpx.Client, adres: str, naam: str) -> httpx.Response:
    """A step with an item, as it is shown now."""
    koppen = {"If-Match": client.get(adres).headers["etag"]}
    return client.post(f"{adres}/stappen", json={"stap": naam}, headers=koppen)


def test_two_municipalities_settle(api: Dienst) -> None:
    (row,) = api.rijen(
        "SELECT t.gemeente, t.wet, t.toewijzingnummer, sum(r.ingediend_bedrag) FROM toewijzing t "
        "JOIN prestatie r ON r.partij_id = t.partij_id AND r.toewijzingnummer = t.toewijzingnummer "
        "WHERE r.toegekend = 1 AND r.tot_volgnr IS NULL AND r.bsn_hash = t.bsn_hash "
        "GROUP BY 1, 2, 3 ORDER BY 3, 1, 2 LIMIT 1"
    )
    van = row[0]
    aan = next(code for code in ("0193", "0150") if code != van)
    pays = api.programma(Rol.FINANCIEN, van, namens="bea")
    owes = api.programma(Rol.FINANCIEN, aan, namens="carel")
    given = {"van": van, "aan": aan, "toewijzingnummer": row[2], "wet": row[1]}
    given |= {"vanaf": "2000-01-01", "grond": "verhuizing"}
    assert 403 == owes.post("/verrekeningen", json=given).status_code
    assert 400 == pays.post("/verrekeningen", json=given | {"aan": "9999"}).status_code
    made = pays.post("/verrekeningen", json=given)
    assert 201 == made.status_code, made.text
    items = [owes.get(one.removeprefix(V1)).json() for one in made.json()["adressen"]]
    assert all(one["bedrag"] > 0 and one["client"].count("-") == 4 for one in items)
    there = short(made)
    assert 428 == owes.post(f"{there}/stappen", json={"stap": "akkoord"}).status_code
    assert 403 == stap(pays, there, "akkoord").status_code
    # Who proposed it works for both, and has another key for that.
    for both, why in (("bea", "laat een collega dit doen"), (None, "is van niemand")):
        refused = stap(api.programma(Rol.FINANCIEN, van, aan, namens=both), there, "akkoord")
        assert (403, True) == (refused.status_code, why in refused.json()["detail"])
        assert "application/problem+json" == refused.headers["content-type"]
    seen = {"If-Match": owes.get(there).headers["etag"], "Idempotency-Key": "akkoord-1"}
    for _ in range(2):
        done = owes.post(f"{there}/stappen", json={"stap": "akkoord"}, headers=seen)
        assert (200, {"adres": V1 + there}) == (done.status_code, done.json())
    stale = pays.post(
        f"{there}/stappen", json={"stap": "intrekken"}, headers={"If-Match": seen["If-Match"]}
    )
    assert 412 == stale.status_code
    assert 409 == stap(pays, there, "intrekken").status_code
    mine = pays.get("/verrekeningen/saldi").json()["resultaten"]
    theirs = owes.get("/verrekeningen/saldi").json()["resultaten"]
    assert sum(one["bedrag"] for one in items) == sum(one["bedrag"] for one in mine)
    assert [(one["jaar"], one["bedrag"], one["eens"]) for one in mine] == [
        (one["jaar"], -one["bedrag"], -one["eens"]) for one in theirs
    ]


REGEL = {
    **{"productcode": "45A04", "eenheid": "01", "volume": 100, "tarief": 150, "bedrag": 15000},
    **{"begindatum": "2025-01-01", "einddatum": "2025-01-31"},
}


def test_an_invoice_is_checked_and_waits_for_a_second_person(api: Dienst) -> None:
    financien = api.programma(Rol.FINANCIEN, "0193", namens="bea")
    given = {
        **{"gemeente": "0193", "wet": "jeugdwet", "aanbieder": "99000001", "soort": "instelling"},
        **{"factuurnummer": "GI-1", "factuurdatum": "2025-02-03", "referentie": "dossier 4"},
        "regels": [REGEL, REGEL | {"bedrag": 16000, "begindatum": "2025-02-01"}],
    }
    wrong = financien.post("/facturen", json=given)
    assert (400, True) == (wrong.status_code, "voor de eerste" in wrong.json()["detail"])
    given["regels"] = [REGEL, REGEL | {"bedrag": 16000}]
    made = financien.post("/facturen", json=given)
    assert 201 == made.status_code, made.text
    one = financien.get(short(made)).json()
    assert (31000, "voorgesteld", False) == (
        *(one["bedrag"], one["staat"]),
        one["ookInBerichtenverkeer"],
    )
    kinds = {(found["controle"], found["regel"]) for found in one["bevindingen"]}
    assert {("optelling", 2), ("dubbel", 2)} <= kinds
    assert [] == financien.get("/facturen/totalen").json()["resultaten"]
    assert 400 == financien.post("/facturen", json=given).status_code
    with_bsn = given | {"factuurnummer": "GI-2", "referentie": "999900006"}
    assert 400 == financien.post("/facturen", json=with_bsn).status_code
    assert 403 == api.programma(Rol.LEZER, "0193").post("/facturen", json=given).status_code
    assert 403 == api.programma(Rol.FINANCIEN, "0150").post("/facturen", json=given).status_code
    (waiting,) = api.omgeving.store.voorstellen.open(Bereik(frozenset({"0193"})))
    assert ("factuur", 31000) == (waiting.soort, waiting.bedrag)
    pay(api, waiting.nummer, given["aanbieder"])
    (betaling,) = [
        row
        for row in financien.get("/betalingen").json()["resultaten"]
        if row["aanbieder"] == given["aanbieder"]
    ]
    regels = financien.get(f"{betaling['adres'].removeprefix(V1)}/regels").json()["resultaten"]
    facturen = [row for row in regels if row["soort"] == "factuur"]
    assert [("GI-1", None, None, 15000), ("GI-1", None, None, 16000)] == [
        (row["factuurnummer"], row["declaratienummer"], row["regelAdres"], row["bedrag"])
        for row in facturen
    ]
    assert betaling["debet"] - betaling["credit"] == sum(row["bedrag"] for row in regels)
    taken_back(api, financien, short(made))


def taken_back(api: Dienst, financien: httpx.Client, factuur: str) -> None:
    """A line of an invoice that was paid is taken back, once, when a second person approves it."""
    path = f"{factuur}/creditfacturen"
    given = {"factuurnummer": "GC-1", "factuurdatum": "2025-03-01", "regels": [2]}
    assert 403 == api.programma(Rol.LEZER, "0193").post(path, json=given).status_code
    assert 404 == api.programma(Rol.FINANCIEN, "0150").post(path, json=given).status_code
    early = financien.post(path, json=given | {"factuurdatum": "2025-01-01"})
    assert (400, True) == (early.status_code, "van voor de factuur" in early.json()["detail"])
    made = financien.post(path, json=given)
    assert 201 == made.status_code, made.text
    again = financien.post(path, json=given | {"factuurnummer": "GC-2"})
    assert (400, True) == (again.status_code, "al gecrediteerd" in again.json()["detail"])
    credit = financien.get(short(made)).json()
    assert (-16000, "voorgesteld", f"{V1}{factuur}", [-16000]) == (
        *(credit["bedrag"], credit["staat"], credit["crediteert"]),
        [row["bedrag"] for row in credit["regels"]],
    )
    regels = financien.get(factuur).json()["regels"]
    assert [None, f"{V1}{short(made)}"] == [row["gecrediteerdDoor"] for row in regels]
    (waiting,) = api.omgeving.store.voorstellen.open(Bereik(frozenset({"0193"})))
    assert ("factuur", -16000) == (waiting.soort, waiting.bedrag)
    bram = Wie("bram", "Bram", "gebruiker")
    api.omgeving.store.voorstellen.approve(Bereik(frozenset({"0193"})), bram, waiting.nummer)
    (totaal,) = financien.get("/facturen/totalen").json()["resultaten"]
    assert (2, 15000) == (totaal["facturen"], totaal["bedrag"])


def test_a_block_holds_one_invoice_until_it_is_lifted(api: Dienst) -> None:
    financien = api.programma(Rol.FINANCIEN, "0193")
    own = {"gemeente": "0193", "aanbieder": "99000001"}
    made = financien.post(
        "/facturen",
        json=own
        | {
            **{"wet": "jeugdwet", "soort": "instelling", "referentie": "dossier 5"},
            **{"factuurnummer": "GI-3", "factuurdatum": "2025-02-03", "regels": [REGEL]},
        },
    )
    assert 201 == made.status_code, made.text
    given = own | {"factuur": "GI-3", "reden": "onderzoek"}
    assert 403 == api.programma(Rol.LEZER, "0193").post("/blokkades", json=given).status_code
    elsewhere = api.programma(Rol.FINANCIEN, "0150")
    assert 403 == elsewhere.post("/blokkades", json=given).status_code
    assert 400 == financien.post("/blokkades", json=given | {"factuur": "weg"}).status_code
    set_ = financien.post("/blokkades", json=given)
    assert 201 == set_.status_code, set_.text
    there = short(set_)
    one = financien.get(there).json()
    assert ("factuur", None) == (one["soort"], one["opgehevenOp"])
    assert one in financien.get("/blokkades").json()["resultaten"]
    assert 404 == elsewhere.get(there).status_code
    version = {"If-Match": financien.get(there).headers["etag"]}
    assert 201 == financien.post(f"{there}/opheffing", json={}, headers=version).status_code
    assert financien.get(there).json()["opgehevenOp"]


def test_an_invoice_that_was_cut_off_is_put_down_once(
    api: Dienst, monkeypatch: pytest.MonkeyPatch
) -> None:
    financien = api.programma(Rol.FINANCIEN, "0193")
    given = {
        **{"gemeente": "0193", "wet": "jeugdwet", "aanbieder": "99000001", "soort": "instelling"},
        **{"factuurnummer": "GI-9", "factuurdatum": "2025-02-03", "referentie": "dossier 9"},
        "regels": [REGEL],
    }
    made = short(cut_off(monkeypatch, financien, "/facturen", given))
    assert "GI-9" == financien.get(made).json()["factuurnummer"]


def pay(api: Dienst, voorstel: int, aanbieder: str) -> None:
    """A second person approves an invoice, and it goes into a run."""
    store, dag = api.omgeving.store, today(api)
    bereik = Bereik(frozenset({"0193"}))
    store.voorstellen.approve(bereik, Wie("bram", "Bram", "gebruiker"), voorstel)
    row = {
        **{"gemeente": "0193", "aanbieder": aanbieder, "iban": "NL91ABNA0417164300"},
        **{"tenaamstelling": "De instelling", "vanaf": dag},
    }
    with store.database.writing("0193") as connection:
        insert_one(connection, aanbieder_rekening, row)
    vraag = Runvraag(gemeente="0193", tot=dag, uitvoering=dag)
    store.betaalruns.make(Wie("anna", "Anna", "gebruiker"), vraag)


@pytest.fixture(scope="module")
def elsewhere(api: Dienst) -> int:
    """The message that makes a 319, which names another municipality."""
    api.vot("VWOON1", "WOON-1", client=0)
    opdracht = {
        **{"opdracht": "antwoord", "kenmerk": "woon-1", "gemeente": "0193", "wet": "jeugdwet"},
        **{"aanbieder": "99000001", "referentieAanbieder": "WOON-1", "antwoord": "afgewezen"},
        **{"redenAfwijzing": "8", "verantwoordelijkeGemeente": "0150"},
    }
    taken = api.omgeving.store.inbox.receive("woon-1.json", [json.dumps(opdracht).encode()])
    api.drain()
    return int(taken.inbox_id)


def test_a_319_that_left_is_read_back_and_proposes_items(api: Dienst, elsewhere: int) -> None:
    assert [("accepted",)] == [
        tuple(row) for row in api.rijen(f"SELECT verdict FROM inbox WHERE id = {elsewhere}")
    ]
    omgeving = api.omgeving
    kennis, store = omgeving.kennis, omgeving.store

    def lees(inbox_id: int) -> list[object]:
        source = Source(store.message(inbox_id), kennis.bytecap)
        return [record for _, record in kennis.reader.open(source).records()]

    zwolle = Bereik(frozenset({"0193"}))
    zoeker = Woonplaatsen(store.database, lees, omgeving.bediend)
    codes = [one.code for one in kennis.types.all() if one.nummer == "319"]
    (found,) = zoeker.zoek(zwolle, codes, date(2000, 1, 1))
    (client,) = api.rijen(
        "SELECT bsn_hash FROM verzoek WHERE referentie_aanbieder = 'WOON-1' AND tot_volgnr IS NULL"
    )
    assert ("0193", "0150", client[0]) == (found.van, found.aan, found.client)


def test_what_a_319_tells_is_proposed_once_by_the_api(
    api: Dienst, elsewhere: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    pays = api.programma(Rol.FINANCIEN, "0193")
    assert 403 == api.programma(Rol.LEZER, "0193").post("/verrekeningen/_vind", json={}).status_code
    (found,) = cut_off(monkeypatch, pays, "/verrekeningen/_vind", {}).json()["adressen"]
    assert "voorgesteld" == pays.get(found.removeprefix(V1)).json()["stand"]
    (told,) = api.rijen(
        "SELECT v.betrokkene, v.gemeente, p.client FROM verwerking v, gemeenteverrekening p "
        "WHERE v.name = 'verrekeningen zoeken in 319-berichten' AND v.betrokkene IS NOT NULL "
        "AND p.van_staat = 'voorgesteld'"
    )
    assert (told[2], "0193", told[2]) == tuple(told)
    assert [] == pays.post("/verrekeningen/_vind", json={}).json()["adressen"]

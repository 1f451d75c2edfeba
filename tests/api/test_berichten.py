"""Messages over the API: offered, followed, answered, found again; each within what a key sees."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import structlog
from structlog.testing import capture_logs

from gateway.toegang.rechten import Rol
from tests.api.dienst import V1, Dienst
from tests.integration.berichten import changed
from tests.unit.test_pakket import zipped

GEMEENTE, ANDERE = "0193", "0164"
XML = {"Content-Type": "application/xml"}


@pytest.fixture(scope="module")
def beoordelaar(api: Dienst) -> httpx.Client:
    return api.programma(Rol.BEOORDELAAR)


@pytest.fixture(scope="module")
def partly(api: Dienst, beoordelaar: httpx.Client) -> dict[str, Any]:
    """A 323 of which some lines were rejected."""
    found = beoordelaar.get("/berichten?bericht=JW323&oordeel=deels&gemeente=0193")
    bericht: dict[str, Any] = found.json()["resultaten"][0]
    return bericht


def of_aanbieder(api: Dienst, agb: str, *gemeenten: str) -> httpx.Client:
    return api.programma(Rol.AANBIEDER, *(gemeenten or (GEMEENTE,)), aanbieder=agb)


def below(adres: str) -> str:
    return adres.removeprefix(V1)


def body_of(api: Dienst, beoordelaar: httpx.Client, bericht: dict[str, Any]) -> str:
    given = {"doel": "opnieuw aanbieden"}
    return beoordelaar.post(below(bericht["adres"]) + "/inhoud/_toon", json=given).text


def anew(text: str, bericht: dict[str, Any], nummer: str) -> bytes:
    """The same invoice as a new one: its lines were used before."""
    return changed(
        text,
        (f">{bericht['identificatie']}<", f">{nummer}<"),
        (f">{bericht['declaratienummer']}<", f">D{nummer}<"),
    )


def test_a_script_offers_an_invoice_and_finds_why_lines_were_rejected(
    api: Dienst, beoordelaar: httpx.Client, partly: dict[str, Any]
) -> None:
    client = of_aanbieder(api, partly["afzender"])
    body = anew(body_of(api, beoordelaar, partly), partly, "NIEUW1")
    offered = client.post("/berichten", content=body, headers=XML)
    assert 202 == offered.status_code, offered.text
    assert hashlib.sha256(body).hexdigest() == offered.json()["sha256"]
    where = below(offered.headers["location"])
    waiting = client.get(where).json()
    assert ("ontvangen", None, None) == (
        waiting["staat"],
        waiting["oordeel"],
        waiting["retourbericht"],
    )
    assert 404 == client.get(f"{where}/retourbericht").status_code

    api.drain()
    done = client.get(where).json()
    assert ("afgehandeld", "afgewezen", "NIEUW1") == (
        done["staat"],
        done["oordeel"],
        done["identificatie"],
    )
    assert body == client.get(below(done["inhoud"])).content
    retour = client.get(below(done["retourbericht"]["adres"]))
    assert "application/xml" == retour.headers["content-type"]
    assert b"jw325" in retour.content
    assert b"NIEUW1" in retour.content

    declaratie = client.get(below(done["declaratie"])).json()
    assert 0 == declaratie["toegekend"]
    rejected = client.get(below(declaratie["adres"]) + "/regels?oordeel=afgewezen").json()
    regel = rejected["resultaten"][0]
    assert "8021" in regel["retourcodes"]
    detail = client.get(below(regel["adres"])).json()
    why = next(one for one in detail["bevindingen"] if one["retourcode"] == "8021")
    assert ("TR314", "afwijzen") == (why["regel"], why["effect"])
    assert "referentienummer" in why["wat"]
    assert "nieuw referentienummer" in why["doe"]
    bewijs = client.get(below(detail["bewijs"])).json()
    assert ("beslisbewijs", "afgewezen") == (bewijs["soort"], bewijs["oordeel"])
    assert {"reject"} == {one["effect"] for one in bewijs["bevindingen"]}


def test_what_became_of_a_message_is_told_in_the_trace_that_it_was_offered_in(
    api: Dienst, beoordelaar: httpx.Client, partly: dict[str, Any]
) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    client = of_aanbieder(api, partly["afzender"])
    body = anew(body_of(api, beoordelaar, partly), partly, "SPOOR1")
    koppen = {**XML, "traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
    offered = client.post("/berichten", content=body, headers=koppen)
    assert 202 == offered.status_code, offered.text
    structlog.reset_defaults()
    with capture_logs() as logged:
        api.drain()
    # The log of requests is written once the answer has left, and may come late.
    stages = {one["event"] for one in logged if one.get("trace") == trace} - {"verzoek"}
    assert {"geopend", "beoordeeld", "vastgelegd"} == stages
    own = offered.json()["id"]
    (event,) = [one for one in every_event(beoordelaar) if one["dataref"].endswith(f"/{own}")]
    version, told, step, flags = event["traceparent"].split("-")
    assert ("00", trace, "01", 16) == (version, told, flags, len(step))
    assert step != "00f067aa0ba902b7"


def every_event(client: httpx.Client) -> Iterator[dict[str, Any]]:
    vanaf = ""
    while True:
        blad = client.get(f"/gebeurtenissen?omvang=200{vanaf}").json()
        yield from blad["resultaten"]
        if not blad["resultaten"]:
            return
        vanaf = f"&vanaf={blad['vanaf']}"


def test_the_same_bytes_again_give_the_same_answer_and_nothing_new(
    api: Dienst, beoordelaar: httpx.Client, partly: dict[str, Any]
) -> None:
    client = of_aanbieder(api, partly["afzender"])
    body = body_of(api, beoordelaar, partly).encode()
    before = api.rijen("SELECT count(*) FROM inbox")
    first, again = (client.post("/berichten", content=body, headers=XML) for _ in range(2))
    assert (202, partly["id"]) == (first.status_code, first.json()["id"])
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert before == api.rijen("SELECT count(*) FROM inbox")


def test_nobody_offers_in_the_name_of_another(
    api: Dienst, beoordelaar: httpx.Client, partly: dict[str, Any]
) -> None:
    text = body_of(api, beoordelaar, partly)
    other = of_aanbieder(api, "99000099").post("/berichten", content=text, headers=XML)
    assert 403 == other.status_code
    assert "niet van deze aanbieder" in other.json()["detail"]
    elsewhere = of_aanbieder(api, partly["afzender"], ANDERE)
    assert 403 == elsewhere.post("/berichten", content=text, headers=XML).status_code
    toewijzing = beoordelaar.get("/berichten?bericht=JW301&gemeente=0193").json()["resultaten"][0]
    own_301 = body_of(api, beoordelaar, toewijzing)
    receiver = of_aanbieder(api, toewijzing["ontvanger"])
    assert 403 == receiver.post("/berichten", content=own_301, headers=XML).status_code
    sender = of_aanbieder(api, partly["afzender"])
    own_325 = sender.get(below(f"{partly['adres']}/retourbericht")).content
    assert b"jw325" in own_325
    assert 403 == sender.post("/berichten", content=own_325, headers=XML).status_code


@pytest.mark.parametrize(
    "body", [b"", b"geen xml", b"<Bericht/>", b"<!DOCTYPE x []><x/>", b'{"a": 1}']
)
def test_what_is_no_message_is_not_taken_in(api: Dienst, body: bytes) -> None:
    response = of_aanbieder(api, "99000001").post("/berichten", content=body, headers=XML)
    assert 422 == response.status_code, response.text


def test_a_message_that_is_too_large_is_not_read(api: Dienst) -> None:
    client = of_aanbieder(api, "99000001")
    response = client.post("/berichten", content=b"x" * (26_214_400 + 1), headers=XML)
    assert 413 == response.status_code


def test_an_aanbieder_sees_its_own_messages_only(
    api: Dienst, beoordelaar: httpx.Client, partly: dict[str, Any]
) -> None:
    own, other = of_aanbieder(api, partly["afzender"]), of_aanbieder(api, "99000099")
    sides = {
        (one["afzender"], one["ontvanger"])
        for one in own.get("/berichten?omvang=200").json()["resultaten"]
    }
    assert sides == {(partly["afzender"], GEMEENTE), (GEMEENTE, partly["afzender"])}
    assert [] == other.get("/berichten").json()["resultaten"]
    for pad in ("", "/bevindingen", "/retourbericht", "/inhoud"):
        assert 200 == own.get(below(partly["adres"]) + pad).status_code
        assert 404 == other.get(below(partly["adres"]) + pad).status_code
    told = own.get(below(partly["adres"]) + "/bevindingen").json()["resultaten"]
    assert told
    assert {"afwijzen"} == {one["effect"] for one in told}


def test_a_key_for_one_municipality_sees_nothing_of_another(
    api: Dienst, beoordelaar: httpx.Client
) -> None:
    here = api.programma(Rol.LEZER, GEMEENTE)
    for soort in ("berichten", "declaraties", "toewijzingen", "verzoeken"):
        shown = here.get(f"/{soort}?omvang=200").json()["resultaten"]
        assert {one["gemeente"] for one in shown} <= {GEMEENTE}
        others = beoordelaar.get(f"/{soort}?gemeente={ANDERE}").json()["resultaten"]
        for one in others[:3]:
            assert 404 == here.get(below(one["adres"])).status_code
        assert [] == here.get(f"/{soort}?gemeente={ANDERE}").json()["resultaten"]
    events = here.get("/gebeurtenissen?omvang=200").json()["resultaten"]
    assert {GEMEENTE} == {one["data"]["gemeente"] for one in events}


def test_messages_are_found_by_what_is_known_of_them(
    beoordelaar: httpx.Client, partly: dict[str, Any]
) -> None:
    declaratie = partly["adres"].replace("berichten", "declaraties")
    assert 404 == beoordelaar.get(below(declaratie)).status_code
    detail = beoordelaar.get(below(partly["adres"])).json()
    regel = beoordelaar.get(below(detail["declaratie"]) + "/regels").json()["resultaten"][0]
    dag = partly["ontvangenOp"][:10]
    for vraag in (
        f"nummer={partly['identificatie']}",
        f"nummer={partly['declaratienummer']}",
        f"referentie={regel['referentienummer']}",
        f"aanbieder={partly['afzender']}&bericht=JW323",
        f"begindatum={dag}&einddatum={dag}",
        "oordeel=deels&staat=afgehandeld",
    ):
        shown = beoordelaar.get(f"/berichten?omvang=200&{vraag}").json()["resultaten"]
        assert partly["id"] in {one["id"] for one in shown}, vraag
    for vraag in ("nummer=bestaatniet", "referentie=bestaatniet", "bericht=JW999"):
        assert [] == beoordelaar.get(f"/berichten?{vraag}").json()["resultaten"]
    by_body = beoordelaar.post(
        "/berichten/_zoek", json={"doel": "vraag van een aanbieder", "nummer": "999900006"}
    )
    assert [] == by_body.json()["resultaten"]


def test_both_directions_are_tied_together(beoordelaar: httpx.Client) -> None:
    tied = 0
    for one in beoordelaar.get("/berichten?omvang=200&bericht=JW302").json()["resultaten"]:
        retour = beoordelaar.get(below(one["adres"])).json()
        if retour["antwoordOp"] is not None:
            heen = beoordelaar.get(below(retour["antwoordOp"])).json()
            assert one["adres"] in heen["antwoorden"]
            assert ("uitgaand", "inkomend") == (heen["richting"], retour["richting"])
            tied += 1
    outgoing = beoordelaar.get("/berichten?bericht=JW301").json()["resultaten"]
    assert {"uitgaand"} == {one["richting"] for one in outgoing}


@pytest.mark.parametrize("deel", ["inhoud", "retourbericht"])
def test_a_municipality_reads_a_whole_message_for_a_purpose_only(
    api: Dienst, beoordelaar: httpx.Client, partly: dict[str, Any], deel: str
) -> None:
    where = f"{below(partly['adres'])}/{deel}"
    lezer = api.programma(Rol.LEZER)
    given = {"doel": "vraag van de aanbieder"}
    assert [403, 403] == [one.get(where).status_code for one in (lezer, beoordelaar)]
    assert 403 == lezer.post(f"{where}/_toon", json=given).status_code
    assert 422 == beoordelaar.post(f"{where}/_toon", json={}).status_code
    own = of_aanbieder(api, partly["afzender"]).get(where)
    assert own.content == beoordelaar.post(f"{where}/_toon", json=given).content
    rows = api.rijen("SELECT attributes FROM verwerking ORDER BY dag, nr")
    assert given["doel"] == json.loads(rows[-1][0])["dpl.nen7513.users"][0]["purposeOfUse"]
    elders = api.programma(Rol.BEOORDELAAR, ANDERE)
    assert 404 == elders.post(f"{where}/_toon", json=given).status_code


def test_reading_is_in_the_log_before_the_answer_leaves(
    api: Dienst, partly: dict[str, Any]
) -> None:
    client = of_aanbieder(api, partly["afzender"])
    before = len(api.rijen("SELECT nr FROM verwerking"))
    client.get(below(partly["adres"]) + "/inhoud")
    rows = api.rijen("SELECT name, betrokkene, gemeente FROM verwerking ORDER BY dag, nr")[before:]
    assert {"bericht opgehaald"} == {row[0] for row in rows}
    clients = {row[1] for row in rows} - {None}
    assert clients == {
        row[0]
        for row in api.rijen(
            "SELECT DISTINCT p.bsn_hash FROM prestatie p JOIN declaratie d ON d.id = "
            "p.declaratie_id JOIN inbox i ON i.id = d.inbox_id WHERE i.identificatie = "
            f"'{partly['identificatie']}' AND i.afzender = '{partly['afzender']}'"
        )
    }
    other = of_aanbieder(api, "99000099")
    before = len(api.rijen("SELECT nr FROM verwerking"))
    other.get(below(partly["adres"]))
    rows = api.rijen("SELECT name, status_code FROM verwerking ORDER BY dag, nr")[before:]
    assert [("bericht ingezien", 2)] == [tuple(row) for row in rows]


def test_a_purpose_goes_into_the_log(api: Dienst, beoordelaar: httpx.Client) -> None:
    before = len(api.rijen("SELECT nr FROM verwerking"))
    given = {"doel": "telefoontje van de ouders", "bsn": "999900006"}
    assert 200 == beoordelaar.post("/toewijzingen/_zoek", json=given).status_code
    rows = api.rijen("SELECT attributes FROM verwerking ORDER BY dag, nr")[before:]
    assert all("telefoontje van de ouders" in row[0] for row in rows)
    assert not any("999900006" in row[0] for row in rows)


def test_events_are_read_on_from_where_one_was(beoordelaar: httpx.Client) -> None:
    found: list[str] = []
    vanaf = ""
    while True:
        blad = beoordelaar.get(f"/gebeurtenissen?omvang=90{vanaf}").json()
        if not blad["resultaten"]:
            break
        found += [one["id"] for one in blad["resultaten"]]
        vanaf = f"&vanaf={blad['vanaf']}"
    assert len(set(found)) == len(found) > 180
    assert blad["vanaf"]


def test_an_assignment_tells_its_story(beoordelaar: httpx.Client, partly: dict[str, Any]) -> None:
    detail = beoordelaar.get(below(partly["adres"])).json()
    regel = beoordelaar.get(below(detail["declaratie"]) + "/regels").json()["resultaten"][0]
    nummer = regel["toewijzingnummer"]
    found = beoordelaar.get(f"/toewijzingen?toewijzingnummer={nummer}&gemeente=0193").json()
    toewijzing = beoordelaar.get(below(found["resultaten"][0]["adres"])).json()
    assert (nummer, partly["afzender"]) == (toewijzing["toewijzingnummer"], toewijzing["aanbieder"])
    assert toewijzing["bsn"].startswith("*****")
    assert [one for one in toewijzing["versies"] if one["telt"]]
    regels = beoordelaar.get(below(toewijzing["regels"])).json()["resultaten"]
    assert regel["id"] in {one["id"] for one in regels}
    granted = sum(one["ingediendBedrag"] for one in regels if one["oordeel"] == "toegekend")
    assert granted == toewijzing["gebruik"]["bedrag"]


def test_the_rulebook_of_an_aanbieder_has_no_prices_of_others(
    api: Dienst, beoordelaar: httpx.Client
) -> None:
    own = of_aanbieder(api, "99000001")
    whole = beoordelaar.get("/overeenkomsten/simulatie-aanbod").json()
    part = own.get("/overeenkomsten/simulatie-aanbod").json()
    assert (whole["hash"], whole["versie"]) == (part["hash"], part["versie"])
    assert {"99000001"} >= {one["aanbieder"] for one in part["contracten"] or []}
    for cel in part["cellen"]:
        assert cel["voorAanbieders"] is None or "99000001" in cel["voorAanbieders"]
    assert 404 == own.get("/overeenkomsten/bestaat-niet").status_code
    assert 404 == own.get("/overeenkomsten/simulatie-aanbod?versie=0").status_code
    assert 200 == own.get("/controleregels/TR307").status_code
    assert 404 == own.get("/controleregels/S107").status_code
    assert "controle" == beoordelaar.get("/controleregels/S107").json()["soort"]


def test_a_zip_is_offered_and_every_message_in_it_is_told_of(
    api: Dienst, beoordelaar: httpx.Client, partly: dict[str, Any]
) -> None:
    client = of_aanbieder(api, partly["afzender"])
    text = body_of(api, beoordelaar, partly)
    own = [anew(text, partly, f"PAK{number}") for number in range(2)]
    foreign = changed(text, (f">{partly['afzender']}<", ">99999999<"))
    names = ("a.xml", "b.xml", "c.xml", "d.xml", "e/f.xml")
    body = zipped(*zip(names, (*own, own[0], foreign, own[1]), strict=True))
    headers = {"Content-Type": "application/zip"}
    offered = client.post("/berichten/_pakket", content=body, headers=headers)
    assert 200 == offered.status_code, offered.text
    told = offered.json()["leden"]
    assert [
        ("a.xml", "opgenomen"),
        ("b.xml", "opgenomen"),
        ("c.xml", "dubbel"),
        ("d.xml", "geweigerd"),
        ("e/f.xml", "geweigerd"),
    ] == [(one["naam"], one["uitkomst"]) for one in told]
    assert hashlib.sha256(own[0]).hexdigest() == told[0]["sha256"] == told[2]["sha256"]
    assert "aanbieder" in told[3]["reden"]
    assert 200 == client.get(below(told[1]["adres"])).status_code
    again = client.post("/berichten/_pakket", content=body, headers=headers).json()["leden"]
    assert ["dubbel"] * 3 == [one["uitkomst"] for one in again[:3]]


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [(b"geen zip", "application/zip", 422), (b"<a/>", "application/xml", 415)],
)
def test_what_is_no_package_is_refused(
    api: Dienst, partly: dict[str, Any], body: bytes, kind: str, status: int
) -> None:
    client = of_aanbieder(api, partly["afzender"])
    headers = {"Content-Type": kind}
    assert status == client.post("/berichten/_pakket", content=body, headers=headers).status_code

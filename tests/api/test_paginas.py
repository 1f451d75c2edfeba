"""Pages of messages, assignments, clients and requests, and an aanbieder's own view."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.toegang.rechten import Rol
from tests.api.dienst import Dienst
from tests.web.huis import Bezoeker

AGB, GEMEENTE = "99000082", "0193"


@pytest.fixture(scope="module")
def anna(api: Dienst) -> Bezoeker:
    return api.bezoeker("anna", Rol.BEOORDELAAR)


@pytest.fixture(scope="module")
def linda(api: Dienst) -> Bezoeker:
    return api.bezoeker("linda", Rol.AANBIEDER, aanbieder=AGB)


def links(html: str, below: str) -> list[str]:
    return re.findall(rf'href="({below}/[0-9a-f-]{{36}})"', html)


def message_of(api: Dienst, where: str) -> bytes:
    ((inbox_id,),) = api.rijen(f"SELECT id FROM inbox WHERE {where} ORDER BY id LIMIT 1")
    return b"".join(api.omgeving.store.message(inbox_id))


def test_a_message_shows_what_is_at_fault_in_it(anna: Bezoeker) -> None:
    found = anna.get("/berichten?bericht=JW323&oordeel=partly").text
    page = anna.get(links(found, "/berichten")[0]).text
    assert "Wat de aanbieder doet" in page
    assert "hier gaat het om" in page
    assert "&lt;Prestatie&gt;" in page
    assert "<Prestatie>" not in page


def test_a_message_is_found_by_its_number_but_never_by_a_bsn(api: Dienst, anna: Bezoeker) -> None:
    ((nummer,),) = api.rijen("SELECT identificatie FROM inbox WHERE verdict = 'partly' LIMIT 1")
    assert nummer in anna.get(f"/berichten?nummer={nummer}").text
    refused = anna.get("/berichten?nummer=999900006").text
    assert "dit kan een BSN zijn" in refused
    assert 0 == len(links(refused, "/berichten"))


def test_the_bytes_are_given_for_a_purpose_that_is_kept(api: Dienst, anna: Bezoeker) -> None:
    found = anna.get("/berichten?bericht=JW323&oordeel=partly").text
    path = links(found, "/berichten")[0]
    anna.get(path)
    assert 303 == anna.post(path, {"welk": "bericht", "doel": ""}).status_code
    before = len(api.rijen("SELECT nr FROM verwerking"))
    given = anna.post(path, {"welk": "antwoord", "doel": "vraag van de aanbieder"})
    assert "attachment" in given.headers["content-disposition"]
    assert b"jw325" in given.content
    told = api.rijen("SELECT attributes FROM verwerking ORDER BY dag, nr")[before:]
    assert all("vraag van de aanbieder" in row[0] for row in told)


def test_an_assignment_shows_its_use_and_its_lines(api: Dienst, anna: Bezoeker) -> None:
    ((nummer,),) = api.rijen("SELECT toewijzingnummer FROM prestatie WHERE toegekend = 1 LIMIT 1")
    found = anna.get(f"/toewijzingen?nummer={nummer}").text
    page = anna.get(links(found, "/toewijzingen")[0]).text
    for told in ("Toegekend volume", "Versies", "Declaratieregels", "geldt"):
        assert told in page
    assert "alleen cijfers" in anna.get("/toewijzingen?nummer=abc").text


def request_page(anna: Bezoeker, referentie: str, staat: str = "") -> str:
    """The address of a request in the list."""
    listed = anna.get(f"/verzoeken?staat={staat}").text
    row = listed[: listed.index(f"VOT {referentie}</a>")]
    return links(row + '"', "/verzoeken")[-1]


@pytest.mark.parametrize(
    ("client", "doe", "velden", "bericht", "stand"),
    [
        (0, "toekennen", {}, "JW301", "toegekend"),
        (1, "afwijzen", {"reden": "3"}, "JW319", "afgewezen"),
        (2, "onderzoeken", {}, "JW319", "in onderzoek"),
    ],
)
def test_a_request_is_answered_by_a_message_that_is_judged_first(
    api: Dienst,
    anna: Bezoeker,
    client: int,
    doe: str,
    velden: dict[str, str],
    bericht: str,
    stand: str,
) -> None:
    referentie = f"V-{doe}"
    api.vot(f"ID{doe[:6]}", referentie, client)
    path = request_page(anna, referentie)
    assert "45A03" in anna.get(path).text
    answered = anna.post(path, {"doe": doe, **velden})
    assert 303 == answered.status_code, answered.text
    waiting = anna.get(answered.headers["location"])
    assert (200, True) == (waiting.status_code, "wacht op beoordeling" in waiting.text)
    api.drain()
    sent = anna.get(answered.headers["location"]).text
    assert bericht in sent
    welke = {"in onderzoek": ""}.get(stand, stand)
    page = anna.get(request_page(anna, referentie, welke)).text
    assert f">{stand}<" in page


ZOALS_GEVRAAGD = {
    "doe": "anders",
    "categorie": "45",
    "code": "45A03",
    "ingang": "2025-02-17",
    "einde": "2025-12-31",
    "omvang": "3",
    "eenheid": "04",
    "frequentie": "2",
    "budget": "",
}


def test_a_vot_is_granted_otherwise_than_it_was_asked_for(api: Dienst, anna: Bezoeker) -> None:
    api.vot("IDanders", "V-anders", 3)
    path = request_page(anna, "V-anders")
    page = anna.get(path).text
    assert "3 uur" in page
    assert "Anders toekennen dan gevraagd" in page
    changed = {**ZOALS_GEVRAAGD, "ingang": "2025-03-03", "omvang": "2"}
    answered = anna.post(path, changed)
    assert 303 == answered.status_code, answered.text
    api.drain()
    assert "JW301" in anna.get(answered.headers["location"]).text
    assert [("2025-03-03", "2025-12-31", 2, "04", "2", "V-anders")] == [
        (str(ingang), str(einde), *rest)
        for ingang, einde, *rest in api.rijen(
            "SELECT ingangsdatum, einddatum, volume, eenheid, frequentie, referentie_aanbieder "
            "FROM toewijzing WHERE referentie_aanbieder = 'V-anders'"
        )
    ]
    assert ">toegekend<" in anna.get(request_page(anna, "V-anders", "toegekend")).text


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "u verandert niets"),
        ({"ingang": ""}, "vul de dag in"),
        ({"ingang": "maandag"}, "schrijf een dag"),
        ({"omvang": "veel"}, "een geheel getal"),
        ({"frequentie": ""}, "bij een omvang horen"),
        ({"budget": "100"}, "niet allebei"),
        ({"omvang": "", "eenheid": "", "frequentie": "", "budget": "veel"}, "schrijf het bedrag"),
    ],
)
def test_what_cannot_be_assigned_instead_is_told(
    api: Dienst, anna: Bezoeker, given: dict[str, str], told: str
) -> None:
    if not api.rijen("SELECT 1 FROM verzoek WHERE referentie_aanbieder = 'V-kan-niet'"):
        api.vot("IDkanniet", "V-kan-niet", 4)
    path = request_page(anna, "V-kan-niet")
    anna.get(path)
    before = api.rijen("SELECT count(*) FROM inbox")
    refused = anna.post(path, {**ZOALS_GEVRAAGD, **given})
    assert (400, True) == (refused.status_code, told[1:] in refused.text)
    assert before == api.rijen("SELECT count(*) FROM inbox")


def test_an_answer_that_cannot_be_is_not_made(api: Dienst, anna: Bezoeker) -> None:
    api.vot("IDkan", "V-kan")
    path = request_page(anna, "V-kan")
    assert "kent de persoon en het adres daarom niet" in anna.get(path).text
    before = api.rijen("SELECT count(*) FROM inbox")
    for velden in ({"doe": "afwijzen"}, {"doe": "iets"}, {"doe": "toekennen", "vanaf": "morgen"}):
        assert 400 == anna.post(path, velden).status_code
    assert before == api.rijen("SELECT count(*) FROM inbox")


def test_an_aanbieder_sees_what_it_sent_and_why_it_was_rejected(linda: Bezoeker) -> None:
    found = linda.get("/eigen?bericht=JW323&oordeel=partly").text
    path = links(found, "/eigen")[0]
    page = linda.get(f"{path}?regels=afgewezen").text
    assert "Wat is afgewezen, en waarom" in page
    regel = links(page, "/eigen/regels")[0]
    shown = linda.get(regel).text
    assert "De beslissing, stap voor stap" in shown
    receipt = linda.get(f"{regel}/bewijs").json()
    assert ("afgewezen", AGB, []) == (
        receipt["oordeel"],
        receipt["aanbieder"],
        receipt["controles"],
    )
    assert b"jw325" in linda.get(f"{path}/antwoord").content


def test_an_aanbieder_sees_nothing_of_others_and_no_pages_of_staff(
    api: Dienst, anna: Bezoeker, linda: Bezoeker
) -> None:
    others = anna.get("/berichten?bericht=JW323&aanbieder=99000001").text
    other = links(others, "/berichten")[0].rpartition("/")[2]
    assert 404 == linda.get(f"/eigen/{other}").status_code
    assert 404 == linda.get(f"/eigen/{other}/antwoord").status_code
    for path in ("/berichten", "/toewijzingen", "/clienten", "/verzoeken", "/werkvoorraad"):
        assert 403 == linda.get(path).status_code


def test_a_message_is_checked_before_it_is_sent(
    api: Dienst, linda: Bezoeker, tmp_path: Path
) -> None:
    body = message_of(api, f"verdict = 'partly' AND afzender = '{AGB}'")
    before = api.rijen("SELECT count(*) FROM inbox")
    page = check(linda, body)
    assert "De identificatie van het bericht is al eerder gebruikt" in page
    assert "in orde" in check(linda, body, "geen")
    assert "kies een bestand" in check(linda, b"")
    assert "ongeldig" in check(linda, b"geen xml", "geen")
    assert before == api.rijen("SELECT count(*) FROM inbox")


def check(linda: Bezoeker, body: bytes, gegevens: str = "eigen") -> str:
    linda.get("/controle")
    return linda.client.post(
        "/controle",
        data={"_csrf": linda.token, "gegevens": gegevens},
        files={"bestand": ("declaratie.xml", body, "application/xml")},
        headers={"Origin": linda.adres},
    ).text


def test_the_rulebook_of_a_provider_shows_prices(linda: Bezoeker) -> None:
    page = linda.get("/overeenkomsten").text
    assert "/api/v1/overeenkomsten" in page
    assert "/overeenkomsten/simulatie-aanbod/1" in page
    assert "Prijzen op" in linda.get("/overeenkomsten/simulatie-aanbod/1").text
    assert 404 == linda.get("/overeenkomsten/bestaat-niet/1").status_code

"""A check before sending: what it foretells comes true, and it keeps and tells no secrets."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from gateway.toegang.rechten import Rol
from tests.api.dienst import Dienst, Klok, served
from tests.integration.berichten import made, renumbered

XML = {"Content-Type": "application/xml"}
AGB = "12345678"
KLOK = datetime(2025, 12, 5, 12, 0, tzinfo=UTC)


@pytest.fixture
def api(opslag: None, tmp_path: Any) -> Iterator[Dienst]:
    """A gateway that knows one assignment and its start."""
    with served(tmp_path, Klok(KLOK)) as running:
        for naam in ("JW301", "JW305"):
            running.installation.store.inbox.receive(f"{naam}.xml", [made(naam)])
            running.drain()
        yield running


@pytest.fixture
def aanbieder(api: Dienst) -> httpx.Client:
    return api.programma(Rol.AANBIEDER, aanbieder=AGB)


def checked(client: httpx.Client, body: bytes, gegevens: str = "eigen") -> dict[str, Any]:
    response = client.post(f"/controles?gegevens={gegevens}", content=body, headers=XML)
    assert 200 == response.status_code, response.text
    found: dict[str, Any] = response.json()
    return found


def codes(found: dict[str, Any]) -> set[str]:
    return {one["retourcode"] for one in found["bevindingen"]}


def test_a_good_invoice_is_found_good_and_is_not_kept(api: Dienst, aanbieder: httpx.Client) -> None:
    before = api.rijen("SELECT count(*) FROM inbox")
    found = checked(aanbieder, made("JW323"))
    assert ("JW323", "jeugdwet", "geaccepteerd", []) == (
        found["bericht"],
        found["wet"],
        found["oordeel"],
        found["bevindingen"],
    )
    assert (found["regels"], found["ingediend"]) == (found["regelsGoed"], found["toegekend"])
    assert before == api.rijen("SELECT count(*) FROM inbox")
    assert [] == api.rijen("SELECT id FROM prestatie")
    assert found == checked(aanbieder, made("JW323"))


def test_what_is_found_comes_true_when_it_is_sent(api: Dienst, aanbieder: httpx.Client) -> None:
    aanbieder.post("/berichten", content=made("JW323"), headers=XML)
    api.drain()
    body = made("JW323", ("JW323-0001", "ANDER"), ("D202503", "D9"))
    found = checked(aanbieder, body)
    assert "8021" in codes(found)
    offered = aanbieder.post("/berichten", content=body, headers=XML).json()
    api.drain()
    sent = aanbieder.get(offered["adres"].removeprefix("/api/v1")).json()
    assert (found["oordeel"], found["niveau"]) == (sent["oordeel"], sent["niveau"])
    told = aanbieder.get(sent["bevindingen"].removeprefix("/api/v1")).json()["resultaten"]
    assert found["bevindingen"] == [
        {name: one[name] for name in found["bevindingen"][0]} for one in told
    ]


def test_without_own_data_only_the_message_itself_is_looked_at(aanbieder: httpx.Client) -> None:
    unknown = made("JW323", ("<jw323:ToewijzingNummer>", "<jw323:ToewijzingNummer>9"))
    assert "9338" in codes(checked(aanbieder, unknown))
    assert "geaccepteerd" == checked(aanbieder, unknown, "geen")["oordeel"]
    assert ("ongeldig", 1) == tuple(
        checked(aanbieder, b"<x/>", "geen")[name] for name in ("oordeel", "niveau")
    )
    broken = made("JW323", ("<jw323:DeclaratieNummer>", "<jw323:Declaratie>"))
    assert "ongeldig" == checked(aanbieder, broken, "geen")["oordeel"]


def test_nobody_finds_out_about_others_by_a_check(api: Dienst, aanbieder: httpx.Client) -> None:
    other = api.programma(Rol.AANBIEDER, aanbieder="99000099")
    refused = other.post("/controles", content=made("JW323"), headers=XML)
    assert 403 == refused.status_code
    assert "zonder eigen gegevens" in refused.json()["detail"]
    assert "geaccepteerd" == checked(other, made("JW323"), "geen")["oordeel"]
    elsewhere = api.programma(Rol.AANBIEDER, "0164", aanbieder=AGB)
    assert 403 == elsewhere.post("/controles", content=made("JW323"), headers=XML).status_code
    assert "geaccepteerd" == checked(api.programma(Rol.BEOORDELAAR), made("JW323"))["oordeel"]


def test_the_hit_rate_is_measured_on_what_came_in_later(
    api: Dienst, aanbieder: httpx.Client
) -> None:
    assert None is aanbieder.get("/controles/trefkans").json()["trefkans"]
    checked(aanbieder, made("JW323"))
    checked(aanbieder, made("JW323"))  # the last check before sending counts
    waiting = aanbieder.get("/controles/trefkans").json()
    assert (1, 2, 2, 0) == (
        waiting["controles"],
        waiting["regels"],
        waiting["regelsGoed"],
        waiting["regelsIngediend"],
    )
    api.klok.moment += timedelta(hours=1)
    aanbieder.post("/berichten", content=made("JW323"), headers=XML)
    api.drain()
    # Asking changes nothing: what follows the judgements counts them.
    assert waiting == aanbieder.get("/controles/trefkans").json()
    assert [(None,)] == api.rijen("SELECT ingediend FROM controle")
    api.volg()
    assert {
        "controles": 1,
        "regels": 2,
        "regelsGoed": 2,
        "regelsIngediend": 2,
        "regelsToegekend": 2,
        "trefkans": 1.0,
    } == aanbieder.get("/controles/trefkans").json()
    assert [] == api.rijen("SELECT hash FROM controle_regel")
    page = api.bezoeker("linda", Rol.AANBIEDER, aanbieder=AGB).get("/eigen/maanden").text
    assert "100%" in page
    assert "is toegekend: 2 van 2." in page
    assert 1.0 == api.programma(Rol.BEOORDELAAR).get("/controles/trefkans").json()["trefkans"]
    other = api.programma(Rol.AANBIEDER, aanbieder="99000099")
    assert 0 == other.get("/controles/trefkans").json()["controles"]


def test_a_check_that_was_wrong_lowers_the_hit_rate(api: Dienst, aanbieder: httpx.Client) -> None:
    checked(aanbieder, renumbered("JW323", "77"))
    # Meanwhile the same care comes in under other numbers, so that the checked one is a second.
    api.klok.moment += timedelta(hours=1)
    for body in (made("JW323"), renumbered("JW323", "77")):
        assert 202 == aanbieder.post("/berichten", content=body, headers=XML).status_code
        api.drain()
    api.volg()
    found = aanbieder.get("/controles/trefkans").json()
    assert (2, 0, 0.0) == (found["regelsIngediend"], found["regelsToegekend"], found["trefkans"])


def test_a_line_that_was_changed_after_its_check_does_not_count(
    api: Dienst, aanbieder: httpx.Client
) -> None:
    checked(aanbieder, renumbered("JW323", "78"))
    api.klok.moment += timedelta(hours=1)
    changed = renumbered("JW323", "78", ("78-1<", "78-9<"))
    assert 202 == aanbieder.post("/berichten", content=changed, headers=XML).status_code
    api.drain()
    api.volg()
    found = aanbieder.get("/controles/trefkans").json()
    assert (2, 1) == (found["regelsGoed"], found["regelsIngediend"])


def test_a_check_after_the_judgement_does_not_wipe_out_the_one_before_it(
    api: Dienst, aanbieder: httpx.Client
) -> None:
    checked(aanbieder, made("JW323"))
    api.klok.moment += timedelta(hours=1)
    aanbieder.post("/berichten", content=made("JW323"), headers=XML)
    api.drain()
    checked(aanbieder, made("JW323"))
    found = aanbieder.get("/controles/trefkans").json()
    assert (2, 2) == (found["controles"], found["regelsIngediend"])

"""Deciding over the API: one by one or a whole cause, once, by who may, on what was shown."""

from typing import Any

import httpx
import pytest

from gateway.store.toegang.herhalingen import Herhalingen
from gateway.toegang.rechten import Rol
from tests.api.dienst import V1, Dienst


@pytest.fixture(scope="module")
def een(api: Dienst) -> httpx.Client:
    api.omgeving.store.werkvolger.catch_up()
    return api.programma(Rol.BEOORDELAAR, namens="een")


@pytest.fixture(scope="module")
def ander(api: Dienst) -> httpx.Client:
    return api.programma(Rol.BEOORDELAAR, namens="ander")


def below(adres: str) -> str:
    return adres.removeprefix(V1)


def open_findings(client: httpx.Client, effect: str, at_least: int = 1) -> list[dict[str, Any]]:
    """The open findings of a cause that has some of this effect."""
    for oorzaak in client.get("/oorzaken?omvang=200").json()["resultaten"]:
        found = client.get(below(oorzaak["adres"]) + "/bevindingen").json()["resultaten"]
        free = [one for one in found if one["effect"] == effect and one["voorstel"] is None]
        if len(free) >= at_least:
            return free
    raise AssertionError(f"no open findings of {effect}")


def decide(
    client: httpx.Client, adres: str, etag: str | None, soort: str, **koppen: str
) -> httpx.Response:
    headers = koppen if etag is None else {**koppen, "If-Match": etag}
    return client.post(
        below(adres) + "/beoordelingen",
        json={"soort": soort, "reden": "nagekeken met de aanbieder"},
        headers=headers,
    )


def test_a_script_finds_a_cause_and_settles_a_finding(een: httpx.Client) -> None:
    finding = open_findings(een, "afwijzen")[0]
    shown = een.get(below(finding["adres"]))
    detail = shown.json()
    assert (True, "afwijzen", []) == (detail["open"], detail["effect"], detail["beoordelingen"])
    assert "terecht afgewezen" in detail["mogelijk"]
    assert detail["doe"]
    made = decide(een, finding["adres"], shown.headers["etag"], "terecht afgewezen")
    assert 201 == made.status_code, made.text
    besluit = een.get(below(made.headers["location"])).json()
    assert ("geldt", "terecht afgewezen", 1) == (
        besluit["staat"],
        besluit["soort"],
        besluit["aantal"],
    )
    after = een.get(below(finding["adres"])).json()
    assert (False, [], [besluit["adres"]]) == (
        after["open"],
        after["mogelijk"],
        after["beoordelingen"],
    )
    listed = een.get("/beoordelingen").json()["resultaten"]
    assert besluit["id"] in {one["id"] for one in listed}


def test_the_second_of_two_is_told_that_it_was_decided(
    een: httpx.Client, ander: httpx.Client
) -> None:
    finding = open_findings(een, "signaal")[0]
    etags = [one.get(below(finding["adres"])).headers["etag"] for one in (een, ander)]
    assert 428 == decide(een, finding["adres"], None, "afgehandeld").status_code
    assert 412 == decide(een, finding["adres"], '"oud"', "afgehandeld").status_code
    assert 201 == decide(een, finding["adres"], etags[0], "afgehandeld").status_code
    second = decide(ander, finding["adres"], etags[1], "afgehandeld")
    assert 409 == second.status_code
    assert "al beslist" in second.json()["detail"]


def test_a_check_never_ends_in_a_rejection(een: httpx.Client) -> None:
    finding = open_findings(een, "signaal")[0]
    etag = een.get(below(finding["adres"])).headers["etag"]
    refused = decide(een, finding["adres"], etag, "terecht afgewezen")
    assert 400 == refused.status_code
    assert een.get(below(finding["adres"])).json()["open"]


def test_a_decision_that_is_asked_for_again_is_taken_once(een: httpx.Client, api: Dienst) -> None:
    finding = open_findings(een, "signaal")[0]
    etag = een.get(below(finding["adres"])).headers["etag"]
    key = {"Idempotency-Key": "besluit-1"}
    first = decide(een, finding["adres"], etag, "afgehandeld", **key)
    again = decide(een, finding["adres"], etag, "afgehandeld", **key)
    assert (201, first.content, first.headers["location"]) == (
        again.status_code,
        again.content,
        again.headers["location"],
    )
    assert first.headers["content-type"] == again.headers["content-type"]


def test_an_answer_that_was_lost_after_the_commit_is_the_same_later(
    een: httpx.Client, api: Dienst, monkeypatch: pytest.MonkeyPatch
) -> None:
    finding = open_findings(een, "signaal")[0]
    etag = een.get(below(finding["adres"])).headers["etag"]
    key = {"Idempotency-Key": "besluit-2"}
    before = api.rijen("SELECT count(*) FROM besluit")[0][0]
    with monkeypatch.context() as cut:
        cut.setattr(Herhalingen, "end", _cut)
        assert 500 == decide(een, finding["adres"], etag, "afgehandeld", **key).status_code
    again = decide(een, finding["adres"], etag, "afgehandeld", **key)
    assert 201 == again.status_code
    assert before + 1 == api.rijen("SELECT count(*) FROM besluit")[0][0]
    assert "geldt" == een.get(below(again.headers["location"])).json()["staat"]


def _cut(*_: object) -> None:
    raise RuntimeError("afgebroken")


def test_a_whole_cause_is_shown_first_then_decided_and_undone(
    api: Dienst, een: httpx.Client, ander: httpx.Client
) -> None:
    finding = open_findings(een, "signaal", 2)[0]
    oorzaken = een.get("/oorzaken?omvang=200").json()["resultaten"]
    oorzaak = next(
        one
        for one in oorzaken
        if finding["id"]
        in {
            found["id"]
            for found in een.get(below(one["adres"]) + "/bevindingen").json()["resultaten"]
        }
    )
    made = een.post(below(oorzaak["adres"]) + "/beoordelingen", json={"soort": "afgehandeld"})
    assert 201 == made.status_code, made.text
    where = below(made.headers["location"])
    concept = een.get(where)
    assert ("concept", oorzaak["adres"]) == (concept.json()["staat"], concept.json()["oorzaak"])
    assert concept.json()["aantal"] >= 2

    def step(client: httpx.Client, stap: str) -> httpx.Response:
        etag = client.get(where).headers["etag"]
        given = {"stap": stap, "reden": "bekeken"}
        return client.post(f"{where}/stappen", json=given, headers={"If-Match": etag})

    assert 400 == step(ander, "nemen").status_code
    assert 201 == step(een, "nemen").status_code
    taken = een.get(where).json()
    if taken["staat"] == "voorgesteld":
        assert 403 == step(een, "goedkeuren").status_code
        same = step(api.programma(Rol.BEOORDELAAR, namens="een"), "goedkeuren")
        assert (403, True) == (same.status_code, "tweede persoon" in same.json()["detail"])
        nobody = step(api.programma(Rol.BEOORDELAAR), "goedkeuren")
        assert (403, True) == (nobody.status_code, "van niemand" in nobody.json()["detail"])
        assert 201 == step(ander, "goedkeuren").status_code
    assert "geldt" == een.get(where).json()["staat"]
    assert 409 == step(een, "nemen").status_code
    assert 201 == step(een, "terugdraaien").status_code
    assert "ingetrokken" == een.get(where).json()["staat"]
    assert een.get(below(finding["adres"])).json()["open"]


def test_who_only_reads_decides_nothing(api: Dienst, een: httpx.Client) -> None:
    finding = open_findings(een, "signaal")[0]
    lezer = api.programma(Rol.LEZER)
    etag = lezer.get(below(finding["adres"])).headers["etag"]
    assert 403 == decide(lezer, finding["adres"], etag, "afgehandeld").status_code
    elsewhere = api.programma(Rol.BEOORDELAAR, "0164")
    gemeenten = {one["gemeente"] for one in elsewhere.get("/oorzaken").json()["resultaten"]}
    assert gemeenten <= {"0164"}
    here = een.get("/oorzaken?gemeente=0193").json()["resultaten"][0]
    first = een.get(below(here["adres"]) + "/bevindingen").json()["resultaten"][0]
    for adres in (here["adres"], first["adres"]):
        assert 404 == elsewhere.get(below(adres)).status_code
        asked = {"soort": "afgehandeld", "reden": "x"}
        refused = elsewhere.post(
            below(adres) + "/beoordelingen", json=asked, headers={"If-Match": "*"}
        )
        assert refused.status_code in (404, 422)


def test_a_decision_is_in_the_log_with_its_clients(api: Dienst, een: httpx.Client) -> None:
    finding = open_findings(een, "signaal")[0]
    etag = een.get(below(finding["adres"])).headers["etag"]
    before = len(api.rijen("SELECT nr FROM verwerking"))
    decide(een, finding["adres"], etag, "afgehandeld")
    rows = api.rijen("SELECT name, betrokkene, gemeente FROM verwerking ORDER BY dag, nr")[before:]
    assert {"besluiten over bevindingen"} == {row[0] for row in rows}
    assert any(row[1] for row in rows)

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


def whole(client: httpx.Client, adres: str | None) -> list[dict[str, Any]]:
    """A list to its end, page by page."""
    found: list[dict[str, Any]] = []
    while adres is not None:
        blad = client.get(below(adres)).json()
        found += blad["resultaten"]
        adres = blad["volgende"]
    return found


def is_settled(client: httpx.Client, ander: httpx.Client, adres: str, soort: str) -> bool:
    """Decide on a finding as it is shown; above the amount of the policy a second one approves."""
    shown = client.get(below(adres))
    assert soort in shown.json()["mogelijk"]
    made = decide(client, adres, shown.headers["etag"], soort)
    assert 201 == made.status_code, made.text
    where = below(made.headers["location"])
    proposed = ander.get(where)
    if proposed.json()["staat"] == "voorgesteld":
        ander.post(
            f"{where}/stappen",
            json={"stap": "goedkeuren"},
            headers={"If-Match": proposed.headers["etag"]},
        )
    return bool(client.get(where).json()["staat"] == "geldt")


def test_a_script_explains_to_the_cent_why_a_provider_got_less_and_settles_it(
    een: httpx.Client, ander: httpx.Client
) -> None:
    gaps = whole(een, f"{V1}/verschillen?richting=minder&omvang=2")
    details = [een.get(below(one["adres"])).json() for one in gaps]
    place = next(nr for nr, one in enumerate(details) if any(g["oorzaak"] for g in one["gronden"]))
    gap, detail = gaps[place], details[place]
    asked = {name: gap[name] for name in ("gemeente", "wet", "aanbieder")}
    month = {"beginmaand": gap["maand"], "eindmaand": gap["maand"]}
    assert [gap] == een.get("/verschillen", params=asked | month).json()["resultaten"]
    assert gap["ingediend"] - gap["toegekend"] == gap["verschil"]
    assert gap["verschil"] == sum(one["bedrag"] for one in detail["gronden"])
    assert gap["verschil"] == sum(detail["verdeling"].values())

    ground = next(one for one in detail["gronden"] if one["oorzaak"])
    assert all(one["wat"] and one["doe"] for one in ground["teksten"])
    lines = whole(een, ground["regels"] + "&omvang=1")
    assert ground["bedrag"] == sum(one["bedrag"] for one in lines)
    line = next(one for one in lines if one["bevinding"])
    findings = een.get(below(line["regel"])).json()["bevindingen"]
    assert line["bevinding"] in [one["adres"] for one in findings]
    assert line["oorzaak"] in [one["oorzaak"] for one in lines]
    of_cause = whole(een, line["oorzaak"] + "/bevindingen?effect=afwijzen")
    assert line["bevinding"] in [one["adres"] for one in of_cause]

    for one in findings:
        if een.get(below(one["adres"])).json()["open"]:
            assert is_settled(een, ander, one["adres"], "terecht afgewezen")
    after = een.get(below(gap["adres"])).json()["verdeling"]
    assert detail["verdeling"]["nogOpen"] - line["rest"] == after["nogOpen"]
    assert detail["verdeling"]["afgehandeld"] + line["rest"] == after["afgehandeld"]
    settled = whole(een, detail["regels"] + "?stand=afgehandeld")
    assert line["regel"] in [one["regel"] for one in settled if one["beoordeling"]]


def test_a_gap_is_for_who_may_see_its_municipality(api: Dienst, een: httpx.Client) -> None:
    gap = een.get("/verschillen?gemeente=0193&omvang=1").json()["resultaten"][0]
    elsewhere = api.programma(Rol.LEZER, "0164")
    assert 200 == een.get(below(gap["adres"]) + "/regels?omvang=1").status_code
    for deel in ("", "/regels"):
        assert 404 == elsewhere.get(below(gap["adres"]) + deel).status_code
    assert {"0164"} == {one["gemeente"] for one in whole(elsewhere, f"{V1}/verschillen")}


def test_lists_are_asked_for_a_period_and_a_verdict(een: httpx.Client) -> None:
    invoice = een.get("/declaraties?oordeel=deels&wet=jeugdwet").json()["resultaten"][0]
    assert ("deels", "jeugdwet") == (invoice["oordeel"], invoice["wet"])
    day = invoice["ontvangenOp"][:10]
    late = een.get(f"/declaraties?einddatum={day}&omvang=200").json()["resultaten"]
    assert invoice["id"] in {one["id"] for one in late}
    assert [] == een.get("/declaraties?begindatum=2099-01-01").json()["resultaten"]

    lines = whole(een, invoice["adres"] + "/regels")
    first = min(one["begindatum"] for one in lines)
    asked = f"/regels?oordeel=afgewezen&begindatum={first}&einddatum={first}"
    expected = [
        one["id"] for one in lines if (one["oordeel"], one["begindatum"]) == ("afgewezen", first)
    ]
    assert expected == [one["id"] for one in whole(een, invoice["adres"] + asked)]
    (assigned,) = een.get(
        "/toewijzingen",
        params={
            "toewijzingnummer": lines[0]["toewijzingnummer"],
            "aanbieder": invoice["aanbieder"],
            "gemeente": invoice["gemeente"],
            "wet": invoice["wet"],
        },
    ).json()["resultaten"]
    on_it = whole(een, f"{assigned['adres']}/regels?begindatum={lines[0]['begindatum']}")
    assert lines[0]["id"] in {one["id"] for one in on_it}

    cause = een.get("/oorzaken").json()["resultaten"][0]["adres"] + "/bevindingen"
    found = whole(een, cause)
    dated = [one for one in found if one["begindatum"]]
    month = max(one["begindatum"] for one in dated)
    expected = [one["id"] for one in dated if one["begindatum"] >= month]
    assert expected == [one["id"] for one in whole(een, f"{cause}?begindatum={month}")]


def test_what_is_in_force_is_undone_with_a_reason_only(een: httpx.Client) -> None:
    finding = open_findings(een, "signaal")[0]
    etag = een.get(below(finding["adres"])).headers["etag"]
    where = below(decide(een, finding["adres"], etag, "afgehandeld").headers["location"])
    for reden, status in ((" ", 422), ("toch niet", 201)):
        refused = een.post(
            f"{where}/stappen",
            json={"stap": "terugdraaien", "reden": reden},
            headers={"If-Match": een.get(where).headers["etag"]},
        )
        assert status == refused.status_code, refused.text
        if status == 422:
            assert "schrijf op waarom u dit besluit terugdraait" == refused.json()["detail"]
            assert "application/problem+json" == refused.headers["content-type"]


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

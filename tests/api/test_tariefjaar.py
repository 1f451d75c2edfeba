"""A tariff year by the API: index, compare, price again and publish."""

import re
import tomllib
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.toegang.rechten import Rol
from tests.api.dienst import GEMEENTE, Dienst

PAD = "/overeenkomsten"
TOML = {"content-type": "application/toml"}
AANBOD = "simulatie-aanbod"
MAANDEN = {"van": "2026-01", "tot": "2026-12"}


@pytest.fixture(scope="module")
def beheer(api: Dienst) -> httpx.Client:
    return api.programma(Rol.BEHEERDER)


def bestand(api: Dienst) -> Path:
    bronnen = api.omgeving.kennis.bronnen
    assert bronnen is not None
    assert bronnen.overeenkomsten is not None
    return bronnen.overeenkomsten / f"{AANBOD}.toml"


def dearer(api: Dienst) -> bytes:
    return re.sub(
        rb"^bedrag = (\d+)$",
        lambda found: b"bedrag = %d" % (int(found[1]) + 100),
        bestand(api).read_bytes(),
        flags=re.MULTILINE,
    )


def asked(client: httpx.Client, naam: str, body: bytes, **params: Any) -> httpx.Response:
    given = {"bestand": f"{AANBOD}.toml", **params}
    return client.post(f"{PAD}/{naam}", content=body, params=given, headers=TOML)


def listed(client: httpx.Client, body: bytes | None, omvang: int) -> list[dict[str, Any]]:
    """All lines of the report, with so many on a page; of what is in use without a proposal."""
    found, params = list[dict[str, Any]](), {**MAANDEN, "omvang": omvang}
    while True:
        if body is None:
            page = client.get(f"{PAD}/_herprijzing", params=params).json()
        else:
            page = asked(client, "_herprijzing", body, **params).json()
        found += page["resultaten"]
        if page["vanaf"] is None:
            return found
        params["vanaf"] = page["vanaf"]


def acts(api: Dienst) -> int:
    told = api.rijen("SELECT attributes FROM verwerking WHERE name = 'overeenkomst publiceren'")
    return sum("sha-256" in str(attributes) for (attributes,) in told)


def test_a_proposal_is_indexed_compared_and_published_once(
    api: Dienst, beheer: httpx.Client
) -> None:
    wens = {"percentage": "4,2", "vanaf": "2028-01-01", "afronden": 5, "versie": "2028.1"}
    made = beheer.post(f"{PAD}/{AANBOD}/_indexeer", json=wens)
    assert (200, "2028.1") == (made.status_code, tomllib.loads(made.text)["overeenkomst"]["versie"])
    told = asked(beheer, "_vergelijk", made.content).json()
    assert ("2028-01-01", False, {"nieuw"}) == (
        told["eersteDag"],
        told["inGebruik"],
        {one["soort"] for one in told["verschillen"]},
    )
    before, key = acts(api), {"Idempotency-Key": "publiceren-1", **TOML}
    params = {"bestand": f"{AANBOD}.toml"}
    answers = [
        beheer.post(f"{PAD}/_publiceer", content=made.content, params=params, headers=key)
        for _ in range(2)
    ]
    assert [200, 200] == [one.status_code for one in answers], answers[0].text
    assert answers[0].content == answers[1].content
    assert (True, False) == (answers[0].json()["veranderd"], answers[0].json()["verledenVeranderd"])
    assert (before + 1, made.content) == (acts(api), bestand(api).read_bytes())
    again = asked(beheer, "_publiceer", made.content)
    assert (200, False, before + 1) == (again.status_code, again.json()["veranderd"], acts(api))
    assert "2028.1" == beheer.get(f"{PAD}/{AANBOD}").json()["versie"]


def test_what_changes_the_past_is_listed_by_page_and_published_when_meant(
    api: Dienst, beheer: httpx.Client
) -> None:
    staff, body = api.programma(Rol.LEZER), dearer(api)
    whole, found = listed(staff, body, 200), listed(staff, body, 37)
    assert whole
    assert whole == found
    for one in found:
        assert one["credit"]["vorigReferentienummer"] == one["referentienummer"]
        assert one["verschil"] == one["debet"]["ingediendBedrag"] - one["credit"]["ingediendBedrag"]
    before = acts(api)
    refused = asked(beheer, "_publiceer", body)
    assert (400, before) == (refused.status_code, acts(api))
    done = asked(beheer, "_publiceer", body, terugwerkend="true")
    assert (200, True) == (done.status_code, done.json()["verledenVeranderd"])
    # By what is in use they are the same now, and no longer by a proposal.
    own = [one for one in listed(staff, None, 200) if one["cel"].startswith(AANBOD)]
    assert [one["referentienummer"] for one in whole] == [one["referentienummer"] for one in own]
    assert not any(one["doorVoorstel"] for one in own)


def test_what_is_done_with_a_proposal_is_no_agreement(beheer: httpx.Client) -> None:
    assert [405, 405] == [
        beheer.get(f"{PAD}/{do}").status_code for do in ("_vergelijk", "_publiceer")
    ]


def test_who_may_not_hears_so(api: Dienst, beheer: httpx.Client) -> None:
    body = bestand(api).read_bytes() + b"\n"
    one = api.programma(Rol.BEHEERDER, GEMEENTE)
    assert 403 == asked(one, "_publiceer", body).status_code
    assert 403 == asked(one, "_vergelijk", body).status_code
    assert 403 == asked(api.programma(Rol.LEZER), "_publiceer", body).status_code
    assert 403 == beheer.get(f"{PAD}/_herprijzing", params=MAANDEN).status_code
    wens = {"percentage": "4.2", "vanaf": "2029-01-01"}
    assert 404 == beheer.post(f"{PAD}/bestaat-niet/_indexeer", json=wens).status_code
    wrong = beheer.post(f"{PAD}/{AANBOD}/_indexeer", json={**wens, "percentage": "veel"})
    assert (400, True) == (wrong.status_code, "geen percentage" in wrong.json()["detail"])
    assert 400 == asked(beheer, "_publiceer", b"geen toml").status_code

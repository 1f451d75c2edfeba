"""A batch by the API: made once, looked at, released as it was shown, stopped and gone on with."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from gateway.pipeline.kennis import dag_van
from gateway.store.toegang.herhalingen import Herhalingen
from gateway.toegang.rechten import Rol
from tests.api.dienst import GEMEENTE, V1, Dienst

STANDS = "tot_volgnr IS NULL AND gemeente = '0193' AND wet = 'jeugdwet'"


@pytest.fixture(scope="module")
def een(api: Dienst) -> httpx.Client:
    return api.programma(Rol.BEOORDELAAR, GEMEENTE)


def below(adres: str) -> str:
    return adres.removeprefix(V1)


def asked(soort: str, **wijziging: Any) -> dict[str, Any]:
    given = {"soort": soort, **wijziging}
    return {"gemeente": GEMEENTE, "wet": "jeugdwet", "naam": "Een partij", "wijziging": given}


def step(client: httpx.Client, adres: str, stap: str) -> httpx.Response:
    etag = client.get(adres).headers["etag"]
    return client.post(f"{adres}/stappen", json={"stap": stap}, headers={"If-Match": etag})


def test_a_batch_is_made_once_and_changes_nothing_until_it_is_released(
    een: httpx.Client, api: Dienst
) -> None:
    vandaag = dag_van(api.klok.moment)
    tot = date(vandaag.year + 2, 12, 31)
    runs = f"{STANDS} AND einddatum >= '{vandaag}' AND einddatum < '{tot}'"
    ((count, clients),) = api.rijen(
        f"SELECT count(*), count(DISTINCT bsn_hash) FROM toewijzing WHERE {runs}"
    )
    assert count > 5
    key = {"Idempotency-Key": "partij-1"}
    vraag = asked("verlenging", tot=tot.isoformat())
    first, again = (een.post("/mutaties", json=vraag, headers=key) for _ in range(2))
    assert (201, first.content) == (again.status_code, again.content), first.text
    assert [(1,)] == api.rijen("SELECT count(*) FROM mutatie")
    adres = below(first.headers["location"])
    shown = een.get(adres).json()
    assert (count, 0, clients, "concept", "verlenging") == (
        *(shown[name] for name in ("toewijzingen", "geweigerd", "clienten", "staat", "soort")),
    )
    # With the prices of the agreements everything has a worth, and the years add up to the cent.
    assert 0 == shown["zonderBedrag"]
    assert shown["na"] > shown["voor"] > 0
    for name in ("voor", "na"):
        assert shown[name] == sum(one[name] for one in shown["jaren"])
    listed = een.get(f"{adres}/toewijzingen", params={"omvang": 200}).json()["resultaten"]
    assert count == len(listed)
    assert shown["na"] == sum(one["na"] for one in listed)
    assert [{"stand": "wacht", "aantal": shown["berichten"], "letOp": False}] == shown["voortgang"]

    assert 428 == een.post(f"{adres}/stappen", json={"stap": "vrijgeven"}).status_code
    assert 201 == step(een, adres, "vrijgeven").status_code
    # So much that a second person decides.
    assert "voorgesteld" == een.get(adres).json()["staat"]
    assert 409 == step(een, adres, "stoppen").status_code
    assert [] == een.get(f"{adres}/berichten").json()["resultaten"]


def test_a_small_batch_goes_at_once_and_can_be_stopped(een: httpx.Client, api: Dienst) -> None:
    vandaag = dag_van(api.klok.moment)
    ((nummer, einde),) = api.rijen(
        f"SELECT toewijzingnummer, einddatum FROM toewijzing WHERE {STANDS} "
        f"AND einddatum >= '{vandaag}' AND eenheid = '83' ORDER BY toewijzingnummer LIMIT 1"
    )
    tot = date.fromisoformat(str(einde)) + timedelta(days=1)
    vraag = asked("verlenging", tot=tot.isoformat())
    # The batch of before has the same assignment, and waits for its second person.
    made = een.post("/mutaties", json={**vraag, "keuze": {"nummers": [nummer]}})
    adres = below(made.headers["location"])
    refused = step(een, adres, "vrijgeven")
    assert 400 == refused.status_code
    assert f"toewijzing {nummer} staat ook in partij 1" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("wijziging", "tekst"),
    [
        ({"soort": "indexatie", "vanaf": "2026-01-01"}, "vul basispunten in"),
        ({"soort": "verlenging", "tot": "2026-01-01", "naar": "0166"}, "naar"),
        ({"soort": "herindeling", "vanaf": "2026-01-01", "naar": GEMEENTE}, "een andere gemeente"),
        ({"soort": "contractwijziging", "vanaf": "2026-01-01", "reden": "04"}, "reden"),
    ],
)
def test_what_does_not_fit_is_told(
    een: httpx.Client, wijziging: dict[str, Any], tekst: str
) -> None:
    refused = een.post("/mutaties", json=asked(**wijziging))
    assert 400 == refused.status_code
    assert tekst in refused.json()["detail"]


def test_another_municipality_sees_and_changes_nothing_of_it(
    een: httpx.Client, api: Dienst
) -> None:
    adres = below(een.get("/mutaties").json()["resultaten"][0]["adres"])
    ander = api.programma(Rol.BEOORDELAAR, "0166")
    assert 404 == ander.get(adres).status_code
    assert 403 == ander.post("/mutaties", json=asked("verlenging", tot="2030-01-01")).status_code
    assert [] == ander.get("/mutaties").json()["resultaten"]
    assert 403 == api.programma(Rol.LEZER).post(f"{adres}/stappen", json={}).status_code


def test_a_consent_is_put_down_listed_and_withdrawn(een: httpx.Client, api: Dienst) -> None:
    ((nummer, agb),) = api.rijen(
        "SELECT toewijzingnummer, aanbieder FROM toewijzing JOIN partij ON partij.id = partij_id "
        "WHERE tot_volgnr IS NULL AND toewijzing.gemeente = '0193' "
        "AND toewijzing.wet = 'jeugdwet' LIMIT 1"
    )
    given = {"gemeente": GEMEENTE, "wet": "jeugdwet", "toewijzingnummer": nummer}
    given |= {"wat": "einddatum", "op": dag_van(api.klok.moment).isoformat()}
    given |= {"door": "J. de Boer", "bron": "brief 12", "nietVoor": "2026-02-01"}
    made = een.post("/instemmingen", json=given)
    assert 201 == made.status_code, made.text
    adres = below(made.headers["location"])
    found = een.get("/instemmingen", params={"toewijzingnummer": nummer}).json()["resultaten"]
    assert [(agb, "einddatum", "2026-02-01", False)] == [
        (one["aanbieder"], one["wat"], one["nietVoor"], one["ingetrokken"]) for one in found
    ]
    reden = {"reden": "vergissing"}
    assert 201 == een.post(f"{adres}/intrekking", json=reden).status_code
    assert een.get(adres).json()["ingetrokken"]
    assert 404 == een.post(f"{adres}/intrekking", json=reden).status_code
    assert 404 == api.programma(Rol.BEOORDELAAR, "0166").get(adres).status_code
    assert 400 == een.post("/instemmingen", json={**given, "wat": "budget"}).status_code


def test_what_was_cut_off_after_its_commit_is_not_made_again(
    een: httpx.Client, api: Dienst, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(*_: object) -> None:
        raise RuntimeError("afgebroken")

    (row,) = api.rijen(f"SELECT toewijzingnummer FROM toewijzing WHERE {STANDS} LIMIT 1")
    dag = dag_van(api.klok.moment)
    consent = {"gemeente": GEMEENTE, "wet": "jeugdwet", "toewijzingnummer": row[0]}
    consent |= {"wat": "einddatum", "op": dag.isoformat(), "door": "J. de Boer", "bron": "brief 1"}
    tot = date(dag.year + 2, 12, 31).isoformat()
    partij = asked("verlenging", tot=tot)
    for path, given, table in (
        ("/mutaties", partij, "mutatie"),
        ("/instemmingen", consent, "instemming"),
    ):
        query, key = f"SELECT count(*) FROM {table}", {"Idempotency-Key": f"cut-{table}"}
        ((before,),) = api.rijen(query)
        with monkeypatch.context() as patched:
            patched.setattr(Herhalingen, "end", cut)
            patched.setattr(Herhalingen, "drop", lambda *_: None)
            assert 500 == een.post(path, json=given, headers=key).status_code
        assert 201 == een.post(path, json=given, headers=key).status_code
        assert [(before + 1,)] == api.rijen(query)

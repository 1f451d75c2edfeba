"""The figures of a region for a program: those of the page, and nothing of a client."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from gateway.toegang.rechten import Rol
from tests.api.dienst import Dienst


@pytest.fixture(scope="module")
def lezer(api: Dienst) -> httpx.Client:
    return api.programma(Rol.LEZER)


def geteld(client: httpx.Client, path: str) -> httpx.Response:
    """What a call gives once the figures were counted."""
    for _ in range(60):
        found = client.get(path)
        if found.status_code != 503:
            return found
        assert found.headers["Retry-After"]
        time.sleep(0.5)
    raise AssertionError("the figures were never counted")


def row_of(lijst: dict[str, Any], first: str) -> list[Any]:
    return next(row for row in lijst["rijen"] if row[0] == first)


def test_a_program_gets_every_list_with_its_headings(lezer: httpx.Client) -> None:
    found = geteld(lezer, "/sturing/regio").json()
    assert {"mix-aanbieder", "afloop-cel", "prijzen", "wijken"} <= {
        one["code"] for one in found["lijsten"]
    }
    assert all(len(row) == len(one["kolommen"]) for one in found["lijsten"] for row in one["rijen"])


def test_granted_money_is_that_of_the_store(api: Dienst, lezer: httpx.Client) -> None:
    found = geteld(lezer, "/sturing/regio").json()
    ((granted,),) = api.rijen(
        "SELECT sum(CASE WHEN debet_credit = 'D' THEN ingediend_bedrag ELSE -ingediend_bedrag END) "
        "FROM prestatie WHERE toegekend = 1 AND tot_volgnr IS NULL "
        f"AND begindatum BETWEEN '{found['jaar']}-01-01' AND '{found['jaar']}-12-31'"
    )
    rest = found["nietVerdeeld"]
    assert rest["clienten"] >= found["kleinste"]
    assert int(granted) == found["toegekend"] + rest["toegekend"] + found["toegekendDaarbuiten"]


def test_no_client_is_in_what_a_program_gets(api: Dienst, lezer: httpx.Client) -> None:
    body = geteld(lezer, "/sturing/regio").text
    people = api.rijen("SELECT DISTINCT bsn, bsn_hash FROM toewijzing")
    assert people
    assert not [one for row in people for one in row if str(one) in body]


def test_an_indexation_adds_up_over_municipalities(lezer: httpx.Client) -> None:
    found = geteld(lezer, "/sturing/regio/vragen?indexatie=350").json()
    (one,) = [each for each in found["resultaten"] if each["cijfers"]["code"] == "indexatie"]
    rows = one["cijfers"]["rijen"]
    assert "3,5%" in one["vraag"]
    assert rows
    assert all(row[1] + row[2] == row[3] for row in rows)
    assert all(row[2] == (2 * row[1] * 350 + 10_000) // 20_000 for row in rows)


def test_who_works_for_one_municipality_gets_that_one(api: Dienst) -> None:
    client = api.programma(Rol.LEZER, "0193")
    assert ["0193"] == geteld(client, "/sturing/regio").json()["gemeenten"]
    assert 404 == client.get("/sturing/regio?gemeente=0150").status_code


def test_a_year_that_is_not_counted_is_told(lezer: httpx.Client) -> None:
    geteld(lezer, "/sturing/regio")
    found = lezer.get("/sturing/regio?jaar=2016")
    assert (404, True) == (found.status_code, "van 2016 zijn er geen cijfers" in found.text)


def test_an_aanbieder_has_no_right_to_it(api: Dienst) -> None:
    client = api.programma(Rol.AANBIEDER, aanbieder="99000081")
    assert 403 == client.get("/sturing/regio").status_code

"""Correcties by API: of whoever asks alone, and a message that is granted when it comes in."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from gateway.toegang.rechten import Rol
from tests.api.dienst import Dienst

MAANDEN = {"van": "2026-01", "tot": "2026-12"}
NUMMERS = {"identificatie": "C1", "declaratienummer": "CORR1", "referentiebegin": "C1-"}


def party_of(api: Dienst) -> tuple[str, str, str]:
    """Who had most lines refused."""
    (found, *_) = api.rijen(
        "SELECT q.gemeente, q.wet, q.aanbieder FROM prestatie p JOIN partij q ON "
        "q.id = p.partij_id WHERE p.retourcodes <> '' AND p.tot_volgnr IS NULL GROUP BY 1, 2, 3 "
        "ORDER BY count(*) DESC, 1, 2, 3"
    )
    return found  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def vraag(api: Dienst) -> dict[str, str]:
    gemeente, wet, _ = party_of(api)
    return {"gemeente": gemeente, "wet": wet, "reden": "afgewezen", **MAANDEN}


@pytest.fixture(scope="module")
def eigen(api: Dienst) -> httpx.Client:
    return api.programma(Rol.AANBIEDER, aanbieder=party_of(api)[2])


def test_every_refused_line_is_listed_once_or_was_granted_since(
    api: Dienst, eigen: httpx.Client, vraag: dict[str, str]
) -> None:
    found = eigen.get("/correcties", params=vraag).json()
    assert found["regels"] == len(found["voorstellen"])
    assert found["verschil"] == sum(one["verschil"] for one in found["voorstellen"])
    listed = [*found["voorstellen"], *found["nietTeCorrigeren"]]
    refused = {
        str(nummer)
        for (nummer,) in api.rijen(
            "SELECT p.referentienummer FROM prestatie p JOIN partij q ON q.id = p.partij_id WHERE "
            f"q.aanbieder = '{party_of(api)[2]}' AND p.retourcodes <> ''"
        )
    }
    assert {one["referentienummer"] for one in listed} <= refused
    assert listed
    for one in listed:
        assert 200 == eigen.get(one["adres"].removeprefix("/api/v1")).status_code


def test_the_message_is_what_the_check_lets_through(
    eigen: httpx.Client, vraag: dict[str, str]
) -> None:
    asked = {**vraag, **NUMMERS, "maand": "2026-06"}
    made = eigen.post("/correcties", json=asked).json()
    if made["bericht"] is None:
        assert made["nietTeCorrigeren"]
        return
    checked: dict[str, Any] = eigen.post(
        "/controles", content=made["bericht"], headers={"Content-Type": "application/xml"}
    ).json()
    assert ("geaccepteerd", made["regels"]) == (checked["oordeel"], checked["regelsGoed"])


def test_nobody_gets_the_lines_of_another(
    api: Dienst, eigen: httpx.Client, vraag: dict[str, str]
) -> None:
    other = api.programma(Rol.AANBIEDER, aanbieder="11111111")
    found = other.get("/correcties", params=vraag).json()
    assert (0, []) == (found["regels"], found["nietTeCorrigeren"])
    for rol in (Rol.LEZER, Rol.BEOORDELAAR, Rol.AUDITOR):
        assert 403 == api.programma(rol).get("/correcties", params=vraag).status_code
    elsewhere = eigen.get("/correcties", params={**vraag, "gemeente": "0599"})
    assert (400, True) == (elsewhere.status_code, "kies een gemeente" in elsewhere.text)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"reden": "anders"}, 400),
        ({"van": "2026-13"}, 400),
        ({"van": "2024-01"}, 400),
        ({"tot": "2025-12"}, 400),
        ({"wet": "awbz"}, 400),
    ],
)
def test_what_cannot_be_asked_is_told(
    eigen: httpx.Client, vraag: dict[str, str], change: dict[str, str], status: int
) -> None:
    assert status == eigen.get("/correcties", params={**vraag, **change}).status_code


def test_who_looked_at_whose_lines_is_in_the_log(
    api: Dienst, eigen: httpx.Client, vraag: dict[str, str]
) -> None:
    before = len(api.rijen("SELECT 1 FROM verwerking WHERE name = 'correcties ingezien'"))
    found = eigen.get("/correcties", params=vraag).json()
    assert found["voorstellen"] or found["nietTeCorrigeren"]
    after = len(api.rijen("SELECT 1 FROM verwerking WHERE name = 'correcties ingezien'"))
    assert before < after

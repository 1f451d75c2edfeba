"""How often somebody may ask: of one process, and of all that serve a store together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import VerzoekGeweigerd
from gateway.http.grenzen import BUDGETTEN, Emmer, Grenzen
from gateway.store.store import SqlStore
from gateway.toegang.rechten import Rol
from gateway.toegang.wie import ALLE
from tests.integration.store_builders import Klok, new_store
from tests.opslag import running_on
from tests.web.huis import huis

FEW = {budget: Emmer(60, 3) for budget in BUDGETTEN}


@dataclass
class Tijd:
    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


def is_given(grenzen: Grenzen, wie: str = "jans") -> bool:
    try:
        grenzen.take("gewoon", wie)
    except VerzoekGeweigerd:
        return False
    return True


def test_a_bucket_fills_up_by_itself() -> None:
    tijd = Tijd()
    grenzen = Grenzen(FEW, tijd)
    assert [True, True, True, False, False] == [is_given(grenzen) for _ in range(5)]
    assert is_given(grenzen, "anders")
    tijd.seconds += 1
    assert [True, False] == [is_given(grenzen) for _ in range(2)]
    tijd.seconds += 3600
    assert [True, True, True, False] == [is_given(grenzen) for _ in range(4)]


@given(st.lists(st.floats(0, 5), min_size=1, max_size=60))
def test_nobody_gets_more_than_his_bucket_and_what_came_back(waits: list[float]) -> None:
    tijd = Tijd()
    grenzen = Grenzen(FEW, tijd)
    taken = 0
    for seconds in waits:
        tijd.seconds += seconds
        taken += is_given(grenzen)
        assert taken <= 3 + tijd.seconds + 1e-3
    assert taken >= 1


@pytest.fixture
def two(tmp_path: Path) -> Iterator[list[Grenzen]]:
    """The limits of two processes on one store of PostgreSQL."""
    with running_on("postgresql"), ExitStack() as stack:
        stores: list[SqlStore] = []
        for _ in range(2):
            stores.append(new_store(tmp_path, Klok()))
            stack.callback(stores[-1].close)
        yield [Grenzen(FEW, gedeeld=one.emmers) for one in stores]


def test_two_processes_count_together(two: list[Grenzen]) -> None:
    assert [True, True, True, False] == [is_given(two[at % 2]) for at in range(4)]
    with pytest.raises(VerzoekGeweigerd) as refused:
        two[1].take("gewoon", "jans")
    assert (429, 1) == (refused.value.status, refused.value.retry_after)
    assert is_given(two[0], "anders")


def test_pages_of_two_processes_count_together(tmp_path: Path) -> None:
    with running_on("postgresql"), ExitStack() as stack:
        first = stack.enter_context(huis(tmp_path))
        first.maak("lezer", {ALLE: {Rol.LEZER}})
        shared = {"grenzen": Grenzen(FEW, gedeeld=first.store.emmers)}
        one = stack.enter_context(huis(tmp_path, **shared))
        two = stack.enter_context(
            huis(tmp_path, **{"grenzen": Grenzen(FEW, gedeeld=one.store.emmers)})
        )
        heard = [
            httpx.get(f"{at.omgeving.adres}/inloggen", trust_env=False).status_code
            for at in (one, two, one, two, one)
        ]
        assert [200, 200, 200, 429, 429] == heard
        for at in (one, two):
            for path in ("/healthz", "/readyz"):
                found = [
                    httpx.get(at.omgeving.adres + path, trust_env=False).status_code
                    for _ in range(4)
                ]
                assert [200] * 4 == found


def test_a_probe_and_a_flood_ask_the_database_nothing() -> None:
    asked: list[str] = []

    class Counted:
        def take(self, budget: str, wie: str, tussen: float, vult: float) -> bool:
            asked.append(wie)
            return True

    grenzen = Grenzen(FEW, Tijd(), Counted())
    for _ in range(50):
        is_given(grenzen)
    assert ["jans"] * 3 == asked

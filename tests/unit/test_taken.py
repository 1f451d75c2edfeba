"""Work beside the requests: begun once, looked at by who may, stopped, and figures that age."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from gateway.errors import CouldNotFinish
from gateway.http.taken import Taak, Taken

BEGIN = datetime(2026, 7, 1, tzinfo=UTC)
UUR = timedelta(hours=1)


class Klok:
    def __init__(self) -> None:
        self.moment = BEGIN

    def __call__(self) -> datetime:
        return self.moment


@pytest.fixture
def klok() -> Klok:
    return Klok()


@pytest.fixture
def taken(klok: Klok) -> Taken:
    return Taken(klok)


def test_a_task_that_runs_is_not_begun_twice(taken: Taken) -> None:
    go_on = threading.Event()
    first = taken.begin("proef", "jo", "jo", lambda _: go_on.wait(10))
    assert first is taken.begin("proef", "jo", "jo", lambda _: None)
    assert first is not taken.begin("proef", "an", "an", lambda _: None)
    go_on.set()
    assert first.wait(10)
    assert first is not taken.begin("proef", "jo", "jo", lambda _: None)


def test_a_task_is_there_for_who_began_it(taken: Taken) -> None:
    made = taken.begin("proef", "jo", "jo", lambda _: 42)
    assert made.wait(10)
    assert 42 == made.uitkomst
    assert made is taken.of("proef", made.kenmerk, "jo")
    assert taken.of("proef", made.kenmerk, "an") is None
    assert taken.of("anders", made.kenmerk, "jo") is None
    assert [made] == taken.latest("proef", "jo")


def test_what_goes_wrong_is_told(taken: Taken) -> None:
    def refuse(_taak: Taak) -> None:
        raise CouldNotFinish("dit duurt te lang")

    def crash(_taak: Taak) -> None:
        raise KeyError("999900006")

    refused = taken.begin("proef", "1", "jo", refuse)
    crashed = taken.begin("proef", "2", "jo", crash)
    assert refused.wait(10)
    assert crashed.wait(10)
    assert ("dit duurt te lang", "dit lukte niet door een fout bij ons") == (
        refused.fout,
        crashed.fout,
    )


def test_a_task_stops_at_its_next_sign(taken: Taken) -> None:
    begun = threading.Event()

    def count(taak: Taak) -> None:
        for n in range(10_000_000):
            taak.meld(n, 10_000_000)
            begun.set()

    made = taken.begin("proef", "jo", "jo", count)
    assert begun.wait(10)
    made.stop()
    assert made.wait(10)
    assert "gestopt" == made.fout
    assert 10_000_000 == made.totaal


def test_figures_stay_until_they_are_old(taken: Taken, klok: Klok) -> None:
    counted: list[int] = []

    def count() -> int:
        counted.append(1)
        return len(counted)

    def ask() -> Taak | None:
        return taken.cijfers("meting", "0193", count, houdbaar=UUR, wacht=10)

    first = ask()
    assert first is not None
    assert (1, 1) == (first.uitkomst, len(counted))
    klok.moment += timedelta(minutes=59)
    assert first is ask()
    klok.moment += timedelta(minutes=2)
    assert first is ask()  # the old ones, while newer ones are counted
    taken.latest("meting", "0193")[0].wait(10)
    second = ask()
    assert second is not None
    assert 2 == second.uitkomst


def test_figures_that_take_long_are_not_waited_for(taken: Taken) -> None:
    go_on = threading.Event()
    found = taken.cijfers("meting", "", lambda: go_on.wait(10), houdbaar=UUR, wacht=0.05)
    assert found is None
    go_on.set()
    taken.close()

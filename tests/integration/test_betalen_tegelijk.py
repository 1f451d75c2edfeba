"""Two runs at the same moment, and a step that ends halfway: nothing twice, nothing half."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from gateway.errors import AlBeoordeeld, GatewayError, WrongUse
from gateway.store.geld.betalen.tables import betaalregel
from tests.integration.betaalhuis import BELEID, LINDE, VANDAAG, ZWOLLE, Betaalhuis, betaalhuis

pytestmark = pytest.mark.usefixtures("opslag")
STATEMENT = "before_cursor_execute"


@pytest.fixture
def huis(tmp_path: Path) -> Iterator[Betaalhuis]:
    with betaalhuis(tmp_path) as made:
        yield made


def at_once(*jobs: Callable[[], Any]) -> list[Any]:
    """What each of these gives that begin together: a result, or the error that it ended in."""
    found: list[Any] = [None] * len(jobs)
    ready = threading.Barrier(len(jobs))

    def work(place: int) -> None:
        ready.wait()
        try:
            found[place] = jobs[place]()
        except GatewayError as error:
            found[place] = error

    threads = [threading.Thread(target=work, args=(place,)) for place in range(len(jobs))]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return found


def test_two_runs_at_the_same_moment_pay_every_line_once(huis: Betaalhuis) -> None:
    for _ in range(5):
        huis.declareer(100, 20, 3)
    found = at_once(huis.maak, huis.maak, huis.maak, huis.maak)
    runs = [one for one in found if isinstance(one, int)]
    assert 1 == len(runs), found
    assert 3 == sum(isinstance(one, WrongUse) for one in found)
    assert 615 == huis.in_run(runs[0])[LINDE].bedrag
    assert [] == huis.verschillen()


def test_a_run_is_released_or_dropped_and_never_both(huis: Betaalhuis) -> None:
    huis.declareer(100)
    run = huis.maak()
    found = at_once(
        lambda: huis.vrij(run),
        lambda: huis.store.betaalruns.drop(ZWOLLE, run),
        lambda: huis.vrij(run),
    )
    assert 2 == sum(isinstance(one, AlBeoordeeld) for one in found), found
    assert [] == huis.verschillen()


def test_a_payment_comes_back_once(huis: Betaalhuis) -> None:
    huis.declareer(100)
    run = huis.maak()
    huis.betaal(run)
    nummer = huis.in_run(run)[LINDE].nummer

    def back() -> None:
        huis.store.betaalruns.bounced(ZWOLLE, nummer, VANDAAG, "terug")

    assert 1 == at_once(back, back, back).count(None)
    assert [] == huis.verschillen()


def state_of(huis: Betaalhuis) -> list[Any]:
    """Every row of every table of payment."""
    found: list[Any] = []
    with huis.store.database.snapshot() as connection:
        for table in betaalregel.metadata.sorted_tables:
            if table.name.startswith("betaal") or table.name == "betaling":
                query = sa.select(table).order_by(*table.primary_key.columns)
                found += [tuple(row) for row in connection.execute(query)]
    return found


def statements_of(huis: Betaalhuis, action: Callable[[], object]) -> int:
    """How many statements an action sends."""
    sent = []

    def note(*_: object) -> None:
        sent.append(1)

    sa.event.listen(huis.store.database.engine, STATEMENT, note)
    try:
        action()
    finally:
        sa.event.remove(huis.store.database.engine, STATEMENT, note)
    return len(sent)


class Gone(Exception):
    """The process ends here."""


def killed_at(huis: Betaalhuis, place: int, action: Callable[[], object]) -> bool:
    """Do something that ends before its so manieth statement; whether it got that far."""
    left = [place]

    def end(*_: object) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise Gone

    sa.event.listen(huis.store.database.engine, STATEMENT, end)
    try:
        action()
    except Gone:
        return True
    finally:
        sa.event.remove(huis.store.database.engine, STATEMENT, end)
    return False


def test_whatever_ends_halfway_leaves_all_as_it_was(huis: Betaalhuis) -> None:
    huis.declareer(-700)
    huis.betaal(huis.maak())
    huis.declareer(1000, 50)
    huis.declareer(5)
    runs = huis.store.betaalruns

    def last() -> int:
        return huis.store.betalingen.runs(ZWOLLE).rijen[0].nummer

    steps: list[Callable[[], object]] = [
        huis.maak,
        lambda: huis.vrij(last()),
        lambda: runs.file(ZWOLLE, last(), BELEID),
        lambda: runs.paid(ZWOLLE, last(), VANDAAG),
        lambda: runs.bounced(ZWOLLE, huis.in_run(last())[LINDE].nummer, VANDAAG, "x"),
    ]
    for action in steps:
        before, place = state_of(huis), 1
        while killed_at(huis, place, action):
            # A number that was given out is not used again.
            assert before == state_of(huis), place
            place += 1
        assert before != state_of(huis)
        assert [] == huis.verschillen()


def test_a_run_takes_as_many_statements_for_many_lines_as_for_one(huis: Betaalhuis) -> None:
    huis.declareer(100)
    one = statements_of(huis, huis.maak)
    for _ in range(20):
        huis.declareer(*range(1, 30))
    assert one == statements_of(huis, huis.maak)


def plans_of(huis: Betaalhuis, action: Callable[[], object]) -> list[str]:
    """How the database goes about each statement of an action that reads lines."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if "prestatie" in statement and "SELECT" in statement:
            sent.append((statement, values))

    engine = huis.store.database.engine
    sa.event.listen(engine, STATEMENT, note)
    try:
        action()
    finally:
        sa.event.remove(engine, STATEMENT, note)
    explain = "EXPLAIN QUERY PLAN" if huis.store.database.is_sqlite else "EXPLAIN"
    with huis.store.database.writing("*") as connection:
        return [
            str(row[-1])
            for statement, values in sent
            for row in connection.exec_driver_sql(f"{explain} {statement}", values)
        ]


def test_lines_are_found_by_their_numbers_and_never_all_looked_at(huis: Betaalhuis) -> None:
    huis.declareer(100)
    huis.declareer(20)
    told = plans_of(huis, huis.store.betaalvolger.catch_up)
    told += plans_of(huis, huis.maak)
    told += plans_of(huis, lambda: huis.vrij(huis.store.betalingen.runs(ZWOLLE).rijen[0].nummer))
    assert any("prestatie" in one for one in told)
    whole = ("SCAN prestatie", "AUTOMATIC", "Seq Scan on prestatie")
    assert [] == [one for one in told if any(word in one for word in whole)]

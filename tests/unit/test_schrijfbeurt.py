"""Who waits to write gets the turn in the order in which they came."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from gateway.errors import TemporaryFailure
from gateway.store.engine import open_database
from gateway.store.schrijfbeurt import Schrijfbeurt

PATIENCE = 10.0


def begun(pool: ThreadPoolExecutor, work: Callable[[], None]) -> Future[None]:
    """Some work in a thread of its own, that waits for something by the time this returns."""
    started = threading.Event()

    def told() -> None:
        started.set()
        work()

    future = pool.submit(told)
    assert started.wait(PATIENCE)
    time.sleep(0.02)
    return future


def test_the_turn_goes_to_who_waits_longest() -> None:
    beurt = Schrijfbeurt(PATIENCE)
    order: list[int] = []

    def write(number: int) -> None:
        beurt.take()
        order.append(number)
        beurt.give()

    beurt.take()
    with ThreadPoolExecutor(4) as pool:
        waiting = [begun(pool, lambda number=number: write(number)) for number in range(4)]
        beurt.give()
        for one in waiting:
            one.result(PATIENCE)
    assert order == [0, 1, 2, 3]


def test_a_newcomer_does_not_go_before_who_waits() -> None:
    """Who gives the turn away and asks for it again at once comes behind who waited."""
    beurt = Schrijfbeurt(PATIENCE)
    order: list[str] = []

    def wait() -> None:
        beurt.take()
        order.append("wacht")
        beurt.give()

    beurt.take()
    with ThreadPoolExecutor(1) as pool:
        waiting = begun(pool, wait)
        beurt.give()
        beurt.take()
        order.append("nieuw")
        beurt.give()
        waiting.result(PATIENCE)
    assert order == ["wacht", "nieuw"]


def test_who_waits_too_long_is_told_and_stands_in_nobodys_way() -> None:
    beurt = Schrijfbeurt(0.05)
    beurt.take()
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(beurt.take)
        with pytest.raises(TemporaryFailure, match="te lang bezet"):
            late.result(PATIENCE)
    beurt.give()
    beurt.take()


def test_threads_wait_for_each_other_without_asking_sqlite_again(
    tmp_path: Path,
) -> None:
    """With a database that refuses at once who finds it busy, everything is still written."""
    database = open_database(f"sqlite:///{tmp_path / 'gateway.db'}")
    with database.writing() as connection:
        connection.exec_driver_sql("CREATE TABLE regel (nr INTEGER)")

    def write(number: int) -> None:
        with database.writing() as connection:
            connection.exec_driver_sql("PRAGMA busy_timeout=0")
            connection.exec_driver_sql("INSERT INTO regel VALUES (?)", (number,))
            time.sleep(0.002)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(80)))
    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM regel").scalar_one() == 80
    database.close()


def test_a_transaction_that_failed_gives_its_turn_back(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'gateway.db'}")

    def write() -> int:
        with database.writing() as connection:
            return int(connection.exec_driver_sql("SELECT 1").scalar_one())

    with pytest.raises(ZeroDivisionError), database.writing():
        raise ZeroDivisionError
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(write).result(PATIENCE) == 1
    database.close()

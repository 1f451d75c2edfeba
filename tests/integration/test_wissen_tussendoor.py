"""Who asks to be erased is looked for while work goes on; taking him away is short, and whole."""

from __future__ import annotations

import io
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

from gateway.store.bewaren import dossiers, wissen
from gateway.store.bewaren.opruiming import Opruimingen
from gateway.store.schema import metadata
from gateway.store.store import SqlStore
from gateway.store.tables import outbox
from tests.integration.berichten import run, sentence
from tests.integration.store_builders import (
    BSN,
    BSN2,
    Klok,
    declared,
    line,
    message,
    new_store,
    settled,
)
from tests.integration.store_builders import toewijzing as assigned
from tests.opslag import FILE, is_sqlite, rows_of, store_of

pytestmark = pytest.mark.usefixtures("opslag")

LATER = "2066-06-01"
MEI = date(2026, 5, 31)
# Of which there are few however long a store is used, and the log, whose last row is asked for.
FEW = {"factuur", "creditverzoek_regel", "partij", "opruiming", "verwerking"}
WHOLE_TABLE = re.compile(r"SCAN (\w+)")
Captured = pytest.CaptureFixture[str]
Omgeving = pytest.MonkeyPatch


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    """A client with an assignment and a line, and somebody else."""
    with closing(new_store(tmp_path, Klok(), rol="gemeente")) as made:
        for number, bsn in ((1, BSN), (2, BSN2)):
            _assign(made, number, bsn)
            _declare(made, number, bsn)
        yield made


def _assign(store: SqlStore, number: int, bsn: str) -> None:
    client = assigned(number, bsn=bsn, einddatum=MEI)
    settled(store, lambda work: work.add_toewijzingen("0193", "jeugdwet", [client]))
    _sent(store)


def _declare(store: SqlStore, number: int, bsn: str = BSN) -> None:
    declared(store, [line(number, bsn=bsn, toewijzingnummer=number)], nummer=f"D{number}")
    _sent(store)


def _sent(store: SqlStore) -> None:
    with store.database.writing() as connection:
        connection.execute(sa.update(outbox).values(sent_at=1.0))


def _erase(folder: Path, monkeypatch: Omgeving) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{BSN}\n"))
    words = ["retention", "erase", "--apply", "--doel", "verzoek 12", "--clock", LATER]
    return run([*words, "--store", store_of(folder)])


def _lines(folder: Path) -> list[str]:
    return [bsn for (bsn,) in rows_of(folder, "SELECT bsn FROM prestatie ORDER BY id")]


def _each_time_seen(monkeypatch: Omgeving, does: Callable[[int], object]) -> None:
    """Let something happen after the client was looked for, by how often that was before."""
    whole, times = wissen.seen, iter(range(99))

    def beside(*given: Any) -> Any:
        found = whole(*given)
        does(next(times))
        return found

    monkeypatch.setattr(wissen, "seen", beside)


def test_messages_are_taken_in_while_somebody_is_looked_for(
    store: SqlStore, tmp_path: Path, monkeypatch: Omgeving, capsys: Captured
) -> None:
    _each_time_seen(monkeypatch, lambda _: store.inbox.receive("erbij.xml", [message(1)]))
    assert 0 == _erase(tmp_path, monkeypatch)
    assert "gemeente 0193, jeugdwet: gewist; 1 regel blijft" in capsys.readouterr().out
    assert ["", BSN2] == _lines(tmp_path)
    assert [("nieuw",)] == rows_of(tmp_path, "SELECT staat FROM inbox WHERE naam = 'erbij.xml'")
    assert 0 == run(["audit", "verify", "--store", store_of(tmp_path)])


def test_what_comes_in_of_the_client_meanwhile_goes_too(
    store: SqlStore, tmp_path: Path, monkeypatch: Omgeving, capsys: Captured
) -> None:
    changes = [lambda: _declare(store, 1), lambda: _assign(store, 3, BSN)]

    def change(time: int) -> None:
        if time < len(changes):
            changes[time]()

    _each_time_seen(monkeypatch, change)
    assert 0 == _erase(tmp_path, monkeypatch)
    assert "gewist; 2 regels blijven" in capsys.readouterr().out
    assert ["", BSN2, ""] == _lines(tmp_path)
    assert [(BSN2,)] == rows_of(tmp_path, "SELECT bsn FROM toewijzing")
    # What did not happen is not in the log.
    query = "SELECT count(*) FROM verwerking WHERE name = 'wissen op verzoek'"
    assert [(1,)] == rows_of(tmp_path, query)


def test_of_whom_something_comes_in_each_time_nothing_goes(
    store: SqlStore, tmp_path: Path, monkeypatch: Omgeving, capsys: Captured
) -> None:
    _each_time_seen(monkeypatch, lambda time: _declare(store, 10 + time))
    capsys.readouterr()
    assert 3 == _erase(tmp_path, monkeypatch)
    assert "probeer het straks opnieuw" in sentence(capsys.readouterr().err)
    assert [BSN, BSN2, *[BSN] * wissen.TIMES] == _lines(tmp_path)
    assert [] == rows_of(tmp_path, "SELECT name FROM verwerking")


def test_a_run_leaves_of_whom_something_came_in_for_the_next_one(
    store: SqlStore, tmp_path: Path, monkeypatch: Omgeving
) -> None:
    whole = Opruimingen._step
    words = ["retention", "run", "--apply", "--clock", LATER, "--store", store_of(tmp_path)]

    def beside(self: Opruimingen, nummer: int, kind: Any, *given: Any) -> None:
        if kind.naam == "dossiers":
            _assign(store, 3, BSN)
        whole(self, nummer, kind, *given)

    with monkeypatch.context() as patched:
        patched.setattr(Opruimingen, "_step", beside)
        assert 0 == run(words)
    assert [BSN, ""] == _lines(tmp_path)
    assert 0 == run(words)
    assert ["", ""] == _lines(tmp_path)


@pytest.mark.parametrize("word", ["erase", "run"])
def test_what_comes_in_during_the_erasing_itself_is_not_thrown_away_unseen(
    store: SqlStore, tmp_path: Path, monkeypatch: Omgeving, word: str
) -> None:
    if is_sqlite():
        pytest.skip("op SQLite wacht wie schrijft op zijn beurt")
    place = wissen if word == "erase" else dossiers
    whole, times = place.unchanged, iter(range(99))

    def beside(*given: Any) -> Any:
        found = whole(*given)
        if next(times) == 0:
            _assign(store, 3, BSN)
        return found

    monkeypatch.setattr(place, "unchanged", beside)
    if word == "erase":
        assert 0 == _erase(tmp_path, monkeypatch)
        assert ["", BSN2] == _lines(tmp_path)
        return
    words = ["retention", "run", "--apply", "--clock", LATER, "--store", store_of(tmp_path)]
    assert 0 == run(words)
    # Of whom something came in all is left for the next run, of the other nothing.
    assert [BSN, ""] == _lines(tmp_path)
    assert [(BSN,), (BSN,)] == rows_of(tmp_path, "SELECT bsn FROM toewijzing")
    assert 0 == run(words)
    assert ["", ""] == _lines(tmp_path)
    assert [] == rows_of(tmp_path, "SELECT bsn FROM toewijzing")


@contextmanager
def _written() -> Iterator[list[tuple[str, Any]]]:
    """What is asked in transactions that write, with its values."""
    asked: list[tuple[str, Any]] = []

    def listen(connection: Connection, _c: Any, statement: str, given: Any, *rest: Any) -> None:
        if connection.get_execution_options().get("writes"):
            asked.append((statement, given[0] if rest[-1] else given))

    event.listen(Engine, "before_cursor_execute", listen)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", listen)


@pytest.mark.parametrize("word", ["erase", "run"])
def test_nobody_waits_for_a_walk_through_a_table(
    store: SqlStore, tmp_path: Path, monkeypatch: Omgeving, word: str
) -> None:
    if not is_sqlite():
        pytest.skip("op PostgreSQL wacht niemand op wie leest")
    with _written() as asked:
        if word == "erase":
            assert 0 == _erase(tmp_path, monkeypatch)
        else:
            words = ["--apply", "--clock", LATER, "--store", store_of(tmp_path)]
            assert 0 == run(["retention", "run", *words])
    assert "" in _lines(tmp_path)
    with closing(sqlite3.connect(tmp_path / FILE)) as connection:
        steps = [
            (step[3], statement)
            for statement, given in asked
            if not statement.startswith(("PRAGMA", "SAVEPOINT", "RELEASE"))
            for step in connection.execute(f"EXPLAIN QUERY PLAN {statement}", given)
        ]
    walked = [
        (found[1], statement)
        for step, statement in steps
        if (found := WHOLE_TABLE.match(step)) and found[1] in metadata.tables.keys() - FEW
    ]
    assert any("prestatie" in step for step, _ in steps)
    assert [] == walked

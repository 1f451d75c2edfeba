"""Whoever reads events on from where he was misses none, however many write at once."""

import threading
from collections.abc import Callable

import pytest

from gateway.errors import TemporaryFailure
from gateway.store.engine import insert_one
from gateway.store.inzage import gebeurtenissen
from gateway.store.pieces import Packed, store_pieces
from gateway.store.store import SqlStore
from gateway.store.tables import outbox, outbox_stuk
from gateway.toegang.wie import Bereik
from tests.integration.store_builders import AANBIEDER, Klok, settled
from tests.opslag import POSTGRESQL

# SQLite has one writer: its numbers come true in their order, and nothing is waited for.
ON_POSTGRESQL = pytest.mark.parametrize("opslag", [POSTGRESQL], indirect=True)
ZWOLLE = Bereik(frozenset({AANBIEDER.gemeente}))


def told(store: SqlStore, vanaf: str | None = None) -> tuple[list[str], str | None]:
    blad = store.gebeurtenissen.vanaf(ZWOLLE, 100, vanaf)
    return [one.naam for one in blad.rijen], blad.volgende


def event(naam: str) -> Callable[..., None]:
    return lambda work: work.add_event(naam, AANBIEDER.gemeente, {})


def test_events_are_read_on_from_a_place_that_is_always_there(store: SqlStore) -> None:
    assert [] == told(store)[0]
    settled(store, event("eerste"))
    first, place = told(store)
    assert [["eerste"], []] == [[one.partition("_")[0] for one in first], told(store, place)[0]]
    settled(store, event("tweede"))
    assert ["tweede"] == [one.partition("_")[0] for one in told(store, place)[0]]
    elsewhere = store.gebeurtenissen.vanaf(Bereik(frozenset({"0150"})), 100, None)
    assert [] == elsewhere.rijen


@ON_POSTGRESQL
def test_a_number_that_comes_true_later_is_waited_for(store: SqlStore, klok: Klok) -> None:
    claim = settled(store, event("eerste"))
    written, go_on = threading.Event(), threading.Event()

    def write_slowly() -> None:
        row = {
            "soort": "event",
            "inbox_id": claim.inbox_id,
            "naam": "traag_1",
            "gemeente": AANBIEDER.gemeente,
            "stukken": 1,
            "created_at": klok().timestamp(),
            "next_at": klok().timestamp(),
            "tries": 0,
        }
        with store.database.writing("*") as connection:
            number = insert_one(connection, outbox, row)
            packed = Packed([b'{"soort": "traag", "gemeente": "0193", "data": {}}'])
            store_pieces(connection, outbox_stuk, [(number, packed)])
            packed.close()
            written.set()
            go_on.wait(10)

    slow = threading.Thread(target=write_slowly)
    slow.start()
    assert written.wait(10)
    settled(store, event("snel"))
    threading.Timer(0.3, go_on.set).start()
    found, place = told(store)
    slow.join()
    assert ["eerste", "traag", "snel"] == [one.partition("_")[0] for one in found]
    assert [] == told(store, place)[0]


@ON_POSTGRESQL
def test_nobody_waits_for_ever(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    claim = settled(store, event("eerste"))
    monkeypatch.setattr(gebeurtenissen, "PATIENCE", 0.1)
    with store.database.writing("*") as connection:
        connection.execute(
            outbox.update().where(outbox.c.inbox_id == claim.inbox_id).values(tries=1)
        )
        with pytest.raises(TemporaryFailure, match="vraag het straks opnieuw"):
            told(store)

"""Up to where an export goes, so that the next one has everything after it, and nothing twice.

Every fact tells by its numbers which judgement made it and which one ended it.  Judgements get
their numbers in order and end out of order: what was still in hand is written in the mark beside
the highest number, and comes with a later export.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.errors import TemporaryFailure
from gateway.store import counters
from gateway.store.engine import ALL, Database
from gateway.store.tables import BEZIG, VOLGNR_REEKS, inbox

# Who takes a number has it for an instant before others can see it.
PATIENCE, PAUSE = 60.0, 0.02

# Who asked a sequence of PostgreSQL for a number keeps this lock on it until the transaction ends.
_BUSY = sa.text(
    "SELECT virtualtransaction FROM pg_locks WHERE locktype = 'relation' AND granted "
    "AND mode = 'RowExclusiveLock' AND relation = CAST(:reeks AS regclass) "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
Condition = sa.ColumnElement[bool]


class Merk(msgspec.Struct, frozen=True, kw_only=True):
    """The last number of a judgement, and which ones up to it had not ended."""

    volgnr: int
    onderweg: tuple[int, ...] = ()


@contextmanager
def marked(
    database: Database, sleep: Callable[[float], None] = time.sleep
) -> Iterator[tuple[Connection, Merk]]:
    """One state of the store, with the mark that it is up to.

    Raises TemporaryFailure when somebody keeps a number from being seen.
    """
    last = None if database.is_sqlite else _given_out(database, sleep)
    with database.long_snapshot(ALL) as connection:
        volgnr = counters.value_of(connection, counters.VOLGNR) if last is None else last
        busy = sa.select(inbox.c.volgnr).where(inbox.c.staat == BEZIG, inbox.c.volgnr <= volgnr)
        onderweg = connection.scalars(busy.order_by(inbox.c.volgnr))
        yield connection, Merk(volgnr=volgnr, onderweg=tuple(onderweg))


def ended_by(volgnr: sa.ColumnElement[int], merk: Merk) -> Condition:
    """Whether the judgement with a number had ended at a mark."""
    reached = volgnr <= merk.volgnr
    return sa.and_(reached, volgnr.not_in(merk.onderweg)) if merk.onderweg else reached


def stood(table: sa.FromClause, merk: Merk) -> Condition:
    """Whether a fact stood at a mark."""
    van, tot = table.c.van_volgnr, table.c.tot_volgnr
    return sa.and_(ended_by(van, merk), sa.or_(tot.is_(None), sa.not_(ended_by(tot, merk))))


def begun(table: sa.Table, since: Merk | None, merk: Merk) -> Condition:
    """Whether a fact stood at a mark and not yet at the one before it."""
    now = stood(table, merk)
    if since is None:
        return now
    return sa.and_(now, sa.not_(ended_by(table.c.van_volgnr, since)))


def gone(table: sa.Table, since: Merk | None, merk: Merk) -> Condition:
    """Whether a fact stood at the mark before and no longer does."""
    if since is None:
        return sa.false()
    tot = table.c.tot_volgnr
    return sa.and_(stood(table, since), tot.is_not(None), ended_by(tot, merk))


def _given_out(database: Database, sleep: Callable[[float], None]) -> int:
    """The last number that was given out, once everybody who took one up to it can be seen."""
    with database.reading() as connection:
        last = counters.value_of(connection, counters.VOLGNR)
    busy = _busy(database)
    deadline = time.monotonic() + PATIENCE
    while busy:
        if time.monotonic() > deadline:
            raise TemporaryFailure("een worker houdt al een minuut een nummer vast; later opnieuw")
        sleep(PAUSE)
        busy &= _busy(database)
    return last


def _busy(database: Database) -> set[str]:
    with database.reading() as connection:
        return set(connection.scalars(_BUSY, {"reeks": VOLGNR_REEKS.name}))

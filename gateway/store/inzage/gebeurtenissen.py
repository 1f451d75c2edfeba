"""The events of the outbox as one list that grows at its end: who read on misses none.

On PostgreSQL a number may come true after a higher one.  Whoever writes holds a lock on the table
until its rows are there: so the numbers that were given out before are waited for, and only those
are shown.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.errors import TemporaryFailure
from gateway.store.engine import Database
from gateway.store.inzage.binnen import bericht_in
from gateway.store.inzage.blad import Blad, place_of, write_place
from gateway.store.pieces import StoredPieces
from gateway.store.tables import EVENT, inbox, outbox, outbox_stuk
from gateway.toegang.wie import Bereik

# Writing the rows of the largest message takes seconds; longer than this nobody waits.
PATIENCE = 5.0
LOOK_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Gebeurtenis:
    """An event: its name never changes, `inbox_id` is the message that it is about."""

    nummer: int
    naam: str
    inbox_id: int
    gemaakt_at: datetime
    document: dict[str, Any]


class Gebeurtenisseninzage:
    """Reads of events, each within a Bereik."""

    def __init__(
        self,
        database: Database,
        monotonic: Callable[[], float] = time.monotonic,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._database = database
        self._monotonic = monotonic
        self._wait = wait

    def vanaf(self, bereik: Bereik, omvang: int, vanaf: str | None) -> Blad[Gebeurtenis]:
        """A page of events, the oldest in front; there is always a place to read on from.

        Raises TemporaryFailure when it stays unclear what the next ones are.
        """
        begin = 0 if vanaf is None else int(str(place_of(vanaf, int)[0]))
        until = self.settled()
        query = _EVENTS.where(
            bericht_in(bereik),
            outbox.c.id > begin,
            *(() if until is None else (outbox.c.id <= until,)),
        ).limit(omvang)
        with self._database.snapshot(bereik.scope) as connection:
            rows = connection.execute(query).all()
        last = rows[-1].id if rows else begin
        return Blad([self._event_of(row) for row in rows], write_place((last,)))

    def settled(self) -> int | None:
        """The highest number below which nothing can come any more; None where order is certain."""
        if self._database.is_sqlite:
            return None
        with self._database.snapshot() as connection:
            until = connection.execute(_LAST).scalar_one()
            waiting = _writers(connection)
        end = self._monotonic() + PATIENCE
        while waiting:
            if self._monotonic() > end:
                raise TemporaryFailure("er wordt nog geschreven; vraag het straks opnieuw")
            self._wait(LOOK_SECONDS)
            with self._database.snapshot() as connection:
                waiting &= _writers(connection)
        return int(until)

    def _event_of(self, row: Any) -> Gebeurtenis:
        body = StoredPieces(self._database, outbox_stuk, row.id, row.stukken)
        return Gebeurtenis(
            nummer=row.id,
            naam=row.naam,
            inbox_id=row.inbox_id,
            gemaakt_at=datetime.fromtimestamp(row.created_at, UTC),
            document=msgspec.json.decode(b"".join(body)),
        )


_EVENTS = (
    sa.select(outbox.c.id, outbox.c.naam, outbox.c.inbox_id, outbox.c.created_at, outbox.c.stukken)
    .join_from(outbox, inbox, inbox.c.id == outbox.c.inbox_id)
    .where(outbox.c.soort == EVENT, sa.exists().where(outbox_stuk.c.outbox_id == outbox.c.id))
    .order_by(outbox.c.id)
)
_LAST = sa.text("SELECT last_value FROM outbox_id_seq")
_WRITERS = sa.text(
    "SELECT virtualtransaction FROM pg_locks WHERE relation = 'outbox'::regclass "
    "AND mode = 'RowExclusiveLock' AND granted"
)


def _writers(connection: Connection) -> set[str]:
    """The transactions that may be writing rows now."""
    found: Sequence[str] = connection.scalars(_WRITERS).all()
    return set(found)

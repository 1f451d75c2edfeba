"""The outbox: what has to leave after a commit, with the same name and bytes on every try."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.store.announcements import USED_UP
from gateway.store.beurten import announced
from gateway.store.bouwstenen import KEYS, among, as_keys
from gateway.store.bulk import update_all
from gateway.store.engine import Database
from gateway.store.inbox import Clock
from gateway.store.oppakken import AT_ONCE as HAND
from gateway.store.oppakken import BYTES_AT_ONCE
from gateway.store.pieces import StoredPieces
from gateway.store.tables import bevriezing, inbox, outbox, outbox_stuk
from gateway.store.vraag import Vast
from gateway.store.waits import has_come, wait_after

AT_ONCE = 500
# How long a relay has for what it took, before another one may try.
LEASE_SECONDS = 20.0
# How long what goes to one place makes room for the rest, while nothing can go there.
AWAY_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Announcement:
    """The word that there is work: which inbox row waits, a message of so many bytes.

    `beurt` is the turn that it is in (`beurten`).
    """

    outbox_id: int
    inbox_id: int
    grootte: int
    beurt: int = 0


Hand = Sequence[Announcement]


def in_hands(waiting: Iterable[Announcement]) -> Sequence[Hand]:
    """What may be taken up together, of one turn, in the same order.

    No large message keeps others waiting.
    """
    hands: list[list[Announcement]] = []
    size = 0
    for one in waiting:
        size += one.grootte
        last = hands[-1] if hands else ()
        if not last or size > BYTES_AT_ONCE or len(last) == HAND or last[0].beurt < one.beurt:
            hands.append([])
            size = one.grootte
        hands[-1].append(one)
    return hands


@dataclass(frozen=True, slots=True)
class Item:
    """An answer or event that has to leave; `naam` is its own and never changes.

    `terug` is how often the network had sent it back: what happens to an earlier try says nothing
    about a later one.
    """

    outbox_id: int
    soort: str
    naam: str
    inbox_id: int
    tries: int
    body: StoredPieces
    terug: int = 0


class Outbox:
    """Hands out what waits to leave; every method is a transaction of its own."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def announcements(self) -> Sequence[Announcement]:
        """Announcements that no queue has confirmed, whose turn it is first."""
        with self._database.reading() as connection:
            return [Announcement(*row) for row in _ANNOUNCED.rows(connection, {})]

    def announced(self, done: Sequence[Announcement]) -> None:
        """The queue has confirmed these: they have served their purpose."""
        if done:
            ids = as_keys([one.outbox_id for one in done], self._database.is_sqlite)
            with self._database.marking() as connection:
                USED_UP.run(connection, {KEYS: ids})

    def due(self, soorten: Collection[str]) -> Sequence[Item]:
        """Items of these kinds whose time has come, oldest first."""
        now = self._now()
        is_sqlite = self._database.is_sqlite
        given = {KEYS: as_keys(sorted(soorten), is_sqlite), "moment": now}
        if is_sqlite:
            with self._database.reading() as connection:
                rows = _DUE.rows(connection, given)
        else:
            with self._database.marking() as connection:
                rows = _DUE.rows(connection, given)
                self._lease(connection, [row.id for row in rows], now)
        return [
            Item(
                outbox_id=row.id,
                soort=row.soort,
                naam=row.naam,
                inbox_id=row.inbox_id,
                tries=row.tries,
                body=self._body(row.id, row),
                terug=row.terug,
            )
            for row in rows
        ]

    def _lease(self, connection: Connection, ids: Sequence[int], now: float) -> None:
        """Keep these from other relays for a while; what is not sent by then is due again."""
        if ids:
            _LATER.run(connection, {KEYS: as_keys(ids, False), "later": now + LEASE_SECONDS})

    def sent(self, items: Sequence[Item]) -> None:
        """Items have arrived; they stay as the answers to repeated messages."""
        now = self._now()
        if items:
            rows = [
                {**_try(one), "sent_at": now, "tries": one.tries + 1, "reden": None}
                for one in items
            ]
            with self._database.marking() as connection:
                update_all(connection, outbox, rows, keys=2)

    def failed(self, item: Item, reason: str) -> None:
        """An item could not leave: it is tried again after a wait that grows."""
        next_at = self._now() + wait_after(item.tries)
        self._update(item, {"next_at": next_at, "tries": item.tries + 1, "reden": reason})

    def stopped(self, item: Item, reason: str) -> None:
        """An item was refused where it goes: it is tried again once somebody puts it back."""
        self._update(item, {"stil": 1, "tries": item.tries + 1, "reden": reason})

    def later(self, items: Sequence[Item]) -> None:
        """Nothing goes where these items go: they make room for others, and are no worse for it."""
        next_at = self._now() + AWAY_SECONDS
        rows = [{**_try(one), "next_at": next_at} for one in items]
        with self._database.marking() as connection:
            update_all(connection, outbox, rows, keys=2)

    def _update(self, item: Item, values: dict[str, object]) -> None:
        with self._database.writing() as connection:
            update_all(connection, outbox, [{**_try(item), **values}], keys=2)

    def _body(self, outbox_id: int, row: Any) -> StoredPieces:
        return StoredPieces(self._database, outbox_stuk, outbox_id, row.stukken)

    def _now(self) -> float:
        return self._clock().timestamp()


def _try(item: Item) -> dict[str, object]:
    """By which a try is found; the item was sent back since when it is not."""
    return {"id": item.outbox_id, "terug": item.terug}


_ANNOUNCED = Vast(
    lambda _: (
        announced(outbox.c.id, outbox.c.inbox_id, inbox.c.grootte, outbox.c.beurt)
        .join_from(outbox, inbox, inbox.c.id == outbox.c.inbox_id)
        .limit(sa.literal_column(str(AT_ONCE)))
    )
)
_DUE = Vast(
    lambda is_sqlite: (
        sa.select(outbox)
        .where(
            among(outbox.c.soort, is_sqlite),
            outbox.c.sent_at.is_(None),
            outbox.c.stil == sa.literal_column("0"),
            has_come(outbox.c.next_at, sa.bindparam("moment", type_=sa.Double)),
            ~sa.exists().where(
                bevriezing.c.functie == outbox.c.berichttype,
                bevriezing.c.tot > sa.bindparam("moment", type_=sa.Double),
            ),
        )
        .order_by(outbox.c.id)
        .limit(sa.literal_column(str(AT_ONCE)))
        .with_for_update(skip_locked=True)
    )
)
_LATER = Vast(
    lambda is_sqlite: (
        sa.update(outbox)
        .where(among(outbox.c.id, is_sqlite))
        .values(next_at=sa.bindparam("later", type_=sa.Double))
    )
)

"""The inbox: durable intake, and leases that give a message to one worker at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.errors import MessageRefused
from gateway.messages.opdrachten import is_opdracht, peek_opdracht
from gateway.messages.reader import Peek, peek
from gateway.pipeline.ports import Claim
from gateway.store import announcements
from gateway.store.counters import IDENTIFICATIE, ONTVANGEN, VOLGNR, base36, next_of
from gateway.store.engine import Conflict, Database, insert_one, translated
from gateway.store.pieces import Packed, store_pieces
from gateway.store.tables import (
    AANGEHOUDEN,
    BEZIG,
    GEPARKEERD,
    NIEUW,
    WERK,
    inbox,
    inbox_stuk,
    outbox,
)
from gateway.store.waits import wait_after

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Intake:
    """Where a message is kept; `is_new` is False when the same bytes were here before."""

    inbox_id: int
    is_new: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """An announcement that is used up; without a claim it was not the turn of its message."""

    inbox_id: int
    claim: Claim | None


@dataclass(frozen=True, slots=True)
class Terms:
    """How long a claim lasts without a sign of life, and how often a message is taken up."""

    lease_seconds: float = 30.0
    tries: int = 10


class Inbox:
    """Takes messages in and hands them out; every method is a transaction of its own."""

    def __init__(self, database: Database, clock: Clock, terms: Terms) -> None:
        self._database = database
        self._clock = clock
        self._terms = terms

    def receive(
        self, naam: str, chunks: Iterable[bytes], transport_id: str | None = None
    ) -> Intake:
        """Store a message durably, with the announcement that there is work.

        The same bytes again give the first row.  Raises MessageRefused for a transport number
        that was used for other bytes.
        """
        packed = Packed(chunks)
        try:
            return self._store(naam, packed, transport_id)
        except Conflict:
            # The same message came in by another door in the same instant: now it is known.
            return self._store(naam, packed, transport_id)
        finally:
            packed.close()

    def claim(self, inbox_id: int) -> Claim | None:
        """Take a message in hand; None when it is not waiting, or not its turn.

        A message that was taken up too often without coming to an end is parked instead.
        """
        try:
            with self._database.writing() as connection:
                return self._claim(connection, inbox_id, self._now())
        except Conflict:
            # Another worker took a message between the same parties in the same instant.
            with self._database.writing() as connection:
                _forget_announcement(connection, inbox_id)
            return None

    def take(self) -> Taken | None:
        """Take the first announced message that nobody else is taking; None when there is none.

        This is how workers share a store without a queue beside it: the announcement is used up
        in the transaction that makes the claim.
        """
        now = self._now()
        with self._database.writing() as connection:
            found = connection.execute(_NEXT_WORK).first()
            if found is None:
                return None
            try:
                with translated(), connection.begin_nested():
                    claim = self._claim(connection, found.inbox_id, now)
            except Conflict:
                # Another worker took a message between the same parties in the same instant.
                _forget_announcement(connection, found.inbox_id)
                claim = None
            connection.execute(_USED_UP, {"aankondiging": found.id})
            return Taken(found.inbox_id, claim)

    def renew(self, claim: Claim) -> bool:
        """Keep a claim for another term; False when it was lost."""
        until = self._now() + self._terms.lease_seconds
        with self._database.writing() as connection:
            return update_held(connection, claim, {"lease_until": until})

    def release(self, claim: Claim) -> bool:
        """Give a message back, to be tried again after a growing wait; False when it was lost."""
        now = self._now()
        with self._database.writing() as connection:
            next_at = now + wait_after(claim.tries)
            released = update_held(connection, claim, _FREE | {"next_at": next_at})
            announcements.announce_next(connection, claim.inbox_id, now)
            return released

    def park(self, inbox_id: int, reason: str, token: str | None = None) -> bool:
        """Keep a message for an operator; False when it is done, or no longer of this token."""
        now = self._now()
        with self._database.writing() as connection:
            parked = _park(connection, inbox_id, reason, (now, token))
            announcements.announce_next(connection, inbox_id, now)
            return parked

    def resume(self, inbox_id: int) -> bool:
        """Have a held message judged again as it is now; False when it is not held.

        Its day of decision stays what it was: it follows from the day of receipt.
        """
        now = self._now()
        fresh = _FREE | {"tries": 0, "next_at": now, "besluit_op": None}
        with self._database.writing() as connection:
            changed = connection.execute(
                sa.update(inbox)
                .where(inbox.c.id == inbox_id, inbox.c.staat == AANGEHOUDEN)
                .values(fresh)
            )
            announcements.announce(connection, [inbox_id] * changed.rowcount, now)
            return changed.rowcount == 1

    def free_all(self) -> int:
        """At the start of the only owner of a store: no claim and no queue survived."""
        with self._database.writing() as connection:
            freed = connection.execute(sa.update(inbox).where(inbox.c.staat == BEZIG).values(_FREE))
            connection.execute(
                sa.update(inbox)
                .where(inbox.c.staat.in_((NIEUW, AANGEHOUDEN)))
                .values(announced_at=None)
            )
        self.sweep()
        return freed.rowcount

    def sweep(self, *, ignore_waits: bool = False) -> int:
        """Announce again what was left behind; returns how many messages."""
        total = 0
        while True:
            found = self._sweep_some(ignore_waits)
            total += found
            if found < announcements.AT_ONCE:
                return total

    def _now(self) -> float:
        return self._clock().timestamp()

    def _sweep_some(self, ignore_waits: bool) -> int:
        now = self._now()
        with self._database.writing() as connection:
            _free_ended(connection, now)
            return announcements.announce_left_behind(connection, now, ignore_waits=ignore_waits)

    def _store(self, naam: str, packed: Packed, transport_id: str | None) -> Intake:
        seen = _seen(naam, packed.head)
        now = self._now()
        with self._database.writing() as connection:
            known = _known(connection, seen.ontvanger, packed.sha256, transport_id)
            if known is not None:
                return Intake(known, is_new=False)
            parties = sorted((seen.afzender, seen.ontvanger))
            row = {
                "naam": naam,
                "ontvanger": seen.ontvanger,
                "sha256": packed.sha256,
                "transport_id": transport_id,
                "paar": "-".join(parties) if all(parties) else None,
                "grootte": packed.size,
                "stukken": packed.count,
                "received_at": now,
                "staat": NIEUW,
                "tries": 0,
                "next_at": now,
            }
            inbox_id = insert_one(connection, inbox, row)
            store_pieces(connection, inbox_stuk, inbox_id, packed)
            next_of(connection, ONTVANGEN)
            announcements.announce(connection, [inbox_id], now)
            return Intake(inbox_id, is_new=True)

    def _claim(self, connection: Connection, inbox_id: int, now: float) -> Claim | None:
        row = connection.execute(_ROW, {"bericht": inbox_id}).one_or_none()
        if row is None or not _is_waiting(row, now):
            return None
        if row.tries >= self._terms.tries:
            _park(connection, inbox_id, f"is na {row.tries} keer niet afgehandeld", (now, None))
            return None
        if row.paar is not None and _must_wait(connection, row, now):
            _forget_announcement(connection, inbox_id)
            return None
        token = uuid4().hex
        volgnr = next_of(connection, VOLGNR)
        identificatie = base36(next_of(connection, IDENTIFICATIE))
        taken = {
            "staat": BEZIG,
            "token": token,
            "lease_until": now + self._terms.lease_seconds,
            "tries": row.tries + 1,
            "volgnr": volgnr,
        }
        connection.execute(_UPDATE, taken | {"bericht": inbox_id})
        return Claim(
            inbox_id=inbox_id,
            volgnr=volgnr,
            token=token,
            naam=row.naam,
            received_at=datetime.fromtimestamp(row.received_at, UTC),
            tries=row.tries,
            ontheven=row.besluit_op is not None and row.besluit_op <= now,
            identificatie=identificatie,
            claimed_at=datetime.fromtimestamp(now, UTC),
        )


_ROW = sa.select(inbox).where(inbox.c.id == sa.bindparam("bericht")).with_for_update()
_NEXT_WORK = (
    sa.select(outbox.c.id, outbox.c.inbox_id)
    .where(outbox.c.soort == sa.literal_column(f"'{WERK}'"), outbox.c.sent_at.is_(None))
    .order_by(outbox.c.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_USED_UP = sa.delete(outbox).where(outbox.c.id == sa.bindparam("aankondiging"))
_UPDATE = sa.update(inbox).where(inbox.c.id == sa.bindparam("bericht"))
_UPDATE_HELD = _UPDATE.where(inbox.c.token == sa.bindparam("houder"), inbox.c.staat == BEZIG)
_FREE = {"staat": NIEUW, "token": None, "lease_until": None, "announced_at": None}


def update_held(connection: Connection, claim: Claim, values: Mapping[str, Any]) -> bool:
    """Change the row of a claim; False when the claim was lost, and then nothing changes."""
    holder = {"bericht": claim.inbox_id, "houder": claim.token}
    return connection.execute(_UPDATE_HELD, {**values, **holder}).rowcount == 1


def _is_waiting(row: Any, now: float) -> bool:
    """Whether a message may be taken in hand; waits are for whoever announces it."""
    if row.staat == BEZIG:
        return bool(row.lease_until < now)
    if row.staat == AANGEHOUDEN:
        return row.besluit_op is not None and row.besluit_op <= now
    return bool(row.staat == NIEUW)


def _must_wait(connection: Connection, row: Any, now: float) -> bool:
    """Whether a message between the same parties is in hand; frees one whose lease ended."""
    other = (inbox.c.paar == row.paar, inbox.c.staat == BEZIG, inbox.c.id != row.id)
    _free_ended(connection, now, *other)
    return connection.execute(sa.select(inbox.c.id).where(*other)).first() is not None


def _free_ended(connection: Connection, now: float, *which: sa.ColumnElement[bool]) -> None:
    """Take back what is in hand for longer than its lease.

    A row that is locked is passed by: who stands still in the midst of a transaction keeps only
    its own message, and not everybody who looks.
    """
    ended = (
        sa.select(inbox.c.id)
        .where(inbox.c.staat == BEZIG, inbox.c.lease_until < now, *which)
        .with_for_update(skip_locked=True)
    )
    connection.execute(sa.update(inbox).where(inbox.c.id.in_(ended)).values(_FREE))


def _forget_announcement(connection: Connection, inbox_id: int) -> None:
    """The queue's word is used up: whoever is in hand announces the next when it ends."""
    connection.execute(
        sa.update(inbox)
        .where(inbox.c.id == inbox_id, inbox.c.staat == NIEUW)
        .values(announced_at=None)
    )


def _park(
    connection: Connection, inbox_id: int, reason: str, at_by: tuple[float, str | None]
) -> bool:
    now, token = at_by
    query = sa.update(inbox).where(inbox.c.id == inbox_id)
    if token is None:
        query = query.where(inbox.c.staat.in_((NIEUW, BEZIG, AANGEHOUDEN)))
    else:
        query = query.where(inbox.c.staat == BEZIG, inbox.c.token == token)
    parked = _FREE | {"staat": GEPARKEERD, "verdict": "parked", "finished_at": now}
    changed = connection.execute(query.values(parked | {"reden": reason, "uitkomst": None}))
    return changed.rowcount == 1


def _seen(naam: str, head: bytes) -> Peek:
    """Between whom a message, or the message of an opdracht, goes."""
    return peek_opdracht(head) if is_opdracht(naam) else peek([head])


def _known(
    connection: Connection, ontvanger: str, sha256: str, transport_id: str | None
) -> int | None:
    """The row that already holds these bytes; a reused transport number is refused."""
    if transport_id is not None:
        used = connection.execute(
            sa.select(inbox.c.id, inbox.c.sha256).where(inbox.c.transport_id == transport_id)
        ).one_or_none()
        if used is not None and used.sha256 != sha256:
            raise MessageRefused("dit transportnummer is eerder gebruikt voor een ander bericht")
    return connection.execute(
        sa.select(inbox.c.id).where(inbox.c.ontvanger == ontvanger, inbox.c.sha256 == sha256)
    ).scalar_one_or_none()

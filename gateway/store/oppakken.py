"""Puts waiting messages in the hands of a worker: a handful of small ones, or one by itself.

What is taken together is settled in one transaction, so that commits do not set the pace.  A
message that is large, was tried before or was held goes by itself: nobody else waits for it, and
who makes a process fall over takes nobody along twice.  Messages between the same parties are in
one worker's hands at a time, in order of intake; the first of them (`volgt` 0) keeps others off.
Whose turn it is when much waits is told by `beurten`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.messages.opdrachten import is_opdracht
from gateway.pipeline.ports import Claim
from gateway.store.beurten import BYTES_PER_TURN
from gateway.store.bouwstenen import KEYS, among, as_keys
from gateway.store.bulk import update_all
from gateway.store.counters import base36, next_for_judging
from gateway.store.tables import AANGEHOUDEN, BEZIG, GEPARKEERD, NIEUW, inbox
from gateway.store.vraag import Vast
from gateway.store.werk.wachtrij import look_again

AT_ONCE = 50
BYTES_AT_ONCE = BYTES_PER_TURN
FREE = {"staat": NIEUW, "token": None, "lease_until": None, "announced_at": None, "volgt": 0}


@dataclass(frozen=True, slots=True)
class Terms:
    """How long a claim lasts without a sign of life, and how often a message is taken up."""

    lease_seconds: float = 30.0
    tries: int = 10


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken up in one go, in order of intake; the turns of `left` come after it.

    `behind` have to wait for a message that is in other hands.
    """

    claims: Sequence[Claim]
    left: Sequence[int] = ()
    behind: Sequence[int] = ()


def take_up(connection: Connection, inbox_ids: Collection[int], now: float, terms: Terms) -> Taken:
    """Claim the first of these messages that wait and can be settled together.

    One whose turn it is not loses its announcement: whoever has the message before it announces
    it.  One that was taken up too often without coming to an end is parked instead.
    """
    waiting = [row for row in _rows(connection, inbox_ids) if _is_waiting(row, now)]
    chosen = _handful(waiting)
    left = [row.id for row in waiting[len(chosen) :]]
    if chosen and chosen[0].tries >= terms.tries:
        park(connection, chosen[0].id, f"is na {chosen[0].tries} keer niet afgehandeld", now)
        return Taken((), left)
    others = _in_hand(connection, chosen, now)
    behind = [row.id for row in chosen if row.paar in others]
    forget_announcements(connection, behind)
    mine = [row for row in chosen if row.paar not in others]
    return Taken(_claimed(connection, mine, now, terms), left, behind)


def park(
    connection: Connection, inbox_id: int, reason: str, now: float, token: str | None = None
) -> bool:
    """Keep a message for an operator; False when it is done, or no longer of this token."""
    query = sa.update(inbox).where(inbox.c.id == inbox_id)
    if token is None:
        query = query.where(inbox.c.staat.in_((NIEUW, BEZIG, AANGEHOUDEN)))
    else:
        query = query.where(inbox.c.staat == BEZIG, inbox.c.token == token)
    parked = FREE | {"staat": GEPARKEERD, "verdict": "parked", "finished_at": now}
    changed = connection.execute(query.values(parked | {"reden": reason, "uitkomst": None}))
    look_again(connection, [(inbox_id, None)] * changed.rowcount)
    return changed.rowcount == 1


def free_ended(connection: Connection, now: float, *which: sa.ColumnElement[bool]) -> None:
    """Take back what is in hand for longer than its lease.

    A row that is locked is passed by: who stands still in the midst of a transaction keeps only
    its own message, and not everybody who looks.
    """
    ended = (
        sa.select(inbox.c.id)
        .where(inbox.c.staat == BEZIG, inbox.c.lease_until < now, *which)
        .with_for_update(skip_locked=True)
    )
    connection.execute(sa.update(inbox).where(inbox.c.id.in_(ended)).values(FREE))


def forget_announcements(connection: Connection, inbox_ids: Collection[int]) -> None:
    """The queue's word is used up: whoever is in hand announces the next when it ends."""
    if inbox_ids:
        forgotten = sa.update(inbox).where(inbox.c.id.in_(inbox_ids), inbox.c.staat == NIEUW)
        connection.execute(forgotten.values(announced_at=None))


def _rows(connection: Connection, inbox_ids: Collection[int]) -> Sequence[Any]:
    """The rows of these messages in the order of their numbers here, kept from others."""
    is_sqlite = connection.dialect.name == "sqlite"
    found = _WAITING.rows(connection, {KEYS: as_keys(list(inbox_ids), is_sqlite)})
    turns = {inbox_id: turn for turn, inbox_id in enumerate(inbox_ids)}
    return sorted(found, key=lambda row: turns[row.id])


_COLUMNS = (
    *("id", "naam", "paar", "grootte", "received_at", "staat", "lease_until"),
    *("tries", "besluit_op", "spoor"),
)
_WAITING = Vast(
    lambda is_sqlite: (
        sa.select(*(inbox.c[name] for name in _COLUMNS))
        .where(among(inbox.c.id, is_sqlite))
        .order_by(inbox.c.id)
        .with_for_update()
    )
)


def _is_waiting(row: Any, now: float) -> bool:
    """Whether a message may be taken in hand; waits are for whoever announces it."""
    if row.staat == BEZIG:
        return bool(row.lease_until < now)
    if row.staat == AANGEHOUDEN:
        return row.besluit_op is not None and row.besluit_op <= now
    return bool(row.staat == NIEUW)


def _handful(rows: Sequence[Any]) -> list[Any]:
    """The first of the rows: as many as may be settled together, or one that goes by itself.

    They are settled in order of intake, whatever their turns were.
    """
    chosen: list[Any] = []
    size = 0
    for row in rows[:AT_ONCE]:
        size += row.grootte
        if chosen and (_goes_alone(row) or size > BYTES_AT_ONCE):
            break
        chosen.append(row)
        if _goes_alone(row):
            break
    return sorted(chosen, key=lambda row: row.id)


def _goes_alone(row: Any) -> bool:
    """Whether a message is settled by itself.

    An opdracht makes numbers while it is judged; of one that is empty nothing is kept to read.
    """
    is_fresh = row.staat == NIEUW and row.tries == 0
    return not is_fresh or not row.grootte or row.grootte > BYTES_AT_ONCE or is_opdracht(row.naam)


def _in_hand(connection: Connection, rows: Sequence[Any], now: float) -> Collection[str]:
    """The pairs of parties of which a message is in other hands; frees what was left there."""
    paren = {row.paar for row in rows if row.paar is not None}
    if not paren:
        return ()
    is_sqlite = connection.dialect.name == "sqlite"
    own = {row.id for row in rows}
    given = {KEYS: as_keys(list(paren), is_sqlite)}
    others = [row for row in _BUSY.rows(connection, given) if row.id not in own]
    if any(row.lease_until < now for row in others):
        free_ended(connection, now, inbox.c.id.in_([row.id for row in others]))
        others = [row for row in _BUSY.rows(connection, given) if row.id not in own]
    return {row.paar for row in others}


_BUSY = Vast(
    lambda is_sqlite: sa.select(inbox.c.id, inbox.c.paar, inbox.c.lease_until).where(
        inbox.c.staat == sa.literal_column(f"'{BEZIG}'"), among(inbox.c.paar, is_sqlite)
    )
)


def _claimed(
    connection: Connection, rows: Sequence[Any], now: float, terms: Terms
) -> Sequence[Claim]:
    if not rows:
        return ()
    token = uuid4().hex
    numbers = next_for_judging(connection, len(rows))
    held: set[str] = set()
    changes = []
    for row, (volgnr, _) in zip(rows, numbers, strict=True):
        changes.append(
            {
                "id": row.id,
                "staat": BEZIG,
                "token": token,
                "lease_until": now + terms.lease_seconds,
                "tries": row.tries + 1,
                "volgnr": volgnr,
                "volgt": int(row.paar in held),
            }
        )
        held.add(row.paar)
    update_all(connection, inbox, changes)
    return [
        Claim(
            inbox_id=row.id,
            volgnr=volgnr,
            token=token,
            naam=row.naam,
            received_at=datetime.fromtimestamp(row.received_at, UTC),
            tries=row.tries,
            ontheven=row.besluit_op is not None and row.besluit_op <= now,
            identificatie=base36(nummer),
            claimed_at=datetime.fromtimestamp(now, UTC),
            is_klein=not _goes_alone(row),
            spoor=row.spoor,
        )
        for row, (volgnr, nummer) in zip(rows, numbers, strict=True)
    ]

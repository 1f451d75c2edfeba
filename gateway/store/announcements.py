"""Puts the word that there is work in the outbox, in the transaction that makes the work."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.store.tables import AANGEHOUDEN, NIEUW, WERK, inbox, outbox
from gateway.store.waits import has_come

# After so long an announcement counts as lost; a second one does no harm.
PATIENCE_SECONDS = 600.0
AT_ONCE = 500

_MARK = (
    sa.update(inbox)
    .where(inbox.c.id == sa.bindparam("welke"))
    .values(announced_at=sa.bindparam("moment"))
)


def announce(connection: Connection, inbox_ids: Sequence[int], now: float) -> None:
    """Tell the queue, after the commit, that these messages wait."""
    if not inbox_ids:
        return
    row = {"soort": WERK, "naam": "", "stukken": 0, "tries": 0, "created_at": now, "next_at": now}
    connection.execute(sa.insert(outbox), [row | {"inbox_id": one} for one in inbox_ids])
    connection.execute(_MARK, [{"welke": one, "moment": now} for one in inbox_ids])


def announce_left_behind(connection: Connection, now: float, *, ignore_waits: bool = False) -> int:
    """Announce waiting messages that no queue knows of, oldest first; returns how many."""
    is_new = inbox.c.staat == NIEUW
    due = sa.or_(
        is_new if ignore_waits else sa.and_(is_new, has_come(inbox.c.next_at, now)),
        sa.and_(inbox.c.staat == AANGEHOUDEN, inbox.c.next_at <= now),
    )
    unknown = sa.or_(inbox.c.announced_at.is_(None), inbox.c.announced_at < now - PATIENCE_SECONDS)
    found = connection.scalars(
        sa.select(inbox.c.id)
        .where(due, unknown, ~_is_announced())
        .order_by(inbox.c.id)
        .limit(AT_ONCE)
    ).all()
    announce(connection, found, now)
    return len(found)


def announce_next(connection: Connection, inbox_id: int, now: float) -> None:
    """Announce the next message between the same parties, which had to wait for this one."""
    found = connection.scalars(_NEXT, {"bericht": inbox_id, "moment": now}).all()
    announce(connection, found, now)


def _is_announced() -> sa.Exists:
    return sa.exists().where(outbox.c.inbox_id == inbox.c.id, outbox.c.soort == WERK)


_NEXT = (
    sa.select(inbox.c.id)
    .where(
        inbox.c.paar
        == sa.select(inbox.c.paar).where(inbox.c.id == sa.bindparam("bericht")).scalar_subquery(),
        inbox.c.staat == NIEUW,
        inbox.c.announced_at.is_(None),
        has_come(inbox.c.next_at, sa.bindparam("moment", type_=sa.Double)),
        ~_is_announced(),
    )
    .order_by(inbox.c.id)
    .limit(1)
)

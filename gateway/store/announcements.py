"""Puts the word that there is work in the outbox, in the transaction that makes the work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.store.beurten import put_in_turn
from gateway.store.bouwstenen import KEYS, among, as_keys
from gateway.store.engine import Database
from gateway.store.tables import AANGEHOUDEN, BEZIG, NIEUW, WERK, inbox, outbox
from gateway.store.vraag import Vast
from gateway.store.waits import has_come

# After so long an announcement counts as lost; a second one does no harm.
PATIENCE_SECONDS = 600.0
AT_ONCE = 500
# What waited for a message is judged in one go with what waited behind it.
NEXT_AT_ONCE = 50

_MARK = (
    sa.update(inbox)
    .where(inbox.c.id == sa.bindparam("welke"))
    .values(announced_at=sa.bindparam("moment"))
)


def announce(connection: Connection, inbox_ids: Sequence[int], now: float) -> None:
    """Tell the queue, after the commit, that these messages wait."""
    if inbox_ids:
        put_in_turn(connection, inbox_ids, now)
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


def announce_next(database: Database, inbox_ids: Sequence[int], now: float) -> None:
    """Announce what waits between the same parties, unless one of theirs is in hand.

    Who ends a message and who found it in the way both do this, after their own commit: so one of
    them sees what the other did.  When both stop before it, the sweeper announces.
    """
    given = {KEYS: as_keys(inbox_ids, database.is_sqlite), "moment": now}
    with database.reading() as connection:
        waiting = [row.id for row in _NEXT.rows(connection, given)]
    # Mostly nobody waits, and then nothing is written.
    if waiting:
        with database.writing() as connection:
            announce(connection, waiting, now)


def _is_announced() -> sa.Exists:
    return sa.exists().where(
        outbox.c.inbox_id == inbox.c.id, outbox.c.soort == sa.literal_column(f"'{WERK}'")
    )


# Announcements that have served their purpose.
USED_UP = Vast(lambda is_sqlite: sa.delete(outbox).where(among(outbox.c.id, is_sqlite)))

_in_hand = inbox.alias("bezig")


def _next(is_sqlite: bool) -> sa.Select[Any]:
    """What waits unannounced between the parties of these messages.

    Between two parties thousands of messages may stand: first the parties, then only what waits.
    """
    parties = (
        sa.select(inbox.c.paar)
        .where(among(inbox.c.id, is_sqlite), inbox.c.paar.is_not(None))
        .distinct()
        .cte()
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
    return (
        sa.select(inbox.c.id)
        .join_from(parties, inbox, inbox.c.paar == parties.c.paar)
        .where(
            inbox.c.staat == sa.literal_column(f"'{NIEUW}'"),
            inbox.c.announced_at.is_(None),
            has_come(inbox.c.next_at, sa.bindparam("moment", type_=sa.Double)),
            ~sa.exists().where(
                _in_hand.c.paar == inbox.c.paar, _in_hand.c.staat == sa.literal_column(f"'{BEZIG}'")
            ),
            ~_is_announced(),
        )
        .order_by(inbox.c.id)
        .limit(NEXT_AT_ONCE)
    )


_NEXT = Vast(_next)

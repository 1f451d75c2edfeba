"""In which order announced messages are taken: in that of intake, until somebody has much waiting.

Who floods waits for its own flood, and nobody else does.  Messages between the same parties get a
turn of half a megabyte at a time; within a turn the order is that of intake.  A message stands
behind all that waits between its own parties; when nothing does, it stands where taking has come.
A large one counts as one turn, so that its parties wait one turn longer for their next.

This is self-clocked fair queueing (Golestani, 1994): the place is told once, by the statement that
announces, so that taking costs no more than one look at an index.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.store.bouwstenen import as_keys
from gateway.store.tables import WERK, outbox
from gateway.store.vraag import driven, run

# What is settled in one go, too.
BYTES_PER_TURN = 512 * 1024

_WAITS = "soort = 'werk' AND sent_at IS NULL"
_CAPPED = f"CASE WHEN grootte < {BYTES_PER_TURN} THEN grootte ELSE {BYTES_PER_TURN} END"
# PostgreSQL looks up no row by `coalesce` before it has looked who may see the row.
_PAAR = "CASE WHEN paar IS NULL THEN '' ELSE paar END"
_ANNOUNCE = f"""
INSERT INTO outbox
    (soort, inbox_id, naam, stukken, tries, created_at, next_at, paar, omvang, beurt)
SELECT 'werk', id, '', 0, 0, {{moment}}, {{moment}}, paar, omvang, omvang / {BYTES_PER_TURN}
FROM (
    SELECT id, paar, CAST(
        coalesce(
            (SELECT omvang FROM outbox AS eigen
             WHERE eigen.paar = nieuw.paar AND {_WAITS} ORDER BY omvang DESC LIMIT 1),
            (SELECT omvang FROM outbox WHERE {_WAITS} ORDER BY beurt, inbox_id LIMIT 1),
            0
        ) + sum(omvang) OVER (PARTITION BY paar ORDER BY id) AS BIGINT
    ) AS omvang
    FROM (
        SELECT id, {_PAAR} AS paar, {_CAPPED} AS omvang FROM inbox WHERE id {{among}}
    ) AS nieuw
) AS geplaatst
ORDER BY id
"""  # noqa: S608 - our names
_IN_SQLITE = _ANNOUNCE.format(moment=":moment", among="IN (SELECT value FROM json_each(:keys))")
_IN_POSTGRES = _ANNOUNCE.format(
    moment="%(moment)s::float8", among="= ANY (CAST(%(keys)s::text AS bigint[]))"
)


def announced(*columns: sa.Column[Any]) -> sa.Select[Any]:
    """What waits to be taken, whose turn it is first."""
    return (
        sa.select(*columns)
        .where(outbox.c.soort == sa.literal_column(f"'{WERK}'"), outbox.c.sent_at.is_(None))
        .order_by(outbox.c.beurt, outbox.c.inbox_id)
    )


def put_in_turn(connection: Connection, inbox_ids: Sequence[int], now: float) -> None:
    """Put the announcements of messages in the outbox, each in its turn."""
    is_sqlite = connection.dialect.name == "sqlite"
    given = {"keys": as_keys(inbox_ids, is_sqlite), "moment": now}
    with driven(connection) as cursor:
        run(cursor, _IN_SQLITE if is_sqlite else _IN_POSTGRES, given)

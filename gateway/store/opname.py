"""Takes messages in: each set of bytes once, with the announcement that there is work."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.errors import MessageRefused
from gateway.messages.opdrachten import is_opdracht, peek_opdracht
from gateway.messages.reader import Peek, peek
from gateway.store import announcements
from gateway.store.bouwstenen import KEYS, among, as_keys
from gateway.store.bulk import insert_numbered
from gateway.store.counters import ONTVANGEN, add
from gateway.store.pieces import Packed, store_pieces
from gateway.store.tables import NIEUW, inbox, inbox_stuk

Row = dict[str, Any]
Bytes = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Offer:
    """What somebody offers: its name, and the number of the transport where there is one."""

    naam: str
    transport_id: str | None = None


@dataclass(frozen=True, slots=True)
class Intake:
    """Where a message is kept; `is_new` is False when the same bytes were here before."""

    inbox_id: int
    is_new: bool


@dataclass(slots=True)
class _Known:
    """What is here already, by receiver and bytes; what a transport number was used for."""

    numbers: dict[Bytes, int] = field(default_factory=dict)
    used: dict[str, str] = field(default_factory=dict)

    def add(self, rows: Iterable[Any]) -> None:
        """These rows are in the inbox."""
        for row in rows:
            self.numbers[row.ontvanger, row.sha256] = row.id
            if row.transport_id is not None:
                self.used[row.transport_id] = row.sha256


def store_all(
    connection: Connection, offers: Sequence[Offer], packed: Sequence[Packed], now: float
) -> Sequence[Intake]:
    """Store those that are new and announce them.

    Raises MessageRefused for a transport number that was used for other bytes.
    """
    rows = [_row(one, body, now) for one, body in zip(offers, packed, strict=True)]
    known = _known(connection, rows)
    fresh: dict[Bytes, tuple[Row, Packed]] = {}
    is_new = []
    for row, body in zip(rows, packed, strict=True):
        key, transport_id = _bytes_of(row), row["transport_id"]
        if known.used.get(transport_id, body.sha256) != body.sha256:
            raise MessageRefused("dit transportnummer is eerder gebruikt voor een ander bericht")
        if transport_id is not None:
            known.used[transport_id] = body.sha256
        is_new.append(key not in known.numbers and key not in fresh)
        if is_new[-1]:
            fresh[key] = (row, body)
    numbers = _insert(connection, list(fresh.values()), now)
    known.numbers.update(zip(fresh, numbers, strict=True))
    return [
        Intake(known.numbers[_bytes_of(row)], new) for row, new in zip(rows, is_new, strict=True)
    ]


def _row(offer: Offer, packed: Packed, now: float) -> Row:
    seen = _seen(offer.naam, packed.head)
    parties = sorted((seen.afzender, seen.ontvanger))
    return {
        "naam": offer.naam,
        "ontvanger": seen.ontvanger,
        "sha256": packed.sha256,
        "transport_id": offer.transport_id,
        "paar": "-".join(parties) if all(parties) else None,
        "grootte": packed.size,
        "stukken": packed.count,
        "received_at": now,
        "staat": NIEUW,
        "tries": 0,
        "next_at": now,
        "announced_at": now,
    }


def _seen(naam: str, head: bytes) -> Peek:
    """Between whom a message, or the message of an opdracht, goes."""
    return peek_opdracht(head) if is_opdracht(naam) else peek([head])


def _bytes_of(row: Row) -> Bytes:
    return row["ontvanger"], row["sha256"]


def _known(connection: Connection, rows: Sequence[Row]) -> _Known:
    is_sqlite = connection.dialect.name == "sqlite"
    found = _Known()
    wanted = {
        "ontvangers": as_keys(list({row["ontvanger"] for row in rows}), is_sqlite),
        KEYS: as_keys([row["sha256"] for row in rows], is_sqlite),
    }
    same_bytes = _ROWS.where(
        among(inbox.c.ontvanger, is_sqlite, "ontvangers"), among(inbox.c.sha256, is_sqlite)
    )
    found.add(connection.execute(same_bytes, wanted))
    numbers = [row["transport_id"] for row in rows if row["transport_id"] is not None]
    if numbers:
        same_number = _ROWS.where(among(inbox.c.transport_id, is_sqlite))
        found.add(connection.execute(same_number, {KEYS: as_keys(numbers, is_sqlite)}))
    return found


def _insert(
    connection: Connection, fresh: Sequence[tuple[Row, Packed]], now: float
) -> Sequence[int]:
    if not fresh:
        return ()
    numbers = insert_numbered(connection, inbox, [row for row, _ in fresh])
    bodies = (packed for _, packed in fresh)
    store_pieces(connection, inbox_stuk, zip(numbers, bodies, strict=True))
    add(connection, ONTVANGEN, len(fresh))
    announcements.put_out(connection, numbers, now)
    return numbers


_ROWS = sa.select(inbox.c.id, inbox.c.ontvanger, inbox.c.sha256, inbox.c.transport_id)

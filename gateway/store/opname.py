"""Takes messages in: each set of bytes once, with the announcement that there is work."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.errors import MessageRefused, TemporaryFailure
from gateway.messages.opdrachten import is_opdracht, peek_opdracht
from gateway.messages.reader import Peek, peek
from gateway.pipeline.ports import Bestemming
from gateway.store.beurten import put_in_turn
from gateway.store.bouwstenen import KEYS, among, as_keys
from gateway.store.bulk import insert_new
from gateway.store.counters import ONTVANGEN, add
from gateway.store.pieces import Packed, store_pieces
from gateway.store.tables import NIEUW, inbox, inbox_stuk

Row = dict[str, Any]
# A receiver gets the same bytes once.
BYTES = ("ontvanger", "sha256")


@dataclass(frozen=True, slots=True)
class Offer:
    """What somebody offers: its name, and the number of the transport where there is one.

    `spoor` is the traceparent (W3C) that it came with.
    """

    naam: str
    transport_id: str | None = None
    spoor: str | None = None


@dataclass(frozen=True, slots=True)
class Intake:
    """Where a message is kept; `is_new` is False when the same bytes were here before."""

    inbox_id: int
    is_new: bool


class Opgenomen(Protocol):
    """What became of something that came in: `inbox_id` is None for what is no message (yet)."""

    @property
    def inbox_id(self) -> int | None:
        """See the class."""

    @property
    def is_new(self) -> bool:
        """False when the same was here before."""


class Opnemer(Protocol):
    """Takes in what comes by an edge: the inbox, or who knows what may be around a message."""

    def receive(
        self,
        naam: str,
        chunks: Iterable[bytes],
        transport_id: str | None = None,
        spoor: str | None = None,
    ) -> Opgenomen:
        """See `Inbox`."""

    def receive_all(self, offers: Sequence[tuple[Offer, bytes]]) -> Sequence[Opgenomen]:
        """See `Inbox`; raises Conflict for what has to be offered by itself."""


# Gives who takes in what comes by an edge, with where that edge gives its answers.
Opnemers = Callable[[Bestemming], Opnemer]


def store_all(
    connection: Connection, offered: Sequence[tuple[Offer, Packed]], now: float
) -> Sequence[Intake]:
    """Store those that are new and announce them.

    Each is offered to the database, which keeps no bytes twice; only what it refuses is looked up.
    Raises MessageRefused for a transport number that was used for other bytes.
    """
    rows = [_row(offer, packed, now) for offer, packed in offered]
    fresh = dict(insert_new(connection, inbox, rows, BYTES))
    intakes: list[Intake | None] = []
    bodies: dict[int, Packed] = {}
    for row, (_, packed) in zip(rows, offered, strict=True):
        number = fresh.pop(_bytes_of(row), None)
        if number is not None:
            bodies[number] = packed
        intakes.append(None if number is None else Intake(number, is_new=True))
    if bodies:
        store_pieces(connection, inbox_stuk, bodies.items())
        add(connection, ONTVANGEN, len(bodies))
        put_in_turn(connection, list(bodies), now)
    refused = [row for row, intake in zip(rows, intakes, strict=True) if intake is None]
    known = iter(_known(connection, refused) if refused else ())
    return [intake or Intake(next(known), is_new=False) for intake in intakes]


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
        "spoor": offer.spoor,
    }


def _seen(naam: str, head: bytes) -> Peek:
    """Between whom a message, or the message of an opdracht, goes."""
    return peek_opdracht(head) if is_opdracht(naam) else peek([head])


def _bytes_of(row: Row) -> tuple[str, str]:
    return row["ontvanger"], row["sha256"]


def _known(connection: Connection, refused: Sequence[Row]) -> Sequence[int]:
    """Where the bytes of these rows are kept already.

    Raises MessageRefused for one whose transport number was used for other bytes.
    """
    is_sqlite = connection.dialect.name == "sqlite"
    same_bytes = _ROWS.where(
        among(inbox.c.ontvanger, is_sqlite, "ontvangers"), among(inbox.c.sha256, is_sqlite)
    )
    wanted = {
        "ontvangers": as_keys(sorted({row["ontvanger"] for row in refused}), is_sqlite),
        KEYS: as_keys([row["sha256"] for row in refused], is_sqlite),
    }
    kept = {(row.ontvanger, row.sha256): row.id for row in connection.execute(same_bytes, wanted)}
    used = _used(connection, [row["transport_id"] for row in refused if row["transport_id"]])
    for row in refused:
        if used.get(row["transport_id"], row["sha256"]) != row["sha256"]:
            raise MessageRefused("dit transportnummer is eerder gebruikt voor een ander bericht")
    try:
        return [kept[_bytes_of(row)] for row in refused]
    except KeyError:
        raise TemporaryFailure("een eerder bericht verdween intussen; later opnieuw") from None


def _used(connection: Connection, transport_ids: Sequence[str]) -> Mapping[str, str]:
    """For which bytes transport numbers were used."""
    if not transport_ids:
        return {}
    is_sqlite = connection.dialect.name == "sqlite"
    same_number = _ROWS.where(among(inbox.c.transport_id, is_sqlite))
    found = connection.execute(same_number, {KEYS: as_keys(transport_ids, is_sqlite)})
    return {row.transport_id: row.sha256 for row in found}


_ROWS = sa.select(inbox.c.id, inbox.c.ontvanger, inbox.c.sha256, inbox.c.transport_id)

"""Puts an event out that no judgement made, in the transaction of what happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.engine import Connection

from gateway.store.engine import insert_one
from gateway.store.events import event_body
from gateway.store.pieces import Packed, store_pieces
from gateway.store.tables import EVENT, outbox, outbox_stuk


@dataclass(frozen=True, slots=True)
class Melding:
    """What happened: its kind, a name that no other event has, and which message it is about."""

    soort: str
    naam: str
    inbox_id: int
    gemeente: str
    data: Mapping[str, Any]


def put_out(connection: Connection, melding: Melding, moment: float) -> None:
    """Put it in the outbox; `moment` is when it happened (epoch seconds)."""
    body = event_body(melding.soort, melding.gemeente, melding.inbox_id, moment, melding.data)
    packed = Packed([body])
    try:
        row = {
            "soort": EVENT,
            "naam": melding.naam,
            "inbox_id": melding.inbox_id,
            "gemeente": melding.gemeente,
            "berichttype": melding.soort,
            "stukken": packed.count,
            "created_at": moment,
            "next_at": moment,
            "tries": 0,
        }
        owner = insert_one(connection, outbox, row)
        store_pieces(connection, outbox_stuk, [(owner, packed)])
    finally:
        packed.close()

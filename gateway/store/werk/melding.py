"""Tells the backoffice what people decided: one event for each message."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.store.events import event_body
from gateway.store.pieces import Packed, store_pieces
from gateway.store.tables import EVENT, outbox, outbox_stuk
from gateway.store.werk.tables import GELDT

GENOMEN, INGETROKKEN = "besluit-genomen", "besluit-ingetrokken"
AT_ONCE = 500


def tell_backoffice(
    connection: Connection, row: Any, posts: Sequence[Any], staat: str, moment: float
) -> None:
    """Put events out on a decision that came into force or was taken back.

    `posts` are in order of message.  The reason is for people and stays here.
    """
    soort = GENOMEN if staat == GELDT else INGETROKKEN
    events = []
    for inbox_id, found in groupby(posts, lambda one: one.inbox_id):
        of_message = list(found)
        told = {
            "besluit": row.id,
            "soort": row.soort,
            "regels": [_told(one) for one in of_message],
            "bedrag": sum(one.belang for one in of_message),
        }
        body = event_body(soort, row.gemeente, inbox_id, moment, told)
        naam = f"{soort}_{row.id}_{inbox_id}"
        events.append((_outbox_row(soort, naam, row.gemeente, inbox_id, moment), body))
    for begin in range(0, len(events), AT_ONCE):
        _put_out(connection, events[begin : begin + AT_ONCE])


def _told(post: Any) -> dict[str, object]:
    return {"regel": post.reference, "nummer": post.regelnr, "code": post.rule}


def _outbox_row(
    soort: str, naam: str, gemeente: str, inbox_id: int, moment: float
) -> dict[str, Any]:
    return {
        "soort": EVENT,
        "naam": naam,
        "inbox_id": inbox_id,
        "gemeente": gemeente,
        "berichttype": soort,
        "stukken": 1,
        "created_at": moment,
        "next_at": moment,
        "tries": 0,
    }


def _put_out(connection: Connection, events: Sequence[tuple[dict[str, Any], bytes]]) -> None:
    rows = []
    packed = [Packed([body]) for _, body in events]
    try:
        for (row, _), one in zip(events, packed, strict=True):
            rows.append(row | {"stukken": one.count})
        numbers = connection.scalars(_PUT_OUT, rows).all()
        store_pieces(connection, outbox_stuk, zip(numbers, packed, strict=True))
    finally:
        for one in packed:
            one.close()


_PUT_OUT = sa.insert(outbox).returning(outbox.c.id, sort_by_parameter_order=True)

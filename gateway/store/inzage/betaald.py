"""In which payment a line is, of those that were released: what is a plan is nobody's business."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.ledger.overzicht import Betaling
from gateway.store.geld.betalen.einde import eindes, stand_of
from gateway.store.geld.betalen.tables import VAST, betaalregel, betaalrun, betaling

Sleutel = tuple[int, int]
_R, _B, _N = betaalregel.c, betaling.c, betaalrun.c


def betaald_van(connection: Connection, regels: Sequence[Sleutel]) -> Mapping[Sleutel, Betaling]:
    """The payment of each line (number of its message, its own number) that is in one."""
    key = (_R.inbox_id, _R.regelnr)
    berichten = sorted({inbox_id for inbox_id, _ in regels})
    # By the messages first: SQLite finds no pair by an index.
    wanted = (_R.inbox_id.in_(berichten), sa.tuple_(*key).in_(list(regels)))
    held = _held(*key, _R.bedrag).where(*wanted).cte("vast")
    found = connection.execute(_told(held, held.c.inbox_id, held.c.regelnr))
    return {(row[0], row[1]): Betaling(*row[2:]) for row in found}


def betalingen_van(connection: Connection, inbox_id: int) -> Sequence[Betaling]:
    """The payments that lines of a message are in, with what those lines come to in each."""
    total = sa.cast(sa.func.sum(_R.bedrag), sa.BigInteger).label("bedrag")
    held = _held(total).where(_R.inbox_id == inbox_id).group_by(_R.betaling_id, _B.kenmerk)
    told = _told(held.cte("vast"))
    return [Betaling(*row) for row in connection.execute(told)]


def _held(*columns: Any) -> sa.Select[Any]:
    """Lines in released payments."""
    return (
        sa.select(*columns, _R.betaling_id, _B.kenmerk)
        .join_from(betaalregel, betaling, _B.id == _R.betaling_id)
        .join(betaalrun, _N.id == _B.run_id)
        .where(_N.staat.in_(VAST))
    )


def _told(held: sa.CTE, *key: Any) -> sa.Select[Any]:
    """What became of what is held, in the order of Betaling behind its key."""
    einde = eindes(_B.id.in_(sa.select(held.c.betaling_id))).c
    return (
        sa.select(
            *key,
            held.c.kenmerk,
            held.c.bedrag,
            stand_of(einde),
            einde.betaald_op,
            einde.teruggekomen_op,
            sa.case((einde.kenmerk != held.c.kenmerk, einde.kenmerk)),
            held.c.betaling_id,
        )
        .where(einde.betaling_id == held.c.betaling_id)
        .order_by(held.c.betaling_id)
    )

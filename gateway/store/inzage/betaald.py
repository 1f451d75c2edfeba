"""In which payment a line is, of those that were released: what is a plan is nobody's business."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.ledger.overzicht import Betaling
from gateway.store.geld.betalen.tables import VAST, betaalregel, betaalrun, betaling

Sleutel = tuple[int, int]
_R, _B, _N = betaalregel.c, betaling.c, betaalrun.c


def betaald_van(connection: Connection, regels: Sequence[Sleutel]) -> Mapping[Sleutel, Betaling]:
    """The payment of each line (number of its message, its own number) that is in one."""
    query = (
        sa.select(
            _R.inbox_id,
            _R.regelnr,
            _B.kenmerk,
            _R.bedrag,
            _B.betaald_op,
            _B.teruggekomen_op,
            _B.bedrag,
            _B.id,
        )
        .join_from(betaalregel, betaling, _B.id == _R.betaling_id)
        .join(betaalrun, _N.id == _B.run_id)
        .where(
            sa.tuple_(_R.inbox_id, _R.regelnr).in_(list(regels)),
            _N.staat.in_(VAST),
        )
    )
    return {(row[0], row[1]): Betaling(*row[2:]) for row in connection.execute(query)}


def betalingen_van(connection: Connection, inbox_id: int) -> Sequence[Betaling]:
    """The payments that lines of a message are in, with what those lines come to in each."""
    query = (
        sa.select(
            _B.kenmerk,
            sa.cast(sa.func.sum(_R.bedrag), sa.BigInteger),
            _B.betaald_op,
            _B.teruggekomen_op,
            _B.bedrag,
            _B.id,
        )
        .join_from(betaalregel, betaling, _B.id == _R.betaling_id)
        .join(betaalrun, _N.id == _B.run_id)
        .where(_R.inbox_id == inbox_id, _N.staat.in_(VAST))
        .group_by(_B.id)
        .order_by(_B.id)
    )
    return [Betaling(*row) for row in connection.execute(query)]

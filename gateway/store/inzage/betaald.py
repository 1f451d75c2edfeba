"""In which payment a line is, of those that were released: what is a plan is nobody's business."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.ledger.overzicht import Betaling
from gateway.store.tables import metadata

Sleutel = tuple[int, int]
RELEASED = ("vrijgegeven", "bestand", "betaald")
_REGEL = sa.table(
    "betaalregel",
    sa.column("inbox_id", sa.BigInteger),
    sa.column("regelnr", sa.Integer),
    sa.column("betaling_id", sa.BigInteger),
    sa.column("bedrag", sa.BigInteger),
)
_BETALING = sa.table(
    "betaling",
    sa.column("id", sa.BigInteger),
    sa.column("run_id", sa.BigInteger),
    sa.column("kenmerk", sa.String),
    sa.column("betaald_op", sa.Date),
    sa.column("teruggekomen_op", sa.Date),
    sa.column("bedrag", sa.BigInteger),
)
_RUN = sa.table("betaalrun", sa.column("id", sa.BigInteger), sa.column("staat", sa.String))


def betaald_van(connection: Connection, regels: Sequence[Sleutel]) -> Mapping[Sleutel, Betaling]:
    """The payment of each line (number of its message, its own number) that is in one."""
    if _REGEL.name not in metadata.tables:
        return {}
    query = (
        sa.select(
            _REGEL.c.inbox_id,
            _REGEL.c.regelnr,
            _BETALING.c.kenmerk,
            _REGEL.c.bedrag,
            _BETALING.c.betaald_op,
            _BETALING.c.teruggekomen_op,
            _BETALING.c.bedrag,
        )
        .join_from(_REGEL, _BETALING, _BETALING.c.id == _REGEL.c.betaling_id)
        .join(_RUN, _RUN.c.id == _BETALING.c.run_id)
        .where(
            sa.tuple_(_REGEL.c.inbox_id, _REGEL.c.regelnr).in_(list(regels)),
            _RUN.c.staat.in_(RELEASED),
        )
    )
    return {(row[0], row[1]): Betaling(*row[2:]) for row in connection.execute(query)}

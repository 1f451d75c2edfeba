"""Where the money of a payment ended: in itself, or in the payment that took along what came back.

One walk over the balances, for all that asks whether a line was paid: a line of a 323 or of an
invoice outside the traffic, in a statement or when a year closes.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from gateway.ledger.overzicht import BETAALD, ONDERWEG, TERUG, VERREKEND
from gateway.store.geld.betalen.tables import TERUGGEKOMEN, betaalrun, betaalsaldo, betaling

B, N, SALDO = betaling.c, betaalrun.c, betaalsaldo.c
_einde = betaling.alias("einde")


def eindes(*which: sa.ColumnElement[bool]) -> sa.CTE:
    """Of some payments, by `betaling_id`, the one in which they ended for now.

    `kenmerk` and `bedrag` are of that one.  `betaald_op` is when the money was paid for good and
    `teruggekomen_op` when it last came back, `is_terug` tells that it has not left again.  A run
    that nobody released takes nothing along: it is only a plan.
    """
    weg = (
        sa.select(
            B.id.label("betaling_id"),
            B.id.label("einde_id"),
            sa.cast(sa.null(), sa.Date).label("teruggekomen_op"),
        )
        .where(*which)
        .cte("weg", recursive=True)
    )
    vorige = betaling.alias("vorige")
    weg = weg.union_all(
        sa.select(weg.c.betaling_id, SALDO.in_id, vorige.c.teruggekomen_op)
        .join_from(weg, vorige, vorige.c.id == weg.c.einde_id)
        .join(betaalsaldo, sa.and_(SALDO.uit_id == vorige.c.id, _TAKEN_ALONG))
    )
    went_on = sa.exists().where(SALDO.uit_id == weg.c.einde_id, _TAKEN_ALONG)
    end, is_back = _einde.c, _einde.c.teruggekomen_op.is_not(None)
    return (
        sa.select(
            weg.c.betaling_id,
            end.kenmerk,
            end.bedrag,
            sa.case((~is_back, end.betaald_op)).label("betaald_op"),
            sa.func.coalesce(end.teruggekomen_op, weg.c.teruggekomen_op).label("teruggekomen_op"),
            is_back.label("is_terug"),
        )
        .join_from(weg, _einde, end.id == weg.c.einde_id)
        .where(~went_on)
        .cte("eindes")
    )


def stand_of(einde: Any) -> Any:
    """How far the money of a payment is, in the words of a statement."""
    return sa.case(
        (einde.is_terug, TERUG),
        (einde.betaald_op.is_(None), ONDERWEG),
        (einde.bedrag == 0, VERREKEND),
        else_=BETAALD,
    )


_taker, _its_run = betaling.alias("neemt"), betaalrun.alias("in_run")
_TAKEN_ALONG = sa.and_(
    SALDO.soort == TERUGGEKOMEN,
    sa.exists()
    .where(
        _taker.c.id == SALDO.in_id,
        _its_run.c.id == _taker.c.run_id,
        _its_run.c.vrijgegeven_at.is_not(None),
    )
    .correlate(betaalsaldo),
)

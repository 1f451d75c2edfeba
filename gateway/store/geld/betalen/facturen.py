"""Invoices outside the message traffic as a payment knows them: approved lines, each paid once.

What holds a line is `factuurregel.betaling_id`: only a line that is in no payment goes into one.
An approval is here what a 325 is to a 323, and the moment at which it was put down its receipt.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.store.geld.betalen.blokkades import holds_factuur
from gateway.store.geld.betalen.einde import eindes
from gateway.store.geld.betalen.tables import betaling
from gateway.store.geld.nazorg.tables import (
    BETAALBAAR,
    BETAALD,
    GOEDGEKEURD,
    IN_BETALING,
    factuur,
    factuurregel,
)
from gateway.store.geld.tables import voorstel

B, F, L = betaling.c, factuur.c, factuurregel.c
# As text in the statement, so that the index on what can be paid is used.
IS_OPEN = L.staat == sa.literal_column(f"'{BETAALBAAR}'")
# The lists of the standard number a product after the category that it is in.
CATEGORIE = sa.func.substr(L.productcode, 1, 2)
OPEN = (
    sa.select(
        F.id.label("stuk_id"),
        F.gemeente,
        F.aanbieder,
        F.gemaakt_at.label("received_at"),
        voorstel.c.besloten_at.label("sent_at"),
        sa.func.count().label("regels_open"),
        sa.func.sum(L.bedrag).label("bedrag_open"),
    )
    .join_from(factuurregel, factuur, F.id == L.factuur_id)
    .join(voorstel, voorstel.c.id == F.voorstel_id)
    .where(IS_OPEN)
    .group_by(F.id, F.gemeente, F.aanbieder, F.gemaakt_at, voorstel.c.besloten_at)
)


def take(run: int, facturen: sa.Select[tuple[int]], dag: date) -> sa.Update:
    """Put what is open of some invoices, and not blocked on a day, into the payments of a run."""
    return (
        sa.update(factuurregel)
        .where(
            IS_OPEN,
            F.id == L.factuur_id,
            F.id.in_(facturen),
            ~holds_factuur(dag),
            B.run_id == run,
            B.gemeente == F.gemeente,
            B.aanbieder == F.aanbieder,
        )
        .values(staat=IN_BETALING, betaling_id=B.id)
    )


def free(betalingen: sa.ScalarSelect[int]) -> sa.Update:
    """Give back what payments hold."""
    own = sa.update(factuurregel).where(L.betaling_id.in_(betalingen))
    return own.values(staat=BETAALBAAR, betaling_id=None)


def follow(connection: Connection, *which: sa.ColumnElement[bool]) -> None:
    """Lines are paid as far as their payments are, after these changed.

    What came back may have gone along in another payment of the same aanbieder.
    """
    changed = sa.select(B.gemeente, B.aanbieder).where(*which).cte("veranderd")
    of_same = sa.tuple_(B.gemeente, B.aanbieder).in_(sa.select(changed))
    einde = eindes(of_same).c
    staat = sa.case((einde.betaald_op.is_(None), IN_BETALING), else_=BETAALD)
    is_other = sa.or_(L.staat != staat, L.betaald_op.is_distinct_from(einde.betaald_op))
    own = sa.update(factuurregel).where(L.betaling_id == einde.betaling_id, is_other)
    connection.execute(own.values(staat=staat, betaald_op=einde.betaald_op))


def lost(run: int) -> sa.Select[Any]:
    """How many lines in a run are of an invoice that is not approved."""
    return _count_in(run, F.staat != GOEDGEKEURD)


def blocked(run: int, dag: date) -> sa.Select[Any]:
    """How many lines in a run are of an invoice that is blocked on a day."""
    return _count_in(run, holds_factuur(dag))


def _count_in(run: int, which: sa.ColumnElement[bool]) -> sa.Select[Any]:
    return (
        sa.select(sa.func.count())
        .join_from(betaling, factuurregel, L.betaling_id == B.id)
        .join(factuur, F.id == L.factuur_id)
        .where(B.run_id == run, which)
    )

"""What a payment takes of invoices outside the traffic: approved lines, each in one payment.

The seam for a payment run: it reads what can be paid, takes lines into a payment of its own in the
same transaction, and tells when that was paid or fell through.  `betaling` is its number there.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.store.geld.nazorg.tables import (
    BETAALBAAR,
    BETAALD,
    IN_BETALING,
    factuur,
    factuurregel,
)


class Betaalbaar(NamedTuple):
    """An approved line that is in no payment; `bedrag` in eurocents."""

    regel_id: int
    wet: str
    aanbieder: str
    factuurnummer: str
    bedrag: int


def payable(connection: Connection, gemeente: str, tot_en_met: date) -> Sequence[Betaalbaar]:
    """The lines of a municipality that can be paid, of invoices dated up to a day (inclusive)."""
    given = {"gemeente": gemeente, "dag": tot_en_met}
    return [Betaalbaar._make(row) for row in connection.execute(_PAYABLE, given)]


def take(connection: Connection, regels: Collection[int], betaling: int) -> int:
    """Put lines into a payment; returns how many, which is less where another was first."""
    own = factuurregel.c.id.in_(sorted(regels)), factuurregel.c.staat == BETAALBAAR
    change = sa.update(factuurregel).where(*own)
    return connection.execute(change.values(staat=IN_BETALING, betaling_id=betaling)).rowcount


def release(connection: Connection, betaling: int) -> int:
    """A payment fell through: its lines can be paid again."""
    own = factuurregel.c.betaling_id == betaling, factuurregel.c.staat == IN_BETALING
    change = sa.update(factuurregel).where(*own)
    return connection.execute(change.values(staat=BETAALBAAR, betaling_id=None)).rowcount


def paid(connection: Connection, betaling: int, dag: date) -> int:
    """A payment was made on a day."""
    own = factuurregel.c.betaling_id == betaling, factuurregel.c.staat == IN_BETALING
    change = sa.update(factuurregel).where(*own)
    return connection.execute(change.values(staat=BETAALD, betaald_op=dag)).rowcount


_PAYABLE = (
    sa.select(
        factuurregel.c.id,
        factuur.c.wet,
        factuur.c.aanbieder,
        factuur.c.factuurnummer,
        factuurregel.c.bedrag,
    )
    .join_from(factuurregel, factuur, factuur.c.id == factuurregel.c.factuur_id)
    .where(
        factuurregel.c.gemeente == sa.bindparam("gemeente"),
        factuurregel.c.staat == sa.literal_column(f"'{BETAALBAAR}'"),
        factuur.c.factuurdatum <= sa.bindparam("dag"),
    )
    .order_by(factuurregel.c.id)
)

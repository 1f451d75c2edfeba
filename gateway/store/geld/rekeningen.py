"""On which account a provider is paid."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.records.rekening import Rekening
from gateway.store.engine import AT_ONCE
from gateway.store.geld.tables import aanbieder_rekening as rekening


def rekeningen_op(
    connection: Connection, gemeente: str, aanbieders: Collection[str], dag: date
) -> Mapping[str, Rekening]:
    """The account of each provider (AGB code) on a day; who has none is not in it."""
    found: dict[str, Rekening] = {}
    wanted = sorted(set(aanbieders))
    for begin in range(0, len(wanted), AT_ONCE):
        given = {"gemeente": gemeente, "wie": wanted[begin : begin + AT_ONCE], "dag": dag}
        for row in connection.execute(_OP, given):
            found[row.aanbieder] = Rekening(row.iban, row.tenaamstelling)
    return found


# In the order in which they came to hold: the last of a provider stays.
_OP = (
    sa.select(rekening.c.aanbieder, rekening.c.iban, rekening.c.tenaamstelling)
    .where(
        rekening.c.gemeente == sa.bindparam("gemeente"),
        rekening.c.aanbieder.in_(sa.bindparam("wie", expanding=True)),
        rekening.c.vanaf <= sa.bindparam("dag"),
    )
    .order_by(rekening.c.aanbieder, rekening.c.vanaf, rekening.c.id)
)

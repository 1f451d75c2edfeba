"""Under which number a municipality knows a provider in its own books."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.store.engine import AT_ONCE
from gateway.store.register.tables import aanbieder_agb as agb
from gateway.store.register.tables import aanbieder_crediteur as crediteur


def crediteuren_op(
    connection: Connection, gemeente: str, aanbieders: Collection[str], dag: date
) -> Mapping[str, str]:
    """The number of each provider (AGB code) on a day; who has none is not in it.

    It is that of whom the code is of on the day, so that it goes along in a merger.
    """
    found: dict[str, str] = {}
    wanted = sorted(set(aanbieders))
    for begin in range(0, len(wanted), AT_ONCE):
        given = {"gemeente": gemeente, "wie": wanted[begin : begin + AT_ONCE], "dag": dag}
        found |= {row.agb: row.crediteurnummer for row in connection.execute(_OP, given)}
    return found


# In the order in which they came to hold: the last of a provider stays.
_OP = (
    sa.select(agb.c.agb, crediteur.c.crediteurnummer)
    .join_from(agb, crediteur, crediteur.c.aanbieder_id == agb.c.aanbieder_id)
    .where(
        agb.c.agb.in_(sa.bindparam("wie", expanding=True)),
        agb.c.vanaf <= sa.bindparam("dag"),
        sa.or_(agb.c.tot.is_(None), agb.c.tot >= sa.bindparam("dag")),
        crediteur.c.gemeente == sa.bindparam("gemeente"),
        crediteur.c.vanaf <= sa.bindparam("dag"),
    )
    .order_by(agb.c.agb, crediteur.c.vanaf)
)

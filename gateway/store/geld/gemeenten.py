"""Of which municipalities there is anything in a store."""

from __future__ import annotations

import sqlalchemy as sa

from gateway.store.engine import ALL, Database
from gateway.store.geld.tables import voorstel
from gateway.store.tables import partij


def gemeenten_in(database: Database) -> frozenset[str]:
    """The codes of all municipalities that have messages, or proposals."""
    query = sa.union(sa.select(partij.c.gemeente), sa.select(voorstel.c.gemeente))
    with database.snapshot(ALL) as connection:
        return frozenset(connection.scalars(query))

"""The tables of what was removed by a term; moments are seconds since 1970 (UTC)."""

from __future__ import annotations

import sqlalchemy as sa

from gateway.store.tables import Id, metadata

# A run over everything that has had its time on `dag`; without an end it goes on the next time.
opruiming = sa.Table(
    "opruiming",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("dag", sa.Date, nullable=False),
    sa.Column("begonnen_at", sa.Double, nullable=False),
    sa.Column("geeindigd_at", sa.Double),
)

# What a run removed of a kind, for a municipality ('' where it is of none): how many, how many
# bytes of the store, and which amount in eurocents stays without a person.
opruimtelling = sa.Table(
    "opruimtelling",
    metadata,
    sa.Column("opruiming_id", Id, sa.ForeignKey("opruiming.id"), primary_key=True),
    sa.Column("soort", sa.String(20), primary_key=True),
    sa.Column("gemeente", sa.String(12), primary_key=True),
    sa.Column("aantal", sa.BigInteger, nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("bedrag", sa.BigInteger, nullable=False),
)

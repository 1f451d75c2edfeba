"""Tables about money that more than one part uses.

Moments are seconds since 1970 (UTC), dates are dates, amounts eurocents.
"""

from __future__ import annotations

import sqlalchemy as sa

from gateway.store.tables import Id, metadata

# How far a proposal is.
VOORGESTELD, UITGEVOERD = "voorgesteld", "uitgevoerd"
GEWEIGERD, INGETROKKEN = "geweigerd", "ingetrokken"

# A change that a second person has to approve.  `soort` tells what carries it out, `onderwerp` what
# it is about in words for people, `inhoud` what is to be done as JSON, `bedrag` what is at stake.
voorstel = sa.Table(
    "voorstel",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("gemeente", sa.String(12), nullable=False),
    sa.Column("soort", sa.String(40), nullable=False),
    sa.Column("onderwerp", sa.Text, nullable=False),
    sa.Column("inhoud", sa.Text, nullable=False),
    sa.Column("bedrag", sa.BigInteger),
    sa.Column("staat", sa.String(12), nullable=False),
    sa.Column("wie", sa.String(80), nullable=False),
    sa.Column("naam", sa.String(120), nullable=False),
    sa.Column("gemaakt_at", sa.Double, nullable=False),
    sa.Column("tweede", sa.String(80)),
    sa.Column("tweede_naam", sa.String(120)),
    sa.Column("besloten_at", sa.Double),
    sa.Column("reden", sa.Text, nullable=False, server_default=""),
    sa.Index("voorstel_gemeente", "gemeente", "id"),
    sa.Index(
        "voorstel_open",
        "gemeente",
        "id",
        sqlite_where=sa.text("staat = 'voorgesteld'"),
        postgresql_where=sa.text("staat = 'voorgesteld'"),
    ),
)

# On which account a municipality pays a provider, from a day on; the last one from before a day
# holds on it.
aanbieder_rekening = sa.Table(
    "aanbieder_rekening",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("gemeente", sa.String(12), nullable=False),
    sa.Column("aanbieder", sa.String(12), nullable=False),
    sa.Column("iban", sa.String(34), nullable=False),
    sa.Column("tenaamstelling", sa.String(70), nullable=False),
    sa.Column("vanaf", sa.Date, nullable=False),
    sa.Column("voorstel_id", Id, sa.ForeignKey("voorstel.id")),
    sa.Index("aanbieder_rekening_op", "gemeente", "aanbieder", "vanaf", "id"),
)

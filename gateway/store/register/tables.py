"""The tables of the register: of the whole region, but for what one municipality books on.

Nothing is taken out: what is over has a last day.  Dates are inclusive.
"""

from __future__ import annotations

import sqlalchemy as sa

from gateway.store.tables import Id, metadata


def _number() -> sa.Column[int]:
    return sa.Column("id", Id, primary_key=True, autoincrement=True)


def _of_aanbieder(name: str = "aanbieder_id") -> sa.Column[int]:
    return sa.Column(name, Id, sa.ForeignKey("aanbieder.id"), nullable=False)


def _period() -> tuple[sa.Column[object], sa.Column[object]]:
    return sa.Column("vanaf", sa.Date, nullable=False), sa.Column("tot", sa.Date)


# The number of a provider is our own, given out one by one.  `kvk` has eight digits; `contact`
# names no person.
aanbieder = sa.Table(
    "aanbieder",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("kvk", sa.String(8)),
    sa.Column("contact", sa.Text, nullable=False, server_default=""),
    *_period(),
)

aanbieder_naam = sa.Table(
    "aanbieder_naam",
    metadata,
    _number(),
    _of_aanbieder(),
    sa.Column("naam", sa.String(120), nullable=False),
    sa.Column("vanaf", sa.Date, nullable=False),
    sa.Index("aanbieder_naam_van", "aanbieder_id", "vanaf"),
)

# A code is of one provider on a day.
aanbieder_agb = sa.Table(
    "aanbieder_agb",
    metadata,
    _number(),
    _of_aanbieder(),
    sa.Column("agb", sa.String(8), nullable=False),
    *_period(),
    sa.Index("aanbieder_agb_code", "agb", "vanaf", unique=True),
    sa.Index("aanbieder_agb_van", "aanbieder_id"),
)

# From `dag` on `naar_id` goes on with what `van_id` did; `agbs` with blanks between them.
aanbieder_overgang = sa.Table(
    "aanbieder_overgang",
    metadata,
    _number(),
    sa.Column("soort", sa.String(12), nullable=False),
    _of_aanbieder("van_id"),
    _of_aanbieder("naar_id"),
    sa.Column("dag", sa.Date, nullable=False),
    sa.Column("agbs", sa.Text, nullable=False),
    sa.Column("toelichting", sa.Text, nullable=False, server_default=""),
)

# The document of a contract; what holds for judging stands in the agreements.
aanbieder_contract = sa.Table(
    "aanbieder_contract",
    metadata,
    _number(),
    _of_aanbieder(),
    sa.Column("overeenkomst", sa.String(80), nullable=False),
    sa.Column("documentnummer", sa.String(80), nullable=False),
    *_period(),
    sa.Column("opmerking", sa.Text, nullable=False, server_default=""),
    sa.Index("aanbieder_contract_van", "aanbieder_id"),
)

onderaannemer = sa.Table(
    "onderaannemer",
    metadata,
    _number(),
    _of_aanbieder("hoofd_id"),
    _of_aanbieder("onder_id"),
    sa.Column("wet", sa.String(12)),
    sa.Column("productcategorie", sa.String(10)),
    *_period(),
    sa.Column("goedgekeurd_door", sa.String(120), nullable=False),
    sa.Index("onderaannemer_hoofd", "hoofd_id"),
    sa.Index("onderaannemer_onder", "onder_id"),
)

# Under which number a municipality knows a provider in its own books, from a day on.
aanbieder_crediteur = sa.Table(
    "aanbieder_crediteur",
    metadata,
    _number(),
    sa.Column("gemeente", sa.String(12), nullable=False),
    _of_aanbieder(),
    sa.Column("crediteurnummer", sa.String(40), nullable=False),
    sa.Column("vanaf", sa.Date, nullable=False),
    sa.Index("aanbieder_crediteur_op", "gemeente", "aanbieder_id", "vanaf", unique=True),
)

"""The tables of the year end; amounts are eurocents, moments seconds since 1970 (UTC)."""

from __future__ import annotations

import sqlalchemy as sa

from gateway.ledger.geld.specificatie import DECLARATIE
from gateway.store.tables import Id, metadata

# The amounts of `ledger.jaareinde.stand.Jaarstand`, in its order.
BEDRAGEN = (
    *("regels", "toegekend", "gecrediteerd", "laat"),
    *("afgewezen", "open", "vooruit", "overgenomen"),
    *("facturen", "facturen_open"),
)


def _number() -> sa.Column[int]:
    return sa.Column("id", Id, primary_key=True, autoincrement=True)


def _of(table: str) -> sa.Column[int]:
    """The key of a row that stands under another one."""
    return sa.Column(
        f"{table}_id", Id, sa.ForeignKey(f"{table}.id"), primary_key=True, autoincrement=False
    )


def _amounts() -> list[sa.Column[int]]:
    """Packs of before know nothing of invoices outside the traffic."""
    later = {"facturen": "0", "facturen_open": "0"}
    return [
        sa.Column(name, sa.BigInteger, nullable=False, server_default=later.get(name))
        for name in BEDRAGEN
    ]


# A pack that was made: up to which judgement (`volgnr`), the sha-256 of its manifest, and whether
# the ledger added up then.  The amounts are those of all products together.
jaarafsluiting = sa.Table(
    "jaarafsluiting",
    metadata,
    _number(),
    sa.Column("gemeente", sa.String(12), nullable=False),
    sa.Column("jaar", sa.Integer, nullable=False),
    sa.Column("gemaakt_at", sa.Double, nullable=False),
    sa.Column("volgnr", sa.BigInteger, nullable=False),
    sa.Column("map", sa.Text, nullable=False),
    sa.Column("manifest", sa.String(64), nullable=False),
    sa.Column("klopt", sa.SmallInteger, nullable=False),
    *_amounts(),
    sa.Index("jaarafsluiting_jaar", "gemeente", "jaar", "id"),
)

# What a pack says of each product of each aanbieder.
jaarstand = sa.Table(
    "jaarstand",
    metadata,
    _of("jaarafsluiting"),
    sa.Column("aanbieder", sa.String(12), primary_key=True),
    sa.Column("wet", sa.String(12), primary_key=True),
    sa.Column("productcode", sa.String(10), primary_key=True),
    sa.Column("gemeente", sa.String(12), nullable=False),
    *_amounts(),
)

# A production statement as it came in; `per` is by what it tells.  The one that came last for an
# aanbieder counts, the others have `vervallen` 1.  `toegekend` is what was granted at the last
# comparison (`vergeleken_at`), absent while there was none.
verantwoording = sa.Table(
    "verantwoording",
    metadata,
    _number(),
    sa.Column("gemeente", sa.String(12), nullable=False),
    sa.Column("jaar", sa.Integer, nullable=False),
    sa.Column("aanbieder", sa.String(12), nullable=False),
    sa.Column("ontvangen_at", sa.Double, nullable=False),
    sa.Column("door", sa.String(120), nullable=False),
    sa.Column("bestand", sa.Text, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("per", sa.String(12), nullable=False),
    sa.Column("regels", sa.Integer, nullable=False),
    sa.Column("bedrag", sa.BigInteger, nullable=False),
    sa.Column("vervallen", sa.SmallInteger, nullable=False),
    sa.Column("vergeleken_at", sa.Double),
    sa.Column("toegekend", sa.BigInteger),
    sa.Column("staat", sa.String(12), nullable=False),
    sa.Column("toelichting", sa.Text, nullable=False),
    sa.Column("beoordeeld_at", sa.Double),
    sa.Column("beoordeeld_door", sa.String(120)),
    sa.Index(
        "verantwoording_geldend",
        *("gemeente", "jaar", "aanbieder"),
        unique=True,
        sqlite_where=sa.text("vervallen = 0"),
        postgresql_where=sa.text("vervallen = 0"),
    ),
    sa.Index("verantwoording_ontvangen", "ontvangen_at"),
)

verantwoordingsregel = sa.Table(
    "verantwoordingsregel",
    metadata,
    _of("verantwoording"),
    sa.Column("nr", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("gemeente", sa.String(12), nullable=False),
    sa.Column("sleutel", sa.String(60), nullable=False),
    sa.Column("toewijzingnummer", sa.BigInteger),
    sa.Column("bedrag", sa.BigInteger, nullable=False),
)

# What the last comparison found; `codes` are retourcodes with blanks between them.
jaarverschil = sa.Table(
    "jaarverschil",
    metadata,
    _of("verantwoording"),
    sa.Column("nr", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("gemeente", sa.String(12), nullable=False),
    sa.Column("sleutel", sa.String(60), nullable=False),
    sa.Column("soort", sa.String(24), nullable=False),
    sa.Column("bedrag", sa.BigInteger, nullable=False),
    sa.Column("opgegeven", sa.BigInteger, nullable=False),
    sa.Column("toegekend", sa.BigInteger, nullable=False),
    sa.Column("codes", sa.Text, nullable=False),
    sa.Index("jaarverschil_soort", "verantwoording_id", "soort", "bedrag"),
)

# A sample: of one aanbieder or (absent) of all, of what was granted up to judgement `volgnr`.
# Tolerances are promille and `betrouwbaarheid` percent, as they were when it was drawn.
steekproef = sa.Table(
    "steekproef",
    metadata,
    _number(),
    sa.Column("gemeente", sa.String(12), nullable=False),
    sa.Column("jaar", sa.Integer, nullable=False),
    sa.Column("aanbieder", sa.String(12)),
    sa.Column("zaad", sa.String(80), nullable=False),
    sa.Column("volgnr", sa.BigInteger, nullable=False),
    sa.Column("regels", sa.BigInteger, nullable=False),
    sa.Column("populatie", sa.BigInteger, nullable=False),
    sa.Column("interval_centen", sa.BigInteger, nullable=False),
    sa.Column("start", sa.BigInteger, nullable=False),
    sa.Column("betrouwbaarheid", sa.Integer, nullable=False),
    sa.Column("tolerantie_fouten", sa.Integer, nullable=False),
    sa.Column("tolerantie_onzeker", sa.Integer, nullable=False),
    sa.Column("gemaakt_at", sa.Double, nullable=False),
    sa.Column("door", sa.String(120), nullable=False),
    sa.Index("steekproef_jaar", "gemeente", "jaar", "id"),
)

# A line of a sample, and what was found when somebody looked at it: `oordeel` is absent until then.
# `inbox_id` is the number of the message or of the invoice, as `bron` says: it has the name of the
# only one that there was at first.
steekproefpost = sa.Table(
    "steekproefpost",
    metadata,
    _of("steekproef"),
    sa.Column("nr", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("gemeente", sa.String(12), nullable=False),
    sa.Column("inbox_id", Id, nullable=False),
    sa.Column("regelnr", sa.Integer, nullable=False),
    sa.Column("aanbieder", sa.String(12), nullable=False),
    sa.Column("bedrag", sa.BigInteger, nullable=False),
    sa.Column("is_hoog", sa.SmallInteger, nullable=False),
    sa.Column("oordeel", sa.String(8)),
    sa.Column("afwijking", sa.BigInteger),
    sa.Column("reden", sa.Text),
    sa.Column("door", sa.String(120)),
    sa.Column("beoordeeld_at", sa.Double),
    sa.Column("bron", sa.String(12), nullable=False, server_default=DECLARATIE),
)

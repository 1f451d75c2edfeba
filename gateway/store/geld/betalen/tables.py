"""The tables of payment.

Moments are seconds since 1970 (UTC), dates are dates, amounts eurocents with their sign: a credit
takes away.
"""

from __future__ import annotations

import sqlalchemy as sa

from gateway.store.tables import Id, metadata

# How far a run is.
CONCEPT, VOORGESTELD, VRIJGEGEVEN = "concept", "voorgesteld", "vrijgegeven"
BESTAND, BETAALD, VERVALLEN = "bestand", "betaald", "vervallen"
# What a run may still change, and what has left it.
VAST = (VRIJGEGEVEN, BESTAND, BETAALD)
# What a block is on.
AANBIEDER, DECLARATIE, REGEL, FACTUUR = "aanbieder", "declaratie", "regel", "factuur"
# Why there is an open balance: a payment came to less than nothing, or came back from the bank.
NEGATIEF, TERUGGEKOMEN = "negatief", "teruggekomen"


def _number() -> sa.Column[int]:
    return sa.Column("id", Id, primary_key=True, autoincrement=True)


# A 323 whose 325 left and in which something is granted: what of it is in no payment yet.  So
# nobody has to look for unpaid lines among all lines.
betaalstuk = sa.Table(
    "betaalstuk",
    metadata,
    sa.Column("inbox_id", Id, primary_key=True, autoincrement=False),
    sa.Column("partij_id", Id, nullable=False),
    sa.Column("gemeente", sa.String(12), nullable=False),
    sa.Column("received_at", sa.Double, nullable=False),
    sa.Column("sent_at", sa.Double, nullable=False),
    sa.Column("regels", sa.BigInteger, nullable=False),
    sa.Column("bedrag", sa.BigInteger, nullable=False),
    sa.Column("regels_open", sa.BigInteger, nullable=False),
    sa.Column("bedrag_open", sa.BigInteger, nullable=False),
    sa.Index(
        "betaalstuk_open",
        "gemeente",
        "partij_id",
        sqlite_where=sa.text("regels_open > 0"),
        postgresql_where=sa.text("regels_open > 0"),
    ),
)

# `tot` is the last day on which a 325 left that counts, `vervalt_tot` the last day on which what is
# paid may fall due (absent: all of it).  `buiten` tells as JSON which aanbieders were left out and
# why.  `rekening_...` is the account that is paid from, `bericht_id` and `sha256` of the file.
betaalrun = sa.Table(
    "betaalrun",
    metadata,
    _number(),
    sa.Column("gemeente", sa.String(12), nullable=False),
    sa.Column("staat", sa.String(12), nullable=False),
    sa.Column("tot", sa.Date, nullable=False),
    sa.Column("vervalt_tot", sa.Date),
    sa.Column("uitvoering", sa.Date, nullable=False),
    sa.Column("wie", sa.String(80), nullable=False),
    sa.Column("naam", sa.String(120), nullable=False),
    sa.Column("gemaakt_at", sa.Double, nullable=False),
    sa.Column("betalingen", sa.Integer, nullable=False),
    sa.Column("regels", sa.BigInteger, nullable=False),
    sa.Column("bedrag", sa.BigInteger, nullable=False),
    sa.Column("hoogste", sa.BigInteger, nullable=False),
    sa.Column("buiten", sa.Text, nullable=False),
    sa.Column("voorstel_id", Id, sa.ForeignKey("voorstel.id")),
    sa.Column("vrijgegeven_at", sa.Double),
    sa.Column("vrijgegeven_naam", sa.String(120)),
    sa.Column("rekening_iban", sa.String(34)),
    sa.Column("rekening_naam", sa.String(70)),
    sa.Column("rekening_bic", sa.String(11)),
    sa.Column("bericht_id", sa.String(35)),
    sa.Column("bestand_at", sa.Double),
    sa.Column("sha256", sa.String(64)),
    sa.Column("betaald_op", sa.Date),
    sa.Column("vervallen_at", sa.Double),
    sa.Index("betaalrun_gemeente", "gemeente", "id"),
    sa.Index("betaalrun_bericht", "bericht_id", unique=True),
)

# What one run pays one aanbieder: `debet` and `credit` (without a sign) of its lines and
# `meegenomen` of earlier balances make `bedrag`, or `doorgeschoven` where that is below nothing.
# It is paid once `betaald_op` is filled and `teruggekomen_op` is not.
betaling = sa.Table(
    "betaling",
    metadata,
    _number(),
    sa.Column("run_id", Id, sa.ForeignKey("betaalrun.id"), nullable=False),
    sa.Column("gemeente", sa.String(12), nullable=False),
    sa.Column("aanbieder", sa.String(12), nullable=False),
    sa.Column("iban", sa.String(34), nullable=False),
    sa.Column("tenaamstelling", sa.String(70), nullable=False),
    sa.Column("kenmerk", sa.String(35), nullable=False),
    sa.Column("regels", sa.BigInteger, nullable=False),
    sa.Column("debet", sa.BigInteger, nullable=False),
    sa.Column("credit", sa.BigInteger, nullable=False),
    sa.Column("meegenomen", sa.BigInteger, nullable=False),
    sa.Column("bedrag", sa.BigInteger, nullable=False),
    sa.Column("doorgeschoven", sa.BigInteger, nullable=False),
    sa.Column("betaald_op", sa.Date),
    sa.Column("teruggekomen_op", sa.Date),
    sa.Column("reden", sa.Text),
    sa.Index("betaling_run", "run_id", "aanbieder", unique=True),
    sa.Index("betaling_aanbieder", "gemeente", "aanbieder", "id"),
    sa.Index("betaling_kenmerk", "kenmerk", unique=True),
)

# Which granted line is in which payment: its key is what keeps a line from being paid twice.
# `prestatie_id` is the row of the line at that moment.
betaalregel = sa.Table(
    "betaalregel",
    metadata,
    sa.Column("inbox_id", Id, primary_key=True, autoincrement=False),
    sa.Column("regelnr", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("betaling_id", Id, sa.ForeignKey("betaling.id"), nullable=False),
    sa.Column("prestatie_id", Id, nullable=False),
    sa.Column("bedrag", sa.BigInteger, nullable=False),
    sa.Index("betaalregel_betaling", "betaling_id", "inbox_id", "regelnr"),
)

# What the lines of a payment come to by what a ledger asks for; `jaar` is that of delivery.
betaalpost = sa.Table(
    "betaalpost",
    metadata,
    sa.Column("betaling_id", Id, sa.ForeignKey("betaling.id"), primary_key=True),
    sa.Column("wet", sa.String(12), primary_key=True),
    sa.Column("productcategorie", sa.String(10), primary_key=True),
    sa.Column("productcode", sa.String(10), primary_key=True),
    sa.Column("jaar", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("regels", sa.BigInteger, nullable=False),
    sa.Column("bedrag", sa.BigInteger, nullable=False),
)

# What a later payment takes along, once: below nothing what an aanbieder owes, above it what came
# back.  `uit_id` is the payment that it is left of, `in_id` the one that took it along.
betaalsaldo = sa.Table(
    "betaalsaldo",
    metadata,
    _number(),
    sa.Column("gemeente", sa.String(12), nullable=False),
    sa.Column("aanbieder", sa.String(12), nullable=False),
    sa.Column("soort", sa.String(12), nullable=False),
    sa.Column("bedrag", sa.BigInteger, nullable=False),
    sa.Column("uit_id", Id, sa.ForeignKey("betaling.id"), nullable=False),
    sa.Column("in_id", Id, sa.ForeignKey("betaling.id")),
    sa.Index("betaalsaldo_uit", "uit_id", unique=True),
    sa.Index("betaalsaldo_in", "in_id"),
    sa.Index(
        "betaalsaldo_open",
        "gemeente",
        "aanbieder",
        sqlite_where=sa.text("in_id IS NULL"),
        postgresql_where=sa.text("in_id IS NULL"),
    ),
)

# What holds up payment, and never the 325: of an aanbieder, a 323, a line of it (`regelnr` too) or
# an invoice outside the traffic, from a day up to and including another one or until somebody lifts
# it.  `stuk_id` is the number of the message or of the invoice, as `soort` says; its column has
# the name of the only one that there was at first.
betaalblokkade = sa.Table(
    "betaalblokkade",
    metadata,
    _number(),
    sa.Column("gemeente", sa.String(12), nullable=False),
    sa.Column("soort", sa.String(12), nullable=False),
    sa.Column("aanbieder", sa.String(12), nullable=False),
    sa.Column("inbox_id", Id, key="stuk_id"),
    sa.Column("regelnr", sa.Integer),
    sa.Column("vanaf", sa.Date, nullable=False),
    sa.Column("tot", sa.Date),
    sa.Column("reden", sa.Text, nullable=False),
    sa.Column("wie", sa.String(80), nullable=False),
    sa.Column("naam", sa.String(120), nullable=False),
    sa.Column("gemaakt_at", sa.Double, nullable=False),
    sa.Column("opgeheven_at", sa.Double),
    sa.Column("opgeheven_naam", sa.String(120)),
    sa.Index(
        "betaalblokkade_geldt",
        "gemeente",
        "soort",
        "aanbieder",
        sqlite_where=sa.text("opgeheven_at IS NULL"),
        postgresql_where=sa.text("opgeheven_at IS NULL"),
    ),
    sa.Index(
        "betaalblokkade_stuk",
        "stuk_id",
        "regelnr",
        sqlite_where=sa.text("inbox_id IS NOT NULL AND opgeheven_at IS NULL"),
        postgresql_where=sa.text("inbox_id IS NOT NULL AND opgeheven_at IS NULL"),
    ),
    sa.Index("betaalblokkade_gemeente", "gemeente", "id"),
)

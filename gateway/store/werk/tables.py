"""The tables of the worklist; moments are seconds since 1970 (UTC), amounts eurocents.

`werkpost` and the counts of `oorzaak` follow from the findings and can be made again at any time;
what people did (`besluit`, `besluit_post`, `werklog`, the owners) cannot.
"""

from __future__ import annotations

import sqlalchemy as sa

from gateway.store.tables import Id, metadata
from gateway.store.toegang.tables import only_added_to

# What becomes of a decision, in the column `staat`.
CONCEPT, VOORGESTELD, GELDT = "concept", "voorgesteld", "geldt"
INGETROKKEN, GEWEIGERD = "ingetrokken", "geweigerd"
# How a post of a decision counts: not (any more), kept from others, in force.
TELT_NIET, BEZET, BESLOTEN = 0, 1, 2
_JUDGED_AGAIN = "soort = 'opnieuw beoordelen' AND staat = 'geldt' AND tot_at IS NULL"


def _number() -> sa.Column[int]:
    return sa.Column("id", Id, primary_key=True, autoincrement=True)


# Messages of which the findings have to be looked at again; `volgnr` is the judgement that may have
# overtaken findings of others, and `na` how far a large message was looked at.
werk_wachtrij = sa.Table(
    "werk_wachtrij",
    metadata,
    _number(),
    sa.Column("inbox_id", Id, nullable=False),
    sa.Column("volgnr", sa.BigInteger),
    sa.Column("na", sa.BigInteger, nullable=False, server_default="0"),
)

# A cause that is or was open, in the order of the fields of `Oorzaak`; the counts are those of
# `Omvang`.  `gewicht` is the amount without its sign, `termijn` the first day on which something
# of it is decided without a person, `oudste_at` when its first message came in.
oorzaak = sa.Table(
    "oorzaak",
    metadata,
    _number(),
    sa.Column("gemeente", sa.String(12), nullable=False),
    sa.Column("wet", sa.String(12), nullable=False),
    sa.Column("rule", sa.String(12), nullable=False),
    sa.Column("retourcode", sa.String(4), nullable=False),
    sa.Column("product", sa.Text, nullable=False),
    sa.Column("aanbieder", sa.String(12), nullable=False),
    sa.Column("overeenkomst", sa.Text),
    sa.Column("bevindingen", sa.Integer, nullable=False, server_default="0"),
    sa.Column("belang", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("gewicht", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("berichten", sa.Integer, nullable=False, server_default="0"),
    sa.Column("toewijzingen", sa.Integer, nullable=False, server_default="0"),
    sa.Column("aangehouden", sa.Integer, nullable=False, server_default="0"),
    sa.Column("termijn", sa.Date, nullable=False),
    sa.Column("oudste_at", sa.Double, nullable=False),
    sa.Column("voorbeeld", sa.Text, nullable=False, server_default=""),
    sa.Column("eigenaar", sa.String(80)),
    sa.Column("eigenaar_naam", sa.String(120)),
    sa.Index(
        "oorzaak_uniek",
        *("aanbieder", "gemeente", "wet", "rule", "retourcode", "product"),
        unique=True,
    ),
    # Everything that is asked per provider, so that no row has to be looked at.
    sa.Index(
        "oorzaak_aanbieder",
        *("aanbieder", "gemeente", "gewicht", "bevindingen"),
        sqlite_where=sa.text("bevindingen > 0"),
        postgresql_where=sa.text("bevindingen > 0"),
    ),
    *(
        sa.Index(
            f"oorzaak_{key}",
            key,
            "id",
            sqlite_where=sa.text("bevindingen > 0"),
            postgresql_where=sa.text("bevindingen > 0"),
        )
        for key in ("gewicht", "termijn", "oudste_at")
    ),
)

# An open finding.  `onderwerp` is the line or class that it is about: with message and rule it
# stays the same however often the message is judged again.
werkpost = sa.Table(
    "werkpost",
    metadata,
    sa.Column("bevinding_id", Id, primary_key=True, autoincrement=False),
    sa.Column("oorzaak_id", Id, nullable=False),
    sa.Column("inbox_id", Id, nullable=False),
    sa.Column("partij_id", Id, nullable=False),
    sa.Column("gemeente", sa.String(12), nullable=False),
    sa.Column("wet", sa.String(12), nullable=False),
    sa.Column("rule", sa.String(12), nullable=False),
    sa.Column("onderwerp", sa.Text, nullable=False),
    sa.Column("effect", sa.String(8), nullable=False),
    sa.Column("klasse", sa.String(40), nullable=False),
    sa.Column("regelnr", sa.Integer),
    sa.Column("reference", sa.String(40)),
    sa.Column("productcode", sa.String(10)),
    sa.Column("toewijzingnummer", sa.BigInteger),
    sa.Column("begindatum", sa.Date),
    sa.Column("overeenkomst", sa.Text),
    sa.Column("belang", sa.BigInteger, nullable=False),
    sa.Column("gewicht", sa.BigInteger, nullable=False),
    sa.Column("aangehouden", sa.SmallInteger, nullable=False),
    sa.Column("termijn", sa.Date, nullable=False),
    sa.Column("received_at", sa.Double, nullable=False),
    sa.Column("van_volgnr", sa.BigInteger, nullable=False),
    sa.Index("werkpost_gewicht", "oorzaak_id", "gewicht", "bevinding_id"),
    sa.Index("werkpost_termijn", "oorzaak_id", "termijn", "bevinding_id"),
    sa.Index("werkpost_leeftijd", "oorzaak_id", "received_at", "bevinding_id"),
    sa.Index("werkpost_bericht", "inbox_id", "bevinding_id"),
    sa.Index("werkpost_toewijzing", "toewijzingnummer", "partij_id"),
)

# What a provider asked for and what was granted, in invoices of which the period begins in a month
# (`YYYY-MM`); an invoice that was rejected as a whole counts as not sent.
maandstand = sa.Table(
    "maandstand",
    metadata,
    sa.Column("partij_id", Id, primary_key=True, autoincrement=False),
    sa.Column("maand", sa.String(7), primary_key=True),
    sa.Column("gemeente", sa.String(12), nullable=False),
    sa.Column("wet", sa.String(12), nullable=False),
    sa.Column("aanbieder", sa.String(12), nullable=False),
    sa.Column("declaraties", sa.Integer, nullable=False),
    sa.Column("ingediend", sa.BigInteger, nullable=False),
    sa.Column("toegekend", sa.BigInteger, nullable=False),
    sa.Index("maandstand_maand", "maand", "gemeente"),
    sa.Index("maandstand_aanbieder", "aanbieder", "maand"),
)

# How messages between two parties (`paar` of the inbox) were judged, by the month (`YYYY-MM`) in
# which they came in; what waits for a person or was never judged counts in none.
oordeelstand = sa.Table(
    "oordeelstand",
    metadata,
    sa.Column("paar", sa.String(30), primary_key=True),
    sa.Column("maand", sa.String(7), primary_key=True),
    sa.Column("berichtcode", sa.String(8), primary_key=True),
    sa.Column("gemeente", sa.String(12), primary_key=True),
    sa.Column("afzender", sa.String(12), primary_key=True),
    sa.Column("goed", sa.Integer, nullable=False),
    sa.Column("deels", sa.Integer, nullable=False),
    sa.Column("afgewezen", sa.Integer, nullable=False),
    sa.Index("oordeelstand_maand", "maand", "berichtcode", "gemeente"),
    sa.Index("oordeelstand_afzender", "afzender", "maand"),
)

# A decision of a person.  Who proposed it does not approve it; `aantal` and `bedrag` are those of
# the list of posts, which was frozen when it was shown.  `tot_at` is until when it can be undone,
# and for what was judged again when that was done.
besluit = sa.Table(
    "besluit",
    metadata,
    _number(),
    sa.Column("gemeente", sa.String(12), nullable=False),
    sa.Column("oorzaak_id", Id, sa.ForeignKey("oorzaak.id")),
    sa.Column("soort", sa.String(40), nullable=False),
    sa.Column("staat", sa.String(12), nullable=False),
    sa.Column("wie", sa.String(80), nullable=False),
    sa.Column("naam", sa.String(120), nullable=False),
    sa.Column("reden", sa.Text, nullable=False),
    sa.Column("aantal", sa.Integer, nullable=False),
    sa.Column("bedrag", sa.BigInteger, nullable=False),
    sa.Column("gemaakt_at", sa.Double, nullable=False),
    sa.Column("tot_at", sa.Double),
    sa.Index(
        "besluit_open",
        "gemeente",
        "id",
        sqlite_where=sa.text("staat = 'voorgesteld'"),
        postgresql_where=sa.text("staat = 'voorgesteld'"),
    ),
    # What is being judged again.
    sa.Index(
        "besluit_bezig",
        "id",
        sqlite_where=sa.text(_JUDGED_AGAIN),
        postgresql_where=sa.text(_JUDGED_AGAIN),
    ),
    sa.Index("besluit_oorzaak", "oorzaak_id", "id"),
)

# A finding that a decision is about.  `was_besluit_op` is when its message would have been decided
# without anybody, to go back to.
besluit_post = sa.Table(
    "besluit_post",
    metadata,
    sa.Column("besluit_id", Id, sa.ForeignKey("besluit.id"), primary_key=True),
    sa.Column("inbox_id", Id, primary_key=True),
    sa.Column("rule", sa.String(12), primary_key=True),
    sa.Column("onderwerp", sa.Text, primary_key=True),
    sa.Column("gemeente", sa.String(12), nullable=False),
    sa.Column("bevinding_id", Id, nullable=False),
    sa.Column("regelnr", sa.Integer),
    sa.Column("reference", sa.String(40)),
    sa.Column("belang", sa.BigInteger, nullable=False),
    sa.Column("telt", sa.SmallInteger, nullable=False),
    sa.Column("was_besluit_op", sa.Double),
    sa.Index(
        "besluit_post_een",
        *("inbox_id", "rule", "onderwerp"),
        unique=True,
        sqlite_where=sa.text("telt > 0"),
        postgresql_where=sa.text("telt > 0"),
    ),
)

# Everything that people did, in order: taking, notes, and each step of a decision.
werklog = sa.Table(
    "werklog",
    metadata,
    _number(),
    sa.Column("gemeente", sa.String(12), nullable=False),
    sa.Column("at", sa.Double, nullable=False),
    sa.Column("wie", sa.String(80), nullable=False),
    sa.Column("naam", sa.String(120), nullable=False),
    sa.Column("soort", sa.String(20), nullable=False),
    sa.Column("tekst", sa.Text, nullable=False),
    sa.Column("oorzaak_id", Id),
    sa.Column("besluit_id", Id),
    sa.Column("inbox_id", Id),
    sa.Column("regelnr", sa.Integer),
    sa.Index("werklog_oorzaak", "oorzaak_id", "id"),
    sa.Index("werklog_bericht", "inbox_id", "regelnr", "id"),
    sa.Index("werklog_besluit", "besluit_id", "id"),
)
only_added_to(werklog)

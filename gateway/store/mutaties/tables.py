"""The tables of batches of changed assignments and of consents.

Moments are seconds since 1970 (UTC), dates are dates, amounts eurocents.
"""

from __future__ import annotations

import sqlalchemy as sa

from gateway.store.tables import Fingerprint, Id, metadata

# How far a batch is: being made, shown, waiting for a second person, on its way, stopped, done.
OPMAAK, CONCEPT, VOORGESTELD = "opmaak", "concept", "voorgesteld"
LOOPT, GESTOPT, KLAAR = "loopt", "gestopt", "klaar"
# Those that may still send something.
OPEN = (VOORGESTELD, LOOPT, GESTOPT)

# `wijze` and `keuze` are JSON: what is changed, and of which assignments.  `verschil` is what the
# assignments together change, each without its sign; `zonder_bedrag` how many have no known worth.
# `volgende_at` is when the next messages may be offered.
mutatie = sa.Table(
    "mutatie",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("gemeente", sa.String(12), nullable=False),
    sa.Column("wet", sa.String(12), nullable=False),
    sa.Column("naam", sa.String(120), nullable=False),
    sa.Column("soort", sa.String(20), nullable=False),
    sa.Column("wijze", sa.Text, nullable=False),
    sa.Column("keuze", sa.Text, nullable=False),
    sa.Column("staat", sa.String(12), nullable=False),
    sa.Column("wie", sa.String(80), nullable=False),
    sa.Column("door", sa.String(120), nullable=False),
    sa.Column("gemaakt_at", sa.Double, nullable=False),
    sa.Column("per_minuut", sa.Integer, nullable=False),
    sa.Column("toewijzingen", sa.Integer, nullable=False),
    sa.Column("geweigerd", sa.Integer, nullable=False),
    sa.Column("clienten", sa.Integer, nullable=False),
    sa.Column("berichten", sa.Integer, nullable=False),
    sa.Column("voor", sa.BigInteger, nullable=False),
    sa.Column("na", sa.BigInteger, nullable=False),
    sa.Column("verschil", sa.BigInteger, nullable=False),
    sa.Column("zonder_bedrag", sa.Integer, nullable=False),
    sa.Column("voorstel_id", Id),
    sa.Column("vrijgegeven_at", sa.Double),
    sa.Column("volgende_at", sa.Double),
    sa.Column("klaar_at", sa.Double),
    sa.Index("mutatie_gemeente", "gemeente", "id"),
    sa.Index(
        "mutatie_loopt",
        "volgende_at",
        sqlite_where=sa.text("staat = 'loopt'"),
        postgresql_where=sa.text("staat = 'loopt'"),
    ),
)

# What a batch comes to in a calendar year, before and after.
mutatie_jaar = sa.Table(
    "mutatie_jaar",
    metadata,
    sa.Column("mutatie_id", Id, sa.ForeignKey("mutatie.id"), primary_key=True),
    sa.Column("jaar", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("voor", sa.BigInteger, nullable=False),
    sa.Column("na", sa.BigInteger, nullable=False),
)

# One assignment of a batch in one message: `deel` 1 is what begins elsewhere, at another
# municipality or provider.  `toewijzing_id` is the version that was frozen, `inhoud` what is asked
# for it as an opdracht has it.  With `weigering` it goes in no message; `regel` is the rule by
# which.  `voor` and `na` are its worth, empty where that is not known.
mutatie_regel = sa.Table(
    "mutatie_regel",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("mutatie_id", Id, sa.ForeignKey("mutatie.id"), nullable=False),
    sa.Column("gemeente", sa.String(12), nullable=False),
    sa.Column("wet", sa.String(12), nullable=False),
    sa.Column("aanbieder", sa.String(12), nullable=False),
    sa.Column("bsn_hash", Fingerprint, nullable=False),
    sa.Column("toewijzing_id", Id, nullable=False),
    sa.Column("toewijzingnummer", sa.BigInteger, nullable=False),
    sa.Column("deel", sa.SmallInteger, nullable=False),
    sa.Column("inhoud", sa.Text, nullable=False),
    sa.Column("regel", sa.String(12)),
    sa.Column("weigering", sa.Text),
    sa.Column("voor", sa.BigInteger),
    sa.Column("na", sa.BigInteger),
    sa.Index("mutatie_regel_uniek", "mutatie_id", "toewijzing_id", "deel", unique=True),
    sa.Index("mutatie_regel_bericht", "mutatie_id", "gemeente", "aanbieder", "bsn_hash"),
    sa.Index("mutatie_regel_toewijzing", "toewijzing_id"),
    sa.Index("mutatie_regel_client", "bsn_hash", "gemeente"),
    sa.Index(
        "mutatie_regel_geweigerd",
        "mutatie_id",
        "id",
        sqlite_where=sa.text("weigering IS NOT NULL"),
        postgresql_where=sa.text("weigering IS NOT NULL"),
    ),
)

# One message of a batch: of a client at a provider.  It is offered once, or passed over for a
# reason.
mutatie_bericht = sa.Table(
    "mutatie_bericht",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("mutatie_id", Id, sa.ForeignKey("mutatie.id"), nullable=False),
    sa.Column("gemeente", sa.String(12), nullable=False),
    sa.Column("wet", sa.String(12), nullable=False),
    sa.Column("aanbieder", sa.String(12), nullable=False),
    sa.Column("bsn_hash", Fingerprint, nullable=False),
    sa.Column("inbox_id", Id),
    sa.Column("overgeslagen", sa.Text),
    sa.Index(
        "mutatie_bericht_uniek", "mutatie_id", "gemeente", "aanbieder", "bsn_hash", unique=True
    ),
    sa.Index("mutatie_bericht_volgorde", "mutatie_id", "id"),
    sa.Index("mutatie_bericht_client", "bsn_hash", "gemeente"),
    sa.Index("mutatie_bericht_inbox", "inbox_id"),
    sa.Index(
        "mutatie_bericht_wacht",
        "mutatie_id",
        "id",
        sqlite_where=sa.text("inbox_id IS NULL AND overgeslagen IS NULL"),
        postgresql_where=sa.text("inbox_id IS NULL AND overgeslagen IS NULL"),
    ),
)

# What an aanbieder agreed to.  `door` is who said so, `bron` where that can be read back.
instemming = sa.Table(
    "instemming",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("gemeente", sa.String(12), nullable=False),
    sa.Column("wet", sa.String(12), nullable=False),
    sa.Column("aanbieder", sa.String(12), nullable=False),
    sa.Column("toewijzingnummer", sa.BigInteger, nullable=False),
    sa.Column("bsn_hash", Fingerprint, nullable=False),
    sa.Column("wat", sa.String(12), nullable=False),
    sa.Column("niet_onder", sa.BigInteger),
    sa.Column("niet_voor", sa.Date),
    sa.Column("op", sa.Date, nullable=False),
    sa.Column("tot", sa.Date),
    sa.Column("door", sa.String(120), nullable=False),
    sa.Column("bron", sa.String(200), nullable=False),
    sa.Column("wie", sa.String(80), nullable=False),
    sa.Column("gemaakt_at", sa.Double, nullable=False),
    sa.Column("ingetrokken_at", sa.Double),
    sa.Index("instemming_nummer", "toewijzingnummer", "gemeente", "wet"),
    sa.Index("instemming_gemeente", "gemeente", "id"),
    sa.Index("instemming_client", "bsn_hash", "gemeente"),
)

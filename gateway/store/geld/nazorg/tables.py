"""Tables of what is put right afterwards.

Moments are seconds since 1970 (UTC), dates are dates that count themselves, amounts eurocents.
`wie` and `naam` are who put a row down.
"""

from __future__ import annotations

import sqlalchemy as sa

from gateway.store.tables import Fingerprint, Id, metadata

VOORGESTELD, GOEDGEKEURD, VERVALLEN = "voorgesteld", "goedgekeurd", "vervallen"
WACHT, BETAALBAAR, IN_BETALING, BETAALD = "wacht", "betaalbaar", "in betaling", "betaald"
_LOOPT = "staat IN ('open', 'toegezegd')"
_TEGEN = "tegen_id IS NOT NULL AND staat <> 'vervallen'"
_TELT = "staat IN ('voorgesteld', 'goedgekeurd')"


def _number() -> sa.Column[int]:
    return sa.Column("id", Id, primary_key=True, autoincrement=True)


def _made() -> tuple[sa.Column[str], sa.Column[str], sa.Column[float]]:
    return (
        sa.Column("wie", sa.String(80), nullable=False),
        sa.Column("naam", sa.String(120), nullable=False),
        sa.Column("gemaakt_at", sa.Double, nullable=False),
    )


def _where(name: str, *keys: str, where: str, unique: bool = False) -> sa.Index:
    told = sa.text(where)
    return sa.Index(name, *keys, unique=unique, sqlite_where=told, postgresql_where=told)


# What a municipality asks a provider to credit.  `staat` as `ledger.geld.creditverzoek` has it, and
# `antwoord` what it is without the credits that came.  `inbox_id` is the message of the first line.
creditverzoek = sa.Table(
    "creditverzoek",
    metadata,
    _number(),
    sa.Column("gemeente", sa.String(12), nullable=False),
    sa.Column("wet", sa.String(12), nullable=False),
    sa.Column("aanbieder", sa.String(12), nullable=False),
    sa.Column("inbox_id", Id, sa.ForeignKey("inbox.id"), nullable=False),
    sa.Column("reden", sa.String(20), nullable=False),
    sa.Column("toelichting", sa.Text, nullable=False),
    sa.Column("gevraagd_op", sa.Date, nullable=False),
    sa.Column("uiterlijk", sa.Date, nullable=False),
    sa.Column("staat", sa.String(12), nullable=False),
    sa.Column("antwoord", sa.String(12), nullable=False),
    sa.Column("antwoord_reden", sa.Text, nullable=False, server_default=""),
    sa.Column("antwoord_naam", sa.String(120)),
    sa.Column("antwoord_at", sa.Double),
    sa.Column("regels", sa.Integer, nullable=False),
    sa.Column("bedrag", sa.BigInteger, nullable=False),
    sa.Column("gecrediteerd", sa.Integer, nullable=False),
    sa.Column("gecrediteerd_bedrag", sa.BigInteger, nullable=False),
    *_made(),
    sa.Index("creditverzoek_gemeente", "gemeente", "id"),
    sa.Index("creditverzoek_aanbieder", "aanbieder", "id"),
    _where("creditverzoek_loopt", "gemeente", "uiterlijk", "id", where=_LOOPT),
)

# A line of a request, by its message and its number in it.  `loopt` is 1 while the request does: a
# line is in one that runs at most.  `credit_id` is the message of the credit that was granted.
creditverzoek_regel = sa.Table(
    "creditverzoek_regel",
    metadata,
    sa.Column("creditverzoek_id", Id, sa.ForeignKey("creditverzoek.id"), primary_key=True),
    sa.Column("inbox_id", Id, primary_key=True),
    sa.Column("regelnr", sa.Integer, primary_key=True),
    sa.Column("partij_id", Id, nullable=False),
    sa.Column("referentienummer", sa.String(20), nullable=False),
    sa.Column("bedrag", sa.BigInteger, nullable=False),
    sa.Column("loopt", sa.SmallInteger, nullable=False),
    sa.Column("credit_id", Id),
    _where("creditverzoek_regel_een", "inbox_id", "regelnr", where="loopt = 1", unique=True),
    _where("creditverzoek_regel_wacht", "partij_id", where="credit_id IS NULL"),
    _where("creditverzoek_regel_credit", "credit_id", where="credit_id IS NOT NULL"),
)

# What `van` paid in a calendar year for a client that `aan` is responsible for; both see it.
# `client` is the fingerprint of a Bsn; `buiten` is 1 where `aan` does not work with this store.
# `tegen_id` is the item of which this one takes back what was credited.  `bevestigd_wie` is who
# confirmed for `van` what was found, `aan_wie` who answered for `aan`.
gemeenteverrekening = sa.Table(
    "gemeenteverrekening",
    metadata,
    _number(),
    sa.Column("van", sa.String(12), nullable=False),
    sa.Column("aan", sa.String(12), nullable=False),
    sa.Column("wet", sa.String(12), nullable=False),
    sa.Column("client", Fingerprint, nullable=False),
    sa.Column("jaar", sa.Integer, nullable=False),
    sa.Column("begindatum", sa.Date, nullable=False),
    sa.Column("einddatum", sa.Date, nullable=False),
    sa.Column("regels", sa.Integer, nullable=False),
    sa.Column("bedrag", sa.BigInteger, nullable=False),
    sa.Column("grond", sa.String(20), nullable=False),
    sa.Column("toelichting", sa.Text, nullable=False),
    sa.Column("buiten", sa.SmallInteger, nullable=False),
    sa.Column("bericht_id", Id),
    sa.Column("van_staat", sa.String(12), nullable=False),
    sa.Column("aan_staat", sa.String(12), nullable=False),
    sa.Column("aan_reden", sa.Text, nullable=False, server_default=""),
    sa.Column("aan_naam", sa.String(120)),
    sa.Column("aan_at", sa.Double),
    *_made(),
    sa.Column("tegen_id", Id),
    sa.Column("bevestigd_wie", sa.String(80)),
    sa.Column("aan_wie", sa.String(80)),
    sa.Index("gemeenteverrekening_van", "van", "jaar", "id"),
    sa.Index("gemeenteverrekening_aan", "aan", "jaar", "id"),
    sa.Index("gemeenteverrekening_client", "client"),
    sa.Index("gemeenteverrekening_bericht", "bericht_id"),
)

# A granted line of an item, as far as the other municipality has to know it.  `credit_id` and
# `credit_nr` are the message and the number of the credit that was granted on it since.
gemeenteverrekening_regel = sa.Table(
    "gemeenteverrekening_regel",
    metadata,
    sa.Column("verrekening_id", Id, sa.ForeignKey("gemeenteverrekening.id"), primary_key=True),
    sa.Column("inbox_id", Id, primary_key=True),
    sa.Column("regelnr", sa.Integer, primary_key=True),
    sa.Column("aanbieder", sa.String(12), nullable=False),
    sa.Column("productcode", sa.String(10), nullable=False),
    sa.Column("begindatum", sa.Date, nullable=False),
    sa.Column("einddatum", sa.Date, nullable=False),
    sa.Column("bedrag", sa.BigInteger, nullable=False),
    sa.Column("loopt", sa.SmallInteger, nullable=False),
    sa.Column("credit_id", Id),
    sa.Column("credit_nr", sa.Integer),
    _where("gemeenteverrekening_regel_een", "inbox_id", "regelnr", where="loopt = 1", unique=True),
    _where("gemeenteverrekening_regel_credit", "credit_id", where="credit_id IS NOT NULL"),
)

# An assignment outside the message traffic, against which invoices are held.  `client` is the
# fingerprint of a reference of our own; `referentie` is empty where that is hidden.  `van_volgnr`
# is as that of an invoice.
handtoewijzing = sa.Table(
    "handtoewijzing",
    metadata,
    _number(),
    sa.Column("gemeente", sa.String(12), nullable=False),
    sa.Column("wet", sa.String(12), nullable=False),
    sa.Column("aanbieder", sa.String(12), nullable=False),
    sa.Column("soort", sa.String(20), nullable=False),
    sa.Column("client", Fingerprint),
    sa.Column("referentie", sa.String(40), nullable=False),
    sa.Column("productcode", sa.String(10), nullable=False),
    sa.Column("eenheid", sa.String(4), nullable=False),
    sa.Column("begindatum", sa.Date, nullable=False),
    sa.Column("einddatum", sa.Date),
    sa.Column("volume", sa.BigInteger),
    sa.Column("bedrag", sa.BigInteger),
    *_made(),
    sa.Column("van_volgnr", sa.BigInteger, nullable=False, server_default="0"),
    sa.Index("handtoewijzing_gemeente", "gemeente", "id"),
)

# An invoice outside the message traffic.  `toewijzingnummer` and `partij_id` once the client is
# known by a Bsn; `bevindingen` is what was found when it was put down, as JSON.  `tegen_id` is the
# invoice that it takes lines back of.  Of the same numbers as judgements, `van_volgnr` is when it
# was put down and `besluit_volgnr` when it was decided on; 0 until then, and of what was before.
factuur = sa.Table(
    "factuur",
    metadata,
    _number(),
    sa.Column("gemeente", sa.String(12), nullable=False),
    sa.Column("wet", sa.String(12), nullable=False),
    sa.Column("aanbieder", sa.String(12), nullable=False),
    sa.Column("factuurnummer", sa.String(40), nullable=False),
    sa.Column("factuurdatum", sa.Date, nullable=False),
    sa.Column("soort", sa.String(20), nullable=False),
    sa.Column("client", Fingerprint),
    sa.Column("referentie", sa.String(40), nullable=False),
    sa.Column("handtoewijzing_id", Id, sa.ForeignKey("handtoewijzing.id")),
    sa.Column("toewijzingnummer", sa.BigInteger),
    sa.Column("partij_id", Id, sa.ForeignKey("partij.id")),
    sa.Column("document_sha256", sa.String(64)),
    sa.Column("bedrag", sa.BigInteger, nullable=False),
    sa.Column("staat", sa.String(12), nullable=False),
    sa.Column("bevindingen", sa.Text, nullable=False),
    sa.Column("voorstel_id", Id, sa.ForeignKey("voorstel.id")),
    *_made(),
    sa.Column("tegen_id", Id),
    sa.Column("van_volgnr", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("besluit_volgnr", sa.BigInteger, nullable=False, server_default="0"),
    _where("factuur_nummer", "gemeente", "aanbieder", "factuurnummer", where=_TELT, unique=True),
    sa.Index("factuur_gemeente", "gemeente", "id"),
    sa.Index("factuur_client", "client", "gemeente"),
    sa.Index("factuur_handtoewijzing", "handtoewijzing_id"),
)

# A line of an invoice; `betaling_id` is the payment that it is in, by the number that this has, and
# `tegen_id` the line that it takes back: a line is taken back once at most.
factuurregel = sa.Table(
    "factuurregel",
    metadata,
    _number(),
    sa.Column("factuur_id", Id, sa.ForeignKey("factuur.id"), nullable=False),
    sa.Column("gemeente", sa.String(12), nullable=False),
    sa.Column("volgnr", sa.Integer, nullable=False),
    sa.Column("productcode", sa.String(10), nullable=False),
    sa.Column("eenheid", sa.String(4), nullable=False),
    sa.Column("begindatum", sa.Date, nullable=False),
    sa.Column("einddatum", sa.Date, nullable=False),
    sa.Column("volume", sa.BigInteger, nullable=False),
    sa.Column("tarief", sa.BigInteger),
    sa.Column("bedrag", sa.BigInteger, nullable=False),
    sa.Column("staat", sa.String(12), nullable=False),
    sa.Column("betaling_id", Id),
    sa.Column("betaald_op", sa.Date),
    sa.Column("tegen_id", Id),
    sa.Index("factuurregel_factuur", "factuur_id", "volgnr", unique=True),
    _where("factuurregel_betaalbaar", "gemeente", "id", where="staat = 'betaalbaar'"),
    _where("factuurregel_betaling", "betaling_id", where="betaling_id IS NOT NULL"),
    _where("factuurregel_tegen", "tegen_id", where=_TEGEN, unique=True),
)

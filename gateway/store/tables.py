"""The tables of the store; every fact row says which message made it and which one ended it.

Moments are seconds since 1970 (UTC), dates are dates, amounts eurocents.  `van_volgnr` is the
sequence number of the judgement that made a row, `tot_volgnr` of the one that ended it; empty
means that the row stands.
"""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
    }
)

# What becomes of an inbox row.
NIEUW, BEZIG, KLAAR = "nieuw", "bezig", "klaar"
AANGEHOUDEN, GEPARKEERD = "aangehouden", "geparkeerd"
# Kinds of outbox rows: tell the queue, a message to the sender, an event for the backoffice, and a
# message that leaves in an envelope of its own making.
WERK, ANTWOORD, EVENT, ENVELOP = "werk", "antwoord", "event", "envelop"

# PostgreSQL counts without a row that everyone waits for; numbers may be skipped.  A message takes
# a block of line numbers at once, larger than any message: so its lines stand behind each other
# however many workers write, and no worker waits for another.
REGELBLOK = 2**24
VOLGNR_REEKS = sa.Sequence("volgnr_reeks", metadata=metadata)
IDENTIFICATIE_REEKS = sa.Sequence("identificatie_reeks", metadata=metadata)
REGEL_REEKS = sa.Sequence(
    "regel_reeks", start=0, minvalue=0, increment=REGELBLOK, metadata=metadata
)

# The municipality of a message as its lists know it: nothing where none is known yet.  PostgreSQL
# takes no index for `coalesce` in a table whose rows are guarded.
VAN_GEMEENTE = "(CASE WHEN gemeente IS NULL THEN '' ELSE gemeente END)"

# SQLite numbers rows only in a column that is called INTEGER.
Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")
# Keyed fingerprint of a client: 32 hexadecimal digits.  What has this type, in a table whose rows
# have a number `id`, gets another key with the store.
Fingerprint = sa.String(32)


def _number() -> sa.Column[int]:
    return sa.Column("id", Id, primary_key=True, autoincrement=True)


def _since() -> tuple[sa.Column[int], sa.Column[int | None]]:
    """The two columns that tell from when until when a fact stands."""
    return (
        sa.Column("van_volgnr", sa.BigInteger, nullable=False),
        sa.Column("tot_volgnr", sa.BigInteger),
    )


def _of_partij(name: str, key: str, where: str | None = None) -> tuple[sa.Index, sa.Index]:
    """The index by which rows of a party are found by a key.

    SQLite gets the party in front: the ledger goes through the lines in that order.  PostgreSQL
    gets the key in front: in a table that grew since it last counted, it does not know how many
    lines a party has, and could otherwise go through all of them.
    """
    told = None if where is None else sa.text(where)
    return (
        sa.Index(name, "partij_id", key, sqlite_where=told).ddl_if(dialect="sqlite"),
        sa.Index(f"{name}_eerst", key, "partij_id", postgresql_where=told).ddl_if(
            dialect="postgresql"
        ),
    )


instelling = sa.Table(
    "instelling",
    metadata,
    sa.Column("naam", sa.String(40), primary_key=True),
    sa.Column("waarde", sa.Text, nullable=False),
)

teller = sa.Table(
    "teller",
    metadata,
    sa.Column("naam", sa.String(60), primary_key=True),
    sa.Column("waarde", sa.BigInteger, nullable=False),
)

# What was judged with: the bytes of the agreement and policy files that were in use, packed.
kennis = sa.Table(
    "kennis",
    metadata,
    sa.Column("hash", sa.String(64), primary_key=True),
    sa.Column("inhoud", sa.LargeBinary, nullable=False),
)

# `paar` is sender and receiver in a fixed order: their messages are judged one at a time, by one
# worker; `volgt` is 1 for one that was taken up together with one before it.
# `announced_at` is empty while no queue was told that there is work.  `van_volgnr` is the first
# judgement that got past level 1, from when on the Identificatie is used.  `kennis` is what the
# last judgement knew, `ontheven` 1 when it had to decide without its holds.  `heen_id` of a retour
# is the row of the message that it answers, and `beantwoord` of that one is then 1, or 2 where it
# refuses something.  `spoor` is the traceparent that it came in with, `gewist` 1 once its bytes had
# their time.
inbox = sa.Table(
    "inbox",
    metadata,
    _number(),
    sa.Column("naam", sa.Text, nullable=False),
    sa.Column("ontvanger", sa.String(12), nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("transport_id", sa.String(64)),
    sa.Column("paar", sa.String(30)),
    sa.Column("grootte", sa.BigInteger, nullable=False),
    sa.Column("stukken", sa.Integer, nullable=False),
    sa.Column("received_at", sa.Double, nullable=False),
    sa.Column("staat", sa.String(12), nullable=False),
    sa.Column("token", sa.String(32)),
    sa.Column("lease_until", sa.Double),
    sa.Column("volgt", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("next_at", sa.Double, nullable=False),
    sa.Column("announced_at", sa.Double),
    sa.Column("besluit_op", sa.Double),
    sa.Column("finished_at", sa.Double),
    sa.Column("volgnr", sa.BigInteger),
    sa.Column("van_volgnr", sa.BigInteger),
    sa.Column("verdict", sa.String(12)),
    sa.Column("berichtcode", sa.String(8)),
    sa.Column("gemeente", sa.String(12)),
    sa.Column("afzender", sa.String(12)),
    sa.Column("identificatie", sa.String(12)),
    sa.Column("declaratienummer", sa.String(40)),
    sa.Column("uitkomst", sa.LargeBinary),
    sa.Column("reden", sa.Text),
    sa.Column("kennis", sa.String(64)),
    sa.Column("ontheven", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("heen_id", Id),
    sa.Column("beantwoord", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("spoor", sa.String(55)),
    sa.Column("gewist", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Index(
        "inbox_onbeantwoord",
        "berichtcode",
        "received_at",
        sqlite_where=sa.text("verdict = 'accepted' AND beantwoord = 0"),
        postgresql_where=sa.text("verdict = 'accepted' AND beantwoord = 0"),
    ),
    sa.Index(
        "inbox_heen",
        "heen_id",
        sqlite_where=sa.text("heen_id IS NOT NULL"),
        postgresql_where=sa.text("heen_id IS NOT NULL"),
    ),
    sa.Index("inbox_bytes", "ontvanger", "sha256", unique=True),
    sa.Index("inbox_transport", "transport_id", unique=True),
    sa.Index("inbox_identificatie", "identificatie", "afzender"),
    sa.Index("inbox_declaratie", "declaratienummer"),
    # By which people look messages up: of whom, of which kind, and what became of it, always in
    # the order in which they came in.  What judges asks for `gemeente` itself: SQLite would take
    # one of these for it, and go through all messages of a kind.
    *(
        sa.Index(f"inbox_{name}", sa.text(VAN_GEMEENTE), *keys, "received_at", "id")
        for name, keys in (
            ("ontvangen", ()),
            ("soort", ("berichtcode",)),
            ("oordeel", ("verdict",)),
        )
    ),
    sa.Index("inbox_partijen", "paar", "received_at", "id"),
    sa.Index(
        "inbox_werk",
        "staat",
        "next_at",
        sqlite_where=sa.text("staat <> 'klaar'"),
        postgresql_where=sa.text("staat <> 'klaar'"),
    ),
    sa.Index(
        "inbox_paar",
        "paar",
        unique=True,
        sqlite_where=sa.text("staat = 'bezig' AND volgt = 0"),
        postgresql_where=sa.text("staat = 'bezig' AND volgt = 0"),
    ),
    sa.Index(
        "inbox_rij",
        "paar",
        "id",
        sqlite_where=sa.text("staat = 'nieuw' AND announced_at IS NULL"),
        postgresql_where=sa.text("staat = 'nieuw' AND announced_at IS NULL"),
    ),
)

inbox_stuk = sa.Table(
    "inbox_stuk",
    metadata,
    sa.Column("inbox_id", Id, sa.ForeignKey("inbox.id"), primary_key=True),
    sa.Column("nr", sa.Integer, primary_key=True),
    sa.Column("data", sa.LargeBinary, nullable=False),
)

# `paar`, `omvang` and `beurt` are of announcements, and give them a place in a fair order: between
# whom the message goes, how many bytes go up to and with it, and which turn that is; see `beurten`.
# `stil` is 1 for what is not tried until somebody puts it back; `terug` counts how often it came
# back after it had left.
# `gewist` is 1 once its bytes had their time.
outbox = sa.Table(
    "outbox",
    metadata,
    _number(),
    sa.Column("soort", sa.String(12), nullable=False),
    sa.Column("paar", sa.String(30)),
    sa.Column("omvang", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("beurt", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("inbox_id", Id, sa.ForeignKey("inbox.id"), nullable=False),
    sa.Column("volgnr", sa.BigInteger),
    sa.Column("naam", sa.Text, nullable=False),
    sa.Column("gemeente", sa.String(12)),
    sa.Column("berichttype", sa.String(40)),
    sa.Column("identificatie", sa.String(12)),
    sa.Column("stukken", sa.Integer, nullable=False),
    sa.Column("created_at", sa.Double, nullable=False),
    sa.Column("next_at", sa.Double, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("sent_at", sa.Double),
    sa.Column("reden", sa.Text),
    sa.Column("stil", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("terug", sa.Integer, nullable=False, server_default="0"),
    sa.Column("gewist", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Index(
        "outbox_wachtend",
        "soort",
        "id",
        sqlite_where=sa.text("sent_at IS NULL"),
        postgresql_where=sa.text("sent_at IS NULL"),
    ),
    sa.Index(
        "outbox_beurt",
        "soort",
        "beurt",
        "inbox_id",
        sqlite_where=sa.text("soort = 'werk' AND sent_at IS NULL"),
        postgresql_where=sa.text("soort = 'werk' AND sent_at IS NULL"),
    ),
    sa.Index(
        "outbox_paar",
        "paar",
        "omvang",
        sqlite_where=sa.text("soort = 'werk' AND sent_at IS NULL"),
        postgresql_where=sa.text("soort = 'werk' AND sent_at IS NULL"),
    ),
    sa.Index("outbox_bericht", "inbox_id"),
    sa.Index(
        "outbox_verstuurd",
        "sent_at",
        sqlite_where=sa.text("soort = 'antwoord'"),
        postgresql_where=sa.text("soort = 'antwoord'"),
    ),
    sa.Index(
        "outbox_een_antwoord",
        "inbox_id",
        unique=True,
        sqlite_where=sa.text("soort = 'antwoord'"),
        postgresql_where=sa.text("soort = 'antwoord'"),
    ),
    sa.Index(
        "outbox_identificatie",
        "gemeente",
        "berichttype",
        "identificatie",
        unique=True,
        sqlite_where=sa.text("soort = 'antwoord'"),
        postgresql_where=sa.text("soort = 'antwoord'"),
    ),
)

outbox_stuk = sa.Table(
    "outbox_stuk",
    metadata,
    sa.Column("outbox_id", Id, sa.ForeignKey("outbox.id"), primary_key=True),
    sa.Column("nr", sa.Integer, primary_key=True),
    sa.Column("data", sa.LargeBinary, nullable=False),
)

# A berichttype that the network does not take now: nothing of it leaves until `tot`, and then one
# first, to see whether it stays away (`proef` is 1 while that one is on its way).
bevriezing = sa.Table(
    "bevriezing",
    metadata,
    sa.Column("functie", sa.String(30), primary_key=True),
    sa.Column("sinds", sa.Double, nullable=False),
    sa.Column("tot", sa.Double, nullable=False),
    sa.Column("proef", sa.SmallInteger, nullable=False),
)

# A small number for municipality, law and provider together keeps the rows of lines narrow.
partij = sa.Table(
    "partij",
    metadata,
    _number(),
    sa.Column("gemeente", sa.String(12), nullable=False),
    sa.Column("wet", sa.String(12), nullable=False),
    sa.Column("aanbieder", sa.String(12), nullable=False),
    sa.Index("partij_uniek", "gemeente", "wet", "aanbieder", unique=True),
    sa.Index("partij_aanbieder", "aanbieder", "gemeente"),
)

# `inbox_id` is the 301 that a version came in, `postcode` the digits of where its client lives.
toewijzing = sa.Table(
    "toewijzing",
    metadata,
    _number(),
    sa.Column("inbox_id", Id),
    sa.Column("gemeente", sa.String(12), nullable=False),
    sa.Column("wet", sa.String(12), nullable=False),
    sa.Column("partij_id", Id, sa.ForeignKey("partij.id"), nullable=False),
    sa.Column("bsn", sa.String(9), nullable=False),
    sa.Column("bsn_hash", Fingerprint, nullable=False),
    sa.Column("bekend_op", sa.Date, nullable=False),
    sa.Column("toewijzingnummer", sa.BigInteger, nullable=False),
    sa.Column("referentie_aanbieder", sa.Text),
    sa.Column("productcategorie", sa.String(10)),
    sa.Column("productcode", sa.String(10)),
    sa.Column("toewijzingsdatum", sa.Date, nullable=False),
    sa.Column("toewijzingstijd", sa.String(40), nullable=False),
    sa.Column("ingangsdatum", sa.Date, nullable=False),
    sa.Column("einddatum", sa.Date),
    sa.Column("reden_wijziging", sa.String(4)),
    sa.Column("volume", sa.BigInteger),
    sa.Column("eenheid", sa.String(4)),
    sa.Column("frequentie", sa.String(4)),
    sa.Column("budget", sa.BigInteger),
    sa.Column("commentaar", sa.Text),
    sa.Column("gezin", sa.String(80)),
    sa.Column("postcode", sa.String(4)),
    *_since(),
    sa.Index("toewijzing_nummer", "toewijzingnummer", "gemeente", "wet"),
    sa.Index("toewijzing_client", "bsn_hash", "partij_id"),
    # By which people look them up, the one that came in last in front.
    *(
        sa.Index(
            f"toewijzing_{name}",
            *keys,
            "id",
            sqlite_where=sa.text("tot_volgnr IS NULL"),
            postgresql_where=sa.text("tot_volgnr IS NULL"),
        )
        for name, keys in (
            ("gemeente", ("gemeente",)),
            ("product", ("gemeente", "productcode")),
            ("partij", ("partij_id",)),
        )
    ),
    sa.Index("toewijzing_bericht", "inbox_id"),
    sa.Index(
        "toewijzing_ingang",
        "ingangsdatum",
        sqlite_where=sa.text("tot_volgnr IS NULL"),
        postgresql_where=sa.text("tot_volgnr IS NULL"),
    ),
    sa.Index(
        "toewijzing_einde",
        "einddatum",
        sqlite_where=sa.text("tot_volgnr IS NULL"),
        postgresql_where=sa.text("tot_volgnr IS NULL"),
    ),
    sa.Index(
        "toewijzing_gezin",
        "gezin",
        "gemeente",
        sqlite_where=sa.text("gezin IS NOT NULL"),
        postgresql_where=sa.text("gezin IS NOT NULL"),
    ),
    sa.Index(
        "toewijzing_versie",
        "toewijzingnummer",
        "gemeente",
        "wet",
        "toewijzingsdatum",
        "toewijzingstijd",
        unique=True,
        sqlite_where=sa.text("tot_volgnr IS NULL"),
        postgresql_where=sa.text("tot_volgnr IS NULL"),
    ),
)

# `soort`: start (305) or stop (307).
levering = sa.Table(
    "levering",
    metadata,
    _number(),
    sa.Column("soort", sa.String(5), nullable=False),
    sa.Column("partij_id", Id, sa.ForeignKey("partij.id"), nullable=False),
    sa.Column("bsn", sa.String(9), nullable=False),
    sa.Column("bsn_hash", Fingerprint, nullable=False),
    sa.Column("toewijzingnummer", sa.BigInteger),
    sa.Column("productcategorie", sa.String(10)),
    sa.Column("productcode", sa.String(10)),
    sa.Column("toewijzing_ingangsdatum", sa.Date),
    sa.Column("begindatum", sa.Date, nullable=False),
    sa.Column("reden_beeindiging", sa.String(4)),
    sa.Column("einddatum", sa.Date),
    sa.Column("status_aanlevering", sa.String(4), nullable=False),
    *_since(),
    sa.Index("levering_client", "bsn_hash", "partij_id"),
    *_of_partij("levering_nummer", "toewijzingnummer"),
)

# A product of a VOT, or a whole VOW, that was accepted.  `soort` is the number of its message (315,
# 317), `toewijzingnummers` those that a VOW is about, separated by blanks; `termijn` is the last
# day for the answer, `staat` how far it is, `onderzocht` 1 once a 319 told of research, and
# `verwijzer` the Verwijzer.Type of a 315.
verzoek = sa.Table(
    "verzoek",
    metadata,
    _number(),
    sa.Column("partij_id", Id, sa.ForeignKey("partij.id"), nullable=False),
    sa.Column("inbox_id", Id, sa.ForeignKey("inbox.id"), nullable=False),
    sa.Column("soort", sa.String(3), nullable=False),
    sa.Column("referentie_aanbieder", sa.Text, nullable=False),
    sa.Column("bsn", sa.String(9), nullable=False),
    sa.Column("bsn_hash", Fingerprint, nullable=False),
    sa.Column("toewijzingnummers", sa.Text, nullable=False),
    sa.Column("dagtekening", sa.Date, nullable=False),
    sa.Column("ontvangen_op", sa.Date, nullable=False),
    sa.Column("termijn", sa.Date, nullable=False),
    sa.Column("staat", sa.String(12), nullable=False),
    sa.Column("onderzocht", sa.SmallInteger, nullable=False),
    sa.Column("verwijzer", sa.String(2)),
    *_since(),
    *_of_partij("verzoek_referentie", "referentie_aanbieder"),
    sa.Index("verzoek_van", "van_volgnr"),
    sa.Index("verzoek_client", "bsn_hash", "partij_id"),
    sa.Index("verzoek_bericht", "inbox_id"),
    sa.Index(
        "verzoek_termijn",
        "staat",
        "termijn",
        "id",
        sqlite_where=sa.text("tot_volgnr IS NULL"),
        postgresql_where=sa.text("tot_volgnr IS NULL"),
    ),
)

# A Declaratie that was not rejected as a whole, with the Header around it.  Its lines have numbers
# above `regel_van` up to `regel_tot`, which spares an index on the widest table.
declaratie = sa.Table(
    "declaratie",
    metadata,
    _number(),
    sa.Column("partij_id", Id, sa.ForeignKey("partij.id"), nullable=False),
    sa.Column("inbox_id", Id, sa.ForeignKey("inbox.id"), nullable=False),
    sa.Column("berichtcode", sa.String(8), nullable=False),
    sa.Column("afzender", sa.String(12), nullable=False),
    sa.Column("ontvanger", sa.String(12), nullable=False),
    sa.Column("identificatie", sa.String(12), nullable=False),
    sa.Column("header_dagtekening", sa.Date, nullable=False),
    sa.Column("basisschema_xsd_versie", sa.String(20), nullable=False),
    sa.Column("bericht_xsd_versie", sa.String(20), nullable=False),
    sa.Column("declaratienummer", sa.String(40), nullable=False),
    sa.Column("begindatum", sa.Date, nullable=False),
    sa.Column("einddatum", sa.Date, nullable=False),
    sa.Column("dagtekening", sa.Date, nullable=False),
    sa.Column("totaal_bedrag", sa.BigInteger, nullable=False),
    sa.Column("debet_credit", sa.String(1), nullable=False),
    sa.Column("toegekend", sa.BigInteger, nullable=False),
    sa.Column("regel_van", sa.BigInteger),
    sa.Column("regel_tot", sa.BigInteger),
    *_since(),
    sa.Index("declaratie_bericht", "inbox_id"),
    sa.Index("declaratie_nummer", "partij_id", "declaratienummer"),
    sa.Index("declaratie_periode", "partij_id", "begindatum"),
    sa.Index("declaratie_identificatie", "partij_id", "identificatie"),
)

# No foreign key: the Declaratie, of the same transaction, would be looked up for every line that is
# written, which costs PostgreSQL as much as all indexes.
# `volgnr` counts the lines of a message; `toegekend` is 1 for a granted line, 0 for a refused one
# and 2 for one that an aanbieder sent and no 325 has judged yet.  A 325 ends the rows of a 323, the
# Declaratie's too, and makes new ones of them.
prestatie = sa.Table(
    "prestatie",
    metadata,
    _number(),
    sa.Column("partij_id", Id, nullable=False),
    sa.Column("declaratie_id", Id, nullable=False),
    sa.Column("bsn_hash", Fingerprint, nullable=False),
    *_since(),
    sa.Column("volgnr", sa.Integer, nullable=False),
    sa.Column("bsn", sa.String(9), nullable=False),
    sa.Column("referentienummer", sa.String(20), nullable=False),
    sa.Column("vorig_referentienummer", sa.String(20)),
    sa.Column("toewijzingnummer", sa.BigInteger, nullable=False),
    sa.Column("productcategorie", sa.String(10), nullable=False),
    sa.Column("productcode", sa.String(10), nullable=False),
    sa.Column("begindatum", sa.Date, nullable=False),
    sa.Column("einddatum", sa.Date, nullable=False),
    sa.Column("geleverd_volume", sa.BigInteger, nullable=False),
    sa.Column("eenheid", sa.String(4), nullable=False),
    sa.Column("producttarief", sa.BigInteger),
    sa.Column("ingediend_bedrag", sa.BigInteger, nullable=False),
    sa.Column("debet_credit", sa.String(1), nullable=False),
    sa.Column("toegekend", sa.SmallInteger, nullable=False),
    sa.Column("retourcodes", sa.Text, nullable=False),
    *_of_partij("prestatie_toewijzing", "toewijzingnummer"),
    *_of_partij("prestatie_referentie", "referentienummer"),
    *_of_partij("prestatie_credit", "vorig_referentienummer", "vorig_referentienummer IS NOT NULL"),
)

# Granted eurocents, credits subtracted, that one message added to a product in a year of delivery.
besteding = sa.Table(
    "besteding",
    metadata,
    _number(),
    sa.Column("partij_id", Id, sa.ForeignKey("partij.id"), nullable=False),
    sa.Column("inbox_id", Id, sa.ForeignKey("inbox.id"), nullable=False),
    sa.Column("jaar", sa.Integer, nullable=False),
    sa.Column("productcode", sa.String(10), nullable=False),
    sa.Column("bedrag", sa.BigInteger, nullable=False),
    *_since(),
    sa.Index("besteding_jaar", "partij_id", "jaar"),
    sa.Index("besteding_bericht", "inbox_id"),
)

# A decision receipt that is kept: of a line that was rejected or flagged.
bewijs = sa.Table(
    "bewijs",
    metadata,
    _number(),
    sa.Column("inbox_id", Id, sa.ForeignKey("inbox.id"), nullable=False),
    sa.Column("regelnr", sa.Integer, nullable=False),
    *_since(),
    sa.Column("document", sa.LargeBinary, nullable=False),
    sa.Index("bewijs_regel", "inbox_id", "regelnr"),
)

# How many deviations of a check a waiver covered in one message.
ontheven = sa.Table(
    "ontheven",
    metadata,
    _number(),
    sa.Column("inbox_id", Id, sa.ForeignKey("inbox.id"), nullable=False),
    sa.Column("rule", sa.String(12), nullable=False),
    sa.Column("aantal", sa.Integer, nullable=False),
    *_since(),
    sa.Index("ontheven_bericht", "inbox_id"),
)

# `regelnr` is the number of the line in its message, `belang` the amount at stake in eurocents.
# Party, product and assignment stand here too: findings are grouped and searched by them.
bevinding = sa.Table(
    "bevinding",
    metadata,
    _number(),
    sa.Column("inbox_id", Id, sa.ForeignKey("inbox.id"), nullable=False),
    *_since(),
    sa.Column("rule", sa.String(12), nullable=False),
    sa.Column("retourcode", sa.String(4)),
    sa.Column("effect", sa.String(8), nullable=False),
    sa.Column("klasse", sa.String(40), nullable=False),
    sa.Column("pad", sa.Text, nullable=False),
    sa.Column("element", sa.Text, nullable=False),
    sa.Column("reference", sa.String(40)),
    sa.Column("found", sa.Text, nullable=False),
    sa.Column("expected", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("overeenkomst", sa.Text),
    sa.Column("versie", sa.Text),
    sa.Column("cel", sa.Text),
    sa.Column("ingediend", sa.BigInteger),
    sa.Column("verwacht", sa.BigInteger),
    sa.Column("belang", sa.BigInteger),
    sa.Column("controleplan", sa.Text),
    sa.Column("regelnr", sa.Integer),
    sa.Column("partij_id", Id),
    sa.Column("productcode", sa.String(10)),
    sa.Column("toewijzingnummer", sa.BigInteger),
    sa.Column("begindatum", sa.Date),
    sa.Index("bevinding_bericht", "inbox_id", "id"),
    sa.Index(
        "bevinding_verzoek",
        "reference",
        "partij_id",
        sqlite_where=sa.text("klasse = 'AangevraagdProduct' AND tot_volgnr IS NULL"),
        postgresql_where=sa.text("klasse = 'AangevraagdProduct' AND tot_volgnr IS NULL"),
    ),
)

# A run that puts back what stood still, as asked for in `vraag`; `gezien_at` is its last sign of
# life, `stop` 1 once somebody wants it to end, `einde` how it ended.
herstel = sa.Table(
    "herstel",
    metadata,
    _number(),
    sa.Column("vraag", sa.Text, nullable=False),
    sa.Column("per_seconde", sa.Double, nullable=False),
    sa.Column("totaal", sa.Integer, nullable=False),
    sa.Column("teruggezet", sa.Integer, nullable=False),
    sa.Column("overgeslagen", sa.Integer, nullable=False),
    sa.Column("begonnen_at", sa.Double, nullable=False),
    sa.Column("gezien_at", sa.Double, nullable=False),
    sa.Column("stop", sa.SmallInteger, nullable=False),
    sa.Column("geeindigd_at", sa.Double),
    sa.Column("einde", sa.String(12)),
    # Codes with commas between them, absent for a run over any municipality.
    sa.Column("gemeenten", sa.Text),
)

# An attempt at a message (`inbox_id`), at sending (`outbox_id` too), or at a message that no inbox
# took (`kenmerk`).  The first one began without a run; the last one has no end here: what became
# of it is told by the row that it is an attempt at.
poging = sa.Table(
    "poging",
    metadata,
    _number(),
    sa.Column("herstel_id", Id, sa.ForeignKey("herstel.id")),
    sa.Column("inbox_id", Id, sa.ForeignKey("inbox.id")),
    sa.Column("outbox_id", Id),
    sa.Column("kenmerk", sa.Text),
    sa.Column("nr", sa.Integer, nullable=False),
    sa.Column("begonnen_at", sa.Double),
    sa.Column("geeindigd_at", sa.Double),
    sa.Column("reden", sa.Text),
    sa.Index("poging_bericht", "inbox_id", "nr"),
    sa.Index("poging_kenmerk", "kenmerk", "nr"),
)

# A file with messages of one municipality that ended in one month.  `sha256` is of the file, known
# once it is written whole; only then is anything removed, and `afgerond_at` tells that all is.
archief = sa.Table(
    "archief",
    metadata,
    _number(),
    sa.Column("naam", sa.String(40), nullable=False),
    sa.Column("gemeente", sa.String(12), nullable=False),
    sa.Column("maand", sa.String(7), nullable=False),
    sa.Column("berichten", sa.Integer, nullable=False),
    sa.Column("gemaakt_at", sa.Double, nullable=False),
    sa.Column("sha256", sa.String(64)),
    sa.Column("afgerond_at", sa.Double),
    sa.Index("archief_naam", "naam", unique=True),
)

# Where a message went; without `archief_id` it waits for its file.
archief_bericht = sa.Table(
    "archief_bericht",
    metadata,
    sa.Column("inbox_id", Id, sa.ForeignKey("inbox.id"), primary_key=True, autoincrement=False),
    sa.Column("archief_id", Id, sa.ForeignKey("archief.id")),
    sa.Column("gemeente", sa.String(12), nullable=False),
    sa.Column("maand", sa.String(7), nullable=False),
    sa.Index("archief_bericht_in", "archief_id", "gemeente", "maand", "inbox_id"),
)

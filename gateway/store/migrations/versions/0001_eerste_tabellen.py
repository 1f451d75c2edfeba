"""Makes every table of the first version."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# SQLite numbers rows only in a column that is called INTEGER.
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables in an order in which references find their target."""
    _inbox()
    _instelling()
    _partij()
    _teller()
    _bevinding()
    _declaratie()
    _inbox_stuk()
    _levering()
    _outbox()
    _toewijzing()
    _verzoek()
    _outbox_stuk()
    _prestatie()


def _index(
    name: str, table: str, columns: list[str], *, unique: bool = False, where: str = ""
) -> None:
    condition = sa.text(where) if where else None
    op.create_index(
        name,
        table,
        columns,
        unique=unique,
        sqlite_where=condition,
        postgresql_where=condition,
    )


def _inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("naam", sa.Text(), nullable=False),
        sa.Column("ontvanger", sa.String(length=12), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("transport_id", sa.String(length=64), nullable=True),
        sa.Column("paar", sa.String(length=30), nullable=True),
        sa.Column("grootte", sa.BigInteger(), nullable=False),
        sa.Column("stukken", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.Double(), nullable=False),
        sa.Column("staat", sa.String(length=12), nullable=False),
        sa.Column("token", sa.String(length=32), nullable=True),
        sa.Column("lease_until", sa.Double(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.Double(), nullable=False),
        sa.Column("announced_at", sa.Double(), nullable=True),
        sa.Column("besluit_op", sa.Double(), nullable=True),
        sa.Column("finished_at", sa.Double(), nullable=True),
        sa.Column("volgnr", sa.BigInteger(), nullable=True),
        sa.Column("van_volgnr", sa.BigInteger(), nullable=True),
        sa.Column("verdict", sa.String(length=12), nullable=True),
        sa.Column("berichtcode", sa.String(length=8), nullable=True),
        sa.Column("gemeente", sa.String(length=12), nullable=True),
        sa.Column("afzender", sa.String(length=12), nullable=True),
        sa.Column("identificatie", sa.String(length=12), nullable=True),
        sa.Column("declaratienummer", sa.String(length=40), nullable=True),
        sa.Column("uitkomst", sa.LargeBinary(), nullable=True),
        sa.Column("reden", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
    )
    _index("inbox_bytes", "inbox", ["ontvanger", "sha256"], unique=True)
    _index("inbox_declaratie", "inbox", ["declaratienummer"])
    _index("inbox_identificatie", "inbox", ["identificatie", "afzender"])
    _index("inbox_paar", "inbox", ["paar"], unique=True, where="staat = 'bezig'")
    _index("inbox_rij", "inbox", ["paar", "id"], where="staat = 'nieuw' AND announced_at IS NULL")
    _index("inbox_transport", "inbox", ["transport_id"], unique=True)
    _index("inbox_werk", "inbox", ["staat", "next_at"], where="staat <> 'klaar'")


def _instelling() -> None:
    op.create_table(
        "instelling",
        sa.Column("naam", sa.String(length=40), nullable=False),
        sa.Column("waarde", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("naam", name=op.f("pk_instelling")),
    )


def _partij() -> None:
    op.create_table(
        "partij",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("gemeente", sa.String(length=12), nullable=False),
        sa.Column("wet", sa.String(length=12), nullable=False),
        sa.Column("aanbieder", sa.String(length=12), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partij")),
    )
    _index("partij_uniek", "partij", ["gemeente", "wet", "aanbieder"], unique=True)


def _teller() -> None:
    op.create_table(
        "teller",
        sa.Column("naam", sa.String(length=60), nullable=False),
        sa.Column("waarde", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("naam", name=op.f("pk_teller")),
    )


def _bevinding() -> None:
    op.create_table(
        "bevinding",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("inbox_id", _ID, nullable=False),
        sa.Column("van_volgnr", sa.BigInteger(), nullable=False),
        sa.Column("tot_volgnr", sa.BigInteger(), nullable=True),
        sa.Column("rule", sa.String(length=12), nullable=False),
        sa.Column("retourcode", sa.String(length=4), nullable=True),
        sa.Column("effect", sa.String(length=8), nullable=False),
        sa.Column("klasse", sa.String(length=40), nullable=False),
        sa.Column("pad", sa.Text(), nullable=False),
        sa.Column("element", sa.Text(), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=True),
        sa.Column("found", sa.Text(), nullable=False),
        sa.Column("expected", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("overeenkomst", sa.Text(), nullable=True),
        sa.Column("versie", sa.Text(), nullable=True),
        sa.Column("cel", sa.Text(), nullable=True),
        sa.Column("ingediend", sa.BigInteger(), nullable=True),
        sa.Column("verwacht", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["inbox_id"], ["inbox.id"], name=op.f("fk_bevinding_inbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bevinding")),
    )
    _index("bevinding_bericht", "bevinding", ["inbox_id", "id"])


def _declaratie() -> None:
    op.create_table(
        "declaratie",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("partij_id", _ID, nullable=False),
        sa.Column("inbox_id", _ID, nullable=False),
        sa.Column("berichtcode", sa.String(length=8), nullable=False),
        sa.Column("afzender", sa.String(length=12), nullable=False),
        sa.Column("ontvanger", sa.String(length=12), nullable=False),
        sa.Column("identificatie", sa.String(length=12), nullable=False),
        sa.Column("header_dagtekening", sa.Date(), nullable=False),
        sa.Column("basisschema_xsd_versie", sa.String(length=20), nullable=False),
        sa.Column("bericht_xsd_versie", sa.String(length=20), nullable=False),
        sa.Column("declaratienummer", sa.String(length=40), nullable=False),
        sa.Column("begindatum", sa.Date(), nullable=False),
        sa.Column("einddatum", sa.Date(), nullable=False),
        sa.Column("dagtekening", sa.Date(), nullable=False),
        sa.Column("totaal_bedrag", sa.BigInteger(), nullable=False),
        sa.Column("debet_credit", sa.String(length=1), nullable=False),
        sa.Column("toegekend", sa.BigInteger(), nullable=False),
        sa.Column("regel_van", sa.BigInteger(), nullable=True),
        sa.Column("regel_tot", sa.BigInteger(), nullable=True),
        sa.Column("van_volgnr", sa.BigInteger(), nullable=False),
        sa.Column("tot_volgnr", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["inbox_id"], ["inbox.id"], name=op.f("fk_declaratie_inbox_id")),
        sa.ForeignKeyConstraint(["partij_id"], ["partij.id"], name=op.f("fk_declaratie_partij_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declaratie")),
    )
    _index("declaratie_bericht", "declaratie", ["inbox_id"])
    _index("declaratie_identificatie", "declaratie", ["partij_id", "identificatie"])
    _index("declaratie_nummer", "declaratie", ["partij_id", "declaratienummer"])
    _index("declaratie_periode", "declaratie", ["partij_id", "begindatum"])


def _inbox_stuk() -> None:
    op.create_table(
        "inbox_stuk",
        sa.Column("inbox_id", _ID, nullable=False),
        sa.Column("nr", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["inbox_id"], ["inbox.id"], name=op.f("fk_inbox_stuk_inbox_id")),
        sa.PrimaryKeyConstraint("inbox_id", "nr", name=op.f("pk_inbox_stuk")),
    )


def _levering() -> None:
    op.create_table(
        "levering",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("soort", sa.String(length=5), nullable=False),
        sa.Column("partij_id", _ID, nullable=False),
        sa.Column("bsn", sa.String(length=9), nullable=False),
        sa.Column("bsn_hash", sa.String(length=32), nullable=False),
        sa.Column("toewijzingnummer", sa.BigInteger(), nullable=True),
        sa.Column("productcategorie", sa.String(length=10), nullable=True),
        sa.Column("productcode", sa.String(length=10), nullable=True),
        sa.Column("toewijzing_ingangsdatum", sa.Date(), nullable=True),
        sa.Column("begindatum", sa.Date(), nullable=False),
        sa.Column("reden_beeindiging", sa.String(length=4), nullable=True),
        sa.Column("einddatum", sa.Date(), nullable=True),
        sa.Column("status_aanlevering", sa.String(length=4), nullable=False),
        sa.Column("van_volgnr", sa.BigInteger(), nullable=False),
        sa.Column("tot_volgnr", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["partij_id"], ["partij.id"], name=op.f("fk_levering_partij_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_levering")),
    )
    _index("levering_client", "levering", ["bsn_hash", "partij_id"])
    _index("levering_nummer", "levering", ["partij_id", "toewijzingnummer"])


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("soort", sa.String(length=12), nullable=False),
        sa.Column("inbox_id", _ID, nullable=False),
        sa.Column("volgnr", sa.BigInteger(), nullable=True),
        sa.Column("naam", sa.Text(), nullable=False),
        sa.Column("gemeente", sa.String(length=12), nullable=True),
        sa.Column("berichttype", sa.String(length=40), nullable=True),
        sa.Column("identificatie", sa.String(length=12), nullable=True),
        sa.Column("stukken", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("next_at", sa.Double(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.Double(), nullable=True),
        sa.Column("reden", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["inbox_id"], ["inbox.id"], name=op.f("fk_outbox_inbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    _index("outbox_bericht", "outbox", ["inbox_id"])
    _index("outbox_een_antwoord", "outbox", ["inbox_id"], unique=True, where="soort = 'antwoord'")
    _index(
        "outbox_identificatie",
        "outbox",
        ["gemeente", "berichttype", "identificatie"],
        unique=True,
        where="soort = 'antwoord'",
    )
    op.create_index(
        "outbox_wachtend",
        "outbox",
        ["soort", "id"],
        unique=False,
        sqlite_where=sa.text("sent_at IS NULL"),
        postgresql_where=sa.text("sent_at IS NULL"),
    )


def _toewijzing() -> None:
    op.create_table(
        "toewijzing",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("gemeente", sa.String(length=12), nullable=False),
        sa.Column("wet", sa.String(length=12), nullable=False),
        sa.Column("partij_id", _ID, nullable=False),
        sa.Column("bsn", sa.String(length=9), nullable=False),
        sa.Column("bsn_hash", sa.String(length=32), nullable=False),
        sa.Column("bekend_op", sa.Date(), nullable=False),
        sa.Column("toewijzingnummer", sa.BigInteger(), nullable=False),
        sa.Column("referentie_aanbieder", sa.Text(), nullable=True),
        sa.Column("productcategorie", sa.String(length=10), nullable=True),
        sa.Column("productcode", sa.String(length=10), nullable=True),
        sa.Column("toewijzingsdatum", sa.Date(), nullable=False),
        sa.Column("toewijzingstijd", sa.String(length=40), nullable=False),
        sa.Column("ingangsdatum", sa.Date(), nullable=False),
        sa.Column("einddatum", sa.Date(), nullable=True),
        sa.Column("reden_wijziging", sa.String(length=4), nullable=True),
        sa.Column("volume", sa.BigInteger(), nullable=True),
        sa.Column("eenheid", sa.String(length=4), nullable=True),
        sa.Column("frequentie", sa.String(length=4), nullable=True),
        sa.Column("budget", sa.BigInteger(), nullable=True),
        sa.Column("commentaar", sa.Text(), nullable=True),
        sa.Column("van_volgnr", sa.BigInteger(), nullable=False),
        sa.Column("tot_volgnr", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["partij_id"], ["partij.id"], name=op.f("fk_toewijzing_partij_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_toewijzing")),
    )
    _index("toewijzing_client", "toewijzing", ["bsn_hash", "partij_id"])
    _index("toewijzing_nummer", "toewijzing", ["toewijzingnummer", "gemeente", "wet"])
    op.create_index(
        "toewijzing_versie",
        "toewijzing",
        ["toewijzingnummer", "gemeente", "wet", "toewijzingsdatum", "toewijzingstijd"],
        unique=True,
        sqlite_where=sa.text("tot_volgnr IS NULL"),
        postgresql_where=sa.text("tot_volgnr IS NULL"),
    )


def _verzoek() -> None:
    op.create_table(
        "verzoek",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("partij_id", _ID, nullable=False),
        sa.Column("referentie_aanbieder", sa.Text(), nullable=False),
        sa.Column("van_volgnr", sa.BigInteger(), nullable=False),
        sa.Column("tot_volgnr", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["partij_id"], ["partij.id"], name=op.f("fk_verzoek_partij_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verzoek")),
    )
    _index("verzoek_referentie", "verzoek", ["partij_id", "referentie_aanbieder"])


def _outbox_stuk() -> None:
    op.create_table(
        "outbox_stuk",
        sa.Column("outbox_id", _ID, nullable=False),
        sa.Column("nr", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["outbox_id"], ["outbox.id"], name=op.f("fk_outbox_stuk_outbox_id")
        ),
        sa.PrimaryKeyConstraint("outbox_id", "nr", name=op.f("pk_outbox_stuk")),
    )


def _prestatie() -> None:
    op.create_table(
        "prestatie",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("partij_id", _ID, nullable=False),
        sa.Column("declaratie_id", _ID, nullable=False),
        sa.Column("bsn_hash", sa.String(length=32), nullable=False),
        sa.Column("van_volgnr", sa.BigInteger(), nullable=False),
        sa.Column("tot_volgnr", sa.BigInteger(), nullable=True),
        sa.Column("volgnr", sa.Integer(), nullable=False),
        sa.Column("bsn", sa.String(length=9), nullable=False),
        sa.Column("referentienummer", sa.String(length=20), nullable=False),
        sa.Column("vorig_referentienummer", sa.String(length=20), nullable=True),
        sa.Column("toewijzingnummer", sa.BigInteger(), nullable=False),
        sa.Column("productcategorie", sa.String(length=10), nullable=False),
        sa.Column("productcode", sa.String(length=10), nullable=False),
        sa.Column("begindatum", sa.Date(), nullable=False),
        sa.Column("einddatum", sa.Date(), nullable=False),
        sa.Column("geleverd_volume", sa.BigInteger(), nullable=False),
        sa.Column("eenheid", sa.String(length=4), nullable=False),
        sa.Column("producttarief", sa.BigInteger(), nullable=True),
        sa.Column("ingediend_bedrag", sa.BigInteger(), nullable=False),
        sa.Column("debet_credit", sa.String(length=1), nullable=False),
        sa.Column("toegekend", sa.SmallInteger(), nullable=False),
        sa.Column("retourcodes", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["declaratie_id"], ["declaratie.id"], name=op.f("fk_prestatie_declaratie_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prestatie")),
    )
    op.create_index(
        "prestatie_credit",
        "prestatie",
        ["partij_id", "vorig_referentienummer"],
        unique=False,
        sqlite_where=sa.text("vorig_referentienummer IS NOT NULL"),
        postgresql_where=sa.text("vorig_referentienummer IS NOT NULL"),
    )
    _index("prestatie_referentie", "prestatie", ["partij_id", "referentienummer"])
    _index("prestatie_toewijzing", "prestatie", ["partij_id", "toewijzingnummer"])

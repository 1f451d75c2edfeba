"""Keeps what is put right afterwards: credits asked for, other municipalities, invoices by hand."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

# SQLite numbers rows only in a column that is called INTEGER.
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_SCOPE = "(SELECT string_to_array(current_setting('app.gemeente', true), ','))::text[]"
_ALL = "(SELECT coalesce(current_setting('app.gemeente', true), '')) = '*'"
_OWN = f"{_ALL} OR gemeente = ANY ({_SCOPE})"
# What stands between two municipalities is seen by both.
_BOTH = f"{_ALL} OR van = ANY ({_SCOPE}) OR aan = ANY ({_SCOPE})"
_OF_CREDIT = "EXISTS (SELECT FROM creditverzoek AS boven WHERE boven.id = creditverzoek_id)"
_OF_ITEM = "EXISTS (SELECT FROM gemeenteverrekening AS boven WHERE boven.id = verrekening_id)"
_SEEN = {
    "creditverzoek": _OWN,
    "creditverzoek_regel": _OF_CREDIT,
    "gemeenteverrekening": _BOTH,
    "gemeenteverrekening_regel": _OF_ITEM,
    "handtoewijzing": _OWN,
    "factuur": _OWN,
    "factuurregel": _OWN,
}


def upgrade() -> None:
    """Make the tables, guarded by municipality."""
    _creditverzoek()
    _creditverzoek_regel()
    _gemeenteverrekening()
    _gemeenteverrekening_regel()
    _handtoewijzing()
    _factuur()
    _factuurregel()
    if op.get_bind().dialect.name == "postgresql":
        for table, seen in _SEEN.items():
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY eigen_gemeente ON {table} USING ({seen})")


def _index(name: str, table: str, keys: Sequence[str], where: str, *, unique: bool = False) -> None:
    told = sa.text(where)
    op.create_index(
        name, table, list(keys), unique=unique, sqlite_where=told, postgresql_where=told
    )


def _creditverzoek() -> None:
    op.create_table(
        "creditverzoek",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("gemeente", sa.String(12), nullable=False),
        sa.Column("wet", sa.String(12), nullable=False),
        sa.Column("aanbieder", sa.String(12), nullable=False),
        sa.Column("inbox_id", _ID, nullable=False),
        sa.Column("reden", sa.String(20), nullable=False),
        sa.Column("toelichting", sa.Text(), nullable=False),
        sa.Column("gevraagd_op", sa.Date(), nullable=False),
        sa.Column("uiterlijk", sa.Date(), nullable=False),
        sa.Column("staat", sa.String(12), nullable=False),
        sa.Column("antwoord", sa.String(12), nullable=False),
        sa.Column("antwoord_reden", sa.Text(), nullable=False, server_default=""),
        sa.Column("antwoord_naam", sa.String(120)),
        sa.Column("antwoord_at", sa.Double()),
        sa.Column("regels", sa.Integer(), nullable=False),
        sa.Column("bedrag", sa.BigInteger(), nullable=False),
        sa.Column("gecrediteerd", sa.Integer(), nullable=False),
        sa.Column("gecrediteerd_bedrag", sa.BigInteger(), nullable=False),
        sa.Column("wie", sa.String(80), nullable=False),
        sa.Column("naam", sa.String(120), nullable=False),
        sa.Column("gemaakt_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_creditverzoek"),
        sa.ForeignKeyConstraint(["inbox_id"], ["inbox.id"], name="fk_creditverzoek_inbox_id"),
    )
    op.create_index("creditverzoek_aanbieder", "creditverzoek", ["aanbieder", "id"])
    op.create_index("creditverzoek_gemeente", "creditverzoek", ["gemeente", "id"])
    _index(
        "creditverzoek_loopt",
        "creditverzoek",
        ["gemeente", "uiterlijk", "id"],
        "staat IN ('open', 'toegezegd')",
    )


def _creditverzoek_regel() -> None:
    op.create_table(
        "creditverzoek_regel",
        sa.Column("creditverzoek_id", _ID, nullable=False, autoincrement=False),
        sa.Column("inbox_id", _ID, nullable=False, autoincrement=False),
        sa.Column("regelnr", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("partij_id", _ID, nullable=False),
        sa.Column("referentienummer", sa.String(20), nullable=False),
        sa.Column("bedrag", sa.BigInteger(), nullable=False),
        sa.Column("loopt", sa.SmallInteger(), nullable=False),
        sa.Column("credit_id", _ID),
        sa.PrimaryKeyConstraint(
            "creditverzoek_id", "inbox_id", "regelnr", name="pk_creditverzoek_regel"
        ),
        sa.ForeignKeyConstraint(
            ["creditverzoek_id"],
            ["creditverzoek.id"],
            name="fk_creditverzoek_regel_creditverzoek_id",
        ),
    )
    _index(
        "creditverzoek_regel_credit", "creditverzoek_regel", ["credit_id"], "credit_id IS NOT NULL"
    )
    _index(
        "creditverzoek_regel_een",
        "creditverzoek_regel",
        ["inbox_id", "regelnr"],
        "loopt = 1",
        unique=True,
    )
    _index("creditverzoek_regel_wacht", "creditverzoek_regel", ["partij_id"], "credit_id IS NULL")


def _gemeenteverrekening() -> None:
    op.create_table(
        "gemeenteverrekening",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("van", sa.String(12), nullable=False),
        sa.Column("aan", sa.String(12), nullable=False),
        sa.Column("wet", sa.String(12), nullable=False),
        sa.Column("client", sa.String(32), nullable=False),
        sa.Column("jaar", sa.Integer(), nullable=False),
        sa.Column("begindatum", sa.Date(), nullable=False),
        sa.Column("einddatum", sa.Date(), nullable=False),
        sa.Column("regels", sa.Integer(), nullable=False),
        sa.Column("bedrag", sa.BigInteger(), nullable=False),
        sa.Column("grond", sa.String(20), nullable=False),
        sa.Column("toelichting", sa.Text(), nullable=False),
        sa.Column("buiten", sa.SmallInteger(), nullable=False),
        sa.Column("bericht_id", _ID),
        sa.Column("van_staat", sa.String(12), nullable=False),
        sa.Column("aan_staat", sa.String(12), nullable=False),
        sa.Column("aan_reden", sa.Text(), nullable=False, server_default=""),
        sa.Column("aan_naam", sa.String(120)),
        sa.Column("aan_at", sa.Double()),
        sa.Column("wie", sa.String(80), nullable=False),
        sa.Column("naam", sa.String(120), nullable=False),
        sa.Column("gemaakt_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_gemeenteverrekening"),
    )
    op.create_index("gemeenteverrekening_aan", "gemeenteverrekening", ["aan", "jaar", "id"])
    op.create_index("gemeenteverrekening_bericht", "gemeenteverrekening", ["bericht_id"])
    op.create_index("gemeenteverrekening_client", "gemeenteverrekening", ["client"])
    op.create_index("gemeenteverrekening_van", "gemeenteverrekening", ["van", "jaar", "id"])


def _gemeenteverrekening_regel() -> None:
    op.create_table(
        "gemeenteverrekening_regel",
        sa.Column("verrekening_id", _ID, nullable=False, autoincrement=False),
        sa.Column("inbox_id", _ID, nullable=False, autoincrement=False),
        sa.Column("regelnr", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("aanbieder", sa.String(12), nullable=False),
        sa.Column("productcode", sa.String(10), nullable=False),
        sa.Column("begindatum", sa.Date(), nullable=False),
        sa.Column("einddatum", sa.Date(), nullable=False),
        sa.Column("bedrag", sa.BigInteger(), nullable=False),
        sa.Column("loopt", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "verrekening_id", "inbox_id", "regelnr", name="pk_gemeenteverrekening_regel"
        ),
        sa.ForeignKeyConstraint(
            ["verrekening_id"],
            ["gemeenteverrekening.id"],
            name="fk_gemeenteverrekening_regel_verrekening_id",
        ),
    )
    _index(
        "gemeenteverrekening_regel_een",
        "gemeenteverrekening_regel",
        ["inbox_id", "regelnr"],
        "loopt = 1",
        unique=True,
    )


def _handtoewijzing() -> None:
    op.create_table(
        "handtoewijzing",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("gemeente", sa.String(12), nullable=False),
        sa.Column("wet", sa.String(12), nullable=False),
        sa.Column("aanbieder", sa.String(12), nullable=False),
        sa.Column("soort", sa.String(20), nullable=False),
        sa.Column("client", sa.String(32)),
        sa.Column("referentie", sa.String(40), nullable=False),
        sa.Column("productcode", sa.String(10), nullable=False),
        sa.Column("eenheid", sa.String(4), nullable=False),
        sa.Column("begindatum", sa.Date(), nullable=False),
        sa.Column("einddatum", sa.Date()),
        sa.Column("volume", sa.BigInteger()),
        sa.Column("bedrag", sa.BigInteger()),
        sa.Column("wie", sa.String(80), nullable=False),
        sa.Column("naam", sa.String(120), nullable=False),
        sa.Column("gemaakt_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_handtoewijzing"),
    )
    op.create_index("handtoewijzing_gemeente", "handtoewijzing", ["gemeente", "id"])


def _factuur() -> None:
    op.create_table(
        "factuur",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("gemeente", sa.String(12), nullable=False),
        sa.Column("wet", sa.String(12), nullable=False),
        sa.Column("aanbieder", sa.String(12), nullable=False),
        sa.Column("factuurnummer", sa.String(40), nullable=False),
        sa.Column("factuurdatum", sa.Date(), nullable=False),
        sa.Column("soort", sa.String(20), nullable=False),
        sa.Column("client", sa.String(32)),
        sa.Column("referentie", sa.String(40), nullable=False),
        sa.Column("handtoewijzing_id", _ID),
        sa.Column("toewijzingnummer", sa.BigInteger()),
        sa.Column("partij_id", _ID),
        sa.Column("document_sha256", sa.String(64)),
        sa.Column("bedrag", sa.BigInteger(), nullable=False),
        sa.Column("staat", sa.String(12), nullable=False),
        sa.Column("bevindingen", sa.Text(), nullable=False),
        sa.Column("voorstel_id", _ID),
        sa.Column("wie", sa.String(80), nullable=False),
        sa.Column("naam", sa.String(120), nullable=False),
        sa.Column("gemaakt_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_factuur"),
        sa.ForeignKeyConstraint(
            ["handtoewijzing_id"], ["handtoewijzing.id"], name="fk_factuur_handtoewijzing_id"
        ),
        sa.ForeignKeyConstraint(["partij_id"], ["partij.id"], name="fk_factuur_partij_id"),
        sa.ForeignKeyConstraint(["voorstel_id"], ["voorstel.id"], name="fk_factuur_voorstel_id"),
    )
    op.create_index("factuur_client", "factuur", ["client", "gemeente"])
    op.create_index("factuur_gemeente", "factuur", ["gemeente", "id"])
    op.create_index("factuur_handtoewijzing", "factuur", ["handtoewijzing_id"])
    _index(
        "factuur_nummer",
        "factuur",
        ["gemeente", "aanbieder", "factuurnummer"],
        "staat IN ('voorgesteld', 'goedgekeurd')",
        unique=True,
    )


def _factuurregel() -> None:
    op.create_table(
        "factuurregel",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("factuur_id", _ID, nullable=False),
        sa.Column("gemeente", sa.String(12), nullable=False),
        sa.Column("volgnr", sa.Integer(), nullable=False),
        sa.Column("productcode", sa.String(10), nullable=False),
        sa.Column("eenheid", sa.String(4), nullable=False),
        sa.Column("begindatum", sa.Date(), nullable=False),
        sa.Column("einddatum", sa.Date(), nullable=False),
        sa.Column("volume", sa.BigInteger(), nullable=False),
        sa.Column("tarief", sa.BigInteger()),
        sa.Column("bedrag", sa.BigInteger(), nullable=False),
        sa.Column("staat", sa.String(12), nullable=False),
        sa.Column("betaling_id", _ID),
        sa.Column("betaald_op", sa.Date()),
        sa.PrimaryKeyConstraint("id", name="pk_factuurregel"),
        sa.ForeignKeyConstraint(["factuur_id"], ["factuur.id"], name="fk_factuurregel_factuur_id"),
    )
    _index("factuurregel_betaalbaar", "factuurregel", ["gemeente", "id"], "staat = 'betaalbaar'")
    _index("factuurregel_betaling", "factuurregel", ["betaling_id"], "betaling_id IS NOT NULL")
    op.create_index("factuurregel_factuur", "factuurregel", ["factuur_id", "volgnr"], unique=True)

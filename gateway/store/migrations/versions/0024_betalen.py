"""Keeps what is paid: runs, payments, which line went into which, and what holds up payment."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

# SQLite numbers rows only in a column that is called INTEGER.
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_SEEN = (
    "(SELECT coalesce(current_setting('app.gemeente', true), '')) = '*' OR "
    "gemeente = ANY ((SELECT string_to_array(current_setting('app.gemeente', true), ','))::text[])"
)
# Who sees a payment, sees what is in it.
_OF_PAYMENT = "EXISTS (SELECT FROM betaling AS boven WHERE boven.id = betaling_id)"
_GUARDED = ("betaalstuk", "betaalrun", "betaling", "betaalsaldo", "betaalblokkade")
_BELOW = ("betaalregel", "betaalpost")


def upgrade() -> None:
    """Make the tables, guarded by municipality; nothing that was granted before is paid yet."""
    _stukken()
    _runs()
    _betalingen()
    _regels()
    _saldi()
    _blokkades()
    if op.get_bind().dialect.name == "postgresql":
        for table in _GUARDED:
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY eigen_gemeente ON {table} USING ({_SEEN})")
        for table in _BELOW:
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY eigen_gemeente ON {table} USING ({_OF_PAYMENT})")


def _stukken() -> None:
    """Invoices of which something is in no payment yet."""
    op.create_table(
        "betaalstuk",
        sa.Column("inbox_id", _ID, autoincrement=False, nullable=False),
        sa.Column("partij_id", _ID, nullable=False),
        sa.Column("gemeente", sa.String(12), nullable=False),
        sa.Column("received_at", sa.Double(), nullable=False),
        sa.Column("sent_at", sa.Double(), nullable=False),
        sa.Column("regels", sa.BigInteger(), nullable=False),
        sa.Column("bedrag", sa.BigInteger(), nullable=False),
        sa.Column("regels_open", sa.BigInteger(), nullable=False),
        sa.Column("bedrag_open", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("inbox_id", name="pk_betaalstuk"),
    )
    op.create_index(
        "betaalstuk_open",
        "betaalstuk",
        ["gemeente", "partij_id"],
        sqlite_where=sa.text("regels_open > 0"),
        postgresql_where=sa.text("regels_open > 0"),
    )


def _runs() -> None:
    """Runs."""
    op.create_table(
        "betaalrun",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("gemeente", sa.String(12), nullable=False),
        sa.Column("staat", sa.String(12), nullable=False),
        sa.Column("tot", sa.Date(), nullable=False),
        sa.Column("vervalt_tot", sa.Date()),
        sa.Column("uitvoering", sa.Date(), nullable=False),
        sa.Column("wie", sa.String(80), nullable=False),
        sa.Column("naam", sa.String(120), nullable=False),
        sa.Column("gemaakt_at", sa.Double(), nullable=False),
        sa.Column("betalingen", sa.Integer(), nullable=False),
        sa.Column("regels", sa.BigInteger(), nullable=False),
        sa.Column("bedrag", sa.BigInteger(), nullable=False),
        sa.Column("hoogste", sa.BigInteger(), nullable=False),
        sa.Column("buiten", sa.Text(), nullable=False),
        sa.Column("voorstel_id", _ID),
        sa.Column("vrijgegeven_at", sa.Double()),
        sa.Column("vrijgegeven_naam", sa.String(120)),
        sa.Column("rekening_iban", sa.String(34)),
        sa.Column("rekening_naam", sa.String(70)),
        sa.Column("rekening_bic", sa.String(11)),
        sa.Column("bericht_id", sa.String(35)),
        sa.Column("bestand_at", sa.Double()),
        sa.Column("sha256", sa.String(64)),
        sa.Column("betaald_op", sa.Date()),
        sa.Column("vervallen_at", sa.Double()),
        sa.PrimaryKeyConstraint("id", name="pk_betaalrun"),
        sa.ForeignKeyConstraint(["voorstel_id"], ["voorstel.id"], name="fk_betaalrun_voorstel_id"),
    )
    op.create_index("betaalrun_gemeente", "betaalrun", ["gemeente", "id"])
    op.create_index("betaalrun_bericht", "betaalrun", ["bericht_id"], unique=True)


def _betalingen() -> None:
    """What a run pays an aanbieder."""
    op.create_table(
        "betaling",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("run_id", _ID, nullable=False),
        sa.Column("gemeente", sa.String(12), nullable=False),
        sa.Column("aanbieder", sa.String(12), nullable=False),
        sa.Column("iban", sa.String(34), nullable=False),
        sa.Column("tenaamstelling", sa.String(70), nullable=False),
        sa.Column("kenmerk", sa.String(35), nullable=False),
        sa.Column("regels", sa.BigInteger(), nullable=False),
        sa.Column("debet", sa.BigInteger(), nullable=False),
        sa.Column("credit", sa.BigInteger(), nullable=False),
        sa.Column("meegenomen", sa.BigInteger(), nullable=False),
        sa.Column("bedrag", sa.BigInteger(), nullable=False),
        sa.Column("doorgeschoven", sa.BigInteger(), nullable=False),
        sa.Column("betaald_op", sa.Date()),
        sa.Column("teruggekomen_op", sa.Date()),
        sa.Column("reden", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_betaling"),
        sa.ForeignKeyConstraint(["run_id"], ["betaalrun.id"], name="fk_betaling_run_id"),
    )
    op.create_index("betaling_run", "betaling", ["run_id", "aanbieder"], unique=True)
    op.create_index("betaling_aanbieder", "betaling", ["gemeente", "aanbieder", "id"])
    op.create_index("betaling_kenmerk", "betaling", ["kenmerk"], unique=True)


def _regels() -> None:
    """Which line is in which payment, and what those come to."""
    op.create_table(
        "betaalregel",
        sa.Column("inbox_id", _ID, autoincrement=False, nullable=False),
        sa.Column("regelnr", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("betaling_id", _ID, nullable=False),
        sa.Column("prestatie_id", _ID, nullable=False),
        sa.Column("bedrag", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("inbox_id", "regelnr", name="pk_betaalregel"),
        sa.ForeignKeyConstraint(
            ["betaling_id"], ["betaling.id"], name="fk_betaalregel_betaling_id"
        ),
    )
    op.create_index("betaalregel_betaling", "betaalregel", ["betaling_id", "inbox_id", "regelnr"])
    op.create_table(
        "betaalpost",
        sa.Column("betaling_id", _ID, nullable=False),
        sa.Column("wet", sa.String(12), nullable=False),
        sa.Column("productcategorie", sa.String(10), nullable=False),
        sa.Column("productcode", sa.String(10), nullable=False),
        sa.Column("jaar", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("regels", sa.BigInteger(), nullable=False),
        sa.Column("bedrag", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "betaling_id", "wet", "productcategorie", "productcode", "jaar", name="pk_betaalpost"
        ),
        sa.ForeignKeyConstraint(["betaling_id"], ["betaling.id"], name="fk_betaalpost_betaling_id"),
    )


def _saldi() -> None:
    """What a later payment takes along."""
    op.create_table(
        "betaalsaldo",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("gemeente", sa.String(12), nullable=False),
        sa.Column("aanbieder", sa.String(12), nullable=False),
        sa.Column("soort", sa.String(12), nullable=False),
        sa.Column("bedrag", sa.BigInteger(), nullable=False),
        sa.Column("uit_id", _ID, nullable=False),
        sa.Column("in_id", _ID),
        sa.PrimaryKeyConstraint("id", name="pk_betaalsaldo"),
        sa.ForeignKeyConstraint(["uit_id"], ["betaling.id"], name="fk_betaalsaldo_uit_id"),
        sa.ForeignKeyConstraint(["in_id"], ["betaling.id"], name="fk_betaalsaldo_in_id"),
    )
    op.create_index("betaalsaldo_uit", "betaalsaldo", ["uit_id"], unique=True)
    op.create_index("betaalsaldo_in", "betaalsaldo", ["in_id"])
    op.create_index(
        "betaalsaldo_open",
        "betaalsaldo",
        ["gemeente", "aanbieder"],
        sqlite_where=sa.text("in_id IS NULL"),
        postgresql_where=sa.text("in_id IS NULL"),
    )


def _blokkades() -> None:
    """What holds up payment."""
    op.create_table(
        "betaalblokkade",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("gemeente", sa.String(12), nullable=False),
        sa.Column("soort", sa.String(12), nullable=False),
        sa.Column("aanbieder", sa.String(12), nullable=False),
        sa.Column("inbox_id", _ID),
        sa.Column("regelnr", sa.Integer()),
        sa.Column("vanaf", sa.Date(), nullable=False),
        sa.Column("tot", sa.Date()),
        sa.Column("reden", sa.Text(), nullable=False),
        sa.Column("wie", sa.String(80), nullable=False),
        sa.Column("naam", sa.String(120), nullable=False),
        sa.Column("gemaakt_at", sa.Double(), nullable=False),
        sa.Column("opgeheven_at", sa.Double()),
        sa.Column("opgeheven_naam", sa.String(120)),
        sa.PrimaryKeyConstraint("id", name="pk_betaalblokkade"),
    )
    op.create_index(
        "betaalblokkade_geldt",
        "betaalblokkade",
        ["gemeente", "soort", "aanbieder"],
        sqlite_where=sa.text("opgeheven_at IS NULL"),
        postgresql_where=sa.text("opgeheven_at IS NULL"),
    )
    op.create_index(
        "betaalblokkade_stuk",
        "betaalblokkade",
        ["inbox_id", "regelnr"],
        sqlite_where=sa.text("inbox_id IS NOT NULL AND opgeheven_at IS NULL"),
        postgresql_where=sa.text("inbox_id IS NOT NULL AND opgeheven_at IS NULL"),
    )
    op.create_index("betaalblokkade_gemeente", "betaalblokkade", ["gemeente", "id"])

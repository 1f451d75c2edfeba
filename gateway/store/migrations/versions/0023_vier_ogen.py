"""Keeps what waits for a second person, and on which account a provider is paid."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

# SQLite numbers rows only in a column that is called INTEGER.
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_SEEN = (
    "(SELECT coalesce(current_setting('app.gemeente', true), '')) = '*' OR "
    "gemeente = ANY ((SELECT string_to_array(current_setting('app.gemeente', true), ','))::text[])"
)


def upgrade() -> None:
    """Make both tables, guarded by municipality."""
    op.create_table(
        "voorstel",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("gemeente", sa.String(12), nullable=False),
        sa.Column("soort", sa.String(40), nullable=False),
        sa.Column("onderwerp", sa.Text(), nullable=False),
        sa.Column("inhoud", sa.Text(), nullable=False),
        sa.Column("bedrag", sa.BigInteger()),
        sa.Column("staat", sa.String(12), nullable=False),
        sa.Column("wie", sa.String(80), nullable=False),
        sa.Column("naam", sa.String(120), nullable=False),
        sa.Column("gemaakt_at", sa.Double(), nullable=False),
        sa.Column("tweede", sa.String(80)),
        sa.Column("tweede_naam", sa.String(120)),
        sa.Column("besloten_at", sa.Double()),
        sa.Column("reden", sa.Text(), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("id", name="pk_voorstel"),
    )
    op.create_index("voorstel_gemeente", "voorstel", ["gemeente", "id"])
    is_open = sa.text("staat = 'voorgesteld'")
    op.create_index(
        "voorstel_open",
        "voorstel",
        ["gemeente", "id"],
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_table(
        "aanbieder_rekening",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("gemeente", sa.String(12), nullable=False),
        sa.Column("aanbieder", sa.String(12), nullable=False),
        sa.Column("iban", sa.String(34), nullable=False),
        sa.Column("tenaamstelling", sa.String(70), nullable=False),
        sa.Column("vanaf", sa.Date(), nullable=False),
        sa.Column("voorstel_id", _ID),
        sa.PrimaryKeyConstraint("id", name="pk_aanbieder_rekening"),
        sa.ForeignKeyConstraint(
            ["voorstel_id"], ["voorstel.id"], name="fk_aanbieder_rekening_voorstel_id"
        ),
    )
    op.create_index(
        "aanbieder_rekening_op",
        "aanbieder_rekening",
        ["gemeente", "aanbieder", "vanaf", "id"],
    )
    if op.get_bind().dialect.name == "postgresql":
        for table in ("voorstel", "aanbieder_rekening"):
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY eigen_gemeente ON {table} USING ({_SEEN})")

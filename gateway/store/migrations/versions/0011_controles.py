"""Adds the record of checks before sending, and indexes by which people look messages up."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# SQLite numbers rows only in a column that is called INTEGER.
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_SCOPE = "(SELECT coalesce(current_setting('app.gemeente', true), ''))"
_SEEN = (
    f"{_SCOPE} = '*' OR "
    "gemeente = ANY ((SELECT string_to_array(current_setting('app.gemeente', true), ','))::text[])"
)
_UNDER_CHECK = (
    "EXISTS (SELECT FROM controle AS boven WHERE boven.id = controle_id)"  # whose own guard speaks
)


def upgrade() -> None:
    """Make the tables, guarded by municipality, and the indexes."""
    op.create_table(
        "controle",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("gemeente", sa.String(12), nullable=False),
        sa.Column("wet", sa.String(12), nullable=False),
        sa.Column("aanbieder", sa.String(12), nullable=False),
        sa.Column("declaratienummer", sa.String(40), nullable=False),
        sa.Column("gecontroleerd_at", sa.Double(), nullable=False),
        sa.Column("regels", sa.Integer(), nullable=False),
        sa.Column("goed", sa.Integer(), nullable=False),
        sa.Column("ingediend", sa.Integer()),
        sa.Column("toegekend", sa.Integer()),
        sa.PrimaryKeyConstraint("id", name="pk_controle"),
    )
    op.create_index("controle_partij", "controle", ["aanbieder", "gemeente", "gecontroleerd_at"])
    is_open = sa.text("ingediend IS NULL")
    op.create_index(
        "controle_open",
        "controle",
        ["aanbieder", "gemeente"],
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_table(
        "controle_regel",
        sa.Column("controle_id", _ID, nullable=False),
        sa.Column("hash", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(
            ["controle_id"], ["controle.id"], name="fk_controle_regel_controle_id"
        ),
        sa.PrimaryKeyConstraint("controle_id", "hash", name="pk_controle_regel"),
    )
    op.create_index("inbox_ontvangen", "inbox", ["received_at", "id"])
    op.create_index("inbox_partijen", "inbox", ["paar", "received_at", "id"])
    op.create_index("inbox_oordeel", "inbox", ["verdict", "received_at", "id"])
    if op.get_bind().dialect.name == "postgresql":
        for table, seen in (("controle", _SEEN), ("controle_regel", _UNDER_CHECK)):
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY eigen_gemeente ON {table} USING ({seen})")

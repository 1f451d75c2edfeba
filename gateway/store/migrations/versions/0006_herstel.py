"""Lets what stood still go back: the runs that do so, and every attempt at a message."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# SQLite numbers rows only in a column that is called INTEGER.
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_SCOPE = "(SELECT coalesce(current_setting('app.gemeente', true), ''))"
_ALL = f"{_SCOPE} = '*'"
_OWN = (
    "gemeente = ANY ((SELECT string_to_array(current_setting('app.gemeente', true), ','))::text[])"
)
_OF_BERICHT = f"EXISTS (SELECT FROM inbox AS boven WHERE boven.id = inbox_id AND {_OWN})"


def upgrade() -> None:
    """Make the tables; rows are seen by who works for all, attempts by their municipality too."""
    op.create_table(
        "herstel",
        sa.Column("id", _ID, nullable=False, autoincrement=True),
        sa.Column("vraag", sa.Text(), nullable=False),
        sa.Column("per_seconde", sa.Double(), nullable=False),
        sa.Column("totaal", sa.Integer(), nullable=False),
        sa.Column("teruggezet", sa.Integer(), nullable=False),
        sa.Column("overgeslagen", sa.Integer(), nullable=False),
        sa.Column("begonnen_at", sa.Double(), nullable=False),
        sa.Column("gezien_at", sa.Double(), nullable=False),
        sa.Column("stop", sa.SmallInteger(), nullable=False),
        sa.Column("geeindigd_at", sa.Double(), nullable=True),
        sa.Column("einde", sa.String(length=12), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_herstel"),
    )
    op.create_table(
        "poging",
        sa.Column("id", _ID, nullable=False, autoincrement=True),
        sa.Column("herstel_id", _ID, nullable=True),
        sa.Column("inbox_id", _ID, nullable=True),
        sa.Column("outbox_id", _ID, nullable=True),
        sa.Column("kenmerk", sa.Text(), nullable=True),
        sa.Column("nr", sa.Integer(), nullable=False),
        sa.Column("begonnen_at", sa.Double(), nullable=True),
        sa.Column("geeindigd_at", sa.Double(), nullable=True),
        sa.Column("reden", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_poging"),
        sa.ForeignKeyConstraint(["herstel_id"], ["herstel.id"], name="fk_poging_herstel_id"),
        sa.ForeignKeyConstraint(["inbox_id"], ["inbox.id"], name="fk_poging_inbox_id"),
    )
    op.create_index("poging_bericht", "poging", ["inbox_id", "nr"])
    op.create_index("poging_kenmerk", "poging", ["kenmerk", "nr"])
    if op.get_bind().dialect.name == "postgresql":
        _guard("herstel", _ALL)
        _guard("poging", f"{_ALL} OR {_OF_BERICHT}")


def _guard(table: str, seen: str) -> None:
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY eigen_gemeente ON {table} USING ({seen})")

"""Counts requests of all processes together, and finds the open checks of a Declaratie."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, and the index anew."""
    op.create_table(
        "emmer",
        sa.Column("budget", sa.String(12), nullable=False),
        sa.Column("wie", sa.String(80), nullable=False),
        sa.Column("vol_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("budget", "wie", name="pk_emmer"),
    )
    if op.get_bind().dialect.name == "postgresql":
        # Written at every request, and worth nothing after a crash.
        op.execute("ALTER TABLE emmer SET UNLOGGED")
    is_open = sa.text("ingediend IS NULL")
    op.drop_index("controle_open", "controle")
    op.create_index(
        "controle_open",
        "controle",
        ["aanbieder", "declaratienummer"],
        sqlite_where=is_open,
        postgresql_where=is_open,
    )

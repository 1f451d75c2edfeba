"""Keeps who is told of events at an address of his own, and what is on its way there."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

# SQLite numbers rows only in a column that is called INTEGER.
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# Who sees an event, sees where it goes.
_SEEN = "EXISTS (SELECT FROM outbox AS boven WHERE boven.id = outbox_id)"


def upgrade() -> None:
    """Make both tables; no event of before goes to anybody."""
    op.create_table(
        "abonnement",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("naam", sa.String(80), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("geheim", sa.Text(), nullable=False),
        sa.Column("soorten", sa.Text(), nullable=False),
        sa.Column("gemeenten", sa.Text(), nullable=False),
        sa.Column("gelezen", sa.BigInteger(), nullable=False),
        sa.Column("gemaakt_at", sa.Double(), nullable=False),
        sa.Column("gestopt_at", sa.Double()),
        sa.PrimaryKeyConstraint("id", name="pk_abonnement"),
    )
    op.create_table(
        "aflevering",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("abonnement_id", _ID, nullable=False),
        sa.Column("outbox_id", _ID, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.Double(), nullable=False),
        sa.Column("dood_at", sa.Double()),
        sa.Column("reden", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_aflevering"),
        sa.ForeignKeyConstraint(
            ["abonnement_id"], ["abonnement.id"], name="fk_aflevering_abonnement_id"
        ),
    )
    op.create_index("aflevering_uniek", "aflevering", ["abonnement_id", "outbox_id"], unique=True)
    op.create_index("aflevering_wachtend", "aflevering", ["abonnement_id", "id"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE aflevering ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY eigen_gemeente ON aflevering USING ({_SEEN})")

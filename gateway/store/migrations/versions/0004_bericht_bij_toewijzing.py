"""Tells of every assignment which message made it, so that its client can be read back."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# SQLite numbers rows only in a column that is called INTEGER.
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the column and fill it for the assignments that are there."""
    op.add_column("toewijzing", sa.Column("inbox_id", _ID, nullable=True))
    op.execute(
        "UPDATE toewijzing SET inbox_id = inbox.id FROM inbox "
        "WHERE inbox.volgnr = toewijzing.van_volgnr"
    )

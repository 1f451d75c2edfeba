"""Tells when the user whose a key is confirmed that he has it."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody confirmed the keys that there were."""
    op.add_column("sleutel", sa.Column("bevestigd_at", sa.Double(), nullable=True))

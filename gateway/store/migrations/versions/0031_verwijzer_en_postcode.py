"""Keeps with a request who referred, and with an assignment where the client lives, roughly.

Figures for a region need both: the kind of referrer and the four digits of the postcode.
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of what came in before neither is known."""
    op.add_column("verzoek", sa.Column("verwijzer", sa.String(2), nullable=True))
    op.add_column("toewijzing", sa.Column("postcode", sa.String(4), nullable=True))

"""Tells of a settlement who confirmed it for who paid, and who answered for the other municipality.

Each side of an item is of other people.
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of items that were confirmed or answered before nobody knows by whom."""
    for name in ("bevestigd_wie", "aan_wie"):
        op.add_column("gemeenteverrekening", sa.Column(name, sa.String(80), nullable=True))

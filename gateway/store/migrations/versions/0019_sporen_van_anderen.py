"""A message keeps the trace that it came in with, to be told and passed on."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What came in before has none."""
    op.add_column("inbox", sa.Column("spoor", sa.String(length=55), nullable=True))

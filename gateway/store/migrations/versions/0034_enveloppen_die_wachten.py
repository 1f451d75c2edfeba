"""Finds the envelopes that wait for somebody without going through all that ever left."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What was set aside before waits as well."""
    waits = sa.text("inbox_id IS NULL AND apart IS NOT NULL")
    op.create_index(
        "envelop_wacht", "envelop", ["vervallen"], sqlite_where=waits, postgresql_where=waits
    )

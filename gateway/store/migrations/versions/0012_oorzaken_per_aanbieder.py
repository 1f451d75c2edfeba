"""Adds the index by which open causes are added up per provider, without looking at their rows."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_OPEN = "bevindingen > 0"


def upgrade() -> None:
    """Make the index."""
    op.create_index(
        "oorzaak_aanbieder",
        "oorzaak",
        ["aanbieder", "gemeente", "gewicht", "bevindingen"],
        sqlite_where=sa.text(_OPEN),
        postgresql_where=sa.text(_OPEN),
    )

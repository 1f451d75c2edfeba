"""Finds the open checks of a Declaratie by its number, as who follows the judgements asks."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index anew."""
    is_open = sa.text("ingediend IS NULL")
    op.drop_index("controle_open", "controle")
    op.create_index(
        "controle_open",
        "controle",
        ["aanbieder", "declaratienummer"],
        sqlite_where=is_open,
        postgresql_where=is_open,
    )

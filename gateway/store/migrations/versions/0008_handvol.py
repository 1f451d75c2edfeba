"""Several messages between the same parties can be in the hands of one worker."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_FIRST = sa.text("staat = 'bezig' AND volgt = 0")


def upgrade() -> None:
    """Only the first of them keeps others off."""
    op.add_column(
        "inbox", sa.Column("volgt", sa.SmallInteger(), nullable=False, server_default="0")
    )
    op.drop_index("inbox_paar", "inbox")
    op.create_index(
        "inbox_paar",
        "inbox",
        ["paar"],
        unique=True,
        sqlite_where=_FIRST,
        postgresql_where=_FIRST,
    )

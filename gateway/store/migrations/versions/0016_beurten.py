"""Announcements get a place in a fair order, so that who floods keeps nobody else waiting."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_WORK = sa.text("soort = 'werk' AND sent_at IS NULL")


def upgrade() -> None:
    """What was announced before goes first, in order of intake."""
    op.add_column("outbox", sa.Column("paar", sa.String(length=30), nullable=True))
    for name in ("omvang", "beurt"):
        op.add_column(
            "outbox", sa.Column(name, sa.BigInteger(), server_default="0", nullable=False)
        )
    for name, keys in (
        ("outbox_beurt", ["soort", "beurt", "inbox_id"]),
        ("outbox_paar", ["paar", "omvang"]),
    ):
        op.create_index(name, "outbox", keys, sqlite_where=_WORK, postgresql_where=_WORK)

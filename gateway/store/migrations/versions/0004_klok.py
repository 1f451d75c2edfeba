"""Lets the clock find what was not answered, and assignments without a start or a stop."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# SQLite numbers rows only in a column that is called INTEGER.
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add what the clock looks for, and fill it in for what is there already."""
    _beantwoord()
    _toewijzing()


def _beantwoord() -> None:
    column = sa.Column("beantwoord", sa.SmallInteger(), nullable=False, server_default="0")
    op.add_column("inbox", column)
    op.execute(
        "UPDATE inbox SET beantwoord = 1 "
        "WHERE id IN (SELECT heen_id FROM inbox WHERE heen_id IS NOT NULL)"
    )
    open_ = sa.text("verdict = 'accepted' AND beantwoord = 0")
    op.create_index(
        "inbox_onbeantwoord",
        "inbox",
        ["berichtcode", "received_at"],
        sqlite_where=open_,
        postgresql_where=open_,
    )


def _toewijzing() -> None:
    op.add_column("toewijzing", sa.Column("inbox_id", _ID, nullable=True))
    # Only now: which message a judgement was of is looked up for every assignment.
    op.create_index("inbox_volgnr", "inbox", ["volgnr"])
    op.execute(
        "UPDATE toewijzing SET inbox_id = "
        "(SELECT min(id) FROM inbox WHERE inbox.volgnr = toewijzing.van_volgnr)"
    )
    op.drop_index("inbox_volgnr", table_name="inbox")
    standing = sa.text("tot_volgnr IS NULL")
    for name, column in (("toewijzing_ingang", "ingangsdatum"), ("toewijzing_einde", "einddatum")):
        op.create_index(
            name, "toewijzing", [column], sqlite_where=standing, postgresql_where=standing
        )

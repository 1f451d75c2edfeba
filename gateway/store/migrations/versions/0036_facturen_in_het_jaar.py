"""Invoices outside the traffic count in the year end, and one can take another back.

An invoice tells at which judgement it was put down and decided on, as lines of messages do, so that
a year end can be made again; what there was counts from the beginning.
"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TEGEN = sa.text("tegen_id IS NOT NULL AND staat <> 'vervallen'")


def upgrade() -> None:
    """Add the columns."""
    op.add_column("factuur", sa.Column("tegen_id", _ID, nullable=True))
    for table, name in (
        ("factuur", "van_volgnr"),
        ("factuur", "besluit_volgnr"),
        ("handtoewijzing", "van_volgnr"),
    ):
        column = sa.Column(name, sa.BigInteger(), server_default="0", nullable=False)
        op.add_column(table, column)
    op.add_column("factuurregel", sa.Column("tegen_id", _ID, nullable=True))
    op.create_index(
        "factuurregel_tegen",
        "factuurregel",
        ["tegen_id"],
        unique=True,
        sqlite_where=_TEGEN,
        postgresql_where=_TEGEN,
    )
    for table in ("jaarafsluiting", "jaarstand"):
        for name in ("facturen", "facturen_open"):
            column = sa.Column(name, sa.BigInteger(), server_default="0", nullable=False)
            op.add_column(table, column)
    bron = sa.Column("bron", sa.String(12), server_default="declaratie", nullable=False)
    op.add_column("steekproefpost", bron)

"""What leaves goes over the network itself: refusals come back, and a berichttype can be frozen."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

# SQLite numbers rows only in a column that is called INTEGER.
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """What left before stays as it is."""
    op.add_column(
        "outbox", sa.Column("stil", sa.SmallInteger(), nullable=False, server_default="0")
    )
    op.add_column("outbox", sa.Column("terug", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("envelop", sa.Column("outbox_id", _ID, nullable=True))
    op.add_column(
        "envelop", sa.Column("pogingen", sa.Integer(), nullable=False, server_default="0")
    )
    op.add_column(
        "envelop", sa.Column("vervallen", sa.SmallInteger(), nullable=False, server_default="0")
    )
    for name, columns, where in (
        ("envelop_verstuurd", ["gemeente", "sha256"], "richting = 'uit'"),
        (
            "envelop_een_retour",
            ["crossrefnummer", "functie"],
            "richting = 'uit' AND berichtcode = 'Du01'",
        ),
    ):
        op.drop_index(name, table_name="envelop")
        counts = sa.text(f"{where} AND vervallen = 0")
        op.create_index(
            name, "envelop", columns, unique=True, sqlite_where=counts, postgresql_where=counts
        )
    op.create_table(
        "bevriezing",
        sa.Column("functie", sa.String(30), nullable=False),
        sa.Column("sinds", sa.Double(), nullable=False),
        sa.Column("tot", sa.Double(), nullable=False),
        sa.Column("proef", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("functie", name="pk_bevriezing"),
    )

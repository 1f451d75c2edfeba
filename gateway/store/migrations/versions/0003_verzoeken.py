"""Keeps requests (VOT, VOW) with their deadline, and ties a retour to what it answers."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# SQLite numbers rows only in a column that is called INTEGER.
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add what requests and retours need; what is there already stays as it is."""
    _verzoek()
    _heenbericht()


def _heenbericht() -> None:
    op.add_column("inbox", sa.Column("heen_id", _ID, nullable=True))
    answered = sa.text("heen_id IS NOT NULL")
    op.create_index(
        "inbox_heen", "inbox", ["heen_id"], sqlite_where=answered, postgresql_where=answered
    )


def _verzoek() -> None:
    """Make the table again: requests were not handled until now, so nothing ever stood in it."""
    op.drop_index("verzoek_referentie", table_name="verzoek")
    op.drop_table("verzoek")
    op.create_table(
        "verzoek",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("partij_id", _ID, nullable=False),
        sa.Column("inbox_id", _ID, nullable=False),
        sa.Column("soort", sa.String(length=3), nullable=False),
        sa.Column("referentie_aanbieder", sa.Text(), nullable=False),
        sa.Column("bsn", sa.String(length=9), nullable=False),
        sa.Column("bsn_hash", sa.String(length=32), nullable=False),
        sa.Column("toewijzingnummers", sa.Text(), nullable=False),
        sa.Column("dagtekening", sa.Date(), nullable=False),
        sa.Column("ontvangen_op", sa.Date(), nullable=False),
        sa.Column("termijn", sa.Date(), nullable=False),
        sa.Column("staat", sa.String(length=12), nullable=False),
        sa.Column("onderzocht", sa.SmallInteger(), nullable=False),
        sa.Column("van_volgnr", sa.BigInteger(), nullable=False),
        sa.Column("tot_volgnr", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["partij_id"], ["partij.id"], name=op.f("fk_verzoek_partij_id")),
        sa.ForeignKeyConstraint(["inbox_id"], ["inbox.id"], name=op.f("fk_verzoek_inbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verzoek")),
    )
    op.create_index("verzoek_referentie", "verzoek", ["partij_id", "referentie_aanbieder"])
    op.create_index("verzoek_client", "verzoek", ["bsn_hash", "partij_id"])
    standing = sa.text("tot_volgnr IS NULL")
    op.create_index(
        "verzoek_termijn",
        "verzoek",
        ["staat", "termijn"],
        sqlite_where=standing,
        postgresql_where=standing,
    )

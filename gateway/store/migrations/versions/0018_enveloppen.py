"""Keeps what came and went in an envelope of the network."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

# SQLite numbers rows only in a column that is called INTEGER.
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_SEEN = (
    "(SELECT coalesce(current_setting('app.gemeente', true), '')) = '*' OR "
    "gemeente = ANY ((SELECT string_to_array(current_setting('app.gemeente', true), ','))::text[])"
)


def upgrade() -> None:
    """Make the table, guarded by municipality."""
    op.create_table(
        "envelop",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("richting", sa.String(3), nullable=False),
        sa.Column("sleutel", sa.String(64), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("gemeente", sa.String(12), nullable=False),
        sa.Column("tegenpartij", sa.String(200), nullable=False),
        sa.Column("berichtcode", sa.String(4), nullable=False),
        sa.Column("referentienummer", sa.String(40), nullable=False),
        sa.Column("crossrefnummer", sa.String(40)),
        sa.Column("functie", sa.String(30)),
        sa.Column("foutcode", sa.String(7)),
        sa.Column("inbox_id", _ID),
        sa.Column("heen_id", _ID),
        sa.Column("apart", sa.Text()),
        sa.Column("inhoud", sa.LargeBinary()),
        sa.Column("antwoord", sa.LargeBinary()),
        sa.Column("gemaakt_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_envelop"),
        sa.ForeignKeyConstraint(["inbox_id"], ["inbox.id"], name="fk_envelop_inbox_id"),
    )
    op.create_index("envelop_sleutel", "envelop", ["sleutel"], unique=True)
    op.create_index("envelop_referentie", "envelop", ["referentienummer"])
    op.create_index("envelop_bericht", "envelop", ["inbox_id"])
    not_taken = sa.text("richting = 'in' AND inbox_id IS NULL")
    op.create_index(
        "envelop_apart", "envelop", ["id"], sqlite_where=not_taken, postgresql_where=not_taken
    )
    has_left = sa.text("richting = 'uit'")
    op.create_index(
        "envelop_verstuurd",
        "envelop",
        ["gemeente", "sha256"],
        unique=True,
        sqlite_where=has_left,
        postgresql_where=has_left,
    )
    is_retour = sa.text("richting = 'uit' AND berichtcode = 'Du01'")
    op.create_index(
        "envelop_een_retour",
        "envelop",
        ["crossrefnummer", "functie"],
        unique=True,
        sqlite_where=is_retour,
        postgresql_where=is_retour,
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE envelop ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY eigen_gemeente ON envelop USING ({_SEEN})")

"""Lets what stood still go back, with every attempt at a message, and old bytes to an archive."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# SQLite numbers rows only in a column that is called INTEGER.
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_SCOPE = "(SELECT coalesce(current_setting('app.gemeente', true), ''))"
_ALL = f"{_SCOPE} = '*'"
_OWN = (
    "gemeente = ANY ((SELECT string_to_array(current_setting('app.gemeente', true), ','))::text[])"
)
_OF_BERICHT = f"EXISTS (SELECT FROM inbox AS boven WHERE boven.id = inbox_id AND {_OWN})"


def upgrade() -> None:
    """Make the tables; rows are seen by who works for all, most by their municipality too."""
    _herstel()
    _archief()
    if op.get_bind().dialect.name == "postgresql":
        _guard("herstel", _ALL)
        _guard("archief", f"{_ALL} OR {_OWN}")
        for table in ("poging", "archief_bericht"):
            _guard(table, f"{_ALL} OR {_OF_BERICHT}")


def _archief() -> None:
    op.create_table(
        "archief",
        sa.Column("id", _ID, nullable=False, autoincrement=True),
        sa.Column("naam", sa.String(length=40), nullable=False),
        sa.Column("gemeente", sa.String(length=12), nullable=False),
        sa.Column("maand", sa.String(length=7), nullable=False),
        sa.Column("berichten", sa.Integer(), nullable=False),
        sa.Column("gemaakt_at", sa.Double(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("afgerond_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_archief"),
    )
    op.create_index("archief_naam", "archief", ["naam"], unique=True)
    op.create_table(
        "archief_bericht",
        sa.Column("inbox_id", _ID, nullable=False, autoincrement=False),
        sa.Column("archief_id", _ID, nullable=True),
        sa.Column("gemeente", sa.String(length=12), nullable=False),
        sa.Column("maand", sa.String(length=7), nullable=False),
        sa.PrimaryKeyConstraint("inbox_id", name="pk_archief_bericht"),
        sa.ForeignKeyConstraint(["inbox_id"], ["inbox.id"], name="fk_archief_bericht_inbox_id"),
        sa.ForeignKeyConstraint(
            ["archief_id"], ["archief.id"], name="fk_archief_bericht_archief_id"
        ),
    )
    op.create_index(
        "archief_bericht_in", "archief_bericht", ["archief_id", "gemeente", "maand", "inbox_id"]
    )
    standing = sa.text("tot_volgnr IS NULL")
    for table in ("toewijzing", "verzoek"):
        op.create_index(
            f"{table}_bericht",
            table,
            ["inbox_id"],
            sqlite_where=standing,
            postgresql_where=standing,
        )


def _herstel() -> None:
    op.create_table(
        "herstel",
        sa.Column("id", _ID, nullable=False, autoincrement=True),
        sa.Column("vraag", sa.Text(), nullable=False),
        sa.Column("per_seconde", sa.Double(), nullable=False),
        sa.Column("totaal", sa.Integer(), nullable=False),
        sa.Column("teruggezet", sa.Integer(), nullable=False),
        sa.Column("overgeslagen", sa.Integer(), nullable=False),
        sa.Column("begonnen_at", sa.Double(), nullable=False),
        sa.Column("gezien_at", sa.Double(), nullable=False),
        sa.Column("stop", sa.SmallInteger(), nullable=False),
        sa.Column("geeindigd_at", sa.Double(), nullable=True),
        sa.Column("einde", sa.String(length=12), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_herstel"),
    )
    op.create_table(
        "poging",
        sa.Column("id", _ID, nullable=False, autoincrement=True),
        sa.Column("herstel_id", _ID, nullable=True),
        sa.Column("inbox_id", _ID, nullable=True),
        sa.Column("outbox_id", _ID, nullable=True),
        sa.Column("kenmerk", sa.Text(), nullable=True),
        sa.Column("nr", sa.Integer(), nullable=False),
        sa.Column("begonnen_at", sa.Double(), nullable=True),
        sa.Column("geeindigd_at", sa.Double(), nullable=True),
        sa.Column("reden", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_poging"),
        sa.ForeignKeyConstraint(["herstel_id"], ["herstel.id"], name="fk_poging_herstel_id"),
        sa.ForeignKeyConstraint(["inbox_id"], ["inbox.id"], name="fk_poging_inbox_id"),
    )
    op.create_index("poging_bericht", "poging", ["inbox_id", "nr"])
    op.create_index("poging_kenmerk", "poging", ["kenmerk", "nr"])


def _guard(table: str, seen: str) -> None:
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY eigen_gemeente ON {table} USING ({seen})")

"""Keeps receipts, what was judged with, what was spent, and what waivers covered."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# SQLite numbers rows only in a column that is called INTEGER.
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add tables and columns; what is there already stays as it is."""
    _kennis()
    _besteding()
    _bewijs()
    _ontheven()
    _columns()


def _since() -> tuple[sa.Column[int], sa.Column[int]]:
    return (
        sa.Column("van_volgnr", sa.BigInteger(), nullable=False),
        sa.Column("tot_volgnr", sa.BigInteger(), nullable=True),
    )


def _number() -> sa.Column[int]:
    return sa.Column("id", _ID, autoincrement=True, nullable=False)


def _refers(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))


def _kennis() -> None:
    op.create_table(
        "kennis",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("inhoud", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_kennis")),
    )


def _besteding() -> None:
    op.create_table(
        "besteding",
        _number(),
        sa.Column("partij_id", _ID, nullable=False),
        sa.Column("inbox_id", _ID, nullable=False),
        sa.Column("jaar", sa.Integer(), nullable=False),
        sa.Column("productcode", sa.String(length=10), nullable=False),
        sa.Column("bedrag", sa.BigInteger(), nullable=False),
        *_since(),
        _refers("besteding", "partij_id", "partij"),
        _refers("besteding", "inbox_id", "inbox"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_besteding")),
    )
    op.create_index("besteding_jaar", "besteding", ["partij_id", "jaar"])
    op.create_index("besteding_bericht", "besteding", ["inbox_id"])


def _bewijs() -> None:
    op.create_table(
        "bewijs",
        _number(),
        sa.Column("inbox_id", _ID, nullable=False),
        sa.Column("regelnr", sa.Integer(), nullable=False),
        *_since(),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        _refers("bewijs", "inbox_id", "inbox"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bewijs")),
    )
    op.create_index("bewijs_regel", "bewijs", ["inbox_id", "regelnr"])


def _ontheven() -> None:
    op.create_table(
        "ontheven",
        _number(),
        sa.Column("inbox_id", _ID, nullable=False),
        sa.Column("rule", sa.String(length=12), nullable=False),
        sa.Column("aantal", sa.Integer(), nullable=False),
        *_since(),
        _refers("ontheven", "inbox_id", "inbox"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ontheven")),
    )
    op.create_index("ontheven_bericht", "ontheven", ["inbox_id"])


def _columns() -> None:
    op.add_column("inbox", sa.Column("kennis", sa.String(length=64), nullable=True))
    op.add_column(
        "inbox", sa.Column("ontheven", sa.SmallInteger(), nullable=False, server_default="0")
    )
    op.add_column("toewijzing", sa.Column("gezin", sa.String(length=80), nullable=True))
    named = sa.text("gezin IS NOT NULL")
    op.create_index(
        "toewijzing_gezin",
        "toewijzing",
        ["gezin", "gemeente"],
        sqlite_where=named,
        postgresql_where=named,
    )
    op.add_column("bevinding", sa.Column("belang", sa.BigInteger(), nullable=True))
    op.add_column("bevinding", sa.Column("controleplan", sa.Text(), nullable=True))
    op.add_column("bevinding", sa.Column("regelnr", sa.Integer(), nullable=True))
    op.add_column("bevinding", sa.Column("partij_id", _ID, nullable=True))
    op.add_column("bevinding", sa.Column("productcode", sa.String(length=10), nullable=True))
    op.add_column("bevinding", sa.Column("toewijzingnummer", sa.BigInteger(), nullable=True))
    op.add_column("bevinding", sa.Column("begindatum", sa.Date(), nullable=True))

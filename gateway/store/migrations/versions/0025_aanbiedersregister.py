"""Keeps a register of providers: names, codes, mergers, contracts, subcontractors, creditors."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

# SQLite numbers rows only in a column that is called INTEGER.
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_SEEN = (
    "(SELECT coalesce(current_setting('app.gemeente', true), '')) = '*' OR "
    "gemeente = ANY ((SELECT string_to_array(current_setting('app.gemeente', true), ','))::text[])"
)


def upgrade() -> None:
    """Make the tables; only what a municipality books on is its own."""
    op.create_table(
        "aanbieder",
        sa.Column("id", _ID, autoincrement=False, nullable=False),
        sa.Column("kvk", sa.String(8)),
        sa.Column("contact", sa.Text(), nullable=False, server_default=""),
        *_period(),
        sa.PrimaryKeyConstraint("id", name="pk_aanbieder"),
    )
    _table(
        "aanbieder_naam",
        ("aanbieder_id",),
        sa.Column("naam", sa.String(120), nullable=False),
        sa.Column("vanaf", sa.Date(), nullable=False),
    )
    op.create_index("aanbieder_naam_van", "aanbieder_naam", ["aanbieder_id", "vanaf"])
    _table(
        "aanbieder_agb",
        ("aanbieder_id",),
        sa.Column("agb", sa.String(8), nullable=False),
        *_period(),
    )
    op.create_index("aanbieder_agb_code", "aanbieder_agb", ["agb", "vanaf"], unique=True)
    op.create_index("aanbieder_agb_van", "aanbieder_agb", ["aanbieder_id"])
    _table(
        "aanbieder_overgang",
        ("van_id", "naar_id"),
        sa.Column("soort", sa.String(12), nullable=False),
        sa.Column("dag", sa.Date(), nullable=False),
        sa.Column("agbs", sa.Text(), nullable=False),
        sa.Column("toelichting", sa.Text(), nullable=False, server_default=""),
    )
    _table(
        "aanbieder_contract",
        ("aanbieder_id",),
        sa.Column("overeenkomst", sa.String(80), nullable=False),
        sa.Column("documentnummer", sa.String(80), nullable=False),
        *_period(),
        sa.Column("opmerking", sa.Text(), nullable=False, server_default=""),
    )
    op.create_index("aanbieder_contract_van", "aanbieder_contract", ["aanbieder_id"])
    _table(
        "onderaannemer",
        ("hoofd_id", "onder_id"),
        sa.Column("wet", sa.String(12)),
        sa.Column("productcategorie", sa.String(10)),
        *_period(),
        sa.Column("goedgekeurd_door", sa.String(120), nullable=False),
    )
    op.create_index("onderaannemer_hoofd", "onderaannemer", ["hoofd_id"])
    op.create_index("onderaannemer_onder", "onderaannemer", ["onder_id"])
    _table(
        "aanbieder_crediteur",
        ("aanbieder_id",),
        sa.Column("gemeente", sa.String(12), nullable=False),
        sa.Column("crediteurnummer", sa.String(40), nullable=False),
        sa.Column("vanaf", sa.Date(), nullable=False),
    )
    op.create_index(
        "aanbieder_crediteur_op",
        "aanbieder_crediteur",
        ["gemeente", "aanbieder_id", "vanaf"],
        unique=True,
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE aanbieder_crediteur ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY eigen_gemeente ON aanbieder_crediteur USING ({_SEEN})")


def _table(name: str, aanbieders: tuple[str, ...], *columns: sa.Column[Any]) -> None:
    """A table whose rows are of one provider, or of two."""
    op.create_table(
        name,
        _number(),
        *(sa.Column(one, _ID, nullable=False) for one in aanbieders),
        *columns,
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        *(
            sa.ForeignKeyConstraint([one], ["aanbieder.id"], name=f"fk_{name}_{one}")
            for one in aanbieders
        ),
    )


def _number() -> sa.Column[int]:
    return sa.Column("id", _ID, autoincrement=True, nullable=False)


def _period() -> tuple[sa.Column[Any], sa.Column[Any]]:
    return sa.Column("vanaf", sa.Date(), nullable=False), sa.Column("tot", sa.Date())

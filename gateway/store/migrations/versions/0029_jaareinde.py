"""Keeps what the year end comes to, what providers tell of it, and samples for legality."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0027"
branch_labels = None
depends_on = None

# SQLite numbers rows only in a column that is called INTEGER.
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_SEEN = (
    "(SELECT coalesce(current_setting('app.gemeente', true), '')) = '*' OR "
    "gemeente = ANY ((SELECT string_to_array(current_setting('app.gemeente', true), ','))::text[])"
)
_GUARDED = (
    *("jaarafsluiting", "jaarstand", "verantwoording", "verantwoordingsregel"),
    *("jaarverschil", "steekproef", "steekproefpost"),
)
_BEDRAGEN = (
    *("regels", "toegekend", "gecrediteerd", "laat"),
    *("afgewezen", "open", "vooruit", "overgenomen"),
)


def upgrade() -> None:
    """Make the tables, guarded by municipality."""
    _packs()
    _statements()
    _samples()
    if op.get_bind().dialect.name == "postgresql":
        for table in _GUARDED:
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY eigen_gemeente ON {table} USING ({_SEEN})")


def _number() -> sa.Column[int]:
    return sa.Column("id", _ID, autoincrement=True, nullable=False)


def _amounts() -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in _BEDRAGEN]


def _below(table: str, *key: str, of: str) -> tuple[sa.Constraint, sa.Constraint]:
    """What a table that stands under another one is known by."""
    return (
        sa.PrimaryKeyConstraint(f"{of}_id", *key, name=f"pk_{table}"),
        sa.ForeignKeyConstraint([f"{of}_id"], [f"{of}.id"], name=f"fk_{table}_{of}_id"),
    )


def _packs() -> None:
    op.create_table(
        "jaarafsluiting",
        _number(),
        sa.Column("gemeente", sa.String(12), nullable=False),
        sa.Column("jaar", sa.Integer(), nullable=False),
        sa.Column("gemaakt_at", sa.Double(), nullable=False),
        sa.Column("volgnr", sa.BigInteger(), nullable=False),
        sa.Column("map", sa.Text(), nullable=False),
        sa.Column("manifest", sa.String(64), nullable=False),
        sa.Column("klopt", sa.SmallInteger(), nullable=False),
        *_amounts(),
        sa.PrimaryKeyConstraint("id", name="pk_jaarafsluiting"),
    )
    op.create_index("jaarafsluiting_jaar", "jaarafsluiting", ["gemeente", "jaar", "id"])
    op.create_table(
        "jaarstand",
        sa.Column("jaarafsluiting_id", _ID, autoincrement=False, nullable=False),
        sa.Column("aanbieder", sa.String(12), nullable=False),
        sa.Column("wet", sa.String(12), nullable=False),
        sa.Column("productcode", sa.String(10), nullable=False),
        sa.Column("gemeente", sa.String(12), nullable=False),
        *_amounts(),
        *_below("jaarstand", "aanbieder", "wet", "productcode", of="jaarafsluiting"),
    )


def _statements() -> None:
    op.create_table(
        "verantwoording",
        _number(),
        sa.Column("gemeente", sa.String(12), nullable=False),
        sa.Column("jaar", sa.Integer(), nullable=False),
        sa.Column("aanbieder", sa.String(12), nullable=False),
        sa.Column("ontvangen_at", sa.Double(), nullable=False),
        sa.Column("door", sa.String(120), nullable=False),
        sa.Column("bestand", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("per", sa.String(12), nullable=False),
        sa.Column("regels", sa.Integer(), nullable=False),
        sa.Column("bedrag", sa.BigInteger(), nullable=False),
        sa.Column("vervallen", sa.SmallInteger(), nullable=False),
        sa.Column("vergeleken_at", sa.Double()),
        sa.Column("toegekend", sa.BigInteger()),
        sa.Column("staat", sa.String(12), nullable=False),
        sa.Column("toelichting", sa.Text(), nullable=False),
        sa.Column("beoordeeld_at", sa.Double()),
        sa.Column("beoordeeld_door", sa.String(120)),
        sa.PrimaryKeyConstraint("id", name="pk_verantwoording"),
    )
    counts = sa.text("vervallen = 0")
    op.create_index(
        "verantwoording_geldend",
        "verantwoording",
        ["gemeente", "jaar", "aanbieder"],
        unique=True,
        sqlite_where=counts,
        postgresql_where=counts,
    )
    op.create_index("verantwoording_ontvangen", "verantwoording", ["ontvangen_at"])
    op.create_table(
        "verantwoordingsregel",
        sa.Column("verantwoording_id", _ID, autoincrement=False, nullable=False),
        sa.Column("nr", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("gemeente", sa.String(12), nullable=False),
        sa.Column("sleutel", sa.String(60), nullable=False),
        sa.Column("toewijzingnummer", sa.BigInteger()),
        sa.Column("bedrag", sa.BigInteger(), nullable=False),
        *_below("verantwoordingsregel", "nr", of="verantwoording"),
    )
    op.create_table(
        "jaarverschil",
        sa.Column("verantwoording_id", _ID, autoincrement=False, nullable=False),
        sa.Column("nr", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("gemeente", sa.String(12), nullable=False),
        sa.Column("sleutel", sa.String(60), nullable=False),
        sa.Column("soort", sa.String(24), nullable=False),
        sa.Column("bedrag", sa.BigInteger(), nullable=False),
        sa.Column("opgegeven", sa.BigInteger(), nullable=False),
        sa.Column("toegekend", sa.BigInteger(), nullable=False),
        sa.Column("codes", sa.Text(), nullable=False),
        *_below("jaarverschil", "nr", of="verantwoording"),
    )
    key = ["verantwoording_id", "soort", "bedrag"]
    op.create_index("jaarverschil_soort", "jaarverschil", key)


def _samples() -> None:
    op.create_table(
        "steekproef",
        _number(),
        sa.Column("gemeente", sa.String(12), nullable=False),
        sa.Column("jaar", sa.Integer(), nullable=False),
        sa.Column("aanbieder", sa.String(12)),
        sa.Column("zaad", sa.String(80), nullable=False),
        sa.Column("volgnr", sa.BigInteger(), nullable=False),
        sa.Column("regels", sa.BigInteger(), nullable=False),
        sa.Column("populatie", sa.BigInteger(), nullable=False),
        sa.Column("interval_centen", sa.BigInteger(), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("betrouwbaarheid", sa.Integer(), nullable=False),
        sa.Column("tolerantie_fouten", sa.Integer(), nullable=False),
        sa.Column("tolerantie_onzeker", sa.Integer(), nullable=False),
        sa.Column("gemaakt_at", sa.Double(), nullable=False),
        sa.Column("door", sa.String(120), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_steekproef"),
    )
    op.create_index("steekproef_jaar", "steekproef", ["gemeente", "jaar", "id"])
    op.create_table(
        "steekproefpost",
        sa.Column("steekproef_id", _ID, autoincrement=False, nullable=False),
        sa.Column("nr", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("gemeente", sa.String(12), nullable=False),
        sa.Column("inbox_id", _ID, nullable=False),
        sa.Column("regelnr", sa.Integer(), nullable=False),
        sa.Column("aanbieder", sa.String(12), nullable=False),
        sa.Column("bedrag", sa.BigInteger(), nullable=False),
        sa.Column("is_hoog", sa.SmallInteger(), nullable=False),
        sa.Column("oordeel", sa.String(8)),
        sa.Column("afwijking", sa.BigInteger()),
        sa.Column("reden", sa.Text()),
        sa.Column("door", sa.String(120)),
        sa.Column("beoordeeld_at", sa.Double()),
        *_below("steekproefpost", "nr", of="steekproef"),
    )

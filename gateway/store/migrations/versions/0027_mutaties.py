"""Keeps batches of changed assignments, what became of their messages, and consents."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

# SQLite numbers rows only in a column that is called INTEGER.
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_SEEN = (
    "(SELECT coalesce(current_setting('app.gemeente', true), '')) = '*' OR "
    "gemeente = ANY ((SELECT string_to_array(current_setting('app.gemeente', true), ','))::text[])"
)
# Who sees a batch, sees what it comes to.
_SEEN_ABOVE = "EXISTS (SELECT FROM mutatie AS boven WHERE boven.id = mutatie_id)"
_GUARDED = ("mutatie", "mutatie_regel", "mutatie_bericht", "instemming")


def upgrade() -> None:
    """Make the tables; who looks sees those of his own municipality."""
    _mutatie()
    _mutatie_jaar()
    _mutatie_regel()
    _mutatie_bericht()
    _instemming()
    if op.get_bind().dialect.name == "postgresql":
        for table in _GUARDED:
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY eigen_gemeente ON {table} USING ({_SEEN})")
        op.execute("ALTER TABLE mutatie_jaar ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY eigen_gemeente ON mutatie_jaar USING ({_SEEN_ABOVE})")


def _index(
    name: str, table: str, keys: list[str], where: str | None = None, *, unique: bool = False
) -> None:
    told = None if where is None else sa.text(where)
    op.create_index(name, table, keys, unique=unique, sqlite_where=told, postgresql_where=told)


def _mutatie() -> None:
    op.create_table(
        "mutatie",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("gemeente", sa.String(12), nullable=False),
        sa.Column("wet", sa.String(12), nullable=False),
        sa.Column("naam", sa.String(120), nullable=False),
        sa.Column("soort", sa.String(20), nullable=False),
        sa.Column("wijze", sa.Text(), nullable=False),
        sa.Column("keuze", sa.Text(), nullable=False),
        sa.Column("staat", sa.String(12), nullable=False),
        sa.Column("wie", sa.String(80), nullable=False),
        sa.Column("door", sa.String(120), nullable=False),
        sa.Column("gemaakt_at", sa.Double(), nullable=False),
        sa.Column("per_minuut", sa.Integer(), nullable=False),
        sa.Column("toewijzingen", sa.Integer(), nullable=False),
        sa.Column("geweigerd", sa.Integer(), nullable=False),
        sa.Column("clienten", sa.Integer(), nullable=False),
        sa.Column("berichten", sa.Integer(), nullable=False),
        sa.Column("voor", sa.BigInteger(), nullable=False),
        sa.Column("na", sa.BigInteger(), nullable=False),
        sa.Column("verschil", sa.BigInteger(), nullable=False),
        sa.Column("zonder_bedrag", sa.Integer(), nullable=False),
        sa.Column("voorstel_id", _ID),
        sa.Column("vrijgegeven_at", sa.Double()),
        sa.Column("volgende_at", sa.Double()),
        sa.Column("klaar_at", sa.Double()),
        sa.PrimaryKeyConstraint("id", name="pk_mutatie"),
    )
    _index("mutatie_gemeente", "mutatie", ["gemeente", "id"])
    _index("mutatie_loopt", "mutatie", ["volgende_at"], "staat = 'loopt'")


def _mutatie_jaar() -> None:
    op.create_table(
        "mutatie_jaar",
        sa.Column("mutatie_id", _ID, nullable=False),
        sa.Column("jaar", sa.Integer(), nullable=False),
        sa.Column("voor", sa.BigInteger(), nullable=False),
        sa.Column("na", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("mutatie_id", "jaar", name="pk_mutatie_jaar"),
        sa.ForeignKeyConstraint(["mutatie_id"], ["mutatie.id"], name="fk_mutatie_jaar_mutatie_id"),
    )


def _mutatie_regel() -> None:
    op.create_table(
        "mutatie_regel",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("mutatie_id", _ID, nullable=False),
        sa.Column("gemeente", sa.String(12), nullable=False),
        sa.Column("wet", sa.String(12), nullable=False),
        sa.Column("aanbieder", sa.String(12), nullable=False),
        sa.Column("bsn_hash", sa.String(32), nullable=False),
        sa.Column("toewijzing_id", _ID, nullable=False),
        sa.Column("toewijzingnummer", sa.BigInteger(), nullable=False),
        sa.Column("deel", sa.SmallInteger(), nullable=False),
        sa.Column("inhoud", sa.Text(), nullable=False),
        sa.Column("regel", sa.String(12)),
        sa.Column("weigering", sa.Text()),
        sa.Column("voor", sa.BigInteger()),
        sa.Column("na", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_mutatie_regel"),
        sa.ForeignKeyConstraint(["mutatie_id"], ["mutatie.id"], name="fk_mutatie_regel_mutatie_id"),
    )
    _index(
        "mutatie_regel_uniek", "mutatie_regel", ["mutatie_id", "toewijzing_id", "deel"], unique=True
    )
    _index(
        "mutatie_regel_bericht",
        "mutatie_regel",
        ["mutatie_id", "gemeente", "aanbieder", "bsn_hash"],
    )
    _index("mutatie_regel_toewijzing", "mutatie_regel", ["toewijzing_id"])
    _index("mutatie_regel_client", "mutatie_regel", ["bsn_hash", "gemeente"])
    _index(
        "mutatie_regel_geweigerd", "mutatie_regel", ["mutatie_id", "id"], "weigering IS NOT NULL"
    )


def _mutatie_bericht() -> None:
    op.create_table(
        "mutatie_bericht",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("mutatie_id", _ID, nullable=False),
        sa.Column("gemeente", sa.String(12), nullable=False),
        sa.Column("wet", sa.String(12), nullable=False),
        sa.Column("aanbieder", sa.String(12), nullable=False),
        sa.Column("bsn_hash", sa.String(32), nullable=False),
        sa.Column("inbox_id", _ID),
        sa.Column("overgeslagen", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_mutatie_bericht"),
        sa.ForeignKeyConstraint(
            ["mutatie_id"], ["mutatie.id"], name="fk_mutatie_bericht_mutatie_id"
        ),
    )
    _index(
        "mutatie_bericht_uniek",
        "mutatie_bericht",
        ["mutatie_id", "gemeente", "aanbieder", "bsn_hash"],
        unique=True,
    )
    _index("mutatie_bericht_volgorde", "mutatie_bericht", ["mutatie_id", "id"])
    _index("mutatie_bericht_client", "mutatie_bericht", ["bsn_hash", "gemeente"])
    _index("mutatie_bericht_inbox", "mutatie_bericht", ["inbox_id"])
    _index(
        "mutatie_bericht_wacht",
        "mutatie_bericht",
        ["mutatie_id", "id"],
        "inbox_id IS NULL AND overgeslagen IS NULL",
    )


def _instemming() -> None:
    op.create_table(
        "instemming",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("gemeente", sa.String(12), nullable=False),
        sa.Column("wet", sa.String(12), nullable=False),
        sa.Column("aanbieder", sa.String(12), nullable=False),
        sa.Column("toewijzingnummer", sa.BigInteger(), nullable=False),
        sa.Column("bsn_hash", sa.String(32), nullable=False),
        sa.Column("wat", sa.String(12), nullable=False),
        sa.Column("niet_onder", sa.BigInteger()),
        sa.Column("niet_voor", sa.Date()),
        sa.Column("op", sa.Date(), nullable=False),
        sa.Column("tot", sa.Date()),
        sa.Column("door", sa.String(120), nullable=False),
        sa.Column("bron", sa.String(200), nullable=False),
        sa.Column("wie", sa.String(80), nullable=False),
        sa.Column("gemaakt_at", sa.Double(), nullable=False),
        sa.Column("ingetrokken_at", sa.Double()),
        sa.PrimaryKeyConstraint("id", name="pk_instemming"),
    )
    _index("instemming_nummer", "instemming", ["toewijzingnummer", "gemeente", "wet"])
    _index("instemming_gemeente", "instemming", ["gemeente", "id"])
    _index("instemming_client", "instemming", ["bsn_hash", "gemeente"])

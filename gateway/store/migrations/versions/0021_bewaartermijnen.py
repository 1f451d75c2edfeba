"""What has had its time can go: told of bytes, counted per run, and the log begins later."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

# SQLite numbers rows only in a column that is called INTEGER.
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_ALL = "(SELECT coalesce(current_setting('app.gemeente', true), '')) = '*'"
_SEEN = (
    f"{_ALL} OR "
    "gemeente = ANY ((SELECT string_to_array(current_setting('app.gemeente', true), ','))::text[])"
)
_REFUSAL = "het logboek wordt alleen aangevuld"
_ANKER = "SELECT substr(waarde, 1, 10) FROM instelling WHERE naam = 'logboek_anker'"


def upgrade() -> None:
    """Add columns and tables; the log keeps all rows but those up to its anchor."""
    for table in ("inbox", "outbox"):
        op.add_column(
            table, sa.Column("gewist", sa.SmallInteger(), server_default="0", nullable=False)
        )
    op.create_table(
        "opruiming",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("dag", sa.Date(), nullable=False),
        sa.Column("begonnen_at", sa.Double(), nullable=False),
        sa.Column("geeindigd_at", sa.Double()),
        sa.PrimaryKeyConstraint("id", name="pk_opruiming"),
    )
    op.create_table(
        "opruimtelling",
        sa.Column("opruiming_id", _ID, nullable=False),
        sa.Column("soort", sa.String(20), nullable=False),
        sa.Column("gemeente", sa.String(12), nullable=False),
        sa.Column("aantal", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("bedrag", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("opruiming_id", "soort", "gemeente", name="pk_opruimtelling"),
        sa.ForeignKeyConstraint(
            ["opruiming_id"], ["opruiming.id"], name="fk_opruimtelling_opruiming_id"
        ),
    )
    if op.get_bind().dialect.name == "postgresql":
        _on_postgresql()
    else:
        op.execute("DROP TRIGGER verwerking_blijft_delete")
        op.execute(
            "CREATE TRIGGER verwerking_blijft_delete BEFORE DELETE ON verwerking "
            f"WHEN NOT (OLD.dag <= coalesce(({_ANKER}), '')) "
            f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
        )


def _on_postgresql() -> None:
    op.execute("ALTER TABLE opruimtelling ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY eigen_gemeente ON opruimtelling USING ({_SEEN})")
    op.execute("DROP TRIGGER verwerking_blijft ON verwerking")
    op.execute(
        "CREATE TRIGGER verwerking_blijft BEFORE UPDATE OR TRUNCATE ON verwerking "
        "FOR EACH STATEMENT EXECUTE FUNCTION alleen_aanvullen()"
    )
    op.execute(
        "CREATE FUNCTION alleen_het_begin() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$BEGIN IF OLD.dag <= coalesce(({_ANKER})::date, '-infinity') THEN RETURN OLD; END IF; "
        f"RAISE EXCEPTION '{_REFUSAL}'; END$$"
    )
    op.execute(
        "CREATE TRIGGER verwerking_begin BEFORE DELETE ON verwerking "
        "FOR EACH ROW EXECUTE FUNCTION alleen_het_begin()"
    )

"""Adds who may come in (users, sessions, keys) and the log of what was looked at and changed."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# SQLite numbers rows only in a column that is called INTEGER.
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_SEEN = (
    "(SELECT coalesce(current_setting('app.gemeente', true), '')) = '*' OR "
    "gemeente = ANY ((SELECT string_to_array(current_setting('app.gemeente', true), ','))::text[])"
)
_REFUSAL = "het logboek wordt alleen aangevuld"


def upgrade() -> None:
    """Make the tables; rows of the log are seen by municipality, and no row of it ever changes."""
    _gebruikers()
    _sleutels()
    _verwerking()
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE verwerking ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY eigen_gemeente ON verwerking USING ({_SEEN})")
        op.execute(
            "CREATE FUNCTION alleen_aanvullen() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$BEGIN RAISE EXCEPTION '{_REFUSAL}'; END$$"
        )
        op.execute(
            "CREATE TRIGGER verwerking_blijft BEFORE UPDATE OR DELETE OR TRUNCATE ON verwerking "
            "FOR EACH STATEMENT EXECUTE FUNCTION alleen_aanvullen()"
        )
    else:
        for wijze in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER verwerking_blijft_{wijze.lower()} BEFORE {wijze} ON verwerking "
                f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
            )


def _gebruikers() -> None:
    op.create_table(
        "gebruiker",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("naam", sa.String(length=80), nullable=False),
        sa.Column("weergave", sa.String(length=120), nullable=False),
        sa.Column("wachtwoord", sa.Text(), nullable=True),
        sa.Column("oidc", sa.Text(), nullable=True),
        sa.Column("aanbieder", sa.String(length=12), nullable=True),
        sa.Column("actief", sa.SmallInteger(), nullable=False),
        sa.Column("gemaakt_at", sa.Double(), nullable=False),
        sa.Column("mislukt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("wacht_tot", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_gebruiker"),
    )
    op.create_index("gebruiker_naam", "gebruiker", ["naam"], unique=True)
    op.create_index("gebruiker_oidc", "gebruiker", ["oidc"], unique=True)
    op.create_table(
        "gebruiker_rol",
        sa.Column("gebruiker_id", _ID, nullable=False),
        sa.Column("gemeente", sa.String(length=12), nullable=False),
        sa.Column("rol", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["gebruiker_id"], ["gebruiker.id"], name="fk_gebruiker_rol_gebruiker_id"
        ),
        sa.PrimaryKeyConstraint("gebruiker_id", "gemeente", "rol", name="pk_gebruiker_rol"),
    )
    op.create_table(
        "sessie",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("gebruiker_id", _ID, nullable=False),
        sa.Column("csrf", sa.String(length=64), nullable=False),
        sa.Column("gemaakt_at", sa.Double(), nullable=False),
        sa.Column("gezien_at", sa.Double(), nullable=False),
        sa.Column("sterk_at", sa.Double(), nullable=False),
        sa.Column("adres", sa.String(length=64), nullable=False),
        sa.Column("programma", sa.String(length=200), nullable=False),
        sa.Column("oidc_token", sa.Text(), nullable=True),
        sa.Column("geeindigd_at", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["gebruiker_id"], ["gebruiker.id"], name="fk_sessie_gebruiker_id"),
        sa.PrimaryKeyConstraint("hash", name="pk_sessie"),
    )
    op.create_index("sessie_gebruiker", "sessie", ["gebruiker_id"])
    op.create_table(
        "eenmalig",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("doel", sa.String(length=20), nullable=False),
        sa.Column("inhoud", sa.Text(), nullable=True),
        sa.Column("verloopt_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_eenmalig"),
    )


def _sleutels() -> None:
    op.create_table(
        "sleutel",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("naam", sa.String(length=120), nullable=False),
        sa.Column("rol", sa.String(length=20), nullable=False),
        sa.Column("gemeenten", sa.Text(), nullable=False),
        sa.Column("aanbieder", sa.String(length=12), nullable=True),
        sa.Column("gemaakt_door", sa.String(length=80), nullable=False),
        sa.Column("gemaakt_at", sa.Double(), nullable=False),
        sa.Column("verloopt_at", sa.Double(), nullable=False),
        sa.Column("ingetrokken_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_sleutel"),
    )
    op.create_index("sleutel_hash", "sleutel", ["hash"], unique=True)
    op.create_table(
        "herhaling",
        sa.Column("van", sa.String(length=80), nullable=False),
        sa.Column("sleutel", sa.String(length=200), nullable=False),
        sa.Column("verzoek_sha256", sa.String(length=64), nullable=False),
        sa.Column("begonnen_at", sa.Double(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("koppen", sa.Text(), nullable=True),
        sa.Column("inhoud", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("van", "sleutel", name="pk_herhaling"),
    )
    op.create_index("herhaling_begonnen", "herhaling", ["begonnen_at"])


def _verwerking() -> None:
    op.create_table(
        "verwerking",
        sa.Column("dag", sa.Date(), nullable=False),
        sa.Column("nr", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("trace_id", sa.String(length=32), nullable=False),
        sa.Column("span_id", sa.String(length=16), nullable=False),
        sa.Column("parent_span_id", sa.String(length=16), nullable=True),
        sa.Column("status_code", sa.SmallInteger(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("start_time", sa.BigInteger(), nullable=False),
        sa.Column("end_time", sa.BigInteger(), nullable=False),
        sa.Column("foreign_operation", sa.Text(), nullable=True),
        sa.Column("resource", sa.Text(), nullable=False),
        sa.Column("attributes", sa.Text(), nullable=False),
        sa.Column("gemeente", sa.String(length=12), nullable=True),
        sa.Column("wie", sa.String(length=80), nullable=False),
        sa.Column("betrokkene", sa.String(length=32), nullable=True),
        sa.Column("vorige", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("dag", "nr", name="pk_verwerking"),
    )
    op.create_index("verwerking_betrokkene", "verwerking", ["betrokkene", "dag"])
    op.create_index("verwerking_wie", "verwerking", ["wie", "dag"])

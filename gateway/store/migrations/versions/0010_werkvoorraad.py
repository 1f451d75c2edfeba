"""Adds the worklist: open findings by cause, what providers asked for, and decisions of people."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# SQLite numbers rows only in a column that is called INTEGER.
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_SEEN = (
    "(SELECT coalesce(current_setting('app.gemeente', true), '')) = '*' OR "
    "gemeente = ANY ((SELECT string_to_array(current_setting('app.gemeente', true), ','))::text[])"
)
_REFUSAL = "het logboek wordt alleen aangevuld"
_OPEN = "bevindingen > 0"
_GUARDED = ("oorzaak", "werkpost", "maandstand", "besluit", "besluit_post", "werklog")


def upgrade() -> None:
    """Make the tables; what was judged before is put in the queue of the worklist."""
    _indexes()
    _voorraad()
    _besluiten()
    op.execute(
        "INSERT INTO werk_wachtrij (inbox_id) SELECT id FROM inbox WHERE volgnr IS NOT NULL "
        "ORDER BY id"
    )
    if op.get_bind().dialect.name == "postgresql":
        for table in _GUARDED:
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY eigen_gemeente ON {table} USING ({_SEEN})")
        op.execute(
            "CREATE TRIGGER werklog_blijft BEFORE UPDATE OR DELETE OR TRUNCATE ON werklog "
            "FOR EACH STATEMENT EXECUTE FUNCTION alleen_aanvullen()"
        )
    else:
        for wijze in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER werklog_blijft_{wijze.lower()} BEFORE {wijze} ON werklog "
                f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
            )


def _indexes() -> None:
    op.create_index("verzoek_van", "verzoek", ["van_volgnr"])
    _index("outbox_verstuurd", "outbox", ["sent_at"], "soort = 'antwoord'")
    _index(
        "bevinding_verzoek",
        "bevinding",
        ["reference", "partij_id"],
        "klasse = 'AangevraagdProduct' AND tot_volgnr IS NULL",
    )


def _index(name: str, table: str, keys: list[str], where: str, *, unique: bool = False) -> None:
    told = sa.text(where)
    op.create_index(name, table, keys, unique=unique, sqlite_where=told, postgresql_where=told)


def _voorraad() -> None:
    op.create_table(
        "werk_wachtrij",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("inbox_id", _ID, nullable=False),
        sa.Column("volgnr", sa.BigInteger(), nullable=True),
        sa.Column("na", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_werk_wachtrij"),
    )
    op.create_table(
        "oorzaak",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("gemeente", sa.String(length=12), nullable=False),
        sa.Column("wet", sa.String(length=12), nullable=False),
        sa.Column("rule", sa.String(length=12), nullable=False),
        sa.Column("retourcode", sa.String(length=4), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("aanbieder", sa.String(length=12), nullable=False),
        sa.Column("overeenkomst", sa.Text(), nullable=True),
        sa.Column("bevindingen", sa.Integer(), server_default="0", nullable=False),
        sa.Column("belang", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("gewicht", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("berichten", sa.Integer(), server_default="0", nullable=False),
        sa.Column("toewijzingen", sa.Integer(), server_default="0", nullable=False),
        sa.Column("aangehouden", sa.Integer(), server_default="0", nullable=False),
        sa.Column("termijn", sa.Date(), nullable=False),
        sa.Column("oudste_at", sa.Double(), nullable=False),
        sa.Column("voorbeeld", sa.Text(), server_default="", nullable=False),
        sa.Column("eigenaar", sa.String(length=80), nullable=True),
        sa.Column("eigenaar_naam", sa.String(length=120), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_oorzaak"),
    )
    unique = ["aanbieder", "gemeente", "wet", "rule", "retourcode", "product"]
    op.create_index("oorzaak_uniek", "oorzaak", unique, unique=True)
    for key in ("gewicht", "termijn", "oudste_at"):
        _index(f"oorzaak_{key}", "oorzaak", [key, "id"], _OPEN)
    op.create_table(
        "werkpost",
        sa.Column("bevinding_id", _ID, autoincrement=False, nullable=False),
        sa.Column("oorzaak_id", _ID, nullable=False),
        sa.Column("inbox_id", _ID, nullable=False),
        sa.Column("partij_id", _ID, nullable=False),
        sa.Column("gemeente", sa.String(length=12), nullable=False),
        sa.Column("wet", sa.String(length=12), nullable=False),
        sa.Column("rule", sa.String(length=12), nullable=False),
        sa.Column("onderwerp", sa.Text(), nullable=False),
        sa.Column("effect", sa.String(length=8), nullable=False),
        sa.Column("klasse", sa.String(length=40), nullable=False),
        sa.Column("regelnr", sa.Integer(), nullable=True),
        sa.Column("reference", sa.String(length=40), nullable=True),
        sa.Column("productcode", sa.String(length=10), nullable=True),
        sa.Column("toewijzingnummer", sa.BigInteger(), nullable=True),
        sa.Column("begindatum", sa.Date(), nullable=True),
        sa.Column("overeenkomst", sa.Text(), nullable=True),
        sa.Column("belang", sa.BigInteger(), nullable=False),
        sa.Column("gewicht", sa.BigInteger(), nullable=False),
        sa.Column("aangehouden", sa.SmallInteger(), nullable=False),
        sa.Column("termijn", sa.Date(), nullable=False),
        sa.Column("received_at", sa.Double(), nullable=False),
        sa.Column("van_volgnr", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("bevinding_id", name="pk_werkpost"),
    )
    for name, key in (
        ("gewicht", "gewicht"),
        ("termijn", "termijn"),
        ("leeftijd", "received_at"),
    ):
        op.create_index(f"werkpost_{name}", "werkpost", ["oorzaak_id", key, "bevinding_id"])
    op.create_index("werkpost_bericht", "werkpost", ["inbox_id", "bevinding_id"])
    op.create_index("werkpost_toewijzing", "werkpost", ["toewijzingnummer", "partij_id"])
    op.create_table(
        "maandstand",
        sa.Column("partij_id", _ID, autoincrement=False, nullable=False),
        sa.Column("maand", sa.String(length=7), nullable=False),
        sa.Column("gemeente", sa.String(length=12), nullable=False),
        sa.Column("wet", sa.String(length=12), nullable=False),
        sa.Column("aanbieder", sa.String(length=12), nullable=False),
        sa.Column("declaraties", sa.Integer(), nullable=False),
        sa.Column("ingediend", sa.BigInteger(), nullable=False),
        sa.Column("toegekend", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("partij_id", "maand", name="pk_maandstand"),
    )
    op.create_index("maandstand_maand", "maandstand", ["maand", "gemeente"])


def _besluiten() -> None:
    op.create_table(
        "besluit",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("gemeente", sa.String(length=12), nullable=False),
        sa.Column("oorzaak_id", _ID, nullable=True),
        sa.Column("soort", sa.String(length=40), nullable=False),
        sa.Column("staat", sa.String(length=12), nullable=False),
        sa.Column("wie", sa.String(length=80), nullable=False),
        sa.Column("naam", sa.String(length=120), nullable=False),
        sa.Column("reden", sa.Text(), nullable=False),
        sa.Column("aantal", sa.Integer(), nullable=False),
        sa.Column("bedrag", sa.BigInteger(), nullable=False),
        sa.Column("gemaakt_at", sa.Double(), nullable=False),
        sa.Column("tot_at", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["oorzaak_id"], ["oorzaak.id"], name="fk_besluit_oorzaak_id"),
        sa.PrimaryKeyConstraint("id", name="pk_besluit"),
    )
    _index("besluit_open", "besluit", ["gemeente", "id"], "staat = 'voorgesteld'")
    op.create_index("besluit_oorzaak", "besluit", ["oorzaak_id", "id"])
    op.create_table(
        "besluit_post",
        sa.Column("besluit_id", _ID, nullable=False),
        sa.Column("inbox_id", _ID, nullable=False),
        sa.Column("rule", sa.String(length=12), nullable=False),
        sa.Column("onderwerp", sa.Text(), nullable=False),
        sa.Column("gemeente", sa.String(length=12), nullable=False),
        sa.Column("bevinding_id", _ID, nullable=False),
        sa.Column("regelnr", sa.Integer(), nullable=True),
        sa.Column("reference", sa.String(length=40), nullable=True),
        sa.Column("belang", sa.BigInteger(), nullable=False),
        sa.Column("telt", sa.SmallInteger(), nullable=False),
        sa.Column("was_besluit_op", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["besluit_id"], ["besluit.id"], name="fk_besluit_post_besluit_id"),
        sa.PrimaryKeyConstraint(
            "besluit_id", "inbox_id", "rule", "onderwerp", name="pk_besluit_post"
        ),
    )
    one = ["inbox_id", "rule", "onderwerp"]
    _index("besluit_post_een", "besluit_post", one, "telt > 0", unique=True)
    op.create_table(
        "werklog",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("gemeente", sa.String(length=12), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("wie", sa.String(length=80), nullable=False),
        sa.Column("naam", sa.String(length=120), nullable=False),
        sa.Column("soort", sa.String(length=20), nullable=False),
        sa.Column("tekst", sa.Text(), nullable=False),
        sa.Column("oorzaak_id", _ID, nullable=True),
        sa.Column("besluit_id", _ID, nullable=True),
        sa.Column("inbox_id", _ID, nullable=True),
        sa.Column("regelnr", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_werklog"),
    )
    op.create_index("werklog_oorzaak", "werklog", ["oorzaak_id", "id"])
    op.create_index("werklog_bericht", "werklog", ["inbox_id", "regelnr", "id"])
    op.create_index("werklog_besluit", "werklog", ["besluit_id", "id"])

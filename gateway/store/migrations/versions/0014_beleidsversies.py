"""Adds versions of policies, what is judged again, whose messages go back, and names to find by."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0012"
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
        "beleidsversie",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("gemeente", sa.String(12), nullable=False),
        sa.Column("inhoud", sa.Text(), nullable=False),
        sa.Column("vanaf", sa.Date(), nullable=False),
        sa.Column("staat", sa.String(12), nullable=False),
        sa.Column("toelichting", sa.Text(), nullable=False),
        sa.Column("wie", sa.String(80), nullable=False),
        sa.Column("naam", sa.String(120), nullable=False),
        sa.Column("gemaakt_at", sa.Double(), nullable=False),
        sa.Column("tweede", sa.String(80)),
        sa.Column("tweede_naam", sa.String(120)),
        sa.Column("besloten_at", sa.Double()),
        sa.PrimaryKeyConstraint("id", name="pk_beleidsversie"),
    )
    is_proposed = sa.text("staat = 'voorgesteld'")
    op.create_index(
        "beleidsversie_voorstel",
        "beleidsversie",
        ["gemeente"],
        unique=True,
        sqlite_where=is_proposed,
        postgresql_where=is_proposed,
    )
    op.create_index("beleidsversie_gemeente", "beleidsversie", ["gemeente", "id"])
    op.add_column("gebruiker", sa.Column("zoeknaam", sa.String(80)))
    op.execute("UPDATE gebruiker SET zoeknaam = lower(naam)")
    # Of two who differ in capitals alone the later one logs in with his number behind his name.
    op.execute(
        "UPDATE gebruiker SET zoeknaam = zoeknaam || '-' || id WHERE EXISTS (SELECT 1 "
        "FROM gebruiker AS eerder WHERE lower(eerder.naam) = lower(gebruiker.naam) "
        "AND eerder.id < gebruiker.id)"
    )
    op.create_index("gebruiker_zoeknaam", "gebruiker", ["zoeknaam"], unique=True)
    op.add_column("herstel", sa.Column("gemeenten", sa.Text()))
    is_judged_again = sa.text("soort = 'opnieuw beoordelen' AND staat = 'geldt' AND tot_at IS NULL")
    op.create_index(
        "besluit_bezig",
        "besluit",
        ["id"],
        sqlite_where=is_judged_again,
        postgresql_where=is_judged_again,
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE beleidsversie ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY eigen_gemeente ON beleidsversie USING ({_SEEN})")

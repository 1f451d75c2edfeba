"""Adds the verdicts per provider and month, and the indexes that every list of people goes by."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_SEEN = (
    "(SELECT coalesce(current_setting('app.gemeente', true), '')) = '*' OR "
    "gemeente = ANY ((SELECT string_to_array(current_setting('app.gemeente', true), ','))::text[])"
)
_STANDS = "tot_volgnr IS NULL"
_ORDERED_ANEW = (
    ("verwerking_wie", "verwerking", ["wie", "dag", "nr"]),
    # What a message made is asked for also where a later one ended it.
    ("toewijzing_bericht", "toewijzing", ["inbox_id"]),
    ("verzoek_bericht", "verzoek", ["inbox_id"]),
)
_OF_TOEWIJZING = (
    ("gemeente", ["gemeente"]),
    ("product", ["gemeente", "productcode"]),
    ("partij", ["partij_id"]),
)
_KEY = ("paar", "maand", "berichtcode", "gemeente", "afzender")
_LENGTHS = (30, 7, 8, 12, 12)


def upgrade() -> None:
    """Make the table; what was judged before is put in the queue of the worklist to be counted."""
    op.create_table(
        "oordeelstand",
        *(
            sa.Column(name, sa.String(length), nullable=False)
            for name, length in zip(_KEY, _LENGTHS, strict=True)
        ),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("goed", "deels", "afgewezen")),
        sa.PrimaryKeyConstraint(*_KEY, name="pk_oordeelstand"),
    )
    op.create_index("oordeelstand_maand", "oordeelstand", ["maand", "berichtcode", "gemeente"])
    op.create_index("oordeelstand_afzender", "oordeelstand", ["afzender", "maand"])
    op.create_index("maandstand_aanbieder", "maandstand", ["aanbieder", "maand"])
    op.create_index("partij_aanbieder", "partij", ["aanbieder", "gemeente"])
    for name, table, keys in _ORDERED_ANEW:
        op.drop_index(name, table)
        op.create_index(name, table, keys)
    op.drop_index("inbox_ontvangen", "inbox")
    op.drop_index("inbox_oordeel", "inbox")
    for name, keys in (("ontvangen", []), ("soort", ["berichtcode"]), ("oordeel", ["verdict"])):
        of_gemeente = sa.text("(CASE WHEN gemeente IS NULL THEN '' ELSE gemeente END)")
        op.create_index(f"inbox_{name}", "inbox", [of_gemeente, *keys, "received_at", "id"])
    op.create_index("verwerking_naam", "verwerking", ["name", "dag", "nr"])
    op.create_index("verwerking_gemeente", "verwerking", ["gemeente", "dag", "nr"])
    _index("verwerking_mislukt", "verwerking", ["dag", "nr"], "status_code <> 1")
    for name, keys in _OF_TOEWIJZING:
        _index(f"toewijzing_{name}", "toewijzing", [*keys, "id"], _STANDS)
    op.drop_index("verzoek_termijn", "verzoek")
    _index("verzoek_termijn", "verzoek", ["staat", "termijn", "id"], _STANDS)
    op.execute(
        "INSERT INTO werk_wachtrij (inbox_id) SELECT id FROM inbox WHERE volgnr IS NOT NULL "
        "ORDER BY id"
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE oordeelstand ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY eigen_gemeente ON oordeelstand USING ({_SEEN})")


def _index(name: str, table: str, keys: list[str], where: str) -> None:
    told = sa.text(where)
    op.create_index(name, table, keys, sqlite_where=told, postgresql_where=told)

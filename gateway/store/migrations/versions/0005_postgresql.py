"""What only PostgreSQL has: sequences, and rows that are seen by their own municipality only.

`app.gemeente` says, for one transaction, which municipalities (with commas between them) it works
for, `*` for all.  The owner of the tables is not bound by it; every other role is.
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# A subquery is asked once for a statement, a bare function for every row.
_SCOPE = "(SELECT coalesce(current_setting('app.gemeente', true), ''))"
_ALL = f"{_SCOPE} = '*'"
_OWN = (
    "gemeente = ANY ((SELECT string_to_array(current_setting('app.gemeente', true), ','))::text[])"
)
_NOBODY = "coalesce(gemeente, '') = ''"

# Facts with a municipality of their own.
_BY_GEMEENTE = ("partij", "toewijzing")
# Facts of a party; which parties are seen is told by the policy of `partij` itself.
_BY_PARTIJ = ("levering", "verzoek", "declaratie", "prestatie", "besteding")
# The queues: who works for no municipality yet sees all of them, to take up what waits.
_QUEUES = ("inbox", "outbox")
# What hangs below a queue, with the column that tells where.
_PIECES = (("inbox_stuk", "inbox"), ("outbox_stuk", "outbox"))
# What judging came to: of messages of the municipality, and of those that have none (yet).
_JUDGED = ("bevinding", "bewijs", "ontheven")


# Index, table, key and condition: the key stands in front of the party from here on.
_KEYS = (
    ("levering_nummer", "levering", "toewijzingnummer", ""),
    ("verzoek_referentie", "verzoek", "referentie_aanbieder", ""),
    ("prestatie_toewijzing", "prestatie", "toewijzingnummer", ""),
    ("prestatie_referentie", "prestatie", "referentienummer", ""),
    (
        "prestatie_credit",
        "prestatie",
        "vorig_referentienummer",
        " WHERE vorig_referentienummer IS NOT NULL",
    ),
)


def upgrade() -> None:
    """Make sequences, indexes and policies; other databases keep what they have."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for name, table, key, where in _KEYS:
        op.execute(f"DROP INDEX {name}")
        op.execute(f"CREATE INDEX {name}_eerst ON {table} ({key}, partij_id){where}")
    op.execute("CREATE SEQUENCE volgnr_reeks")
    op.execute("CREATE SEQUENCE identificatie_reeks")
    op.execute("CREATE SEQUENCE regel_reeks MINVALUE 0 START 0 INCREMENT 16777216")
    # A large invoice is a small part of a large table, and has to be counted all the same.
    for table in ("prestatie", "toewijzing", "levering"):
        op.execute(f"ALTER TABLE {table} SET (autovacuum_analyze_scale_factor = 0.02)")
    for table in _BY_GEMEENTE:
        _guard(table, f"{_ALL} OR {_OWN}")
    for table in _BY_PARTIJ:
        _guard(table, f"{_ALL} OR {_seen('partij', 'partij_id')}")
    for table in _QUEUES:
        _guard(table, f"{_SCOPE} IN ('', '*') OR {_NOBODY} OR {_OWN}")
    for table, parent in _PIECES:
        _guard(table, _seen(parent, f"{parent}_id"))
    for table in _JUDGED:
        _guard(table, f"{_ALL} OR {_seen('inbox', 'inbox_id', f'{_NOBODY} OR {_OWN}')}")


def _seen(parent: str, column: str, also: str = "true") -> str:
    """Whether the row above is seen."""
    return f"EXISTS (SELECT FROM {parent} AS boven WHERE boven.id = {column} AND ({also}))"


def _guard(table: str, seen: str) -> None:
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY eigen_gemeente ON {table} USING ({seen})")

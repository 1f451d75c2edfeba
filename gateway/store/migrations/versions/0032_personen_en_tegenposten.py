"""Tells whose a key and an account on the machine are, and what of a settlement was credited.

Four eyes are of two people.  What municipalities agreed on is put right by an item against it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# The crosses and zeros keep SQLite from going through all lines of a party: first the message, its
# line among the numbers of its Declaratie, and then the credit by the number that it names.
_CREDIT = (
    "(SELECT min({}) FROM declaratie AS d CROSS JOIN prestatie AS p "
    "CROSS JOIN prestatie AS c CROSS JOIN declaratie AS cd "
    "WHERE d.inbox_id = gemeenteverrekening_regel.inbox_id AND d.tot_volgnr IS NULL "
    "AND p.declaratie_id + 0 = d.id + 0 AND p.id > d.regel_van AND p.id <= d.regel_tot "
    "AND p.volgnr + 0 = gemeenteverrekening_regel.regelnr AND p.tot_volgnr IS NULL "
    "AND c.partij_id = p.partij_id AND c.vorig_referentienummer = p.referentienummer "
    "AND c.debet_credit = 'C' AND c.toegekend = 1 AND c.tot_volgnr IS NULL "
    "AND cd.id = c.declaratie_id)"
)
FIND_CREDITS = (
    f"UPDATE gemeenteverrekening_regel SET credit_id = {_CREDIT.format('cd.inbox_id')}, "  # noqa: S608 - our words
    f"credit_nr = {_CREDIT.format('c.volgnr')}"
)


def upgrade() -> None:
    """Nobody knows whose the keys are that there were; what was credited is found back."""
    op.add_column("gebruiker", sa.Column("machineaccount", sa.String(80), nullable=True))
    op.create_index("gebruiker_machineaccount", "gebruiker", ["machineaccount"], unique=True)
    op.add_column("sleutel", sa.Column("namens", sa.String(80), nullable=True))
    op.add_column("gemeenteverrekening", sa.Column("tegen_id", _ID, nullable=True))
    line = "gemeenteverrekening_regel"
    op.add_column(line, sa.Column("credit_id", _ID, nullable=True))
    op.add_column(line, sa.Column("credit_nr", sa.Integer(), nullable=True))
    op.create_index(
        f"{line}_credit",
        line,
        ["credit_id"],
        sqlite_where=sa.text("credit_id IS NOT NULL"),
        postgresql_where=sa.text("credit_id IS NOT NULL"),
    )
    op.execute(FIND_CREDITS)

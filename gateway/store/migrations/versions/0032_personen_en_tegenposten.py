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
_CREDIT = (
    "(SELECT min({}) FROM declaratie AS d "
    "JOIN prestatie AS p ON p.declaratie_id = d.id AND p.tot_volgnr IS NULL "
    "JOIN prestatie AS c ON c.partij_id = p.partij_id AND c.tot_volgnr IS NULL "
    "AND c.vorig_referentienummer = p.referentienummer "
    "AND c.debet_credit = 'C' AND c.toegekend = 1 "
    "JOIN declaratie AS cd ON cd.id = c.declaratie_id "
    "WHERE d.inbox_id = gemeenteverrekening_regel.inbox_id AND d.tot_volgnr IS NULL "
    "AND p.volgnr = gemeenteverrekening_regel.regelnr)"
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
    found = ", ".join(
        f"{name} = {_CREDIT.format(where)}"
        for name, where in (("credit_id", "cd.inbox_id"), ("credit_nr", "c.volgnr"))
    )
    op.execute(f"UPDATE {line} SET {found}")  # noqa: S608 - our words

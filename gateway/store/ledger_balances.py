"""The statements behind balances: what lines come to by party, assignment, client, year and price.

The lines of a Declaratie have numbers above its `regel_van` up to its `regel_tot`: that is how
they are found in order, without an index of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from gateway.records.declaratie import GRANTED, PENDING, REFUSED
from gateway.store.bouwstenen import Select
from gateway.store.tables import ANTWOORD, declaratie, inbox, outbox, partij, prestatie, toewijzing

P = prestatie.c
JAAR = sa.extract("year", P.begindatum)
SIGNED = sa.case((P.debet_credit == "D", P.ingediend_bedrag), else_=-P.ingediend_bedrag)


def stands(table: sa.FromClause) -> sa.ColumnElement[bool]:
    """Whether a row stands now."""
    return table.c.tot_volgnr.is_(None)


def granted(lines: sa.FromClause, debet_credit: str) -> sa.ColumnElement[bool]:
    """Whether a line of one kind stands and is granted."""
    kind = lines.c.debet_credit == debet_credit
    return sa.and_(lines.c.toegekend == GRANTED, kind, stands(lines))


def _sum_if(condition: sa.ColumnElement[bool], amount: sa.ColumnElement[int]) -> Any:
    total = sa.func.sum(sa.case((condition, amount), else_=0), type_=sa.BigInteger)
    return sa.func.coalesce(total, 0)


# In the order of ledger.boek.Saldo.
SALDO = (
    sa.func.count(P.id),
    _sum_if(P.toegekend == REFUSED, SIGNED),
    _sum_if(sa.and_(P.toegekend == GRANTED, P.debet_credit == "D"), P.ingediend_bedrag),
    _sum_if(sa.and_(P.toegekend == GRANTED, P.debet_credit == "C"), P.ingediend_bedrag),
    _sum_if(P.toegekend == PENDING, SIGNED),
)
# A line belongs to a Declaratie by its number, and lies within the numbers of that Declaratie.
# The zeros keep SQLite from sorting all lines by Declaratie where it can go through the numbers.
OF_DECLARATIE = sa.and_(
    P.declaratie_id + 0 == declaratie.c.id + 0,
    P.id > declaratie.c.regel_van,
    P.id <= declaratie.c.regel_tot,
    stands(prestatie),
)
# The 325 on the message of a Declaratie: one that we sent, else the one that we took in.
_VERSTUURD = (
    outbox.c.inbox_id == declaratie.c.inbox_id,
    outbox.c.soort == ANTWOORD,
    outbox.c.berichttype.like("%325"),
)
_terug = inbox.alias("terug")
_ONTVANGEN = (_terug.c.heen_id == declaratie.c.inbox_id, _terug.c.verdict == "accepted")


def _of_answer(sent: sa.Column[Any], taken_in: sa.Column[Any]) -> sa.ColumnElement[Any]:
    ours = sa.select(sa.func.min(sent)).where(*_VERSTUURD).scalar_subquery()
    theirs = sa.select(sa.func.min(taken_in)).where(*_ONTVANGEN).scalar_subquery()
    return sa.func.coalesce(ours, theirs)


# The 325 that was taken in on a message of our own, whatever became of its Declaratie.
ANTWOORD_OP_BERICHT = (
    sa.select(sa.func.min(_terug.c.identificatie))
    .where(_terug.c.heen_id == inbox.c.id, _terug.c.verdict == "accepted")
    .scalar_subquery()
)
ANTWOORD_VAN = _of_answer(outbox.c.identificatie, _terug.c.identificatie)
BEANTWOORD_OP = _of_answer(outbox.c.created_at, _terug.c.received_at)

TOTAAL = sa.select(*SALDO).where(stands(prestatie))


def _of_partij(*columns: Any) -> Select:
    """Balances by columns of the party and of the line."""
    return (
        sa.select(*columns, *SALDO)
        .join_from(prestatie, partij, partij.c.id == P.partij_id)
        .where(stands(prestatie))
        .group_by(*columns)
        .order_by(*columns)
    )


def _per_assignment() -> Select:
    """Balances by party and number, in the order of the index; the party is added behind."""
    lines = (
        sa.select(
            P.partij_id,
            P.toewijzingnummer,
            *(column.label(f"s{number}") for number, column in enumerate(SALDO)),
        )
        .where(stands(prestatie))
        .group_by(P.partij_id, P.toewijzingnummer)
        .subquery()
    )
    sums = (lines.c[f"s{number}"] for number in range(len(SALDO)))
    wie = (partij.c.gemeente, partij.c.wet, partij.c.aanbieder)
    return (
        sa.select(*wie, lines.c.toewijzingnummer, *sums)
        .join_from(lines, partij, partij.c.id == lines.c.partij_id)
        .order_by(lines.c.partij_id, lines.c.toewijzingnummer)
    )


def _per_pair() -> Select:
    """Balances by Declaratie, with the numbers of its 323 and its 325."""
    return (
        sa.select(
            partij.c.aanbieder,
            partij.c.gemeente,
            declaratie.c.declaratienummer,
            declaratie.c.identificatie,
            sa.func.coalesce(ANTWOORD_VAN, ""),
            *SALDO,
        )
        .select_from(declaratie)
        .join(partij, partij.c.id == declaratie.c.partij_id)
        .join(prestatie, OF_DECLARATIE)
        .where(stands(declaratie))
        .group_by(declaratie.c.id, partij.c.id)
        .order_by(declaratie.c.id)
    )


# Balances that the database makes by itself; those per cell need the agreements.
SALDI: Mapping[str, Select] = {
    "provider": _of_partij(partij.c.aanbieder),
    "municipality": _of_partij(partij.c.gemeente),
    "assignment": _per_assignment(),
    "client": _of_partij(partij.c.gemeente, P.bsn_hash),
    "year": _of_partij(JAAR),
    "pair": _per_pair(),
}

# Lines per assignment that have the same price: in order of party and number.
_PRIJS = (P.partij_id, P.toewijzingnummer, P.van_volgnr, P.productcode, P.eenheid, P.begindatum)
PER_PRIJS = sa.select(*_PRIJS, *SALDO).where(stands(prestatie)).group_by(*_PRIJS).order_by(*_PRIJS)
PARTIJEN = sa.select(partij.c.id, partij.c.gemeente, partij.c.wet, partij.c.aanbieder)
NUMMERS = "nummers"
VERSIES = sa.select(
    toewijzing.c.partij_id,
    toewijzing.c.toewijzingnummer,
    toewijzing.c.van_volgnr,
    toewijzing.c.tot_volgnr,
    toewijzing.c.toewijzingsdatum,
    toewijzing.c.toewijzingstijd,
    toewijzing.c.ingangsdatum,
    toewijzing.c.eenheid,
).where(toewijzing.c.toewijzingnummer.in_(sa.bindparam(NUMMERS, expanding=True)))

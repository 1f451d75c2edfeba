"""Follows the ledger: a line of a credit request is done once a credit on it is granted.

It runs with the worklist, for the messages that were just judged: it looks at the lines of their
parties that wait for a credit, and at those that one of these messages credited before.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.ledger.geld.creditverzoek import INGETROKKEN, settled
from gateway.store.bouwstenen import KEYS, among, as_keys
from gateway.store.geld.nazorg.keuze import credit_of
from gateway.store.geld.nazorg.tables import creditverzoek, creditverzoek_regel
from gateway.store.tables import declaratie, prestatie


class Creditvolger:
    """Settles the requests that messages have to do with."""

    def __init__(self, is_sqlite: bool) -> None:
        self._is_sqlite = is_sqlite
        judged = sa.select(declaratie.c.partij_id).where(among(declaratie.c.inbox_id, is_sqlite))
        self._waiting = _WAITING.where(creditverzoek_regel.c.partij_id.in_(judged))
        self._credited = _CREDITED.where(among(creditverzoek_regel.c.credit_id, is_sqlite))

    def settle(self, connection: Connection, berichten: Sequence[int]) -> None:
        """Bring requests up to date with what was judged in these messages."""
        keys = {KEYS: as_keys(berichten, self._is_sqlite)}
        changed = [
            *connection.execute(self._waiting, keys),
            *connection.execute(self._credited, keys),
        ]
        if changed:
            connection.execute(_SET_CREDIT, [_line(row) for row in changed])
            self._count(connection, sorted({row.creditverzoek_id for row in changed}))

    def _count(self, connection: Connection, nummers: Sequence[int]) -> None:
        found = connection.execute(_COUNTED.where(creditverzoek.c.id.in_(nummers))).all()
        connection.execute(
            _SET_COUNTS,
            [
                {
                    "welke": row.id,
                    "aantal": row.aantal,
                    "som": row.som,
                    "stand": row.antwoord
                    if row.antwoord == INGETROKKEN
                    else settled(row.antwoord, row.regels, row.aantal),
                }
                for row in found
            ],
        )


def _line(row: Any) -> dict[str, Any]:
    return {
        "verzoek": row.creditverzoek_id,
        "bericht": row.inbox_id,
        "regel": row.regelnr,
        "credit": row.credit,
    }


R = creditverzoek_regel.c
# The message of the credit that stands granted on a line.
_CREDIT = (
    sa.select(sa.func.min(declaratie.c.inbox_id))
    .join_from(declaratie, prestatie, prestatie.c.declaratie_id == declaratie.c.id)
    .where(prestatie.c.id.in_(credit_of(creditverzoek_regel).correlate(creditverzoek_regel)))
    .correlate(creditverzoek_regel)
    .scalar_subquery()
)
_LINE = (R.creditverzoek_id, R.inbox_id, R.regelnr, _CREDIT.label("credit"))
_WAITING = sa.select(*_LINE).where(
    R.credit_id.is_(None), credit_of(creditverzoek_regel).correlate(creditverzoek_regel).exists()
)
_CREDITED = sa.select(*_LINE).where(
    R.credit_id.is_not(None),
    ~credit_of(creditverzoek_regel).correlate(creditverzoek_regel).exists(),
)
_SET_CREDIT = (
    sa.update(creditverzoek_regel)
    .where(
        R.creditverzoek_id == sa.bindparam("verzoek"),
        R.inbox_id == sa.bindparam("bericht"),
        R.regelnr == sa.bindparam("regel"),
    )
    .values(credit_id=sa.bindparam("credit"))
)
_IS_CREDITED = R.credit_id.is_not(None)
_COUNTED = (
    sa.select(
        creditverzoek.c.id,
        creditverzoek.c.antwoord,
        creditverzoek.c.regels,
        sa.func.count(R.credit_id).label("aantal"),
        sa.func.coalesce(sa.func.sum(sa.case((_IS_CREDITED, R.bedrag), else_=0)), 0).label("som"),
    )
    .join_from(creditverzoek, creditverzoek_regel, R.creditverzoek_id == creditverzoek.c.id)
    .group_by(creditverzoek.c.id)
)
_SET_COUNTS = (
    sa.update(creditverzoek)
    .where(creditverzoek.c.id == sa.bindparam("welke"))
    .values(
        gecrediteerd=sa.bindparam("aantal"),
        gecrediteerd_bedrag=sa.bindparam("som"),
        staat=sa.bindparam("stand"),
    )
)

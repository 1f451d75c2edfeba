"""Follows the ledger: a line of an item between municipalities tells by which credit it was undone.

It runs with the worklist, for the messages that were just judged.  The other municipality sees no
lines of who paid, so that the item itself has to tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.store.bouwstenen import KEYS, among, as_keys
from gateway.store.geld.nazorg.keuze import CREDIT, DEBET
from gateway.store.geld.nazorg.tables import gemeenteverrekening_regel
from gateway.store.ledger_balances import OF_DECLARATIE, granted, stands
from gateway.store.tables import declaratie, prestatie


class Verrekeningvolger:
    """Brings lines of items up to date with the credits in messages."""

    def __init__(self, is_sqlite: bool) -> None:
        self._is_sqlite = is_sqlite
        self._credited = _CREDITED.where(among(declaratie.c.inbox_id, is_sqlite))
        self._undone = _UNDONE.where(among(R.credit_id, is_sqlite))

    def settle(self, connection: Connection, berichten: Sequence[int]) -> None:
        """Tell what was credited in these messages, and forget what no longer is."""
        keys = {KEYS: as_keys(berichten, self._is_sqlite)}
        changed = [
            *connection.execute(self._undone, keys),
            *connection.execute(self._credited, keys),
        ]
        if changed:
            connection.execute(_SET_CREDIT, [_line(row) for row in changed])


def _line(row: Any) -> dict[str, Any]:
    return {
        "post": row.verrekening_id,
        "bericht": row.inbox_id,
        "regel": row.regelnr,
        "credit": row.credit,
        "nr": row.credit_nr,
    }


R = gemeenteverrekening_regel.c
_debet, _van_debet = prestatie.alias("debet"), declaratie.alias("van_debet")
_CREDITED = (
    sa.select(
        R.verrekening_id,
        R.inbox_id,
        R.regelnr,
        declaratie.c.inbox_id.label("credit"),
        prestatie.c.volgnr.label("credit_nr"),
    )
    .join_from(declaratie, prestatie, OF_DECLARATIE)
    .join(
        _debet,
        sa.and_(
            _debet.c.partij_id == prestatie.c.partij_id,
            _debet.c.referentienummer == prestatie.c.vorig_referentienummer,
            granted(_debet, DEBET),
        ),
    )
    .join(_van_debet, _van_debet.c.id == _debet.c.declaratie_id)
    .join(
        gemeenteverrekening_regel,
        sa.and_(
            R.inbox_id == _van_debet.c.inbox_id,
            R.regelnr == _debet.c.volgnr,
            R.loopt == sa.literal_column("1"),
        ),
    )
    .where(granted(prestatie, CREDIT), stands(declaratie), stands(_van_debet))
)
_STANDS = (
    sa.select(prestatie.c.id)
    .join_from(declaratie, prestatie, OF_DECLARATIE)
    .where(
        declaratie.c.inbox_id == R.credit_id,
        prestatie.c.volgnr == R.credit_nr,
        granted(prestatie, CREDIT),
        stands(declaratie),
    )
    .correlate(gemeenteverrekening_regel)
)
_UNDONE = sa.select(
    R.verrekening_id,
    R.inbox_id,
    R.regelnr,
    sa.null().label("credit"),
    sa.null().label("credit_nr"),
).where(R.credit_id.is_not(None), ~_STANDS.exists())
_SET_CREDIT = (
    sa.update(gemeenteverrekening_regel)
    .where(
        R.verrekening_id == sa.bindparam("post"),
        R.inbox_id == sa.bindparam("bericht"),
        R.regelnr == sa.bindparam("regel"),
    )
    .values(credit_id=sa.bindparam("credit"), credit_nr=sa.bindparam("nr"))
)

"""The oldest days of the log of processing go, and the chain begins after them.

Where it begins is kept beside it (the anchor: the last day that went and the hash of its last row),
and told in the log itself.  The database lets no other row go than those up to that day.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.store.bewaren.soorten import Weg
from gateway.store.engine import Database
from gateway.store.instellingen import replace_setting
from gateway.store.toegang.tables import ANKER, verwerking


class Dag(NamedTuple):
    """A day of the log that goes, with the hash of its last row."""

    dag: date
    hash: str


class Logboekdagen:
    """Whole days of the log; the last day of it always stays."""

    naam = "toegangslog"

    def zoek(self, database: Database, dag: date) -> Iterator[Sequence[Weg]]:
        """See `Soort`; a day at a time, the oldest first."""
        last = date.min
        while True:
            with database.snapshot() as connection:
                found = connection.execute(_NEXT, {"na": last, "voor": dag}).one()
                if found.dag is None:
                    return
                last = found.dag
                yield [_weg(connection, last)]

    def wis(self, connection: Connection, gevonden: Sequence[Weg], dag: date) -> Sequence[Weg]:
        """See `Soort`."""
        gone = []
        for one in gevonden:
            weg = _weg(connection, one.sleutel.dag)
            if weg.aantal:
                replace_setting(connection, ANKER, f"{weg.sleutel.dag} {weg.sleutel.hash}")
                connection.execute(sa.delete(verwerking).where(verwerking.c.dag == weg.sleutel.dag))
                gone.append(weg)
        return gone


def _weg(connection: Connection, dag: date) -> Weg:
    found = connection.execute(_COUNTED, {"dag": dag}).scalar_one()
    last = connection.execute(_HASH, {"dag": dag}).scalar_one_or_none()
    return Weg(Dag(dag, last or ""), "", aantal=found)


_DAG: sa.BindParameter[date] = sa.bindparam("dag", type_=sa.Date)
_LAST = sa.select(sa.func.max(verwerking.c.dag)).scalar_subquery()
_NEXT = sa.select(sa.func.min(verwerking.c.dag).label("dag")).where(
    verwerking.c.dag > sa.bindparam("na", type_=sa.Date),
    verwerking.c.dag < sa.bindparam("voor", type_=sa.Date),
    verwerking.c.dag < _LAST,
)
_COUNTED = sa.select(sa.func.count()).select_from(verwerking).where(verwerking.c.dag == _DAG)
_HASH = (
    sa.select(verwerking.c.hash)
    .where(verwerking.c.dag == _DAG)
    .order_by(verwerking.c.nr.desc())
    .limit(1)
)

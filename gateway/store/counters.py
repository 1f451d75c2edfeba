"""Counters of the store: sequence numbers of judgements, and numbers for our own messages."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.store.tables import IDENTIFICATIE_REEKS, VOLGNR_REEKS, teller

VOLGNR = "volgnr"
ONTVANGEN = "ontvangen"
IDENTIFICATIE = "identificatie"
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LONGEST = 12
CAPACITY: int = len(DIGITS) ** LONGEST

# PostgreSQL counts these without a row that everyone waits for.
_REEKSEN = {VOLGNR: VOLGNR_REEKS, IDENTIFICATIE: IDENTIFICATIE_REEKS}
_NEXT = (
    sa.update(teller)
    .where(teller.c.naam == sa.bindparam("welke"))
    .values(waarde=teller.c.waarde + 1)
    .returning(teller.c.waarde)
)


def begin(connection: Connection, starts: Mapping[str, int]) -> None:
    """Begin each counter at its first value, unless it has begun."""
    known = set(connection.scalars(sa.select(teller.c.naam)))
    for naam, start in starts.items():
        if naam not in known:
            connection.execute(sa.insert(teller).values(naam=naam, waarde=start - 1))
            if reeks := _reeks(connection, naam):
                connection.execute(sa.select(sa.func.setval(reeks.name, start, False)))


def next_of(connection: Connection, naam: str) -> int:
    """The next value of a counter that has begun; gaps are possible."""
    if reeks := _reeks(connection, naam):
        return int(connection.execute(sa.select(reeks.next_value())).scalar_one())
    return int(connection.execute(_NEXT, {"welke": naam}).scalar_one())


def value_of(connection: Connection, naam: str) -> int:
    """The last value that a counter gave, one less than its first when it gave none."""
    if reeks := _reeks(connection, naam):
        query = f"SELECT last_value - CASE WHEN is_called THEN 0 ELSE 1 END FROM {reeks.name}"  # noqa: S608
        return int(connection.exec_driver_sql(query).scalar_one())
    known = sa.select(teller.c.waarde).where(teller.c.naam == naam)
    return int(connection.execute(known).scalar_one())


def _reeks(connection: Connection, naam: str) -> sa.Sequence | None:
    return None if connection.dialect.name == "sqlite" else _REEKSEN.get(naam)


def base36(number: int) -> str:
    """A number in at most twelve digits and capitals; raises OverflowError beyond that."""
    if not 0 <= number < CAPACITY:
        raise OverflowError("de nummers van eigen berichten zijn op")
    text = ""
    while number:
        number, digit = divmod(number, len(DIGITS))
        text = DIGITS[digit] + text
    return text or DIGITS[0]


def start_from(seed: int) -> int:
    """Where the numbers of a store begin, so that two stores do not give out the same ones.

    Leaves more than half of all numbers above it.
    """
    return 1 + seed % (CAPACITY // 2)

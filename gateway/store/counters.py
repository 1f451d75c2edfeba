"""Counters of the store: sequence numbers of judgements, and numbers for our own messages."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.errors import TemporaryFailure
from gateway.store.engine import Conflict, translated
from gateway.store.tables import teller, toewijzing

VOLGNR = "volgnr"
ONTVANGEN = "ontvangen"
IDENTIFICATIE = "identificatie"
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LONGEST = 12
CAPACITY: int = len(DIGITS) ** LONGEST

_NEXT = (
    sa.update(teller)
    .where(teller.c.naam == sa.bindparam("welke"))
    .values(waarde=teller.c.waarde + 1)
    .returning(teller.c.waarde)
)


def next_of(connection: Connection, naam: str, start: int = 1) -> int:
    """The next value of a counter, which begins at `start`; gaps are possible."""
    found: int | None = connection.execute(_NEXT, {"welke": naam}).scalar_one_or_none()
    if found is not None:
        return found
    try:
        with translated(), connection.begin_nested():
            connection.execute(sa.insert(teller).values(naam=naam, waarde=start))
    except Conflict as error:
        # Another worker made the same counter in the same instant.
        raise TemporaryFailure("een teller wordt net gemaakt; opnieuw proberen") from error
    return start


def next_toewijzingnummer(connection: Connection, gemeente: str, wet: str) -> int:
    """The next free ToewijzingNummer of a municipality under a law (IV066).

    It goes on behind the highest one that is known when the first is asked for; numbers that came
    in from elsewhere since then are passed over.
    """
    own = (toewijzing.c.gemeente == gemeente, toewijzing.c.wet == wet)
    naam = f"toewijzingnummer-{gemeente}-{wet}"
    highest = sa.select(sa.func.coalesce(sa.func.max(toewijzing.c.toewijzingnummer), 0))
    start = 1
    if not value_of(connection, naam):
        start += connection.execute(highest.where(*own)).scalar_one()
    while True:
        nummer = next_of(connection, naam, start)
        used = sa.select(toewijzing.c.id).where(toewijzing.c.toewijzingnummer == nummer, *own)
        if connection.execute(used.limit(1)).first() is None:
            return nummer


def value_of(connection: Connection, naam: str) -> int:
    """The last value that a counter gave, 0 when it has not begun."""
    query = sa.select(teller.c.waarde).where(teller.c.naam == naam)
    found: int | None = connection.execute(query).scalar_one_or_none()
    return found or 0


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

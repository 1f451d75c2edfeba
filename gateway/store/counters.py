"""Counters of the store: sequence numbers of judgements, and numbers for our own messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.store.tables import IDENTIFICATIE_REEKS, VOLGNR_REEKS, teller, toewijzing
from gateway.store.vraag import Vast, driven, run

VOLGNR = "volgnr"
ONTVANGEN = "ontvangen"
IDENTIFICATIE = "identificatie"
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LONGEST = 12
CAPACITY: int = len(DIGITS) ** LONGEST
# Seconds times this: numbers of own messages from two stores stay apart for 60 million of them.
PER_SECOND = 36**5

# PostgreSQL counts these without a row that everyone waits for.
_REEKSEN = {VOLGNR: VOLGNR_REEKS, IDENTIFICATIE: IDENTIFICATIE_REEKS}
_EACH = sa.func.generate_series(1, sa.bindparam("aantal", type_=sa.Integer))
_SOME = {
    reeks.name: sa.select(reeks.next_value()).select_from(_EACH) for reeks in _REEKSEN.values()
}
_PAIRS = Vast(
    lambda _: sa.select(*(reeks.next_value() for reeks in _REEKSEN.values())).select_from(_EACH)
)
# Of those who begin the same counter in the same instant, one does.
_BEGIN = sa.text(
    "INSERT INTO teller (naam, waarde) VALUES (:naam, :waarde) "
    "ON CONFLICT DO NOTHING RETURNING naam"
)
_NEXT = Vast(
    lambda _: (
        sa.update(teller)
        .where(teller.c.naam == sa.bindparam("welke"))
        .values(waarde=teller.c.waarde + sa.bindparam("aantal", type_=sa.BigInteger))
        .returning(teller.c.waarde)
    )
)

# A row that every intake waits for would have them commit one after another: each connection to
# PostgreSQL adds to one of several rows.
SPREAD = 16
_ADD = (
    "INSERT INTO teller (naam, waarde) "
    "VALUES (%(naam)s || '-' || pg_backend_pid() %% %(rijen)s::integer, %(aantal)s::bigint) "
    "ON CONFLICT (naam) DO UPDATE SET waarde = teller.waarde + excluded.waarde"
)
_TOTAL = sa.select(sa.func.sum(teller.c.waarde)).where(
    sa.or_(teller.c.naam == sa.bindparam("welke"), teller.c.naam.like(sa.bindparam("delen")))
)

_RISE = sa.text(
    "INSERT INTO teller (naam, waarde) VALUES (:naam, :minstens) ON CONFLICT (naam) DO UPDATE "
    "SET waarde = CASE WHEN teller.waarde < excluded.waarde THEN excluded.waarde "
    "ELSE teller.waarde + 1 END RETURNING waarde"
)
_SKIP = (
    sa.update(teller)
    .where(teller.c.naam == sa.bindparam("welke"))
    .values(waarde=sa.bindparam("nieuw"))
)


def begin(connection: Connection, starts: Mapping[str, int]) -> None:
    """Begin each counter at its first value, unless it has begun."""
    known = set(connection.scalars(sa.select(teller.c.naam).where(teller.c.naam.in_(starts))))
    for naam in starts.keys() - known:
        begun = connection.execute(_BEGIN, {"naam": naam, "waarde": starts[naam] - 1}).first()
        if begun is not None and (reeks := _reeks(connection, naam)):
            connection.execute(sa.select(sa.func.setval(reeks.name, starts[naam], False)))


def skip(connection: Connection, starts: Mapping[str, int]) -> None:
    """Let each counter go on at a value, unless it is beyond that."""
    for naam, start in starts.items():
        if value_of(connection, naam) < start:
            if reeks := _reeks(connection, naam):
                connection.execute(sa.select(sa.func.setval(reeks.name, start)))
            else:
                connection.execute(_SKIP, {"welke": naam, "nieuw": start})


def skip_given_out(connection: Connection, now: datetime) -> None:
    """After a backup was put back: use no number that was given out since it was made.

    Sequence numbers are part of the names of events, the others are of messages.
    """
    moment = now.timestamp()
    starts = {
        VOLGNR: int(moment * 1_000_000),
        IDENTIFICATIE: start_from(int(moment) * PER_SECOND),
    }
    skip(connection, starts)


def next_of(connection: Connection, naam: str) -> int:
    """The next value of a counter that has begun; gaps are possible."""
    return next_some(connection, naam, 1)[0]


def next_some(connection: Connection, naam: str, aantal: int) -> Sequence[int]:
    """The next values of a counter that has begun, from low to high; gaps are possible."""
    if reeks := _reeks(connection, naam):
        found = connection.scalars(_SOME[reeks.name], {"aantal": aantal})
        return sorted(map(int, found))
    ((last,),) = _NEXT.rows(connection, {"welke": naam, "aantal": aantal})
    return range(last - aantal + 1, last + 1)


def next_for_judging(connection: Connection, aantal: int) -> Sequence[tuple[int, int]]:
    """What so many judgements need, from low to high: their sequence number, and one to answer."""
    if connection.dialect.name == "sqlite":
        volgnrs, nummers = (next_some(connection, naam, aantal) for naam in _REEKSEN)
        return list(zip(volgnrs, nummers, strict=True))
    return sorted((row[0], row[1]) for row in _PAIRS.rows(connection, {"aantal": aantal}))


def rise(connection: Connection, naam: str, minstens: int) -> int:
    """The next value of a counter that goes along with a clock: more than any that it gave.

    It is `minstens` where the clock went on since.  Who else asks waits for this transaction.
    """
    return int(connection.execute(_RISE, {"naam": naam, "minstens": minstens}).scalar_one())


def add(connection: Connection, naam: str, aantal: int) -> None:
    """Let a counter that is only counted with go on by so many; see `total_of`."""
    if connection.dialect.name == "sqlite":
        _NEXT.rows(connection, {"welke": naam, "aantal": aantal})
    else:
        with driven(connection) as cursor:
            run(cursor, _ADD, {"naam": naam, "rijen": SPREAD, "aantal": aantal})


def total_of(connection: Connection, naam: str) -> int:
    """How far a counter is that is only counted with."""
    given = {"welke": naam, "delen": f"{naam}-%"}
    return int(connection.execute(_TOTAL, given).scalar_one())


def next_toewijzingnummer(connection: Connection, gemeente: str, wet: str) -> int:
    """The next free ToewijzingNummer of a municipality under a law (IV066).

    It goes on behind the highest one that is known when the first is asked for; numbers that came
    in from elsewhere since then are passed over.
    """
    own = (toewijzing.c.gemeente == gemeente, toewijzing.c.wet == wet)
    naam = f"toewijzingnummer-{gemeente}-{wet}"
    if connection.execute(sa.select(teller.c.naam).where(teller.c.naam == naam)).first() is None:
        highest = sa.select(sa.func.coalesce(sa.func.max(toewijzing.c.toewijzingnummer), 0))
        begin(connection, {naam: connection.execute(highest.where(*own)).scalar_one() + 1})
    while True:
        nummer = next_of(connection, naam)
        used = sa.select(toewijzing.c.id).where(toewijzing.c.toewijzingnummer == nummer, *own)
        if connection.execute(used.limit(1)).first() is None:
            return nummer


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

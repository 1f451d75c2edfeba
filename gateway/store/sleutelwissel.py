"""Gives the fingerprints of a store another key, a little at a time, while nobody works on it.

Every step is a transaction over some rows, which also keeps how far it is: a stop in between loses
nothing, and the next run goes on there.  Until it is done no other process opens the store, so that
nobody looks for a client under one key among rows of another.  The log of processing keeps the
fingerprints that it has: nothing in it is ever changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.errors import CouldNotFinish, WrongUse
from gateway.store.bsn import (
    KENMERK,
    WISSEL,
    Opgave,
    Sleutel,
    add_key,
    fingerprinter,
    known_keys,
    mark_of,
    new_key,
)
from gateway.store.engine import ALL, Database, open_database
from gateway.store.gebruik import alone
from gateway.store.instellingen import (
    delete_setting,
    held_setting,
    read_setting,
    replace_setting,
)
from gateway.store.migrate import check_version
from gateway.store.schema import metadata
from gateway.store.tables import Fingerprint
from gateway.store.toegang.logboek import Handeling, Logboek

# So many rows get another fingerprint in one transaction.
AT_ONCE = 2_000

# What is told on the way: of which table, and how many rows of it are done.
Tell = Callable[[str, int], None]
# An act of the log, by what it was about.
Act = Callable[[str], Handeling]


def plaatsen() -> list[sa.Column[Any]]:
    """Every column with fingerprints that get another key, table by table."""
    return [
        column
        for table in metadata.sorted_tables
        for column in table.c
        if column.type is Fingerprint
    ]


class Stand(msgspec.Struct, kw_only=True):
    """How far it is: the mark of the new key, and the key itself where the store made it.

    `plaats` is the column that is at hand, `na` the last row of it that is done.
    """

    naar: str
    sleutel: str | None = None
    plaats: int = 0
    na: int = -1
    aantal: dict[str, int] = msgspec.field(default_factory=dict)


@contextmanager
def opened_alone(url: str) -> Iterator[Database]:
    """The database of a store that nobody else works on, also not meanwhile."""
    database = open_database(url, creates=False, shares=False)
    try:
        with alone(database.engine):
            check_version(database)
            yield database
    finally:
        database.close()


class Sleutelwissel:
    """The change of key of one store."""

    def __init__(self, database: Database, logboek: Logboek, opgave: Opgave) -> None:
        self._database = database
        self._logboek = logboek
        self._opgave = opgave

    def run(self, act: Act, tell: Tell) -> Mapping[str, int]:
        """Begin or go on, up to the end; how many rows of each table got another fingerprint.

        Raises WrongUse where there is no new key, CouldNotFinish where one is missing.
        """
        stand, nieuw, kept = self._begun(act)
        again = fingerprinter(nieuw.tekst.encode())
        every = plaatsen()
        while stand.plaats < len(every):
            column = every[stand.plaats]
            with self._database.writing(ALL) as connection:
                _check_own(connection, kept)
                is_more = _step(connection, column, stand, again)
                kept = _keep(connection, stand)
            if is_more:
                tell(column.table.name, stand.aantal[column.table.name])
        return self._end(stand, nieuw, kept, act)

    def _begun(self, act: Act) -> tuple[Stand, Sleutel, str]:
        """How far it is, the key that comes, and the text of the first in the store."""
        with self._database.alone() as connection:
            kept = read_setting(connection, WISSEL)
            if kept is not None:
                # What is missing at the end is better told now.
                self._known(connection)
                stand = msgspec.json.decode(kept, type=Stand)
                return stand, self._again(stand), kept
            nieuw = self._nieuw(connection)
            stand = Stand(naar=nieuw.kenmerk, sleutel=nieuw.tekst if nieuw.is_own else None)
            kept = _keep(connection, stand)
            self._logboek.schrijf(connection, act("begin"))
        return stand, nieuw, kept

    def _known(self, connection: Connection) -> Sequence[Sleutel]:
        return known_keys(connection, self._opgave, with_new=True)

    def _nieuw(self, connection: Connection) -> Sleutel:
        """The key that comes; one that the store makes where it made the one of now."""
        if read_setting(connection, KENMERK) is None:
            raise CouldNotFinish("deze opslag heeft nog geen kenmerken van BSN's")
        known = self._known(connection)
        given = self._opgave.sleutel
        if given is None and known[-1].is_own:
            return Sleutel(new_key(), is_own=True)
        if given is None or given in {one.tekst for one in known}:
            raise WrongUse(
                "zet een sleutel die deze opslag niet heeft gehad in GATEWAY_BSN_SLEUTEL, en die "
                "van nu in GATEWAY_BSN_SLEUTEL_VORIGE"
            )
        return Sleutel(given, is_own=False)

    def _again(self, stand: Stand) -> Sleutel:
        """The key of a change that was begun."""
        text = stand.sleutel or self._opgave.sleutel
        if text is None or mark_of(text) != stand.naar:
            raise CouldNotFinish(
                "er is begonnen met een andere nieuwe sleutel; zet die in GATEWAY_BSN_SLEUTEL"
            )
        return Sleutel(text, is_own=stand.sleutel is not None)

    def _end(self, stand: Stand, nieuw: Sleutel, kept: str, act: Act) -> Mapping[str, int]:
        with self._database.alone() as connection:
            _check_own(connection, kept)
            add_key(connection, self._known(connection), nieuw)
            delete_setting(connection, WISSEL)
            self._logboek.schrijf(connection, act(f"klaar: {sum(stand.aantal.values())} rijen"))
        return stand.aantal


def _check_own(connection: Connection, kept: str) -> None:
    """Raise CouldNotFinish where somebody else went on: no row may get the key twice.

    A connection that a server ended took the lock of who wants the store alone along.
    """
    if held_setting(connection, WISSEL) != kept:
        raise CouldNotFinish(
            "een andere `gateway fingerprints rotate` ging hiermee verder; kijk of die klaar is"
        )


def _step(
    connection: Connection, column: sa.Column[Any], stand: Stand, again: Callable[[str], str]
) -> bool:
    """Some rows of a column, in order; False, and on to the next one, where there are none left."""
    key = column.table.c.id
    query = sa.select(key, column).where(key > stand.na).order_by(key).limit(AT_ONCE)
    rows = connection.execute(query).all()
    if not rows:
        stand.plaats, stand.na = stand.plaats + 1, -1
        return False
    changed = [{"welke": nr, "nieuw": again(old)} for nr, old in rows if old is not None]
    if changed:
        update = sa.update(column.table).where(key == sa.bindparam("welke"))
        connection.execute(update.values({column.name: sa.bindparam("nieuw")}), changed)
    counted = Counter(stand.aantal)
    counted[column.table.name] += len(changed)
    stand.aantal, stand.na = dict(counted), rows[-1][0]
    return True


def _keep(connection: Connection, stand: Stand) -> str:
    kept = msgspec.json.encode(stand).decode()
    replace_setting(connection, WISSEL, kept)
    return kept

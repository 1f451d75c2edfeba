"""Reads stored 323's back as they were judged: their lines, codes and signals, in bulk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.pipeline.ports import Beoordeeld, Claim, Outcome, Partijen
from gateway.pipeline.spool import CHUNK
from gateway.records.declaratie import Prestatie
from gateway.store.columns import DECLARATIE, HEADER, PRESTATIE
from gateway.store.engine import Database
from gateway.store.rijen import Plain, declaratie_of, header_of, prestatie_of
from gateway.store.tables import bevinding, declaratie, inbox, partij, prestatie

# How many Declaraties are looked up at once; their lines are read in groups of about CHUNK.
AT_ONCE = 500

Codes = tuple[str, ...]

_STANDS = (
    declaratie.c.tot_volgnr.is_(None),
    declaratie.c.begindatum >= sa.bindparam("begin"),
    declaratie.c.begindatum <= sa.bindparam("eind"),
)
_COUNT = (
    sa.select(sa.func.count())
    .join_from(declaratie, partij, partij.c.id == declaratie.c.partij_id)
    .where(*_STANDS)
)
_LINES = (
    sa.select(sa.func.sum(declaratie.c.regel_tot - declaratie.c.regel_van))
    .join_from(declaratie, partij, partij.c.id == declaratie.c.partij_id)
    .where(*_STANDS)
)
_PARTIES = (
    sa.select(partij.c.gemeente, partij.c.wet, partij.c.aanbieder)
    .where(
        sa.exists(sa.select(declaratie.c.id).where(declaratie.c.partij_id == partij.c.id, *_STANDS))
    )
    .order_by(partij.c.gemeente, partij.c.wet)
)
_OUTCOME = msgspec.json.Decoder(Outcome)
_BERICHTEN = (
    sa.select(
        declaratie.c.id,
        declaratie.c.regel_van,
        declaratie.c.regel_tot,
        declaratie.c.toegekend,
        declaratie.c.van_volgnr,
        inbox.c.id.label("inbox_id"),
        inbox.c.naam,
        inbox.c.received_at,
        inbox.c.ontheven,
        inbox.c.kennis,
        inbox.c.uitkomst,
        partij.c.gemeente,
        partij.c.wet,
        partij.c.aanbieder,
        *HEADER,
        *DECLARATIE,
    )
    .join_from(declaratie, inbox, inbox.c.id == declaratie.c.inbox_id)
    .join(partij, partij.c.id == declaratie.c.partij_id)
    .where(*_STANDS, declaratie.c.id > sa.bindparam("na"))
    .order_by(declaratie.c.id)
    .limit(AT_ONCE)
)
_BEFORE_HEADER = 14
_REGELS = (
    sa.select(prestatie.c.declaratie_id, *PRESTATIE)
    .where(
        prestatie.c.id > sa.bindparam("van"),
        prestatie.c.id <= sa.bindparam("tot"),
        prestatie.c.declaratie_id >= sa.bindparam("eerste"),
        prestatie.c.declaratie_id <= sa.bindparam("laatste"),
    )
    .order_by(prestatie.c.id)
)
_SIGNALEN = (
    sa.select(bevinding.c.inbox_id, bevinding.c.regelnr, bevinding.c.rule)
    .where(
        bevinding.c.inbox_id.in_(sa.bindparam("berichten", expanding=True)),
        bevinding.c.tot_volgnr.is_(None),
        bevinding.c.effect != "reject",
        bevinding.c.regelnr.is_not(None),
    )
    .order_by(bevinding.c.inbox_id, bevinding.c.id)
)


class Declaraties:
    """Stored 323's by the month that they are about."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def count(self, begin: date, eind: date, gemeenten: Set[str] | None = None) -> int:
        """How many there are with a DeclaratiePeriode that begins from..to, of all or of some."""
        query = _COUNT.where(*_of(gemeenten))
        with self._database.snapshot() as connection:
            return connection.execute(query, {"begin": begin, "eind": eind}).scalar_one()

    def lines(
        self,
        begin: date,
        eind: date,
        partijen: Partijen | None = None,
        gemeenten: Set[str] | None = None,
    ) -> int:
        """How many lines such Declaraties have together, at most: between parties, or of some."""
        query = _LINES.where(*_of(gemeenten), *_between(partijen))
        with self._database.snapshot() as connection:
            return int(connection.execute(query, {"begin": begin, "eind": eind}).scalar_one() or 0)

    def parties(self, begin: date, eind: date, aanbieder: str) -> Sequence[Partijen]:
        """With which municipalities, under which law, a provider has such Declaraties."""
        query = _PARTIES.where(partij.c.aanbieder == aanbieder)
        with self._database.snapshot() as connection:
            rows = connection.execute(query, {"begin": begin, "eind": eind})
            return [Partijen(*row) for row in rows]

    def judged(
        self,
        begin: date,
        eind: date,
        gemeenten: Set[str] | None = None,
        partijen: Partijen | None = None,
        na: int = 0,
    ) -> Iterator[list[Beoordeeld]]:
        """Those with a DeclaratiePeriode that begins from..to, in groups of about CHUNK lines.

        Of all municipalities, or of some; between these parties where they are given, and behind
        the place `na`.
        """
        last, query = na, _BERICHTEN.where(*_of(gemeenten), *_between(partijen))
        while True:
            with self._database.snapshot() as connection:
                given = {"begin": begin, "eind": eind, "na": last}
                rows = connection.execute(query, given).all()
            for group in _groups(rows):
                yield self._read(group)
            if len(rows) < AT_ONCE:
                return
            last = rows[-1].id

    def _read(self, group: Sequence[Any]) -> list[Beoordeeld]:
        """A group with the lines and signals of all its messages, in two queries."""
        with self._database.snapshot() as connection:
            signalen = _signals(connection, [row.inbox_id for row in group])
            if len(group) == 1 and _lines(group[0]) > CHUNK:
                large = _Lines(self._database, group[0])
                return [_beoordeeld(group[0], large, signalen)]
            lines: dict[int, list[Prestatie]] = {row.id: [] for row in group}
            for row in _rows(connection, group[0], group[-1]):
                if row[0] in lines:
                    lines[row[0]].append(prestatie_of(row[1:]))
        return [_beoordeeld(row, [lines[row.id]], signalen) for row in group]


def _between(partijen: Partijen | None) -> list[sa.ColumnElement[bool]]:
    if partijen is None:
        return []
    return [
        partij.c.gemeente == partijen.gemeente,
        partij.c.wet == partijen.wet,
        partij.c.aanbieder == partijen.aanbieder,
    ]


def _of(gemeenten: Set[str] | None) -> list[sa.ColumnElement[bool]]:
    return [] if gemeenten is None else [partij.c.gemeente.in_(sorted(gemeenten))]


class _Lines:
    """The lines of a large message in chunks, each a read of its own."""

    def __init__(self, database: Database, row: Any) -> None:
        self._database = database
        self._row = row

    def __iter__(self) -> Iterator[list[Prestatie]]:
        row = self._row
        for place in range(row.regel_van, row.regel_tot, CHUNK):
            with self._database.snapshot() as connection:
                found = _rows(connection, row, row, (place, min(place + CHUNK, row.regel_tot)))
            yield [prestatie_of(one[1:]) for one in found]


def _rows(
    connection: Connection, first: Any, last: Any, numbers: tuple[int, int] | None = None
) -> Sequence[Plain]:
    """The lines of messages as the driver gives them, within row numbers where they are given."""
    begin, end = numbers or (first.regel_van, last.regel_tot)
    given = {"van": begin, "tot": end, "eerste": first.id, "laatste": last.id}
    result = connection.execute(_REGELS, given)
    return result.cursor.fetchall() if result.cursor is not None else ()


def _lines(row: Any) -> int:
    """At most so many lines: others may have been stored in the same instant."""
    return int((row.regel_tot or 0) - (row.regel_van or 0))


def _groups(rows: Sequence[Any]) -> Iterator[list[Any]]:
    """Messages whose lines stand behind each other, as many as make about a chunk of lines."""
    group: list[Any] = []
    for row in rows:
        if group and (
            group[-1].regel_tot != row.regel_van or row.regel_tot - group[0].regel_van > CHUNK
        ):
            yield group
            group = []
        group.append(row)
    if group:
        yield group


def _signals(connection: Connection, berichten: Sequence[int]) -> dict[int, dict[int, Codes]]:
    """Per message the checks that spoke, by the number of the line."""
    found: dict[int, dict[int, Codes]] = {}
    for inbox_id, regelnr, rule in connection.execute(_SIGNALEN, {"berichten": berichten}):
        own = found.setdefault(inbox_id, {})
        own[regelnr] = (*own.get(regelnr, ()), rule)
    return found


def _beoordeeld(
    row: Any, regels: Iterable[list[Prestatie]], signalen: Mapping[int, Mapping[int, Codes]]
) -> Beoordeeld:
    plain = tuple(row)
    received = datetime.fromtimestamp(row.received_at, UTC)
    return Beoordeeld(
        claim=Claim(
            row.inbox_id, row.van_volgnr, "", row.naam, received, ontheven=row.ontheven == 1
        ),
        kennis=row.kennis,
        partijen=Partijen(row.gemeente, row.wet, row.aanbieder),
        header=header_of(plain[_BEFORE_HEADER : _BEFORE_HEADER + len(HEADER)]),
        declaratie=declaratie_of(plain[_BEFORE_HEADER + len(HEADER) :]),
        outcome=_OUTCOME.decode(row.uitkomst),
        toegekend=row.toegekend,
        signalen=signalen.get(row.inbox_id, {}),
        regels=regels,
        plaats=row.id,
        aantal=_lines(row),
    )

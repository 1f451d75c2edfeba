"""Writes the lines of a 323: the one place where a microsecond a line counts.

The lines of a message get numbers behind each other, so that its Declaratie finds them by the
first and the last (`tables.declaratie`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.pipeline.ports import PRESTATIE_COLUMNS
from gateway.store import postgres
from gateway.store.bsn import Fingerprinter
from gateway.store.bulk import insert_all
from gateway.store.rijen import DAY
from gateway.store.tables import REGEL_REEKS, declaratie, prestatie
from gateway.store.vraag import Vast, driven

Rows = Iterable[Sequence[tuple[Any, ...]]]
# Partij, Declaratie and the judgement that makes the lines.
Own = tuple[int, int, int]

# What is the same for every line of a message stands in front, then the line.
_OWN = ("id", "partij_id", "declaratie_id", "bsn_hash", "van_volgnr")
_COLUMNS = [prestatie.c[name] for name in (*_OWN, *PRESTATIE_COLUMNS)]
_NAMES = [one.name for one in _COLUMNS]
# Fewer lines than this go in as one value; a table to copy by takes four statements.
FEW = 1_000
_INSERT = (
    f"INSERT INTO prestatie ({', '.join(one.name for one in _COLUMNS)}) "  # noqa: S608 - our names
    f"VALUES ({', '.join('?' for _ in _COLUMNS)})"
)
_BLOCK = Vast(
    lambda is_sqlite: sa.select(
        (_last_of(prestatie) if is_sqlite else REGEL_REEKS.next_value()).label("achter")
    )
)
_LAST_DECLARATIE = Vast(lambda _: sa.select(_last_of(declaratie).label("laatste")))
_NEXT_DECLARATIES = Vast(
    lambda _: sa.select(
        sa.select(REGEL_REEKS.next_value()).scalar_subquery().label("achter"),
        sa.func.nextval(sa.func.pg_get_serial_sequence("declaratie", "id")).label("nummer"),
    ).select_from(sa.func.generate_series(1, sa.bindparam("aantal", type_=sa.Integer)))
)
_BSN, _BEGIN, _EIND = map(PRESTATIE_COLUMNS.index, ("bsn", "begindatum", "einddatum"))
_BEGIN_AT, _EIND_AT = len(_OWN) + _BEGIN, len(_OWN) + _EIND
_TOEGEKEND, _BEDRAG, _DEBET_CREDIT, _PRODUCTCODE = map(
    PRESTATIE_COLUMNS.index, ("toegekend", "ingediend_bedrag", "debet_credit", "productcode")
)


@dataclass(slots=True)
class Regels:
    """The lines of one message as they are written.

    They have numbers above `van` up to `tot`; `besteed` is what the granted ones come to, in
    eurocents per year of delivery and product.
    """

    van: int
    tot: int
    besteed: Counter[tuple[int, str]] = field(default_factory=Counter)


def write_regels(
    connection: Connection,
    last: int,
    fingerprint: Fingerprinter,
    owned: Sequence[tuple[Own, Rows]],
) -> Sequence[Regels]:
    """Write the lines of some messages, numbered from behind `last`, in chunks."""
    written: list[Regels] = []
    chunks = _numbered(last, owned, fingerprint, written)
    if _is_sqlite(connection):
        with driven(connection) as cursor:
            for chunk in chunks:
                cursor.executemany(_INSERT, chunk)
        return written
    lines = (_with_dates(line) for chunk in chunks for line in chunk)
    first = list(islice(lines, FEW))
    if len(first) < FEW:
        insert_all(connection, prestatie, [dict(zip(_NAMES, one, strict=True)) for one in first])
    else:
        postgres.copy_rows(connection, _COLUMNS, chain(first, lines))
    return written


def numbers_for(connection: Connection, declaraties: int) -> tuple[int, Sequence[int]]:
    """The number behind which lines may be numbered, and the numbers of so many Declaraties."""
    if _is_sqlite(connection):
        last = _LAST_DECLARATIE.rows(connection, {})[0].laatste
        return last_before(connection), range(last + 1, last + 1 + declaraties)
    found = _NEXT_DECLARATIES.rows(connection, {"aantal": declaraties})
    return found[0].achter, [row.nummer for row in found]


def last_before(connection: Connection) -> int:
    """The number behind which lines may be numbered; asked once for a large message or a hand."""
    return int(_BLOCK.rows(connection, {})[0].achter)


def _last_of(table: sa.Table) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.max(table.c.id), sa.literal_column("0"))


def _is_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"


def _numbered(
    last: int,
    owned: Iterable[tuple[Own, Rows]],
    fingerprint: Fingerprinter,
    written: list[Regels],
) -> Iterator[list[tuple[Any, ...]]]:
    """Lines with their number and what they share; told per message in `written`."""
    for (partij, parent, volgnr), rows in owned:
        regels = Regels(van=last, tot=last)
        for chunk in rows:
            if chunk:
                yield [
                    (number, partij, parent, fingerprint(row[_BSN]), volgnr, *row)
                    for number, row in enumerate(chunk, regels.tot + 1)
                ]
                regels.tot += len(chunk)
                _add_spent(regels.besteed, chunk)
        written.append(regels)
        last = regels.tot


def _with_dates(line: tuple[Any, ...]) -> tuple[Any, ...]:
    """A line with its two dates as dates, which PostgreSQL wants."""
    begin, eind = line[_BEGIN_AT], line[_EIND_AT]
    return (*line[:_BEGIN_AT], DAY[begin], DAY[eind], *line[_EIND_AT + 1 :])


def _add_spent(besteed: Counter[tuple[int, str]], rows: Sequence[Sequence[Any]]) -> None:
    """Add the granted lines, per year of delivery and product."""
    for row in rows:
        if row[_TOEGEKEND]:
            bedrag = row[_BEDRAG] if row[_DEBET_CREDIT] == "D" else -row[_BEDRAG]
            besteed[int(row[_BEGIN][:4]), row[_PRODUCTCODE]] += bedrag

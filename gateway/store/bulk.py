"""Writes many rows of a table at once: by itself a row costs mostly its trip to the database.

PostgreSQL gets them as one value, a JSON list, which it takes apart by the types of the columns.
Rows of one call all have the keys of the first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Connection

from gateway.store.vraag import driven, run

Row = Mapping[str, Any]
AT_ONCE = 1_000
_ENCODE = msgspec.json.Encoder().encode
_WORDS = postgresql.dialect()  # type: ignore[no-untyped-call]


def insert_all(connection: Connection, table: sa.Table, rows: Sequence[Row]) -> None:
    """Insert rows."""
    for part in _parts(rows):
        _run(connection, _insert(table, tuple(part[0]), _is_sqlite(connection)), table, part)


def insert_numbered(connection: Connection, table: sa.Table, rows: Sequence[Row]) -> Sequence[int]:
    """Insert rows of a table that numbers its rows by itself; returns the numbers."""
    numbers: list[int] = []
    for part in _parts(rows):
        names = tuple(part[0])
        if _is_sqlite(connection):
            # Who writes is alone, so that nobody takes these numbers meanwhile.
            own = _next(connection, table, len(part))
            numbered = [{"id": one, **row} for one, row in zip(own, part, strict=True)]
            _run(connection, _insert(table, ("id", *names), True), table, numbered)
            numbers += own
        else:
            statement = f"{_insert(table, names, False)} RETURNING id"
            with driven(connection) as cursor:
                run(cursor, statement, _as_list(table, part))
                numbers += [row[0] for row in cursor.fetchall()]
    return numbers


def insert_new(
    connection: Connection, table: sa.Table, rows: Sequence[Row], keys: Sequence[str]
) -> Mapping[tuple[Any, ...], int]:
    """Insert those rows that the database does not refuse as a second one of their kind.

    Returns the numbers that the table gave, by the keys of the row.
    """
    fresh: dict[tuple[Any, ...], int] = {}
    is_sqlite = _is_sqlite(connection)
    for part in _parts(rows):
        statement = (
            f"{_insert(table, tuple(part[0]), is_sqlite)} "
            f"ON CONFLICT DO NOTHING RETURNING id, {', '.join(keys)}"
        )
        with driven(connection) as cursor:
            for given in _as_sqlite(table, part) if is_sqlite else [_as_list(table, part)]:
                run(cursor, statement, given)
                fresh |= {tuple(key): number for number, *key in cursor.fetchall()}
    return fresh


def update_all(connection: Connection, table: sa.Table, rows: Sequence[Row], keys: int = 1) -> int:
    """Change rows, which are found by the first of their keys; returns how many there were."""
    changed = 0
    for part in _parts(rows):
        statement = _update(table, tuple(part[0]), keys, _is_sqlite(connection))
        changed += _run(connection, statement, table, part)
    return changed


def _parts(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    for begin in range(0, len(rows), AT_ONCE):
        yield rows[begin : begin + AT_ONCE]


@cache
def _insert(table: sa.Table, names: tuple[str, ...], is_sqlite: bool) -> str:
    told = ", ".join(names)
    if is_sqlite:
        values = ", ".join(f":{one}" for one in names)
        return f"INSERT INTO {table} ({told}) VALUES ({values})"  # noqa: S608 - our names
    return f"INSERT INTO {table} ({told}) SELECT {told} FROM {_rows_of(table, names)}"  # noqa: S608


@cache
def _update(table: sa.Table, names: tuple[str, ...], count: int, is_sqlite: bool) -> str:
    keys, changed = names[:count], names[count:]
    if is_sqlite:
        found = " AND ".join(f"{one} = :{one}" for one in keys)
        told = ", ".join(f"{one} = :{one}" for one in changed)
        return f"UPDATE {table} SET {told} WHERE {found}"  # noqa: S608
    found = " AND ".join(f"{table}.{one} = rij.{one}" for one in keys)
    told = ", ".join(f"{one} = rij.{one}" for one in changed)
    return f"UPDATE {table} SET {told} FROM {_rows_of(table, names)} WHERE {found}"  # noqa: S608


def _next(connection: Connection, table: sa.Table, count: int) -> Sequence[int]:
    with driven(connection) as cursor:
        cursor.execute(f"SELECT coalesce(max(id), 0) FROM {table}")  # noqa: S608 - our names
        (last,) = cursor.fetchone()
        return range(last + 1, last + 1 + count)


def _rows_of(table: sa.Table, names: Sequence[str]) -> str:
    kinds = (table.c[one].type.compile(_WORDS).partition("(")[0] for one in names)
    told = ", ".join(f"{one} {kind}" for one, kind in zip(names, kinds, strict=True))
    return f"json_to_recordset(%(rijen)s::json) AS rij({told})"


def _as_list(table: sa.Table, rows: Sequence[Row]) -> dict[str, str]:
    """Rows as PostgreSQL reads them: bytes are told by their hexadecimal digits."""
    raw = [one for one in rows[0] if isinstance(table.c[one].type, sa.LargeBinary)]
    if raw:
        rows = [{**row, **{one: _hex(row[one]) for one in raw}} for row in rows]
    return {"rijen": _ENCODE(rows).decode()}


def _hex(data: bytes | None) -> str | None:
    return None if data is None else f"\\x{data.hex()}"


def _as_sqlite(table: sa.Table, rows: Sequence[Row]) -> Sequence[Row]:
    """Rows as SQLite takes them: days are told by their text."""
    days = [one for one in rows[0] if isinstance(table.c[one].type, sa.Date)]
    if not days:
        return rows
    return [{**row, **{one: _iso(row[one]) for one in days}} for row in rows]


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _run(connection: Connection, statement: str, table: sa.Table, rows: Sequence[Row]) -> int:
    """Run a statement for rows; returns how many were written."""
    with driven(connection) as cursor:
        if _is_sqlite(connection):
            cursor.executemany(statement, _as_sqlite(table, rows))
        else:
            run(cursor, statement, _as_list(table, rows))
        return int(cursor.rowcount)


def _is_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"

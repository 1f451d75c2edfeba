"""Runs statements by the driver itself: SQLAlchemy takes longer than a query by a key."""

from __future__ import annotations

import re
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import msgspec
import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Dialect

from gateway.store.bouwstenen import KEYS, as_keys

Values = Mapping[str, Any]
Rows = Sequence[tuple[Any, ...]]
# A value with its type; keys are told as a text, of which an array is made.
_VALUE = re.compile(r"CAST\(%\((\w+)\)s::VARCHAR AS (\w+\[\])\)|%\((\w+)\)s::(\w+)")


@dataclass(frozen=True, slots=True)
class Vraag:
    """A statement in the words of a database, with the values that stand in the statement itself.

    Keys are given as a list, other values as the driver takes them; rows are as it gives them.
    `names` are those of the values that have to be given, `naam` is that of the statement among
    `Queries`.  `of_many` is the same statement for several sets of values at once, for PostgreSQL
    only: SQLite makes no trips that could be spared.
    """

    naam: str
    text: str
    own: Values
    names: Sequence[str]
    of_many: str | None

    @classmethod
    def of(cls, naam: str, query: sa.Select[Any], dialect: Dialect) -> Vraag:
        """A statement of SQLAlchemy, compiled once."""
        is_postgres = dialect.name == "postgresql"
        make: Any = type(dialect)
        compiled = query.compile(dialect=make(paramstyle="pyformat" if is_postgres else "named"))
        text = str(compiled)
        own = {name: value for name, value in compiled.params.items() if value is not None}
        names = [name for name in compiled.params if name not in own]
        return cls(naam, text, own, names, _for_many(text, names) if is_postgres else None)

    def rows(self, connection: Connection, values: Values) -> Rows:
        """All rows, in the transaction of a connection."""
        if KEYS in values:
            values = {**values, KEYS: as_keys(values[KEYS], self.of_many is None)}
        return _fetched(connection, self.text, {**self.own, **values})

    def rows_of_all(self, connection: Connection, all_values: Sequence[Values]) -> Sequence[Rows]:
        """All rows per set of values."""
        if self.of_many is None or len(all_values) == 1:
            return [self.rows(connection, values) for values in all_values]
        told: list[list[tuple[Any, ...]]] = [[] for _ in all_values]
        for nr, *row in _fetched(connection, *self.as_sent(all_values)):
            told[nr].append(tuple(row))
        return told

    def as_sent(self, all_values: Sequence[Values]) -> tuple[str, Values]:
        """The statement for all these values, and how they are given to it."""
        asked = [
            {"nr": nr, **{name: values[name] for name in self.names}}
            for nr, values in enumerate(all_values)
        ]
        return str(self.of_many), {**self.own, "vragen": msgspec.json.encode(asked).decode()}


# The names of a row are only known when its statement is made.
_named: Any = namedtuple


class Vast:
    """A statement that is always the same, compiled once for each kind of database.

    `make` is told whether it is for SQLite.  Values and rows are as the driver has them, so that a
    column with a date is not for here; a row has the names of its columns.  PostgreSQL plans it
    once, as it does a `Vraag`: it has to be one that an index is good for, whatever the values.
    """

    def __init__(self, make: Callable[[bool], sa.Executable]) -> None:
        self._make = make
        self._compiled: dict[bool, tuple[str, Values, Callable[..., Any]]] = {}

    def rows(self, connection: Connection, values: Values) -> Sequence[Any]:
        """The rows that it gives."""
        text, own, row = self._for(connection)
        with driven(connection) as cursor:
            run(cursor, text, {**own, **values})
            return [row(*one) for one in cursor.fetchall()]

    def run(self, connection: Connection, values: Values) -> int:
        """Run one that gives no rows; returns how many it changed."""
        text, own, _ = self._for(connection)
        with driven(connection) as cursor:
            run(cursor, text, {**own, **values})
            return int(cursor.rowcount)

    def _for(self, connection: Connection) -> tuple[str, Values, Callable[..., Any]]:
        dialect = connection.dialect
        is_sqlite = dialect.name == "sqlite"
        if is_sqlite not in self._compiled:
            statement: Any = self._make(is_sqlite)
            own = Vraag.of("", statement, dialect)
            names = getattr(statement, "exported_columns", ())
            row = _named("Rij", [one.name for one in names], rename=True)
            self._compiled[is_sqlite] = (own.text, own.own, row)
        return self._compiled[is_sqlite]


def _for_many(text: str, names: Sequence[str]) -> str:
    """A statement with every set of values as a row beside it; which row it was stands in front.

    The values have the types that the statement gives them, so that it needs no casts: PostgreSQL
    looks up no row by a cast value before it has looked who may see the row.
    """
    kinds = {"nr": "int"}

    def column(found: re.Match[str]) -> str:
        name, kind = found[1] or found[3], found[2] or found[4]
        if name not in names:
            return found[0]
        kinds[name] = kind
        return f"vraag.{name}"

    told = _VALUE.sub(column, text)
    columns = ", ".join(f"{name} {kind}" for name, kind in kinds.items())
    return (
        "SELECT vraag.nr, antwoord.* "  # noqa: S608 - our names
        f"FROM json_to_recordset(%(vragen)s::json) AS vraag({columns}) "
        f"CROSS JOIN LATERAL ({told}) AS antwoord"
    )


def _fetched(connection: Connection, text: str, values: Values) -> Rows:
    with driven(connection) as cursor:
        run(cursor, text, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


@contextmanager
def driven(connection: Connection) -> Iterator[Any]:
    """A cursor of the driver, in the transaction of a connection, which begins here at the latest.

    SQLAlchemy sees nothing of what goes by the driver, and would have nothing to commit.
    """
    if not connection.in_transaction():
        connection.begin()
    driver: Any = connection.connection
    with told_as_sqlalchemy(connection):
        cursor = driver.cursor()
        try:
            yield cursor
        finally:
            cursor.close()


def run(cursor: Any, text: str, values: Values) -> None:
    """Run a statement that PostgreSQL is to remember the plan of, for any values."""
    told = {"prepare": True} if isinstance(cursor, psycopg.Cursor) else {}
    cursor.execute(text, values, **told)


@contextmanager
def told_as_sqlalchemy(connection: Connection) -> Iterator[None]:
    """What the driver raises by itself, as SQLAlchemy would have raised it."""
    base = connection.dialect.loaded_dbapi.Error
    try:
        yield
    except base as error:
        if connection.dialect.is_disconnect(error, connection.connection.driver_connection, None):
            # Else a goodbye would be said to a server that is gone.
            connection.invalidate(error)
        raise sa.exc.DBAPIError.instance(
            None, None, error, base, hide_parameters=True, dialect=connection.dialect
        ) from None

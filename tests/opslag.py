"""On which database a test runs: the same tests, the same store, SQLite or PostgreSQL.

A folder stands for a store.  On SQLite it holds the file, on PostgreSQL it has a schema.
"""

from __future__ import annotations

import shutil
import sqlite3
import warnings
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from itertools import cycle
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.engine import Connection
from sqlalchemy.schema import CreateIndex
from sqlalchemy.sql.elements import TextClause

from gateway.store.engine import Database
from gateway.store.schema import metadata
from tests import postgres

SQLITE, POSTGRESQL = SOORTEN = ("sqlite", "postgresql")
FILE = "gateway.db"
T = TypeVar("T")


@dataclass(slots=True)
class _Schemas:
    """The schemas of the tests that run now: URL of the gateway and of the owner, by folder."""

    made: dict[Path, tuple[ExitStack, tuple[str, str]]] = field(default_factory=dict)

    def of(self, folder: Path) -> tuple[str, str]:
        if folder not in self.made:
            stack = ExitStack()
            self.made[folder] = (stack, stack.enter_context(postgres.schema()))
        return self.made[folder][1]

    def give_back(self, folders: Iterable[Path]) -> None:
        for folder in list(folders):
            self.made.pop(folder)[0].close()


_now: list[_Schemas] = []


@contextmanager
def running_on(soort: str) -> Iterator[None]:
    """Within it a folder stands for a store of this kind."""
    if soort == SQLITE:
        yield
        return
    postgres.server()
    _now.append(_Schemas())
    try:
        yield
    finally:
        schemas = _now.pop()
        schemas.give_back(schemas.made)


def running() -> str:
    """The kind of database that a test runs on."""
    return POSTGRESQL if _now else SQLITE


def in_turns(cases: Iterable[T]) -> list[tuple[str, T]]:
    """Cases with a kind of database each: the one, then the other.

    For many cases of one thing, that need not all be seen on both.
    """
    return list(zip(cycle(SOORTEN), cases, strict=False))


@contextmanager
def stores_of_a_test() -> Iterator[None]:
    """Within it stores are made for one test, and given back at its end."""
    before = set(_now[-1].made) if _now else set()
    yield
    for schemas in _now:
        schemas.give_back(schemas.made.keys() - before)


def differences(database: Database) -> list[Any]:
    """What the tables of a database have or lack beside those that the code knows."""

    known = {one.name for table in metadata.tables.values() for one in table.indexes}

    def is_meant(_thing: object, name: str | None, kind: str, *_: object) -> bool:
        first = f"{name}".endswith("_eerst")
        other = f"{name}_eerst" in known or name in _BY_EXPRESSION
        return kind != "index" or not (first if database.is_sqlite else other)

    with database.engine.connect() as connection, warnings.catch_warnings():
        # An index on an expression is looked at by its own words.
        warnings.filterwarnings("ignore", ".*expression-based index")
        context = MigrationContext.configure(connection, opts={"include_object": is_meant})
        found = list(compare_metadata(context, metadata))
        differ = _expressions_that_differ if database.is_sqlite else _expressions_that_miss
        return found + differ(connection)


_BY_EXPRESSION = {
    index.name
    for table in metadata.tables.values()
    for index in table.indexes
    if any(isinstance(one, TextClause) for one in index.expressions)
}


def _expressions_that_miss(connection: Connection) -> list[str]:
    """The indexes on an expression that PostgreSQL, which writes them its own way, lacks."""
    query = "SELECT indexname FROM pg_indexes WHERE schemaname = current_schema()"
    return sorted(
        map(str, _BY_EXPRESSION - {name for (name,) in connection.exec_driver_sql(query)})
    )


def _expressions_that_differ(connection: Connection) -> list[str]:
    """The indexes on an expression that SQLite does not have as the code writes them."""
    query = "SELECT sql FROM sqlite_master WHERE type = 'index'"
    present = {sql for (sql,) in connection.exec_driver_sql(query)}
    wanted = [
        str(CreateIndex(index).compile(dialect=connection.dialect))
        for table in metadata.tables.values()
        for index in table.indexes
        if any(isinstance(one, TextClause) for one in index.expressions)
    ]
    assert wanted
    return [one for one in wanted if one not in present]


def acts_on_clients(folder: Path) -> set[str]:
    """The acts in the log of processing that were about a client."""
    query = "SELECT DISTINCT name FROM verwerking WHERE betrokkene IS NOT NULL"
    return {name for (name,) in rows_of(folder, query)}


def file_of(folder: Path) -> str:
    """The URL of the SQLite file in a folder, for what only a file can be."""
    return f"sqlite:///{folder / FILE}"


def is_sqlite() -> bool:
    """Whether the tests run on SQLite now."""
    return not _now


def store_of(folder: Path) -> str:
    """The URL of the store that a folder stands for."""
    return _now[-1].of(folder)[0] if _now else file_of(folder)


def owner_of(folder: Path) -> str:
    """The same for who made its tables."""
    return _now[-1].of(folder)[1] if _now else file_of(folder)


def rows_of(folder: Path, query: str, *values: Any) -> list[tuple[Any, ...]]:
    """Rows of a store, read beside the gateway; `?` stands for a value."""
    if not _now:
        with sqlite3.connect(folder / FILE) as connection:
            return connection.execute(query, values).fetchall()
    with _owner(folder) as connection:
        rows = connection.execute(_marked(query), values).fetchall()
    return [tuple(map(_as_on_sqlite, row)) for row in rows]


def altered(folder: Path, statement: str, *values: Any) -> int:
    """Change a store beside the gateway, past all of its guards; how many rows a statement took."""
    if not _now:
        with sqlite3.connect(folder / FILE) as connection:
            if values:
                connection.execute(statement, values)
            else:
                connection.executescript(statement)
        return connection.total_changes
    with _owner(folder) as connection:
        connection.execute("SET session_replication_role = replica")
        return connection.execute(
            _marked(statement) if values else statement, values or None
        ).rowcount


def copied(source: Path, target: Path) -> None:
    """Make of one folder another with the same files and the same store."""
    shutil.copytree(source, target, dirs_exist_ok=True)
    if not _now:
        return
    store_of(target)
    with _owner(source) as connection:
        (there,) = connection.execute("SELECT current_schema()").fetchone() or ("",)
    with _owner(target) as connection:
        connection.execute("SET session_replication_role = replica")
        for table in metadata.tables:
            connection.execute(f"INSERT INTO {table} SELECT * FROM {there}.{table}")
        numbered = connection.execute(
            "SELECT sequencename FROM pg_sequences WHERE schemaname = current_schema()"
        ).fetchall()
        for (name,) in numbered:
            connection.execute(
                f"SELECT setval('{name}', last_value, is_called) FROM {there}.{name}"
            )


def _owner(folder: Path) -> psycopg.Connection:
    return postgres.connected(_now[-1].of(folder)[1])


def _as_on_sqlite(value: Any) -> Any:
    """A value as SQLite keeps it, which has no dates."""
    return value.isoformat() if isinstance(value, date) else value


def _marked(query: str) -> str:
    return query.replace("%", "%%").replace("?", "%s")

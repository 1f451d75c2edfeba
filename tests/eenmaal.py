"""What every test would make again is made once in a process; it is no other than the real thing.

What comes with the installation is read once, the statements of a store are compiled once for each
kind of database, and a new SQLite file gets the tables as the first one was given them.
Passwords are kept by the same algorithm, at a price that suits who logs in a thousand times.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from argon2 import PasswordHasher
from sqlalchemy.engine import Dialect

from gateway import inlezen
from gateway.messages.definition import Berichttype
from gateway.messages.schema_sommen import check_schemas
from gateway.store import migrate, queries
from gateway.store.engine import Database, open_database

PROJECT = Path(__file__).resolve().parents[1]
# What comes with the installation; the folders of an operator are read as often as he says.
READ = ("read_codelijsten", "read_teksten", "read_types", "read_catalogus", "Schemas")


@contextmanager
def made_once() -> Iterator[None]:
    """Within it nothing is made twice that is the same for every test."""
    with ExitStack() as stack:
        stack.enter_context(read_once())
        stack.enter_context(patch("gateway.store.store.prepared", _prepared))
        stack.enter_context(patch("gateway.store.store.migrate", _migrated))
        stack.enter_context(patch("gateway.store.store.make_fresh", _made_fresh))
        stack.enter_context(patch("gateway.web.wachtwoorden._hasher", _light_hasher))
        yield


@contextmanager
def read_once() -> Iterator[None]:
    """Within it an installation starts without reading again what came along with it."""
    with patch.multiple("gateway.inlezen", check_schemas=_schemas_checked, **_READ_ONCE):
        yield


_checked: set[tuple[Path, ...]] = set()


def _schemas_checked(kinds: Iterable[Berichttype], folders: Sequence[Path]) -> None:
    """Our own XSDs are held against their sums once."""
    where = tuple(folders)
    if where in _checked:
        return
    check_schemas(kinds, folders)
    if all(one.is_relative_to(PROJECT) for one in where):
        _checked.add(where)


def _once(read: Callable[..., Any]) -> Callable[..., Any]:
    """The same, that reads our own files once."""
    kept = cache(read)

    def found(*paths: Path) -> Any:
        return (kept if all(one.is_relative_to(PROJECT) for one in paths) else read)(*paths)

    return found


_READ_ONCE: dict[str, Any] = {name: _once(getattr(inlezen, name)) for name in READ}
_compiled: dict[tuple[str, str], Any] = {}


def _prepared(dialect: Dialect) -> queries.Queries[Any]:
    key = (dialect.name, dialect.driver)
    if key not in _compiled:
        _compiled[key] = queries.prepared(dialect)
    return _compiled[key]


def _migrated(database: Database) -> None:
    """Bring a store up to date; a SQLite file without any table gets those of the first one."""
    if database.is_sqlite and migrate.current(database) is None and not _is_begun(database):
        _copy(_first(migrate.migrate), database)
    migrate.migrate(database)


def _made_fresh(database: Database) -> None:
    _copy(_first(migrate.make_fresh), database)


def _is_begun(database: Database) -> bool:
    with database.reading() as connection:
        return bool(connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar())


def _copy(first: sqlite3.Connection, database: Database) -> None:
    """Make an empty file the same as the first one, page by page."""
    with closing(sqlite3.connect(database.engine.url.database or "")) as target:
        first.backup(target)


@cache
def _first(make: Callable[[Database], None]) -> sqlite3.Connection:
    """A copy in memory of the SQLite file that something made."""
    kept = sqlite3.connect(":memory:", check_same_thread=False)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "eerste.db"
        database = open_database(f"sqlite:///{file}")
        try:
            make(database)
        finally:
            database.close()
        with closing(sqlite3.connect(file)) as connection:
            connection.backup(kept)
    return kept


@cache
def _light_hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)

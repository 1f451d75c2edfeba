"""Runs statements by the driver itself: SQLAlchemy takes longer than a query by a key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Dialect


@dataclass(frozen=True, slots=True)
class Vraag:
    """A statement in the words of a database, with the values that stand in the statement itself.

    Values are given as the driver takes them; rows are as it gives them.
    """

    text: str
    own: Mapping[str, Any]

    @classmethod
    def of(cls, query: sa.Select[Any], dialect: Dialect) -> Vraag:
        """A statement of SQLAlchemy, compiled once."""
        style = "pyformat" if dialect.name == "postgresql" else "named"
        make: Any = type(dialect)
        named = make(paramstyle=style)
        compiled = query.compile(dialect=named)
        own = {name: value for name, value in compiled.params.items() if value is not None}
        return cls(str(compiled), own)

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> Sequence[tuple[Any, ...]]:
        """All rows, in the transaction of a connection."""
        with driven(connection) as cursor:
            cursor.execute(self.text, {**self.own, **values})
            found: list[tuple[Any, ...]] = cursor.fetchall()
            return found


@contextmanager
def driven(connection: Connection) -> Iterator[Any]:
    """A cursor of the driver, in the transaction of a connection."""
    driver: Any = connection.connection
    with told_as_sqlalchemy(connection):
        cursor = driver.cursor()
        try:
            yield cursor
        finally:
            cursor.close()


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

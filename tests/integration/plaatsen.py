"""Places for whole stores of one kind, where a schema is not enough: files, and databases."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy.engine import make_url

from tests import postgres

ROLES = "CREATE ROLE {0}_eigenaar LOGIN; CREATE ROLE {0} LOGIN"
MADE = "CREATE DATABASE {0} OWNER {1}_eigenaar TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'"
EMPTY = """
DROP SCHEMA public CASCADE; CREATE SCHEMA public AUTHORIZATION pg_database_owner;
SET ROLE {0}_eigenaar; GRANT USAGE ON SCHEMA public TO {0};
ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {0};
ALTER DEFAULT PRIVILEGES GRANT USAGE, SELECT, UPDATE ON SEQUENCES TO {0};
"""


@dataclass(frozen=True)
class Plaats:
    """Places for stores of one kind: one that is filled, and empty ones.

    URLs are those of who owns the tables; `gateway` makes of one that of who works on them.
    """

    filled: str
    new: Callable[[], str]
    gateway: Callable[[str], str]


@contextmanager
def files(folder: Path) -> Iterator[Plaats]:
    def new() -> str:
        return f"sqlite:///{folder / uuid.uuid4().hex}.db"

    yield Plaats(new(), new, lambda url: url)


@contextmanager
def databases() -> Iterator[Plaats]:
    """Two databases with the two roles of docs/postgresql.md; the second is emptied every time."""
    name = f"gateway_backup_{uuid.uuid4().hex[:8]}"
    filled, other = f"{name}_0", f"{name}_1"
    server = postgres.server().set(drivername="postgresql")

    def of(database: str, role: str) -> str:
        url = server.set(database=database).update_query_dict({"options": f"-c role={role}"})
        return url.render_as_string(hide_password=False)

    def emptied(database: str) -> str:
        own = server.set(database=database).render_as_string(hide_password=False)
        with psycopg.connect(own) as connection:
            connection.execute(EMPTY.format(name))
        return of(database, f"{name}_eigenaar")

    with postgres.as_owner() as connection:
        connection.execute(ROLES.format(name))
        try:
            for one in (filled, other):
                connection.execute(MADE.format(one, name))
            yield Plaats(
                emptied(filled),
                lambda: emptied(other),
                lambda url: of(str(make_url(url).database), name),
            )
        finally:
            for one in (filled, other):
                connection.execute(f"DROP DATABASE IF EXISTS {one} WITH (FORCE)")
            connection.execute(f"DROP ROLE {name}, {name}_eigenaar")

"""A copy of a store on PostgreSQL: by its own programs, as the owner of the tables."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa
from psycopg.conninfo import make_conninfo
from sqlalchemy.engine import URL, make_url

from gateway.errors import CouldNotFinish
from gateway.store.backup.manifest import (
    REVISION_TABLE,
    Copied,
    check_whole,
    keys_of,
    rows_of,
)
from gateway.store.engine import Database, open_database
from gateway.store.migrate import current

FILE = "gateway.dump"
ERROR = "error: "
_NOT_OURS = "--no-owner", "--no-privileges"
_SNAPSHOT = sa.text("SELECT pg_export_snapshot()")
# This transaction does nothing as long as the program copies.
_MAY_WAIT = sa.text("SELECT set_config('idle_in_transaction_session_timeout', '0', true)")
_SCHEMA = sa.text("SELECT current_schema()")
_KNOWN = sa.text(f"INSERT INTO {REVISION_TABLE} (version_num) VALUES (:revision)")  # noqa: S608


def copy(url: str, file: Path) -> Copied:
    """Copy a store to a file as it is at one moment; gives what is in there.

    The revision stays out: a store that is not yet put back whole is taken for one by nobody.
    """
    with closing(open_database(url)) as database:
        revision, schema = current(database), _schema_of(database)
        with database.long_snapshot() as connection:
            connection.execute(_MAY_WAIT)
            rows = rows_of(connection)
            check_whole(connection, rows)
            snapshot = connection.execute(_SNAPSHOT).scalar_one()
            asked = ["--format=custom", "--lock-wait-timeout=30s", f"--snapshot={snapshot}"]
            asked += [*_NOT_OURS, f'--schema="{schema}"', f"--file={file}"]
            asked += [f'--exclude-table-data="{schema}".{REVISION_TABLE}']
            _run("pg_dump", url, asked)
            return Copied(revision, schema, rows, keys_of(connection, rows))


def restore(database: Database, url: str, file: Path, schema: str | None) -> None:
    """Make tables and rows of a copy, all or nothing, without their revision (`tell_revision`).

    Raises CouldNotFinish when there are tables, or when they would stand in another schema.
    """
    found = _schema_of(database)
    if found != schema:
        raise CouldNotFinish(f"de back-up is van schema {schema}, en de opslag staat in {found}")
    with database.reading() as connection:
        if sa.inspect(connection).get_table_names():
            raise CouldNotFinish(
                "de database is niet leeg; terugzetten kan alleen waar niets staat"
            )
    asked = ["--single-transaction", "--exit-on-error", *_NOT_OURS, f"--schema={schema}"]
    _run("pg_restore", url, [*asked, str(file)])


def tell_revision(connection: sa.Connection, revision: str) -> None:
    """Make the tables those of a store, of the migration that they are of."""
    connection.execute(_KNOWN, {"revision": revision})


def _schema_of(database: Database) -> str:
    """The schema in which the tables of a store stand."""
    with database.reading() as connection:
        return str(connection.execute(_SCHEMA).scalar_one())


def _run(program: str, url: str, arguments: Sequence[str]) -> None:
    """Run a program of PostgreSQL on a database; the password is not among its arguments."""
    found = shutil.which(program)
    if found is None:
        raise CouldNotFinish(
            f"{program} ontbreekt op deze machine; installeer de programma's van PostgreSQL"
        )
    target = make_url(url)
    password = {"PGPASSWORD": str(target.password)} if target.password else {}
    done = subprocess.run(  # noqa: S603 - a program of PostgreSQL
        [found, f"--dbname={_conninfo(target)}", "--no-password", *arguments],
        env={**os.environ, **password, "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CouldNotFinish(f"{program}: {_reason(done.stderr)}")


def _conninfo(target: URL) -> str:
    """A URL in the words of PostgreSQL, without its password."""
    words = target.translate_connect_args(username="user", database="dbname")
    words.pop("password", None)
    query = {name: str(value) for name, value in target.query.items()}
    return make_conninfo("", **words, **query)


def _reason(told: str) -> str:
    """The first error that a program tells; what comes after it may repeat the rows at fault."""
    errors = (line.partition(ERROR)[2] for line in told.splitlines() if ERROR in line)
    return next(errors, "is niet gelukt")

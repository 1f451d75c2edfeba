"""PostgreSQL for tests: the one that is named, one that runs here, or one of our own.

`GATEWAY_TEST_POSTGRES` names one, by a URL of a role that may make schemas and roles.  Without it
the usual port on this machine is tried, then the local binaries, run in a temporary folder by an
ordinary user.  Every store is a schema of its own, used by a role whose rows are guarded.
"""

from __future__ import annotations

import atexit
import getpass
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from gateway.store.engine import open_database
from gateway.store.migrate import HEAD, migrate
from gateway.store.schema import metadata
from tests.servers import own_postgres

NAMED, REQUIRED = "GATEWAY_TEST_POSTGRES", "GATEWAY_REQUIRE_SERVICES"
USUAL_PORT = 5432
ABSENT = "geen PostgreSQL: niet genoemd, niet op poort 5432 en geen programma's om te starten"


def server() -> URL:
    """Where PostgreSQL is; skips the test when there is none, fails it when there has to be one."""
    found = found_server()
    if found is None:
        if os.environ.get(REQUIRED) == "1":
            pytest.fail(ABSENT, pytrace=False)
        pytest.skip(ABSENT)
    return found


@contextmanager
def schema(*, durable: bool = False) -> Iterator[tuple[str, str]]:
    """A schema with an up to date, empty store: its URL for the gateway, and for its owner.

    Making the tables takes longer than emptying them, so that schemas are used again.
    """
    name = _free.pop() if _free else _kept()
    try:
        yield url_of(name, role=name, durable=durable), url_of(name)
    finally:
        if _emptied(name):
            _free.append(name)


# What tests changed more in than rows is not used again, and neither is what was filled so far that
# the rows that are gone would be met in its indexes.
_free: list[str] = []
_shapes: dict[str, list[str]] = {}
WORN = 16 * 1024 * 1024
_RELATIONS = """
SELECT relname || ' ' || relkind::text, CASE WHEN relkind = 'r' THEN relname END,
    pg_relation_size(oid)
FROM pg_class WHERE relnamespace = %s::regnamespace AND relkind <> 't' ORDER BY 1
"""


def _shape(name: str) -> list[str]:
    """The tables and indexes of a schema."""
    with as_owner() as connection:
        return [one for one, *_ in connection.execute(_RELATIONS, [name])]


def _emptied(name: str) -> bool:
    """Take every row out of a schema, and say whether it is as good as new."""
    with as_owner() as connection:
        found = connection.execute(_RELATIONS, [name]).fetchall()
        if [one for one, *_ in found] != _shapes[name] or sum(size for *_, size in found) > WORN:
            return False
        # Deleting a few rows is much faster than truncating so many tables.
        connection.execute("SET session_replication_role = replica")
        connection.execute(_said("SET search_path = {0}", name))
        connection.execute(
            "; ".join(f"DELETE FROM {table}" for _, table, size in found if table and size)
        )
        connection.execute("INSERT INTO alembic_version VALUES (%s) ON CONFLICT DO NOTHING", [HEAD])
        connection.execute(_RESTART)
    return True


@contextmanager
def throwaway() -> Iterator[tuple[str, str]]:
    """The same for one use, durable: emptying a store that was filled takes too long."""
    name = _made()
    try:
        yield url_of(name, role=name, durable=True), url_of(name, durable=True)
    finally:
        _drop(name)


def count_again(owner: str) -> None:
    """Let the database look at what its tables hold, as it does by itself after a while.

    At one with a few rows it never looks, and does not take it for one that stays so.
    """
    with connected(owner) as connection:
        for table in metadata.tables:
            many = _said("SELECT 1 FROM {0} OFFSET 50 LIMIT 1", table)
            if connection.execute(many).fetchone():
                connection.execute(_said("ANALYZE {0}", table))


def tidy(owner: str) -> None:
    """Let the database also forget rows that are gone, as it does by itself after a while."""
    with connected(owner) as connection:
        connection.autocommit = True
        for table in metadata.tables:
            connection.execute(_said("VACUUM (ANALYZE) {0}", table))


@contextmanager
def uncounted(owner: str) -> Iterator[None]:
    """Within it the database looks at its tables only when it is told to."""
    with connected(owner) as connection:
        for table in metadata.tables:
            connection.execute(_said("ALTER TABLE {0} SET (autovacuum_enabled = false)", table))
    try:
        yield
    finally:
        with connected(owner) as connection:
            for table in metadata.tables:
                connection.execute(_said("ALTER TABLE {0} RESET (autovacuum_enabled)", table))


def size_of(owner: str) -> int:
    """The bytes of a schema on disk, indexes included."""
    query = """
    SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
    """
    with connected(owner) as connection:
        (size,) = connection.execute(query).fetchone() or (0,)
    return int(size)


def cpu_of(owner: str) -> float:
    """The seconds of a core that the server took for those who are connected to a schema.

    Nought where the server does not run on this machine.
    """
    query = "SELECT pid FROM pg_stat_activity WHERE application_name = current_schema()"
    with connected(owner) as connection:
        pids = [pid for (pid,) in connection.execute(query) if pid != connection.info.backend_pid]
    stats = (Path(f"/proc/{pid}/stat") for pid in pids)
    ticks = sum(sum(map(int, one.read_text().split()[13:15])) for one in stats if one.exists())
    return ticks / os.sysconf("SC_CLK_TCK")


def _kept() -> str:
    name = _made()
    atexit.register(_drop, name)
    return name


def _made() -> str:
    name = f"gateway_test_{uuid.uuid4().hex[:12]}"
    with as_owner() as connection:
        connection.execute(_said("CREATE SCHEMA {0}", name))
        connection.execute(_said("CREATE ROLE {0}", name))
    database = open_database(url_of(name))
    try:
        migrate(database)
    finally:
        database.close()
    grant(name, name)
    _shapes[name] = _shape(name)
    return name


_RESTART = """
SELECT setval(quote_ident(sequencename)::regclass, start_value, false)
FROM pg_sequences WHERE schemaname = current_schema()
"""


def _drop(name: str) -> None:
    with as_owner() as connection:
        connection.execute(_said("DROP SCHEMA {0} CASCADE", name))
        connection.execute(_said("DROP OWNED BY {0}", name))
        connection.execute(_said("DROP ROLE {0}", name))


def url_of(name: str, role: str | None = None, *, durable: bool = False) -> str:
    """The URL of a schema, seen by a role or by the owner."""
    options = f"-c search_path={name} -c application_name={name}"
    if not durable:
        # No test cuts the power of this server, and a commit that need not wait is much faster.
        options += " -c synchronous_commit=off"
    options += f" -c role={role}" if role else ""
    url = server().set(drivername="postgresql+psycopg").update_query_dict({"options": options})
    return url.render_as_string(hide_password=False)


def connected(url: str) -> psycopg.Connection:
    """A connection of the driver itself to a URL of SQLAlchemy."""
    made = make_url(url)
    plain = made.set(drivername="postgresql").difference_update_query(["options"])
    options = made.query.get("options", "")
    return psycopg.connect(plain.render_as_string(hide_password=False), options=str(options))


def cut(url: str) -> None:
    """End every connection of the gateway to a schema, as a server that stops does."""
    with connected(url) as own:
        (name,) = own.execute("SELECT current_schema()").fetchone() or ("",)
    with as_owner() as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s",
            [name],
        )


def grant(name: str, role: str) -> None:
    """What the role of a gateway may do; as docs/postgresql.md tells an operator."""
    with as_owner() as connection:
        for text in (
            "GRANT USAGE ON SCHEMA {0} TO {1}",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {0} TO {1}",
            "GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA {0} TO {1}",
        ):
            connection.execute(_said(text, name, role))


def _said(text: str, *names: str) -> sql.Composed:
    return sql.SQL(text).format(*map(sql.Identifier, names))


def as_owner() -> psycopg.Connection:
    """A connection of who may make schemas and roles; every statement counts at once."""
    url = server().set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(url, autocommit=True)


@cache
def found_server() -> URL | None:
    """Where PostgreSQL is, None when there is none."""
    named = os.environ.get(NAMED, "").strip()
    return make_url(named) if named else _running() or _started()


def _running() -> URL | None:
    """The server on the usual port, when it lets us in as somebody who may make roles."""
    for user in dict.fromkeys((getpass.getuser(), "postgres")):
        url = URL.create("postgresql", user, host="127.0.0.1", port=USUAL_PORT, database="postgres")
        try:
            with psycopg.connect(url.render_as_string(), connect_timeout=2) as connection:
                row = connection.execute(
                    "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"
                ).fetchone()
        except psycopg.OperationalError:
            continue
        if row is not None and row[0]:
            return url
    return None


def _started() -> URL | None:
    """A server of our own in a temporary folder, gone when the tests end."""
    server = own_postgres()
    return None if server is None else make_url(server.url)

"""The servers of the fault tests, and a store and queues of its own for each test on them."""

from __future__ import annotations

import os
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path

import psycopg
import pytest

from gateway.broker.connection import Broker
from gateway.store.engine import open_database
from gateway.store.migrate import migrate
from tests import postgres, rabbitmq, servers
from tests.servers import Server

EMPTY, ROLE = "gateway_leeg", "gateway"
_GRANTS = f"""
GRANT USAGE ON SCHEMA public TO {ROLE};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {ROLE};
GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO {ROLE};
ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {ROLE};
ALTER DEFAULT PRIVILEGES GRANT USAGE, SELECT, UPDATE ON SEQUENCES TO {ROLE};
"""


def postgres_server() -> Server:
    """A PostgreSQL that the fault tests may treat badly; it runs."""
    return _running(_postgres(), "geen programma's van PostgreSQL om te starten")


def rabbitmq_server() -> Server:
    """A RabbitMQ that the fault tests may treat badly; it runs."""
    return _running(_rabbitmq(), "geen programma's van RabbitMQ om te starten")


@cache
def _postgres() -> Server | None:
    return servers.own_postgres()


@cache
def _rabbitmq() -> Server | None:
    return servers.own_rabbitmq()


def _running(server: Server | None, absent: str) -> Server:
    if server is None:
        if os.environ.get(postgres.REQUIRED) == "1":
            pytest.fail(absent, pytrace=False)
        pytest.skip(absent)
    server.resume()
    server.start()
    return server


def new_database(server: Server) -> tuple[str, str]:
    """The URLs of an empty store: for the gateway, whose rows are guarded, and for its owner."""
    name = f"gateway_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server.url, autocommit=True) as owner:
        known = owner.execute("SELECT 1 FROM pg_database WHERE datname = %s", [EMPTY]).fetchone()
        if known is None:
            owner.execute(f"CREATE ROLE {ROLE} LOGIN")
            owner.execute(f"CREATE DATABASE {EMPTY}")
            _make_tables(url_of(server, EMPTY))
        owner.execute(f"CREATE DATABASE {name} TEMPLATE {EMPTY}")
    return url_of(server, name, ROLE), url_of(server, name)


def older_database(server: Server, migrate_as: Callable[[str], None]) -> tuple[str, str]:
    """The same for a store of another version, whose `gateway migrate` is run for its owner."""
    store, owner = new_database(server)
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    migrate_as(owner)
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute(_GRANTS)
    return store, owner


def url_of(server: Server, database: str, role: str = "postgres") -> str:
    """The URL of a database on a server of ours."""
    place = server.url.rpartition("@")[2].rpartition("/")[0]
    return f"postgresql://{role}@{place}/{database}"


def url_on(server: Server, store: str) -> str:
    """The URL of a store on another server that has it too."""
    return url_of(server, store.rpartition("/")[2], ROLE)


def fall_behind(standby: Server) -> None:
    """Let a copy stop taking over what its primary stores from now on."""
    with psycopg.connect(standby.url, autocommit=True) as owner:
        owner.execute("SELECT pg_wal_replay_pause()")


@contextmanager
def stored_by_both(primary: Server) -> Iterator[None]:
    """Within it a commit waits until the copy of a server has it; the server may fall over."""
    with psycopg.connect(primary.url, autocommit=True) as owner:
        owner.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
        owner.execute("SELECT pg_reload_conf()")
    try:
        yield
    finally:
        primary.start()
        with psycopg.connect(primary.url, autocommit=True) as owner:
            owner.execute("ALTER SYSTEM RESET synchronous_standby_names")
            owner.execute("SELECT pg_reload_conf()")


def promote(standby: Server) -> None:
    """Let a copy take writes from now on."""
    with psycopg.connect(standby.url, autocommit=True) as owner:
        owner.execute("SELECT pg_promote()")


def _make_tables(url: str) -> None:
    database = open_database(url)
    try:
        migrate(database)
    finally:
        database.close()
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(_GRANTS)


def new_broker(server: Server) -> Broker:
    """Queues of its own on a server of ours, which goes away with them."""
    return Broker(server.url, f"gateway_{uuid.uuid4().hex[:12]}.")


def clean(broker: Broker) -> None:
    """Remove the queues of a broker that runs."""
    with broker.connect() as connection:
        for name in rabbitmq.QUEUES:
            connection.default_channel.queue_delete(f"{broker.prefix}{name}")
        connection.default_channel.exchange_delete(f"{broker.prefix}dood")


def reader(url: str) -> Callable[[str], list[tuple[object, ...]]]:
    """Reads rows beside the gateway, from a SQLite file or as the owner on PostgreSQL."""
    if url.startswith("sqlite"):
        return lambda query: _sqlite_rows(Path(url.removeprefix("sqlite:///")), query)
    return lambda query: _postgres_rows(url, query)


def _sqlite_rows(file: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(file, timeout=10)) as connection:
        return connection.execute(query).fetchall()


def _postgres_rows(url: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()

"""What is different about a connection to PostgreSQL; see `engine` for SQLite.

A statement about facts is parsed and planned once for a connection.  Such a plan stays when its
tables grow, so that only plans are allowed that a large table is read well by: index by index, one
row of the outer after another.  Planning every time would cost more than reading: it weighs every
key of a thousand.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine

from gateway.store.vraag import driven, run, told_as_sqlalchemy

DRIVER = "postgresql+psycopg"
CONNECT_SECONDS = 5
# Only what we run by the driver itself is prepared, whose plans are known to stay good: the driver
# would prepare whatever comes by so often.
NOT_BY_ITSELF = 1_000_000_000
# A server that went away without a word is given up after a minute, not after two hours.
_ALIVE = {
    "keepalives_idle": 20,
    "keepalives_interval": 10,
    "keepalives_count": 4,
    "tcp_user_timeout": 60_000,
}
# Compiling a plan costs more than it saves where a few rows are read.  A transaction that waits
# for a lock so long is better tried again later.
_SETTINGS = {
    "application_name": "gateway",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "jit": "off",
    "client_min_messages": "warning",
    "plan_cache_mode": "force_generic_plan",
    "temp_buffers": "32MB",
    "lock_timeout": "30s",
    "idle_in_transaction_session_timeout": "10min",
}
# Reads over the whole store are planned for what they read, and to their last row.
_WHOLE_STORE = sa.text(
    "SELECT set_config('enable_seqscan', 'on', true), "
    "set_config('enable_hashjoin', 'on', true), "
    "set_config('enable_mergejoin', 'on', true), "
    "set_config('plan_cache_mode', 'auto', true), "
    "set_config('cursor_tuple_fraction', '1', true), "
    "set_config('work_mem', '64MB', true)"
)
_SCOPE = "SELECT set_config('app.gemeente', %(gemeenten)s, true)"
_WITHOUT_DISK = "SET LOCAL synchronous_commit TO off"
_ALONE = sa.text("SELECT pg_advisory_xact_lock(hashtext('gateway ' || current_schema()))")
_LOG = sa.text("SELECT pg_advisory_xact_lock(hashtext('logboek ' || current_schema()))")

_WAIT = sa.text("SELECT pg_advisory_xact_lock(hashtext(:wat || current_schema()))")
_WITHOUT_END = sa.text("SET LOCAL idle_in_transaction_session_timeout TO 0")
_TRY = sa.text("SELECT pg_try_advisory_xact_lock(hashtext(:wat || current_schema()))")


def engine_of(target: URL, pool_size: int, max_overflow: int) -> Engine:
    """The engine for a URL, whose own `options` are kept and go before ours."""
    given = target.query.get("options", ())
    own = [given] if isinstance(given, str) else list(given)
    options = " ".join([*(f"-c {name}={value}" for name, value in _SETTINGS.items()), *own])
    return sa.create_engine(
        target.difference_update_query(["options"]).set(drivername=DRIVER),
        hide_parameters=True,
        pool_use_lifo=True,
        pool_size=pool_size,
        max_overflow=max_overflow,
        use_native_hstore=False,
        connect_args={
            "options": options,
            "connect_timeout": CONNECT_SECONDS,
            "prepare_threshold": NOT_BY_ITSELF,
            **_ALIVE,
        },
    )


def plan_for_whole_store(connection: Connection) -> None:
    """Let this transaction be planned as one that reads everything."""
    connection.execute(_WHOLE_STORE)


def set_scope(connection: Connection, gemeenten: str) -> None:
    """Let this transaction see these municipalities (with commas between them), `*` for all."""
    with driven(connection) as cursor:
        run(cursor, _SCOPE, {"gemeenten": gemeenten})


def commit_without_disk(connection: Connection) -> None:
    """Let the commit of this transaction not wait for the disk: the next one that does will."""
    with driven(connection) as cursor:
        run(cursor, _WITHOUT_DISK, {})


def wait_for_turn(connection: Connection) -> None:
    """One at a time, up to the end of the transaction: for who makes or prepares a store."""
    connection.execute(_ALONE)


def take_turn(connection: Connection, what: str) -> None:
    """Wait until nobody else does this; kept up to the end of the transaction."""
    connection.execute(_WAIT, {"wat": f"gateway {what} "})


def has_turn(connection: Connection, what: str) -> bool:
    """Whether nobody else does this at the moment; kept up to the end of the transaction.

    That waits for work elsewhere, however long it takes.
    """
    connection.execute(_WITHOUT_END)
    return bool(connection.execute(_TRY, {"wat": f"gateway {what} "}).scalar_one())


def wait_for_log(connection: Connection) -> None:
    """One at a time, up to the end of the transaction: for who writes in the log of processing."""
    connection.execute(_LOG)


def copy_rows(
    connection: Connection, columns: Sequence[sa.Column[Any]], rows: Iterable[Sequence[Any]]
) -> None:
    """Write many rows of one table, binary.

    PostgreSQL copies into no table whose rows are guarded: they come in by a table of this
    connection, emptied first of what came in by it before in the same transaction.
    """
    table = columns[0].table.name
    names = ", ".join(column.name for column in columns)
    types = [column.type.compile(connection.dialect).partition("(")[0] for column in columns]
    connection.exec_driver_sql(
        f"CREATE TEMP TABLE IF NOT EXISTS {table}_in (LIKE {table}) ON COMMIT DELETE ROWS"
    )
    connection.exec_driver_sql(f"DELETE FROM {table}_in")  # noqa: S608 - our names
    binary = f"COPY {table}_in ({names}) FROM STDIN (FORMAT BINARY)"
    driver: Any = connection.connection
    with told_as_sqlalchemy(connection), driver.cursor() as cursor, cursor.copy(binary) as copy:
        copy.set_types([one.lower() for one in types])
        for row in rows:
            copy.write_row(row)
    connection.exec_driver_sql(
        f"INSERT INTO {table} ({names}) SELECT {names} FROM {table}_in"  # noqa: S608 - our names
    )

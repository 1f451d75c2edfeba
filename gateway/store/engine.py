"""Opens the database, and turns its failures into ours; all that differs per database is here.

SQLite: write-ahead log, `synchronous=FULL` (a commit survives a power cut), and `BEGIN IMMEDIATE`
for a transaction that writes, so that it waits for its turn instead of failing halfway; the threads
of a process take turns by themselves (`schrijfbeurt`).
PostgreSQL: reads in one REPEATABLE READ snapshot, and rows that are seen by the municipality that
a transaction works for (`scope`); `postgres` has its words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy import event, exc
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.pool import QueuePool

from gateway.errors import CouldNotFinish, MessageParked, TemporaryFailure, WrongUse
from gateway.store import postgres
from gateway.store.gebruik import share
from gateway.store.schrijfbeurt import Schrijfbeurt
from gateway.store.vraag import told_as_sqlalchemy

BUSY_SECONDS = 10
# Connections that are kept, and those that are made beside them when all are in use.
POOL_SIZE, MAX_OVERFLOW = 5, 10
AT_ONCE = 1_000
QUICK_CHECK_BYTES = 16 * 1024 * 1024
SQLITE_MAGIC = b"SQLite format 3\x00"
# In what the pool keeps of a connection: what its commits wait for.
SYNCHRONOUS = "synchronous"
# And whether it has the turn to write.
BEURT = "schrijfbeurt"
ALL = "*"
NONE = ""
_DAMAGED = "is beschadigd of geen opslag van de gateway; zet een back-up terug"


class Conflict(MessageParked):
    """The database refuses a row because of a rule of its own, such as one answer per message."""


@contextmanager
def translated() -> Iterator[None]:
    """Turn failures of the database into TemporaryFailure, and broken rules of it into Conflict."""
    try:
        yield
    except (exc.IntegrityError, exc.DataError, exc.ProgrammingError) as error:
        # `from None`: what PostgreSQL says of a refused row repeats its values.
        raise Conflict(f"de opslag weigert een gegeven ({_kind(error)})") from None
    except (exc.DBAPIError, exc.TimeoutError) as error:
        raise TemporaryFailure(
            f"de opslag is nu niet te gebruiken ({_kind(error)}); later opnieuw"
        ) from error


def _kind(error: exc.SQLAlchemyError) -> str:
    """What kind of failure it is, in the word of the driver, such as SQLITE_FULL."""
    cause = getattr(error, "orig", None) or error
    return str(getattr(cause, "sqlite_errorname", type(cause).__name__))


@dataclass(frozen=True, slots=True)
class Database:
    """An engine with the three ways in which the store uses it."""

    engine: Engine

    @contextmanager
    def writing(self, scope: str = NONE) -> Iterator[Connection]:
        """One transaction that commits at the end, or changes nothing.

        Without a scope it works on the queues and the settings, and sees no facts.
        """
        with translated(), self.begin_writing() as connection, connection.begin():
            if scope:
                self.scope(connection, scope)
            yield connection

    @contextmanager
    def marking(self) -> Iterator[Connection]:
        """The same for marks in the queues that may be lost with the power, as if never made.

        Its commit does not wait for the disk.  The next commit that does takes it along, so that
        nothing outlives a mark that it was made after.
        """
        with translated(), self.begin_writing(durable=False) as connection, connection.begin():
            if not self.is_sqlite:
                postgres.commit_without_disk(connection)
            yield connection

    @contextmanager
    def alone(self) -> Iterator[Connection]:
        """The same for who makes or prepares the store: one at a time, also between processes."""
        with self.writing() as connection:
            if not self.is_sqlite:
                postgres.wait_for_turn(connection)
            yield connection

    @contextmanager
    def turn(self, what: str) -> Iterator[bool]:
        """Whether no other process does this as long as this lasts; a file has one owner.

        The work itself is done in transactions of its own: one that is cut off ends its turn.
        """
        if self.is_sqlite:
            yield True
            return
        with self.writing() as connection:
            yield postgres.has_turn(connection, what)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to read with.

        It ends with a commit: at a rollback the driver forgets which statements it has prepared.
        """
        with translated(), self.engine.connect() as connection:
            yield connection
            connection.commit()

    @contextmanager
    def snapshot(self, scope: str = ALL) -> Iterator[Connection]:
        """A connection whose reads all see the same state, of all municipalities or of some."""
        with self.reading() as plain:
            connection = plain
            if not self.is_sqlite:
                connection = plain.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
            if scope:
                self.scope(connection, scope)
            yield connection

    @contextmanager
    def long_snapshot(self, scope: str = ALL) -> Iterator[Connection]:
        """A snapshot for reads over the whole store: what they sort may go to disk."""
        with self.snapshot(scope) as connection:
            if self.is_sqlite:
                # By the driver itself: SQLite refuses this once a transaction has begun.
                cursor = connection.connection.cursor()
                cursor.execute("PRAGMA temp_store=FILE")
                cursor.close()
            else:
                postgres.plan_for_whole_store(connection)
            yield connection

    def begin_writing(self, *, one_state: bool = False, durable: bool = True) -> Connection:
        """A connection whose transaction is meant to write, and with `one_state` to read as well.

        Its reads then all see the same state, and its own writes.
        """
        connection = self.engine.connect().execution_options(writes=True, durable=durable)
        if one_state and not self.is_sqlite:
            return connection.execution_options(isolation_level="REPEATABLE READ")
        return connection

    def scope(self, connection: Connection, gemeenten: str) -> None:
        """Let a transaction see only these municipalities, with commas between them.

        SQLite has no such guard: there the filter of every statement is all.
        """
        if not self.is_sqlite:
            postgres.set_scope(connection, gemeenten)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is SQLite: a file with one owner, which has words of its own."""
        return self.engine.dialect.name == "sqlite"

    @property
    def in_gebruik(self) -> int:
        """How many connections this process uses at this moment."""
        return cast(QueuePool, self.engine.pool).checkedout()

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def open_database(
    url: str, *, durable: bool = True, creates: bool = True, shares: bool = True
) -> Database:
    """Open the database behind a SQLAlchemy URL; makes no tables.

    `durable=False` spares the disk, for a store that is thrown away afterwards; `creates=False`
    refuses a file that is not there yet; `shares=False` is for who wants it alone.  Raises WrongUse
    for a URL that cannot be used, CouldNotFinish when the database is away or damaged.
    """
    target = readable_url(url)
    if target.get_backend_name() == "postgresql":
        server = postgres.engine_of(target, POOL_SIZE, MAX_OVERFLOW)
        if shares:
            share(server)
        return _probe(Database(server))
    if target.get_backend_name() != "sqlite":
        raise _no_driver(target)
    file = sqlite_file(target)
    _check_file(file, creates)
    # The connection that was used last remembers most of the pages.
    engine = _engine(target, connect_args={"timeout": BUSY_SECONDS}, pool_use_lifo=True)
    _tune_sqlite(engine, "FULL" if durable else "OFF")
    if shares and durable:
        share(engine)
    database = Database(engine)
    try:
        return _probe_sqlite(database, file)
    except BaseException:
        database.close()
        raise


def rows_of(
    connection: Connection, query: sa.Select[Any], given: Mapping[str, Any] | None = None
) -> Iterator[tuple[Any, ...]]:
    """The rows of a statement, with dates as dates; a few of them are held at a time."""
    with translated():
        result = connection.execute(query, given, execution_options={"yield_per": AT_ONCE})
        for rows in result.partitions():
            yield from cast("list[tuple[Any, ...]]", rows)


def insert_one(connection: Connection, table: sa.Table, row: Mapping[str, Any]) -> int:
    """Insert one row and return the number that it got."""
    key: Any = connection.execute(sa.insert(table), row).inserted_primary_key
    return int(key[0])


def readable_url(url: str) -> URL:
    """A SQLAlchemy URL in its parts; raises WrongUse for what is none."""
    try:
        return make_url(url)
    except exc.ArgumentError:
        raise WrongUse("het adres van de opslag is geen SQLAlchemy-URL") from None


def _engine(target: URL, **options: Any) -> Engine:
    """The engine; values stay out of the texts of errors, for a Bsn may be among them."""
    try:
        return sa.create_engine(
            target,
            hide_parameters=True,
            pool_pre_ping=False,
            pool_size=POOL_SIZE,
            max_overflow=MAX_OVERFLOW,
            **options,
        )
    except (exc.NoSuchModuleError, ImportError):
        raise _no_driver(target) from None


def _no_driver(target: URL) -> WrongUse:
    return WrongUse(
        f"voor een opslag van de soort {target.drivername} ontbreekt het stuurprogramma"
    )


def sqlite_file(target: URL) -> Path:
    """The file of a store on SQLite; raises WrongUse for one in memory."""
    if not target.database or target.database == ":memory:" or "mode=memory" in str(target):
        raise WrongUse("een opslag in het geheugen kan niet; geef een bestand: sqlite:///pad.db")
    return Path(target.database)


def _check_file(file: Path, creates: bool) -> None:
    """Refuse a missing folder, and a file that SQLite would take for an empty database."""
    if not file.parent.is_dir():
        raise CouldNotFinish(f"de map {file.parent} van de opslag bestaat niet")
    if not creates and not file.exists():
        raise CouldNotFinish(f"er is nog geen opslag in {file}")
    try:
        if file.exists():
            with file.open("rb") as opened:
                start = opened.read(len(SQLITE_MAGIC))
            if start != SQLITE_MAGIC:
                raise CouldNotFinish(f"de opslag {file} {_DAMAGED}")
    except OSError:
        raise CouldNotFinish(f"de opslag {file} is niet te lezen") from None


def _tune_sqlite(engine: Engine, synchronous: str) -> None:
    """The recipe of SQLAlchemy: the driver begins nothing by itself, we say how."""
    without_disk = "NORMAL" if synchronous == "FULL" else synchronous
    beurt = Schrijfbeurt(BUSY_SECONDS)

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
        # Larger pages make many narrow rows cheaper; only a new file listens to this.
        cursor.execute("PRAGMA page_size=8192")
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute(f"PRAGMA synchronous={synchronous}")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA temp_store=MEMORY")
        cursor.execute("PRAGMA cache_size=-8000")
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        driver: Any = connection.connection.driver_connection
        with told_as_sqlalchemy(connection):
            if not options.get("writes", False):
                driver.execute("BEGIN")
                return
            if not connection.info.get(BEURT):
                beurt.take()
                connection.info[BEURT] = True
            wanted = synchronous if options["durable"] else without_disk
            if connection.info.get(SYNCHRONOUS) != wanted:
                driver.execute(f"PRAGMA synchronous={wanted}")
                connection.info[SYNCHRONOUS] = wanted
            driver.execute("BEGIN IMMEDIATE")

    # Whatever became of its transaction: by now it is over.
    @event.listens_for(engine, "checkin")
    def on_checkin(_connection: Any, record: Any) -> None:
        if record.info.pop(BEURT, False):
            beurt.give()


def _probe_sqlite(database: Database, file: Path) -> Database:
    """Refuse a database that is damaged or cannot be written."""
    try:
        with database.begin_writing() as connection, connection.begin() as transaction:
            small = file.stat().st_size <= QUICK_CHECK_BYTES
            check = "PRAGMA quick_check(1)" if small else "SELECT count(*) FROM sqlite_master"
            found = connection.exec_driver_sql(check).scalar_one()
            transaction.rollback()
    except (exc.OperationalError, OSError) as error:
        raise CouldNotFinish(
            f"de opslag {file} is niet te openen om te schrijven: {_cause(error)}"
        ) from error
    except exc.DatabaseError as error:
        raise CouldNotFinish(f"de opslag {file} {_DAMAGED}") from error
    if small and found != "ok":
        raise CouldNotFinish(f"de opslag {file} {_DAMAGED}")
    return database


def _probe(database: Database) -> Database:
    """Refuse a server that does not answer."""
    try:
        with database.engine.connect() as connection:
            connection.execute(sa.select(sa.literal(1)))
    except exc.DBAPIError as error:
        database.close()
        raise CouldNotFinish("de opslag geeft geen antwoord; is de server bereikbaar?") from error
    return database


def _cause(error: Exception) -> str:
    """The words of SQLite itself, which never hold data."""
    return str(getattr(error, "orig", error))

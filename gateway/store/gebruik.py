"""Tells who works on a store, so that what needs it for itself alone can see that nobody does.

Every connection shares a lock: on a file beside the one of SQLite, in the server of PostgreSQL.
The lock goes away with the connection, so that a process that was killed stands in nobody's way.
Processes of a version from before this lock have none: on PostgreSQL their connections are counted,
a file of SQLite does not tell of them.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import event, text
from sqlalchemy.engine import Engine

from gateway.errors import CouldNotFinish, TemporaryFailure
from gateway.store import bsn

# The file that is locked stands beside that of the store, with this behind its name.
BESIDE = "-gebruik"
_LOCK = "gebruik"
_OPTION = "bsn_kenmerk"
_KEY = "hashtext('gateway gebruik ' || current_schema())"
_SHARED = f"SELECT pg_try_advisory_lock_shared({_KEY})"
_ALONE = text(f"SELECT pg_try_advisory_lock({_KEY})")
# Connections of the gateway to this database that share no lock at all.
_OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity AS ander WHERE ander.datname = current_database() "
    "AND ander.application_name = current_setting('application_name') "
    "AND ander.pid <> pg_backend_pid() AND NOT EXISTS "
    "(SELECT 1 FROM pg_locks WHERE pg_locks.pid = ander.pid AND pg_locks.locktype = 'advisory')"
)
_IS_MINE = (
    "SELECT count(*) FROM instelling WHERE naam = '{kenmerk}' AND waarde = '{mark}' "
    "AND NOT EXISTS (SELECT 1 FROM instelling WHERE naam = '{wissel}')"
)


def share(engine: Engine) -> None:
    """Let every connection tell that it works on the store, and refuse one where that may not be.

    It also refuses a process whose keys are no longer those of the fingerprints: such a connection
    would find nobody, and write what nobody finds.
    """
    is_sqlite = engine.dialect.name == "sqlite"

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, record: Any) -> None:
        try:
            if is_sqlite:
                record.info[_LOCK] = _locked_file(engine, fcntl.LOCK_SH)
                if record.info[_LOCK] is None:
                    raise _busy()
            elif not _asked(connection, _SHARED):
                raise _busy()
            mark = engine.get_execution_options().get(_OPTION)
            if mark is not None and not _is_mine(connection, mark):
                raise _other_key()
        except BaseException:
            # Nobody else does, for it is not in the pool yet.
            connection.close()
            _let_go(record)
            raise

    @event.listens_for(engine, "close")
    def on_close(_connection: Any, record: Any) -> None:
        _let_go(record)


def expect(engine: Engine, mark: str) -> None:
    """Let every connection from now on see that the key of fingerprints is still the one of now."""
    engine.update_execution_options(**{_OPTION: mark})


@contextmanager
def alone(engine: Engine) -> Iterator[None]:
    """Within it nobody else works on the store; raises CouldNotFinish where somebody does."""
    if engine.dialect.name == "sqlite":
        lock = _locked_file(engine, fcntl.LOCK_EX)
        if lock is None:
            raise _in_use()
        with lock:
            yield
        return
    with engine.connect() as connection:
        if not connection.execute(_ALONE).scalar_one():
            raise _in_use()
        try:
            if connection.execute(_OTHERS).scalar_one():
                raise _in_use()
            connection.commit()
            yield
        finally:
            # The lock is of the connection, which would go back to a pool.
            connection.invalidate()


def _let_go(record: Any) -> None:
    lock = record.info.pop(_LOCK, None)
    if lock is not None:
        lock.close()


def _is_mine(connection: Any, mark: str) -> bool:
    query = _IS_MINE.format(kenmerk=bsn.KENMERK, wissel=bsn.WISSEL, mark=mark)
    return bool(_asked(connection, query))


def _asked(connection: Any, query: str) -> Any:
    """The one value of a query, by the driver itself."""
    cursor = connection.cursor()
    try:
        cursor.execute(query)
        return cursor.fetchone()[0]
    finally:
        cursor.close()
        connection.commit()


def _locked_file(engine: Engine, how: int) -> BinaryIO | None:
    """The file beside the store, locked; None where somebody else's lock does not allow it."""
    store = Path(str(engine.url.database))
    file = store.with_name(f"{store.name}{BESIDE}")
    try:
        lock = os.fdopen(_opened(file, store), "rb")
        try:
            fcntl.flock(lock, how | fcntl.LOCK_NB)
        except BaseException:
            lock.close()
            raise
    except BlockingIOError:
        return None
    except OSError as error:
        raise TemporaryFailure(
            f"het bestand {file} is niet te gebruiken: {error.strerror}"
        ) from error
    return lock


def _opened(file: Path, store: Path) -> int:
    """The file beside a store, open to read; made where it is not there."""
    try:
        made = os.open(file, os.O_RDONLY | os.O_CREAT | os.O_EXCL, 0o666)
    except FileExistsError:
        return os.open(file, os.O_RDONLY)
    if os.geteuid() == 0:
        # Whose the store is must be able to lock it too, whoever gave the first command.
        owner = store.stat()
        os.chown(made, owner.st_uid, owner.st_gid)
    return made


def _busy() -> TemporaryFailure:
    return TemporaryFailure(
        "de kenmerken van BSN's in deze opslag krijgen een nieuwe sleutel; wacht tot dat klaar is"
    )


def _other_key() -> TemporaryFailure:
    return TemporaryFailure(
        "de kenmerken van BSN's hebben een andere sleutel gekregen; start dit proces opnieuw met "
        "de sleutels van nu"
    )


def _in_use() -> CouldNotFinish:
    return CouldNotFinish(
        "er werkt nog iemand op deze opslag; stop eerst alle processen, ook op andere machines"
    )

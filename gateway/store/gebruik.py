"""Tells who works on a store, so that what needs it for itself alone can see that nobody does.

Every connection shares a lock: on a file beside the one of SQLite, in the server of PostgreSQL.
The lock goes away with the connection, so that a process that was killed stands in nobody's way.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

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
                record.info[_LOCK] = _shared_file(_lock_file(engine))
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
        with _lock_file(engine).open("ab") as lock:
            if not _locked(lock, fcntl.LOCK_EX):
                raise _in_use()
            yield
        return
    with engine.connect() as connection:
        if not connection.execute(_ALONE).scalar_one():
            raise _in_use()
        connection.commit()
        try:
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


def _lock_file(engine: Engine) -> Path:
    return Path(f"{engine.url.database}{BESIDE}")


def _shared_file(file: Path) -> Any:
    lock = file.open("ab")
    if not _locked(lock, fcntl.LOCK_SH):
        lock.close()
        raise _busy()
    return lock


def _locked(lock: Any, how: int) -> bool:
    try:
        fcntl.flock(lock, how | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


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

"""A copy of a store on SQLite: by SQLite itself, while others work on it."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import sqlalchemy as sa

from gateway.errors import CouldNotFinish
from gateway.store import gebruik
from gateway.store.backup.manifest import Copied, check_whole, keys_of, rows_of
from gateway.store.engine import Database
from gateway.store.migrate import current
from gateway.store.schijf import ONLY_OURS, sync_folder

FILE = "gateway.db"
# A log that belongs to another file would be read as that of the new one.
BESIDE = ("", "-wal", "-shm", "-journal")


def copy(source: Path, file: Path) -> Copied:
    """Copy a store to a file as it is at one moment; gives what is in there.

    All pages go in one step: a copy in steps begins anew each time that somebody writes.  Nobody
    is kept from writing.
    """
    if not source.exists():
        raise CouldNotFinish(f"er is nog geen opslag in {source}")
    try:
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=rw", uri=True)) as store,
            closing(sqlite3.connect(file)) as target,
        ):
            store.backup(target)
            # One file, without a log beside it.
            target.execute("PRAGMA journal_mode=DELETE")
            (found,) = target.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.Error as error:
        raise CouldNotFinish(f"de opslag is niet te kopiëren: {error}") from error
    if found != "ok":
        raise CouldNotFinish("de opslag is beschadigd; daarvan komt geen back-up")
    with closing(Database(sa.create_engine(f"sqlite:///{file}"))) as copied:
        with copied.reading() as connection:
            rows = rows_of(connection)
            check_whole(connection, rows)
            keys = keys_of(connection, rows)
        return Copied(current(copied), None, rows, keys)


@contextmanager
def placed(file: Path, target: Path) -> Iterator[Path]:
    """A copy of a file to work on, which gets the name of the store when the block ends well.

    Raises CouldNotFinish when there is a store, or a log of one.
    """
    for name in (f"{target}{end}" for end in BESIDE):
        if Path(name).exists():
            raise CouldNotFinish(f"{name} bestaat al; terugzetten kan alleen waar niets staat")
    partial = target.with_name(f".{target.name}.terug")
    try:
        _remove(partial)
        shutil.copyfile(file, partial)
        partial.chmod(ONLY_OURS)
        yield partial
        # A name that somebody took meanwhile is not taken over.
        os.link(partial, target)
        sync_folder(target.parent)
    except OSError as error:
        raise CouldNotFinish(f"opslag {target} is niet te maken ({error.strerror})") from error
    finally:
        _remove(partial)


def _remove(file: Path) -> None:
    for end in (*BESIDE, gebruik.BESIDE):
        Path(f"{file}{end}").unlink(missing_ok=True)

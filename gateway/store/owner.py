"""Keeps a second process out of a data folder: an embedded store has one owner."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.errors import CouldNotFinish


@contextmanager
def owned(folder: Path) -> Iterator[None]:
    """Own a data folder for as long as the block lasts; the lock goes away with the process."""
    try:
        lock = (folder / ".gateway.lock").open("ab")
    except OSError as error:
        raise CouldNotFinish(f"in de map {folder} kan niet worden geschreven") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CouldNotFinish(
                f"de map {folder} is al in gebruik door een andere gateway; stop die eerst"
            ) from None
        yield

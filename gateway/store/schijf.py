"""What has to survive a power cut on a disk, beside what the database sees to itself."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from gateway.errors import CouldNotFinish

ONLY_OURS = 0o600


@contextmanager
def new_folder(folder: Path, wat: str) -> Iterator[Path]:
    """A folder to write in; it has its name and is safe on disk when the block ends well.

    `wat` is the word for what it will be.  Raises CouldNotFinish where it cannot be written.
    """
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".", dir=folder.parent) as kept:
            partial = Path(kept) / folder.name
            partial.mkdir(mode=0o700)
            yield partial
            for file in partial.iterdir():
                _sync(file)
            sync_folder(partial)
            partial.rename(folder)
        sync_folder(folder.parent)
    except OSError as error:
        raise CouldNotFinish(f"{wat} {folder} is niet te maken ({error.strerror})") from error


def sync_folder(folder: Path) -> None:
    """Make a rename in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sync(file: Path) -> None:
    file.chmod(ONLY_OURS)
    handle = os.open(file, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

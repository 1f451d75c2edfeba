"""Takes messages from a folder and writes answers to one, without losing or halving a file."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import structlog

from gateway.errors import GatewayError, MessageRefused
from gateway.store.opname import Opnemer
from gateway.store.schijf import sync_folder

POLL_SECONDS = 0.2
CHUNK = 256 * 1024

log = structlog.get_logger()

Mark = tuple[str, int, int]
Opname = Callable[[Path, Opnemer], Mapping[str, Any]]


def take_message(path: Path, opnemer: Opnemer) -> Mapping[str, Any]:
    """Have a file kept as one message; gives what the log tells of it."""
    taken = opnemer.receive(path.name, _chunks(path))
    return {"bericht": taken.inbox_id, "nieuw": taken.is_new}


class FolderIntake:
    """Takes every file with its ending that is renamed into a folder.

    A file goes away after the inbox commit.  Names that begin with a dot and other endings are
    left alone: whoever writes a file gives it its name when it is complete.
    """

    def __init__(
        self, folder: Path, opnemer: Opnemer, ending: str = ".xml", opname: Opname = take_message
    ) -> None:
        """`opname` keeps what is in a file."""
        self._opname = opname
        self._folder = folder
        self._opnemer = opnemer
        self._ending = ending
        self._left: set[Mark] = set()

    def take_all(self) -> int:
        """Take what is there, in byte order of names; returns how many files were taken."""
        return sum(self._take(path) for path in self._waiting())

    def run(self, stop: threading.Event) -> None:
        """Keep taking until told to stop."""
        while not stop.is_set():
            if not self.take_all():
                stop.wait(POLL_SECONDS)

    def _waiting(self) -> list[Path]:
        try:
            names = [
                entry.name
                for entry in os.scandir(self._folder)
                if entry.name.endswith(self._ending)
                and not entry.name.startswith(".")
                and entry.is_file(follow_symlinks=False)
            ]
        except OSError as error:
            self._leave(("", 0, error.errno or 0), "map_onleesbaar", error)
            return []
        return [self._folder / name for name in sorted(names, key=os.fsencode)]

    def _take(self, path: Path) -> bool:
        try:
            status = path.stat()
        except OSError:
            return False
        mark = (path.name, status.st_mtime_ns, status.st_size)
        if mark in self._left:
            return False
        try:
            told = self._opname(path, self._opnemer)
            path.unlink()
        except (OSError, MessageRefused) as error:
            self._leave(mark, "bestand_niet_opgenomen", error)
            return False
        except GatewayError as failure:
            log.warning("opname_later", bestand=path.name, reden=str(failure))
            return False
        log.info("ontvangen", bestand=path.name, **told)
        return True

    def _leave(self, mark: Mark, event: str, error: Exception) -> None:
        """Leave a file alone until it changes, and say so once."""
        if mark not in self._left:
            self._left.add(mark)
            told = {"reden": str(error)} if isinstance(error, MessageRefused) else {}
            log.error(event, bestand=mark[0], fout=type(error).__name__, **told)


class FolderUit:
    """Writes what leaves as one file each; a repeat writes the same file again."""

    def __init__(self, folder: Path, ending: str = ".xml") -> None:
        self._folder = folder
        self._ending = ending

    def deliver(self, naam: str, soort: str, body: Iterator[bytes]) -> None:
        """Write the file under another name first, so that nobody ever sees half a file."""
        target = self._folder / f"{naam}{self._ending}"
        if target.parent != self._folder or naam.startswith("."):
            raise ValueError("the name of what leaves is no plain file name")
        partial = self._folder / f".{naam}.tmp"
        with partial.open("wb") as file:
            file.writelines(body)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(target)
        sync_folder(self._folder)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk

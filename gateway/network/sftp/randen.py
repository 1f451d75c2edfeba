"""Takes messages from the folder `in` of a server, and puts what leaves in its folder `uit`.

What comes in goes the way of a file in a folder here: downloaded whole, kept in the inbox, and only
then removed there.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from stat import S_ISREG
from typing import NamedTuple

import paramiko
import structlog

from gateway.errors import GatewayError, MessageRefused
from gateway.messages import pakket
from gateway.network.folder import Opname, take_message
from gateway.network.pakketten import Pakketopname
from gateway.network.sftp.verbinding import Server, Sftpverbinding
from gateway.pipeline.ports import Bestemming
from gateway.store.inbox import Inbox
from gateway.store.opname import Opnemer, Opnemers
from gateway.store.tables import ANTWOORD, ENVELOP

POLL_SECONDS, AFTER_FAILURE = 2.0, 10.0
BERICHT, BINNEN, UIT = ".xml", "in", "uit"

log = structlog.get_logger()


class Gezien(NamedTuple):
    """A file as it was seen on the server."""

    naam: str
    gewijzigd: int
    grootte: int


class Sftpopname:
    """Takes every message and package that stands complete in a folder on the server.

    A file counts as complete when it looks the same twice: not everyone who writes there renames.
    """

    def __init__(self, verbinding: Sftpverbinding, opnemer: Opnemer, bytecap: int) -> None:
        """`bytecap` is how large a file may be; a larger one stays where it is."""
        self._verbinding = verbinding
        self._map = f"{verbinding.server.map}/{BINNEN}"
        self._opnemer = opnemer
        self._bytecap = bytecap
        self._opnames: Mapping[str, Opname] = {
            BERICHT: take_message,
            pakket.ZIP: Pakketopname(bytecap),
        }
        self._before: frozenset[Gezien] = frozenset()
        self._left: set[Gezien] = set()

    def run(self, stop: threading.Event) -> None:
        """Keep taking until told to stop."""
        try:
            while not stop.is_set():
                stop.wait(self._once())
        finally:
            self._verbinding.close()

    def take_all(self) -> int:
        """Take what is complete, in byte order of names; returns how many files were taken.

        Raises TemporaryFailure when the server or the store is away.
        """
        now = self._verbinding.doe(self._listed)
        steady, self._before = now & self._before - self._left, now
        self._left &= now
        return sum(self._take(one) for one in sorted(steady, key=lambda one: os.fsencode(one.naam)))

    def _once(self) -> float:
        try:
            self.take_all()
        except GatewayError as failure:
            log.warning("opname_later", reden=str(failure))
            return AFTER_FAILURE
        except FileNotFoundError:
            log.error("map_onleesbaar", map=BINNEN)
            return AFTER_FAILURE
        return POLL_SECONDS

    def _listed(self, sftp: paramiko.SFTPClient) -> frozenset[Gezien]:
        return frozenset(
            Gezien(one.filename, one.st_mtime or 0, one.st_size or 0)
            for one in sftp.listdir_attr(self._map)
            if S_ISREG(one.st_mode or 0)
            and not one.filename.startswith(".")
            and one.filename.endswith(tuple(self._opnames))
        )

    def _take(self, one: Gezien) -> bool:
        if one.grootte > self._bytecap:
            return self._leave(one, "bestand_te_groot")
        with tempfile.TemporaryDirectory(prefix="gateway-sftp-") as folder:
            path = Path(folder) / Path(one.naam).name
            try:
                self._verbinding.doe(lambda sftp: sftp.get(f"{self._map}/{one.naam}", str(path)))
                told = self._opnames[path.suffix](path, self._opnemer)
            except FileNotFoundError as error:
                self._leave(one, f"bestand_niet_opgenomen ({type(error).__name__})")
                told = None
            except MessageRefused as refused:
                self._leave(one, "bestand_niet_opgenomen", reden=str(refused))
                told = None
            for report in Path(folder).glob("*.json"):
                self._verbinding.doe(partial(self._put_report, report))
        if told is None:
            return False
        self._verbinding.doe(lambda sftp: sftp.remove(f"{self._map}/{one.naam}"))
        log.info("ontvangen", bestand=one.naam, **told)
        return True

    def _put_report(self, report: Path, sftp: paramiko.SFTPClient) -> None:
        _put(sftp, self._map, report.name, iter([report.read_bytes()]))

    def _leave(self, one: Gezien, event: str, **why: str) -> bool:
        """Leave a file alone until it changes, and say so once."""
        self._left.add(one)
        log.error(event, bestand=one.naam, **why)
        return False


class SftpUit:
    """Puts what leaves in a folder on the server; a repeat writes the same file again."""

    def __init__(self, verbinding: Sftpverbinding) -> None:
        self._verbinding = verbinding
        self._map = f"{verbinding.server.map}/{UIT}"

    def deliver(self, naam: str, soort: str, body: Iterator[bytes]) -> None:
        """See `ports.Bestemming`; the file has its name only once it is whole."""
        if "/" in naam or naam.startswith("."):
            raise ValueError("the name of what leaves is no plain file name")
        self._verbinding.doe(lambda sftp: _put(sftp, self._map, f"{naam}{BERICHT}", body))


@dataclass(frozen=True, slots=True)
class SftpRanden:
    """A server with files as the place where messages come in and leave."""

    server: Server
    bytecap: int

    @property
    def bestemmingen(self) -> Mapping[str, Bestemming]:
        """See `Randen`."""
        uit = SftpUit(Sftpverbinding(self.server))
        return {ANTWOORD: uit, ENVELOP: uit}

    def intakes(self, inbox: Inbox, opnemers: Opnemers) -> Sequence[Sftpopname]:
        """See `Randen`."""
        verbinding = Sftpverbinding(self.server)
        return [Sftpopname(verbinding, opnemers(SftpUit(verbinding)), self.bytecap)]

    def close(self) -> None:
        """See `Randen`: each connection ends with the thread that it is of."""


def _put(sftp: paramiko.SFTPClient, folder: str, naam: str, body: Iterator[bytes]) -> None:
    """Write a file under another name first, so that nobody ever sees half of it."""
    partial = f"{folder}/.{naam}.tmp"
    with sftp.open(partial, "wb") as file:
        file.set_pipelined(True)
        for chunk in body:
            file.write(chunk)
    sftp.posix_rename(partial, f"{folder}/{naam}")

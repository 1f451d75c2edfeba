"""The knowledge in use, read again without a restart when its files or the policy changed."""

from __future__ import annotations

import threading
from collections.abc import Hashable
from typing import Protocol

import structlog

from gateway.errors import GatewayError
from gateway.pipeline.kennis import Kennis

# A change is known within this and the time that reading takes.
LOOK_SECONDS = 2.0

log = structlog.get_logger()


class Herkomst(Protocol):
    """What agreements and policy are read from."""

    def merk(self) -> Hashable:
        """Something that is different once any of it changed; cheap to ask for."""

    def lees(self, kennis: Kennis) -> Kennis:
        """The knowledge with agreements and policy as they are now; itself when none changed.

        Raises WrongUse for what no start would take.
        """


class Kennisstand:
    """Gives what is known now; everybody in a process shares one.

    What would be refused at a start is not taken over: judging goes on with what was known before,
    and `bezwaar` is the sentence that tells why.  Without `herkomst` nothing ever changes.
    """

    def __init__(self, kennis: Kennis, herkomst: Herkomst | None = None) -> None:
        self._kennis = kennis
        self._herkomst = herkomst
        # It may have changed between the reading and now: the first look tells.
        self._merk: Hashable = None
        self._turn = threading.Lock()
        self.bezwaar: str | None = None

    @property
    def nu(self) -> Kennis:
        """The knowledge as it was last read."""
        return self._kennis

    def look(self) -> bool:
        """Read it again if anything changed; whether it did, and was taken over."""
        if self._herkomst is None:
            return False
        with self._turn:
            try:
                merk = self._herkomst.merk()
                if merk == self._merk:
                    return False
                found = self._herkomst.lees(self._kennis)
            except (GatewayError, OSError) as refused:
                self._refuse(str(refused))
                return False
            self._merk, self.bezwaar = merk, None
            if found is self._kennis:
                return False
            self._kennis = found
            log.info("kennis_vernieuwd", hash=self._kennis.grondslag.hash[:16])
            return True

    def run(self, stop: threading.Event) -> None:
        """Keep looking until told to stop."""
        while not stop.wait(LOOK_SECONDS):
            self.look()

    def _refuse(self, reden: str) -> None:
        # Looked at again and again: it is told once.
        if reden != self.bezwaar:
            log.error("kennis_niet_vernieuwd", reden=reden)
        self.bezwaar = reden

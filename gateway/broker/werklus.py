"""Keeps the worklist up with what was judged, a few seconds behind at most, and clean."""

from __future__ import annotations

import threading
import time

import structlog

from gateway.errors import GatewayError
from gateway.store.geld.betalen.openstaand import Betaalvolger
from gateway.store.werk.opruimen import Opruimer
from gateway.store.werk.volger import Werkvolger

EVERY_SECONDS, CLEAN_SECONDS = 2.0, 60.0

log = structlog.get_logger()


class Werklus:
    """Follows every few seconds; of several processes one does at a time."""

    def __init__(
        self, volger: Werkvolger, opruimer: Opruimer, betaalvolger: Betaalvolger | None = None
    ) -> None:
        """`betaalvolger` keeps up what is to be paid, None for the side that pays nothing."""
        self._volger = volger
        self._opruimer = opruimer
        self._betaalvolger = betaalvolger

    def run(self, stop: threading.Event) -> None:
        """Keep following until told to stop."""
        next_clean = 0.0
        while not stop.is_set():
            try:
                while not stop.is_set() and self._volger.catch_up(steps=1):
                    pass
                if time.monotonic() >= next_clean:
                    self._opruimer.run_once()
                    if self._betaalvolger is not None:
                        self._betaalvolger.catch_up()
                    next_clean = time.monotonic() + CLEAN_SECONDS
            except GatewayError as failure:
                log.warning("werkvoorraad_later", reden=str(failure))
            stop.wait(EVERY_SECONDS)

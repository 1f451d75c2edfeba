"""Keeps the worklist up with what was judged, a few seconds behind at most."""

from __future__ import annotations

import threading

import structlog

from gateway.errors import GatewayError
from gateway.store.werk.volger import Werkvolger

EVERY_SECONDS = 2.0

log = structlog.get_logger()


class Werklus:
    """Follows every few seconds; of several processes one does at a time."""

    def __init__(self, volger: Werkvolger) -> None:
        self._volger = volger

    def run(self, stop: threading.Event) -> None:
        """Keep following until told to stop."""
        while not stop.is_set():
            try:
                while not stop.is_set() and self._volger.catch_up(steps=1):
                    pass
            except GatewayError as failure:
                log.warning("werkvoorraad_later", reden=str(failure))
            stop.wait(EVERY_SECONDS)

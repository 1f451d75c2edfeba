"""Offers the messages of released batches beside the work itself, and goes on after a restart."""

from __future__ import annotations

import threading

import structlog

from gateway.errors import GatewayError
from gateway.pipeline.kennisstand import Kennisstand
from gateway.store.store import SqlStore
from gateway.werk.persoon import persoon_van

EVERY_SECONDS = 2.0

log = structlog.get_logger()


class Mutatielus:
    """Takes one step after another, at the pace of each batch; of several processes one at a time.

    Only a municipality assigns; on the side of an aanbieder there is never one.
    """

    def __init__(self, store: SqlStore, stand: Kennisstand) -> None:
        self._store = store
        self._stand = stand

    def run(self, stop: threading.Event) -> None:
        """Keep offering until told to stop."""
        while not stop.is_set():
            try:
                while not stop.is_set() and self.run_once():
                    pass
            except GatewayError as failure:
                log.warning("mutatie_later", reden=str(failure))
            stop.wait(EVERY_SECONDS)

    def run_once(self) -> bool:
        """Offer some messages of one batch; False where none is due."""
        return self._store.mutatieaanbod.step(persoon_van(self._store, self._stand.nu))

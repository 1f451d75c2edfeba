"""Takes work from the store itself, where processes share one and no queue stands beside it."""

from __future__ import annotations

import threading

import structlog

from gateway.broker.pauzes import AFTER_FAILURE, pause_after
from gateway.broker.worker import Worker
from gateway.errors import GatewayError
from gateway.store.inbox import Inbox
from gateway.tellers import Tellers

log = structlog.get_logger()


class Poller:
    """Handles announced messages, a handful at a time; any number of it may run side by side."""

    def __init__(self, inbox: Inbox, worker: Worker, tellers: Tellers | None = None) -> None:
        self._inbox = inbox
        self._worker = worker
        self._tellers = tellers or Tellers()

    def run_once(self) -> bool:
        """Handle the next messages; False when none is announced."""
        watch = self._tellers.watch()
        taken = self._inbox.take()
        if taken is None:
            return False
        watch.lap(self._tellers.fasen.oppakken)
        self._worker.handle(taken.claims)
        return True

    def run(self, stop: threading.Event) -> None:
        """Keep handling until told to stop."""
        idle = 0
        while not stop.is_set():
            try:
                idle = 0 if self.run_once() else idle + 1
                pause = pause_after(idle)
            except GatewayError as failure:
                log.warning("ophalen_later", reden=str(failure))
                pause = AFTER_FAILURE
            if pause:
                stop.wait(pause)

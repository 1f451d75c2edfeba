"""Takes work from the store itself, where processes share one and no queue stands beside it."""

from __future__ import annotations

import threading

import structlog

from gateway.broker.worker import Worker
from gateway.errors import GatewayError
from gateway.store.inbox import Inbox

POLL_SECONDS = 0.05
PAUSE_SECONDS = 1.0

log = structlog.get_logger()


class Poller:
    """Handles announced messages, a handful at a time; any number of it may run side by side."""

    def __init__(self, inbox: Inbox, worker: Worker) -> None:
        self._inbox = inbox
        self._worker = worker

    def run_once(self) -> bool:
        """Handle the next messages; False when none is announced."""
        taken = self._inbox.take()
        if taken is None:
            return False
        self._worker.handle(taken.claims)
        return True

    def run(self, stop: threading.Event) -> None:
        """Keep handling until told to stop."""
        while not stop.is_set():
            try:
                pause = 0.0 if self.run_once() else POLL_SECONDS
            except GatewayError as failure:
                log.warning("ophalen_later", reden=str(failure))
                pause = PAUSE_SECONDS
            if pause:
                stop.wait(pause)

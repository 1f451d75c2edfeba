"""Finds messages that were left behind, and announces them again."""

from __future__ import annotations

import threading

import structlog

from gateway.errors import GatewayError
from gateway.store.inbox import Inbox

log = structlog.get_logger()


class Sweeper:
    """Looks every few seconds for ended leases, lost announcements and terms that have passed."""

    def __init__(self, inbox: Inbox, every: float) -> None:
        self._inbox = inbox
        self._every = every

    def run_once(self) -> int:
        """Announce what was left behind; returns how many messages."""
        found = self._inbox.sweep()
        if found:
            log.info("opnieuw_aangekondigd", aantal=found)
        return found

    def run(self, stop: threading.Event) -> None:
        """Keep looking until told to stop."""
        while not stop.wait(self._every):
            try:
                self.run_once()
            except GatewayError as failure:
                log.warning("vegen_later", reden=str(failure))

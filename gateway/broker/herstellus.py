"""Judges messages again where people decided so, beside the work itself and after a restart too."""

from __future__ import annotations

import threading

import structlog

from gateway.errors import GatewayError, TemporaryFailure
from gateway.pipeline.kennisstand import Kennisstand
from gateway.store.store import SqlStore
from gateway.store.werk.herbeoordeling import Taak
from gateway.werk.opnieuw import judge_again

EVERY_SECONDS, PAUSE_SECONDS = 2.0, 0.05

log = structlog.get_logger()


class Herstellus:
    """Takes one message after another, at a pace that leaves room for what comes in.

    Of several processes one does at a time.
    """

    def __init__(self, store: SqlStore, stand: Kennisstand) -> None:
        self._store = store
        self._stand = stand

    def run(self, stop: threading.Event) -> None:
        """Keep looking until told to stop."""
        while not stop.is_set():
            try:
                while self.run_once() and not stop.wait(PAUSE_SECONDS):
                    pass
            except GatewayError as failure:
                log.warning("herstel_later", reden=str(failure))
            stop.wait(EVERY_SECONDS)

    def run_once(self) -> bool:
        """Judge one message again, with what is known at this moment; False where none waits."""
        with self._store.herbeoordelingen.beurt() as taak:
            if taak is None:
                return False
            self._stand.look()
            self._judge(taak)
            self._store.herbeoordelingen.done(taak)
            return True

    def _judge(self, taak: Taak) -> None:
        """What cannot be judged stays as it is, and does not stop the rest."""
        try:
            for _ in judge_again(self._store, self._stand.nu, [taak.inbox_id]):
                pass  # a worker takes it from here
        except TemporaryFailure:
            raise
        except GatewayError as refused:
            log.error("herstel_overgeslagen", bericht=taak.inbox_id, reden=str(refused))

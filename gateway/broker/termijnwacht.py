"""Watches the clock: tells the backoffice, once, of terms that draw near and that have passed."""

from __future__ import annotations

import threading
from datetime import datetime, time

import structlog

from gateway.errors import GatewayError
from gateway.pipeline.kennis import AMSTERDAM, dag_van
from gateway.pipeline.klok import Klok, Lopend
from gateway.store.inbox import Clock
from gateway.store.termijnen import Termijnen

EVERY_SECONDS = 60.0

log = structlog.get_logger()


class Termijnwacht:
    """Looks every minute; what was told is known from the outbox, so that many may look."""

    def __init__(self, termijnen: Termijnen, klok: Klok, clock: Clock) -> None:
        self._termijnen = termijnen
        self._klok = klok
        self._clock = clock

    def run_once(self) -> int:
        """Tell what has to be told today; returns how many events were put out."""
        vandaag = dag_van(self._clock())
        # No term draws near on the day of receipt.
        midnight = datetime.combine(vandaag, time(), tzinfo=AMSTERDAM)
        open_ = self._termijnen.openstaand(midnight)
        running = self._klok.running(open_, self._termijnen.verzoeken())
        told = 0
        for one in running:
            event = one.event(vandaag)
            if event is not None:
                told += self._termijnen.tell(event, one.inbox_id, one.gemeente, _data(one))
        if told:
            log.info("termijnen_gemeld", aantal=told)
        return told

    def run(self, stop: threading.Event) -> None:
        """Keep looking until told to stop."""
        while not stop.is_set():
            try:
                self.run_once()
            except GatewayError as failure:
                log.warning("termijnen_later", reden=str(failure))
            stop.wait(EVERY_SECONDS)


def _data(one: Lopend) -> dict[str, object]:
    """What the backoffice is told of a term; nothing about a person."""
    return {
        "termijn": one.termijn,
        "naam": one.naam,
        "bericht": one.bericht,
        "afzender": one.afzender,
        "identificatie": one.identificatie,
        "sinds": one.sinds.isoformat(),
        "uiterlijk": one.uiterlijk.isoformat(),
    }

"""Watches the clock: tells the backoffice, once, of terms that draw near and that have passed."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time

import structlog

from gateway.errors import GatewayError
from gateway.pipeline.kennis import AMSTERDAM, dag_van
from gateway.pipeline.klok import Klok, Lopend
from gateway.store.inbox import Clock
from gateway.store.termijnen import Melding, Termijnen
from gateway.tellers import Tellers, Termijnstand

EVERY_SECONDS = 60.0

log = structlog.get_logger()


class Termijnwacht:
    """Looks every minute; what was told is known from the outbox, so that many may look.

    What should have come in by now is looked for once a day: it only changes with the day.
    """

    def __init__(
        self, termijnen: Termijnen, klok: Klok, clock: Clock, tellers: Tellers | None = None
    ) -> None:
        self._termijnen = termijnen
        self._klok = klok
        self._clock = clock
        self._tellers = tellers or Tellers()
        self._looked_on: date | None = None

    def run_once(self) -> int:
        """Tell what has to be told today; returns how many events were put out."""
        vandaag = dag_van(self._clock())
        # No term draws near on the day of receipt.
        midnight = datetime.combine(vandaag, time(), tzinfo=AMSTERDAM)
        running = self._klok.in_handen(self._termijnen, vandaag, midnight)
        self._tellers.termijnen = _standen(running, vandaag)
        if self._looked_on != vandaag:
            running += self._klok.uitgebleven(self._termijnen, vandaag)
        told = self._termijnen.tell(_meldingen(running, vandaag))
        self._looked_on = vandaag
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


def _standen(running: Iterable[Lopend], vandaag: date) -> Mapping[str, Termijnstand]:
    """How our own terms stand, by their code."""
    standen: dict[str, Counter[str]] = {}
    dagen: Counter[str] = Counter()
    for one in running:
        if one.is_eigen:
            standen.setdefault(one.termijn, Counter())[one.stand(vandaag)] += 1
            dagen[one.termijn] = max(dagen[one.termijn], (vandaag - one.uiterlijk).days)
    return {code: Termijnstand(count, dagen[code]) for code, count in standen.items()}


def _meldingen(running: Iterable[Lopend], vandaag: date) -> Iterator[Melding]:
    for one in running:
        event = one.event(vandaag)
        if event is not None:
            yield Melding(event, one.inbox_id, one.gemeente, _data(one))


def _data(one: Lopend) -> dict[str, object]:
    """What the backoffice is told of a term; nothing about a person."""
    return {
        "termijn": one.termijn,
        "naam": one.naam,
        "van": one.van,
        "eigen": one.is_eigen,
        "bericht": one.bericht,
        "afzender": one.afzender,
        "identificatie": one.identificatie,
        "toewijzingnummer": one.toewijzingnummer,
        "sinds": one.sinds.isoformat(),
        "uiterlijk": one.uiterlijk.isoformat(),
    }

"""Goes round all subscriptions and sends what is due, each by a sender of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from typing import Protocol

import msgspec
import structlog

from gateway.errors import CouldNotFinish, GatewayError
from gateway.network.webhook.bezorgen import NietAangekomen
from gateway.store.events import cloudevent
from gateway.store.webhooks import MOST, Aflevering, Doel, Webhooks

LOOK_SECONDS = 1.0
# Who did not take one event is not asked to take the next at once.
PAUSE_SECONDS = 5.0
_GONE = "de gebeurtenis staat niet meer in de opslag"

log = structlog.get_logger()


class Bezorgt(Protocol):
    """Sends one event."""

    def bezorg(self, doel: Doel, naam: str, body: bytes, moment: int) -> None:
        """Raises NietAangekomen when it did not arrive."""


class Webhooklus:
    """Sends events to subscribers; who is slow or away keeps nobody else waiting."""

    def __init__(
        self, webhooks: Webhooks, bezorger: Bezorgt, bron: str, clock: Callable[[], datetime]
    ) -> None:
        """`bron` is the source of the CloudEvents."""
        self._webhooks = webhooks
        self._bezorger = bezorger
        self._bron = bron
        self._clock = clock
        self._busy: dict[int, Future[None]] = {}

    def run(self, stop: threading.Event) -> None:
        """Keep sending until told to stop."""
        pool = ThreadPoolExecutor(MOST, "webhook")
        try:
            while not stop.is_set():
                try:
                    self._round(pool, stop)
                except GatewayError as failure:
                    log.warning("webhooks_later", reden=str(failure))
                stop.wait(LOOK_SECONDS)
        finally:
            pool.shutdown(cancel_futures=True)

    def _round(self, pool: ThreadPoolExecutor, stop: threading.Event) -> None:
        """Give out new events, and set a sender to work for everyone who has none."""
        doelen = self._webhooks.doelen()
        if not doelen:
            return
        self._webhooks.spread()
        self._busy = {nummer: one for nummer, one in self._busy.items() if not one.done()}
        for doel in doelen:
            if doel.nummer not in self._busy:
                self._busy[doel.nummer] = pool.submit(self._send_all, doel, stop)

    def _send_all(self, doel: Doel, stop: threading.Event) -> None:
        try:
            while not stop.is_set() and self.send_due(doel, stop):
                pass
        except Exception as error:
            # What was in hand is due again by itself.
            log.warning("webhook_later", abonnement=doel.nummer, fout=type(error).__name__)

    def send_due(self, doel: Doel, stop: threading.Event | None = None) -> bool:
        """Send some of what is due; False when nothing is left, or it could not be sent."""
        items = self._webhooks.due(doel.nummer)
        for place, one in enumerate(items):
            is_ending = stop is not None and stop.is_set()
            if is_ending or not self._is_sent(doel, one):
                left = items[place if is_ending else place + 1 :]
                self._webhooks.give_back(left, 0.0 if is_ending else PAUSE_SECONDS)
                return False
        return bool(items)

    def _is_sent(self, doel: Doel, one: Aflevering) -> bool:
        try:
            body = msgspec.json.encode(cloudevent(one.naam, self._bron, one.document()))
            moment = int(self._clock().timestamp())
            self._bezorger.bezorg(doel, one.naam, body, moment)
        except (NietAangekomen, CouldNotFinish) as error:
            reden = str(error) if isinstance(error, NietAangekomen) else _GONE
            is_dead = self._webhooks.failed(one, reden)
            event = "webhook_dood" if is_dead else "webhook_niet_bezorgd"
            log.warning(event, abonnement=doel.nummer, naam=one.naam, reden=reden)
            return False
        self._webhooks.sent(one)
        log.info("webhook_bezorgd", abonnement=doel.nummer, naam=one.naam)
        return True

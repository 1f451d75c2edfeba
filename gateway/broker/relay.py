"""Sends what the outbox holds: announcements to the queue, answers and events to where they go.

At least once: an item is marked after it arrived, so that a stop in between sends it again, with
the same name and the same bytes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

import structlog

from gateway.broker.connection import Announcer
from gateway.broker.pauzes import AFTER_FAILURE, pause_after
from gateway.broker.turns import Turns
from gateway.errors import GatewayError, MessageParked, TemporaryFailure
from gateway.pipeline.ports import Bestemming
from gateway.store.outbox import AT_ONCE, Item, Outbox, in_hands
from gateway.tellers import VERZENDING, Tellers

MARKED_AT_ONCE = 50

log = structlog.get_logger()


class Relay:
    """Empties the outbox; kinds without a destination stay in it until there is one."""

    def __init__(
        self,
        outbox: Outbox,
        announcer: Announcer,
        bestemmingen: Mapping[str, Bestemming],
        tellers: Tellers | None = None,
    ) -> None:
        self._outbox = outbox
        self._announcer = announcer
        self._bestemmingen = bestemmingen
        self._tellers = tellers or Tellers()
        self._turns = Turns(announcer.waiting)

    def run_once(self) -> int:
        """Send what is due; returns how many items left.

        Raises TemporaryFailure when the store, the queue or a destination is away.
        """
        hands = self._turns.of(in_hands(self._outbox.announcements()))
        self._announcer.publish([[one.inbox_id for one in hand] for hand in hands])
        told = [one for hand in hands for one in hand]
        self._outbox.announced(told)
        return len(told) + self.deliver_due()

    def run(self, stop: threading.Event) -> None:
        """Keep sending until told to stop."""
        self._keep(self.run_once, stop)

    def run_deliveries(self, stop: threading.Event) -> None:
        """The same where nobody has to be told of work: workers look for it themselves."""
        self._keep(self.deliver_due, stop)

    def _keep(self, send: Callable[[], int], stop: threading.Event) -> None:
        idle = 0
        while not stop.is_set():
            try:
                sent = send()
                # Only behind a full load more is sure to wait; else the next one gathers.
                idle = 0 if sent >= AT_ONCE else 1 if sent else idle + 1
                pause = pause_after(idle)
            except GatewayError as failure:
                log.warning("verzenden_later", reden=str(failure))
                self._tellers.herkansingen[VERZENDING] += 1
                pause = AFTER_FAILURE
            stop.wait(pause)

    def close(self) -> None:
        """Close the connection."""
        self._announcer.close()

    def deliver_due(self) -> int:
        """Send what is due to go out, and tell nobody of work; returns how many items left."""
        if not self._bestemmingen:
            return 0
        items = self._outbox.due(self._bestemmingen.keys())
        watch = self._tellers.watch()
        delivered: list[Item] = []
        away: dict[str, TemporaryFailure] = {}
        waiting: list[Item] = []
        left = 0
        try:
            for item in items:
                if self._has_to_wait(item, away, delivered):
                    waiting.append(item)
                if len(delivered) == MARKED_AT_ONCE:
                    left += self._mark(delivered)
        finally:
            left += self._mark(delivered)
        if items:
            watch.lap(self._tellers.fasen.verzenden)
        if len(items) >= AT_ONCE:
            # What goes elsewhere may stand behind them.
            self._outbox.later(waiting)
        if away:
            raise next(iter(away.values()))
        return left

    def _mark(self, delivered: list[Item]) -> int:
        """What arrived is told in one go; a stop before it has these sent once more."""
        count = len(delivered)
        self._outbox.sent(delivered)
        for item in delivered:
            log.info("bezorgd", bericht=item.inbox_id, naam=item.naam)
        delivered.clear()
        return count

    def _has_to_wait(
        self, item: Item, away: dict[str, TemporaryFailure], delivered: list[Item]
    ) -> bool:
        """Whether nothing can go now where an item goes; else it is tried, and perhaps delivered.

        Other kinds go elsewhere, and do not wait for it.
        """
        if item.soort in away:
            return True
        try:
            if self._is_delivered(item):
                delivered.append(item)
        except TemporaryFailure as failure:
            away[item.soort] = failure
            return True
        return False

    def _is_delivered(self, item: Item) -> bool:
        try:
            self._bestemmingen[item.soort].deliver(item.naam, item.soort, iter(item.body))
        except TemporaryFailure:
            # Nothing can go there now: what goes there waits, and this item is no worse for it.
            raise
        except MessageParked as parked:
            log.error("stilgezet", bericht=item.inbox_id, naam=item.naam, reden=str(parked))
            self._outbox.stopped(item, str(parked))
            return False
        except Exception as error:
            # No more is said of an error of our own than what it is: its text may hold a Bsn.
            fout = str(error) if isinstance(error, GatewayError) else type(error).__name__
            log.warning("niet_bezorgd", bericht=item.inbox_id, naam=item.naam, fout=fout)
            self._tellers.herkansingen[VERZENDING] += 1
            self._outbox.failed(item, fout)
            return False
        return True

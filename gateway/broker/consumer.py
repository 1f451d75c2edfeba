"""Takes announcements from the queue: at least once, acknowledged only after the work is done."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import structlog
from kombu.connection import Connection
from kombu.entity import Queue
from kombu.message import Message
from kombu.mixins import ConsumerMixin

from gateway.broker.connection import AWAY, Broker, failures_of
from gateway.errors import TemporaryFailure

PREFETCH = 1
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 30.0

log = structlog.get_logger()

Process = Callable[[int], None]
Park = Callable[[int, str], None]


class WerkConsumer(ConsumerMixin):
    """Hands the number of an inbox row to `process`.

    TemporaryFailure puts the announcement back after a wait that grows.  Anything else is our
    fault: the row is parked, and when that fails too the announcement is not acknowledged.
    """

    # Who runs the loop sets it up again, and can be told to stop in between.
    connect_max_retries: Any = 1

    def __init__(self, broker: Broker, process: Process, park: Park) -> None:
        self.connection: Connection = broker.connect()
        self.failures = 0
        self._broker = broker
        self._process = process
        self._park = park
        self._stopped = threading.Event()
        self._waiting: Queue | None = None

    def get_consumers(self, Consumer: Callable[..., Any], channel: Any) -> list[Any]:  # noqa: N803
        """See ConsumerMixin.

        `on_message` instead of `callbacks`: the body stays raw bytes, so kombu has nothing to
        decode and its habit of acknowledging what it cannot decode never applies.
        """
        self._broker.declare(channel)
        queues = [self._broker.werk()]
        return [Consumer(queues, on_message=self.on_message, prefetch_count=PREFETCH)]

    def on_message(self, message: Message) -> None:
        """Do the work of one announcement."""
        inbox_id = _number_in(message.body)
        if inbox_id is None:
            log.error("aankondiging_onleesbaar")
            message.reject()
            return
        try:
            self._process(inbox_id)
        except TemporaryFailure as failure:
            log.warning("aankondiging_terug", bericht=inbox_id, reden=str(failure))
            self._pause()
            message.requeue()
            return
        except Exception as error:
            self._park_after(inbox_id, error)
        self.failures = 0
        message.ack()

    def handle_waiting(self) -> int:
        """Handle what waits in the queue now, in its order, in this thread; returns how many.

        Raises TemporaryFailure when the broker is away.
        """
        try:
            return self._handle_waiting()
        except failures_of(self.connection) as error:
            self.close()
            raise TemporaryFailure(AWAY) from error

    def stop(self) -> None:
        """Take no further announcement; the one in hand is finished."""
        self.should_stop = True
        self._stopped.set()

    def close(self) -> None:
        """Close the connection; the next announcement opens it again."""
        self._waiting = None
        self.connection.release()

    def _handle_waiting(self) -> int:
        if self._waiting is None:
            channel = self.connection.default_channel
            self._broker.declare(channel)
            self._waiting = self._broker.werk()(channel)
        handled = 0
        while not self.should_stop and (message := self._waiting.get(no_ack=False)) is not None:
            self.on_message(message)
            handled += 1
            if self.failures:
                break
        return handled

    def _pause(self) -> None:
        """A wait that grows, else a store that is away keeps the queue spinning."""
        wait = min(FIRST_PAUSE * 2.0 ** min(self.failures, 20), LONGEST_PAUSE)
        self.failures += 1
        self._stopped.wait(wait)

    def _park_after(self, inbox_id: int, error: Exception) -> None:
        """Keep the row for an operator; raises when that fails, so that nothing is acknowledged."""
        log.error("geparkeerd", bericht=inbox_id, fout=type(error).__name__)
        self._park(inbox_id, f"onverwachte fout {type(error).__name__}")


def _number_in(body: bytes | str) -> int | None:
    try:
        return int(body)
    except ValueError:
        return None

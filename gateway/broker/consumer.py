"""Takes messages from a queue: at least once, acknowledged only after the work is done."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import structlog
from kombu.connection import Connection
from kombu.entity import Queue
from kombu.message import Message
from kombu.mixins import ConsumerMixin
from tenacity import (
    Retrying,
    retry_if_exception_type,
    sleep_using_event,
    stop_when_event_set,
    wait_random_exponential,
)

from gateway.broker.connection import AWAY, Broker, failures_of
from gateway.broker.worker import passing_of
from gateway.errors import NOBODYS_FAULT, TemporaryFailure
from gateway.store.oppakken import AT_ONCE

PREFETCH = 1
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 10.0
LONGEST_ABSENCE = 10.0

log = structlog.get_logger()

Process = Callable[[Sequence[int]], None]
Park = Callable[[int, str], None]


class QueueConsumer(ConsumerMixin, ABC):
    """Takes what waits in a queue, `at_once` at most, and comes back when the broker was away.

    `others` are made as well: the queues that somebody may listen to before there is anything.
    """

    at_once = 1

    def __init__(self, broker: Broker, queue: Queue, *others: Queue) -> None:
        self.connection: Connection = broker.connect()
        self._broker = broker
        self._queue = queue
        self._others = others
        self._stopped = threading.Event()
        self._is_consuming = False
        self._waiting: Any = None
        self._hand: list[Message] = []

    def get_consumers(self, Consumer: Callable[..., Any], channel: Any) -> list[Any]:  # noqa: N803
        """See ConsumerMixin.

        `on_message` instead of `callbacks`: the body stays raw bytes, so kombu has nothing to
        decode and its habit of acknowledging what it cannot decode never applies.
        """
        channel.auto_decode = False
        self._broker.declare(channel, self._queue, *self._others)
        self._waiting = self._queue(channel)
        return [Consumer([self._queue], on_message=self._hand.append, prefetch_count=PREFETCH)]

    @contextmanager
    def establish_connection(self) -> Iterator[Connection]:
        """See ConsumerMixin, whose own waits would come on top of those of `run`."""
        with self.connection.clone() as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, interval_step=0)
            yield connection

    def on_consume_ready(self, *_: Any, **__: Any) -> None:
        """See ConsumerMixin."""
        self._is_consuming = True

    def on_iteration(self) -> None:
        """See ConsumerMixin: looks about once a second whether to stop."""
        if self._stopped.is_set():
            self.should_stop = True

    @abstractmethod
    def on_messages(self, messages: Sequence[Message]) -> None:
        """Do what has to be done with some messages; acknowledge, requeue or reject each."""

    # Our loops are given the sign to stop; what kombu would give here is about its own waits.
    def run(self, stop: threading.Event | None = None) -> None:  # type: ignore[override]
        """Keep taking messages until told to stop; a broker that is away is waited for."""
        self._stopped = stop or self._stopped
        while not self._stopped.is_set():
            connecting = Retrying(
                retry=retry_if_exception_type(failures_of(self.connection)),
                wait=wait_random_exponential(multiplier=FIRST_PAUSE, max=LONGEST_ABSENCE),
                stop=stop_when_event_set(self._stopped),
                sleep=sleep_using_event(self._stopped),
                retry_error_callback=lambda _: None,
            )
            connecting(self._consume)
            self._stopped.wait(FIRST_PAUSE)

    def stop(self) -> None:
        """Take no further message; the one in hand is finished."""
        self.should_stop = True
        self._stopped.set()

    def _consume(self) -> None:
        """Take messages until the connection ends; raises when there was none to begin with."""
        self._is_consuming = False
        self._hand.clear()
        try:
            for _ in self.consume(limit=None):
                # More may come in hand while these are at work.
                while self._hand:
                    self.on_messages(self._in_hand())
        except failures_of(self.connection) as error:
            name = self._queue.name
            log.warning("wachtrij_later", wachtrij=name, fout=type(error).__name__)
            if not self._is_consuming:
                raise

    def _in_hand(self) -> Sequence[Message]:
        """What came, and what waits behind it already.

        It is fetched now and not sent ahead: who stands still keeps only what it has in hand.
        """
        messages = self._hand[:]
        self._hand.clear()
        return self._filled(messages)

    def _filled(self, messages: list[Message]) -> Sequence[Message]:
        """These messages and those that wait behind them, until the hand is full."""
        room = self.at_once - sum(map(self.weight, messages))
        while room > 0 and (message := self._waiting.get(no_ack=False)) is not None:
            messages.append(message)
            room -= self.weight(message)
        return messages

    def weight(self, message: Message) -> int:
        """How much of a hand a message takes."""
        return 1


class WerkConsumer(QueueConsumer):
    """Hands the numbers of inbox rows to `process`.

    What is nobody's fault puts announcements back after a wait that grows.  Anything else is our
    fault: the row is parked, and when that fails too the announcement is not acknowledged.
    """

    at_once = AT_ONCE

    def __init__(self, broker: Broker, process: Process, park: Park) -> None:
        super().__init__(broker, broker.werk())
        self.failures = 0
        self._process = process
        self._park = park

    def weight(self, message: Message) -> int:
        """See `QueueConsumer`: the rows that it announces."""
        return len(numbers_in(message.body))

    def on_messages(self, messages: Sequence[Message]) -> None:
        """Do the work of some announcements, and acknowledge or put them back."""
        work: dict[int, None] = {}
        told = []
        for message in messages:
            numbers = numbers_in(message.body)
            if numbers:
                work |= dict.fromkeys(numbers)
                told.append(message)
            else:
                log.error("aankondiging_onleesbaar")
                message.reject()
        if told:
            self._work(list(work), told)

    def _work(self, inbox_ids: Sequence[int], told: Sequence[Message]) -> None:
        try:
            self._handle(inbox_ids)
        except NOBODYS_FAULT as failure:
            log.warning("aankondiging_terug", berichten=inbox_ids, reden=passing_of(failure))
            self._pause()
            for message in told:
                message.requeue()
            return
        self.failures = 0
        for message in told:
            message.ack()

    def _handle(self, inbox_ids: Sequence[int]) -> None:
        """Handle rows; those of which one makes our code fall over go each by itself."""
        try:
            self._process(inbox_ids)
        except NOBODYS_FAULT:
            raise
        except Exception as error:
            if len(inbox_ids) == 1:
                self._park_after(inbox_ids[0], error)
                return
            for one in inbox_ids:
                self._handle([one])

    def handle_waiting(self) -> int:
        """Handle what waits in the queue now, in its order, in this thread; returns how many.

        Raises TemporaryFailure when the broker is away.
        """
        try:
            return self._handle_waiting()
        except failures_of(self.connection) as error:
            self.close()
            raise TemporaryFailure(AWAY) from error

    def close(self) -> None:
        """Close the connection; the next announcement opens it again."""
        self._waiting = None
        self.connection.release()

    def _handle_waiting(self) -> int:
        if self._waiting is None:
            channel = self.connection.default_channel
            self._broker.declare(channel, self._queue)
            self._waiting = self._queue(channel)
        handled = 0
        while not self.should_stop and (messages := self._filled([])):
            self.on_messages(messages)
            handled += len(messages)
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


def numbers_in(body: bytes | str) -> Sequence[int]:
    """The rows that an announcement is about; none when it is not one of ours."""
    try:
        return [int(number) for number in body.split()]
    except ValueError:
        return ()

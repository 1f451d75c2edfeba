"""Connects to the broker: names of queues, publisher confirms, and the word that there is work.

An announcement carries only the number of an inbox row.  On RabbitMQ it is confirmed by a quorum
queue, and an announcement that fits no queue comes back as an error; `memory://` has no such
things and needs none, because the inbox is the truth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kombu.connection import Connection
from kombu.entity import Exchange, Queue
from kombu.exceptions import OperationalError
from kombu.messaging import Producer
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from gateway.errors import TemporaryFailure, WrongUse

POLL_SECONDS = 0.02
HEARTBEAT_SECONDS = 60
CONNECT_SECONDS = 5
TRIES = 4
_MEMORY: Mapping[str, Any] = {"polling_interval": POLL_SECONDS}
# Tenacity and the loops have the patience; kombu's own waits would only come on top of them.
_SERVER: Mapping[str, Any] = {
    "confirm_publish": True,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
}
_NO_URL = "het adres van de wachtrij is geen URL die kombu kent, zoals amqp://server/"
AWAY = "de wachtrij is nu niet te gebruiken; later opnieuw"


@dataclass(frozen=True, slots=True)
class Broker:
    """Where the queues are and what they are called."""

    url: str = "memory://"
    prefix: str = "gateway."

    @property
    def is_memory(self) -> bool:
        """Whether the queues live in this process only."""
        return self.url.startswith("memory:")

    def connect(self) -> Connection:
        """A connection that is opened when it is first used; raises WrongUse for a wrong URL."""
        options = _MEMORY if self.is_memory else _SERVER
        if "://" not in self.url:
            raise WrongUse(_NO_URL)
        beat = 0 if self.is_memory else HEARTBEAT_SECONDS
        try:
            connection = Connection(
                self.url,
                transport_options=dict(options),
                heartbeat=beat,
                connect_timeout=CONNECT_SECONDS,
            )
            # Makes kombu look for the transport now instead of at the first message.
            _ = connection.transport
        except (KeyError, ImportError, ValueError, AttributeError):
            raise WrongUse(_NO_URL) from None
        return connection

    def werk(self) -> Queue:
        """The queue that says that there is work; what cannot be handled goes to `dood`."""
        name = f"{self.prefix}werk"
        if self.is_memory:
            return Queue(name, routing_key=name, durable=False)
        arguments = {
            "x-queue-type": "quorum",
            "x-dead-letter-exchange": f"{self.prefix}dood",
        }
        return Queue(name, routing_key=name, durable=True, queue_arguments=arguments)

    def dood(self) -> Queue:
        """The queue for announcements that nobody could handle."""
        name = f"{self.prefix}dood"
        return Queue(name, Exchange(name, type="fanout", durable=True), durable=True)

    def declare(self, channel: Any) -> None:
        """Make the queues; does nothing when they are there."""
        if not self.is_memory:
            self.dood()(channel).declare()
        self.werk()(channel).declare()


def failures_of(connection: Connection) -> tuple[type[Exception], ...]:
    """What kombu may raise when the broker is away or refuses."""
    errors = (*connection.connection_errors, *connection.channel_errors)
    return (*errors, OperationalError, OSError)


class Announcer:
    """Publishes announcements and knows that the broker has them; used by one thread."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._connection = broker.connect()
        self._producer: Producer | None = None
        self._returned = False

    def publish(self, inbox_ids: Sequence[int]) -> None:
        """Tell the queue that these rows wait; raises TemporaryFailure when it may not have it."""
        failures = failures_of(self._connection)
        again = Retrying(
            stop=stop_after_attempt(TRIES),
            wait=wait_random_exponential(multiplier=0.1, max=2),
            retry=retry_if_exception_type(failures),
            reraise=True,
        )
        try:
            for inbox_id in inbox_ids:
                again(self._publish, inbox_id)
        except failures as error:
            raise TemporaryFailure(AWAY) from error

    def close(self) -> None:
        """Close the connection."""
        self._forget()

    def _publish(self, inbox_id: int) -> None:
        try:
            producer = self._producer or self._open()
            self._returned = False
            producer.publish(
                str(inbox_id).encode(),
                routing_key=self._broker.werk().name,
                content_type="text/plain",
                content_encoding="binary",
                delivery_mode=2,
                mandatory=True,
            )
        except Exception:
            self._forget()
            raise
        if self._returned:
            self._forget()
            raise TemporaryFailure("de wachtrij voor werk bestaat niet; hij wordt opnieuw gemaakt")

    def _open(self) -> Producer:
        channel = self._connection.default_channel
        self._broker.declare(channel)
        # `memory://` returns nothing, and would keep the callback for ever.
        on_return = None if self._broker.is_memory else self._on_return
        self._producer = Producer(channel, on_return=on_return)
        return self._producer

    def _on_return(self, *_: Any) -> None:
        self._returned = True

    def _forget(self) -> None:
        """Begin with a new connection at the next announcement."""
        self._producer = None
        self._connection.release()
        self._connection = self._broker.connect()

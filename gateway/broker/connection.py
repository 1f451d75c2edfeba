"""Connects to the broker: names of queues, publisher confirms, and the word that there is work.

An announcement carries only the numbers of inbox rows.  On RabbitMQ every message is confirmed by
a quorum queue, and one that fits no queue comes back as an error; `memory://` has no such
things and needs none, because the inbox is the truth.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kombu.connection import Connection
from kombu.entity import Exchange, Queue
from kombu.exceptions import OperationalError
from kombu.messaging import Producer
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from gateway.errors import TemporaryFailure, WrongUse

POLL_SECONDS = 0.005
HEARTBEAT_SECONDS = 60
CONNECT_SECONDS = 5
# A server that took a message but says nothing counts as away after this.
CONFIRM_SECONDS = 10
TRIES = 4
CONFIRMED_AT_ONCE = 100
# So often a message is handed out before it counts as one that makes its reader fall over.
DELIVERIES = 20
# Of the dead nothing may go away: without this RabbitMQ 4 drops one that was looked at 20 times.
NO_LIMIT = 2**31 - 1
_QUORUM: Mapping[str, Any] = {"x-queue-type": "quorum"}
_MEMORY: Mapping[str, Any] = {"polling_interval": POLL_SECONDS}
# Tenacity and the loops have the patience; kombu's own waits would only come on top of them.
_SERVER: Mapping[str, Any] = {
    "read_timeout": CONFIRM_SECONDS,
    "write_timeout": CONFIRM_SECONDS,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
}
_NO_URL = "het adres van de wachtrij is geen URL die kombu kent, zoals amqp://server/"
AWAY = "de wachtrij is nu niet te gebruiken; later opnieuw"


@dataclass(frozen=True, slots=True)
class Broker:
    """Where the queues are and what they are called.

    `ca` is a file with who may have signed the certificate of an `amqps://` server, absent for
    those that the machine trusts.
    """

    url: str = "memory://"
    prefix: str = "gateway."
    ca: Path | None = None

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
        tls = self._tls()
        try:
            connection = Connection(
                self.url,
                transport_options=dict(options),
                ssl=tls,
                heartbeat=beat,
                connect_timeout=CONNECT_SECONDS,
            )
            # Makes kombu look for the transport now instead of at the first message.
            _ = connection.transport
        except (KeyError, ImportError, ValueError, AttributeError):
            raise WrongUse(_NO_URL) from None
        return connection

    def _tls(self) -> dict[str, Any] | bool:
        """How the server proves who it is; raises WrongUse for a `ca` that cannot be used."""
        if not self.url.startswith("amqps:"):
            if self.ca is not None:
                raise WrongUse("GATEWAY_BROKER_CA is ingevuld; het adres begint dan met amqps://")
            return False
        try:
            ssl.create_default_context(cafile=self.ca)
        except OSError:
            told = f"GATEWAY_BROKER_CA: {self.ca} is geen bestand met certificaten"
            raise WrongUse(told) from None
        # Without a name in it no name would be looked at, and kombu knows another for localhost.
        name = urlsplit(self.url).hostname
        return {"server_hostname": name, "ca_certs": None if self.ca is None else str(self.ca)}

    def werk(self) -> Queue:
        """The queue that says that there is work; what cannot be handled goes to `dood`."""
        return self.queue("werk")

    def queue(self, naam: str, deliveries: int = DELIVERIES) -> Queue:
        """A queue that many machines keep; after so many deliveries a message goes to `dood`."""
        name = f"{self.prefix}{naam}"
        if self.is_memory:
            return Queue(name, routing_key=name, durable=False)
        arguments = {
            **_QUORUM,
            "x-delivery-limit": deliveries,
            "x-dead-letter-exchange": f"{self.prefix}dood",
            # A message leaves the queue only when `dood` has it; that asks for this overflow.
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
        }
        return Queue(name, routing_key=name, durable=True, queue_arguments=arguments)

    def dood(self) -> Queue:
        """The queue for what nobody could handle."""
        name = f"{self.prefix}dood"
        exchange = Exchange(name, type="fanout", durable=True)
        arguments = {**_QUORUM, "x-delivery-limit": NO_LIMIT}
        return Queue(name, exchange, durable=True, queue_arguments=arguments)

    def declare(self, channel: Any, *queues: Queue) -> None:
        """Make these queues and `dood`; does nothing when they are there."""
        for queue in queues if self.is_memory else (self.dood(), *queues):
            queue(channel).declare()


def failures_of(connection: Connection) -> tuple[type[Exception], ...]:
    """What kombu may raise when the broker is away or refuses."""
    return (*_away(connection), *connection.channel_errors)


def _away(connection: Connection) -> tuple[type[Exception], ...]:
    """What says nothing about the message in hand; a refused confirmation is among them."""
    errors = (*connection.connection_errors, *connection.recoverable_connection_errors)
    return (*errors, OperationalError, OSError)


class Publisher:
    """Puts messages on queues and knows that the broker has them; used by one thread."""

    def __init__(self, broker: Broker, *queues: Queue) -> None:
        self._broker = broker
        self._queues = queues
        self._connection = broker.connect()
        self._producer: Producer | None = None
        self._confirms = _Confirms()
        self._returned = False

    def send(self, queue: Queue, body: bytes, **properties: Any) -> None:
        """Put a message on a queue; raises TemporaryFailure when the broker may not have it.

        What the broker refuses about this one message is one of `refusals`.
        """
        self.send_all(queue, [body], **properties)

    def send_all(self, queue: Queue, bodies: Sequence[bytes], **properties: Any) -> None:
        """The same for messages that differ in nothing else: their confirmations come together."""
        away = _away(self._connection)
        again = Retrying(
            stop=stop_after_attempt(TRIES),
            wait=wait_random_exponential(multiplier=0.1, max=2),
            retry=retry_if_exception_type(away),
            reraise=True,
        )
        try:
            again(self._send, queue, bodies, properties)
        except away as error:
            raise TemporaryFailure(AWAY) from error

    def waiting(self, queue: Queue) -> int:
        """How many messages a queue holds that nobody has in hand.

        Raises TemporaryFailure when the broker is away.
        """
        try:
            if self._producer is None:
                self._producer = self._open()
            return int(queue(self._producer.channel).queue_declare().message_count)
        except failures_of(self._connection) as error:
            self._begin_again()
            raise TemporaryFailure(AWAY) from error

    @property
    def refusals(self) -> tuple[type[Exception], ...]:
        """What the broker may say about one message, such as that it is too large."""
        found: tuple[type[Exception], ...] = self._connection.channel_errors
        return found

    def close(self) -> None:
        """Close the connection."""
        self._producer = None
        self._connection.release()

    def _send(self, queue: Queue, bodies: Sequence[bytes], properties: Mapping[str, Any]) -> None:
        try:
            producer = self._producer or self._open()
            self._returned = False
            for body in bodies:
                producer.publish(
                    body, routing_key=queue.name, delivery_mode=2, mandatory=True, **properties
                )
                self._confirms.sent()
            self._confirms.wait(self._connection)
        except Exception:
            self._begin_again()
            raise
        if self._returned:
            self._begin_again()
            raise TemporaryFailure(f"de wachtrij {queue.name} is er niet; zij wordt weer gemaakt")

    def _open(self) -> Producer:
        channel = self._connection.default_channel
        self._broker.declare(channel, *self._queues)
        self._confirms = _Confirms()
        if self._broker.is_memory:
            # It returns nothing, and would keep the callback for ever.
            self._producer = Producer(channel)
        else:
            self._confirms.listen(channel)
            self._producer = Producer(channel, on_return=self._on_return)
        return self._producer

    def _begin_again(self) -> None:
        """Drop the connection without a goodbye, which a silent server would not answer."""
        self._producer = None
        self._connection.collect()
        self._connection = self._broker.connect()

    def _on_return(self, *_: Any) -> None:
        self._returned = True


class _Confirms:
    """Which messages of a channel the broker does not have yet; it numbers them from 1."""

    def __init__(self) -> None:
        self._listens = False
        self._last = 0
        self._open: set[int] = set()
        self._refused = False

    def listen(self, channel: Any) -> None:
        """Have the broker confirm what goes over this channel."""
        channel.confirm_select()
        channel.events["basic_ack"].add(self._taken)
        channel.events["basic_nack"].add(self._not_taken)
        self._listens = True

    def sent(self) -> None:
        """A message went out."""
        if self._listens:
            self._last += 1
            self._open.add(self._last)

    def wait(self, connection: Connection) -> None:
        """Wait for the broker; raises one of what `_away` tells when it has not got all."""
        deadline = time.monotonic() + CONFIRM_SECONDS
        while self._open:
            connection.drain_events(timeout=max(0.001, deadline - time.monotonic()))
        if self._refused:
            raise OperationalError("refused")

    def _taken(self, number: int, several: bool) -> None:
        if several:
            self._open = {one for one in self._open if one > number}
        else:
            self._open.discard(number)

    def _not_taken(self, number: int, several: bool) -> None:
        self._refused = True
        self._taken(number, several)


class Announcer:
    """Tells the queue which rows of the inbox wait."""

    def __init__(self, broker: Broker) -> None:
        self._werk = broker.werk()
        self._publisher = Publisher(broker, self._werk)

    def publish(self, hands: Sequence[Sequence[int]]) -> None:
        """Tell that rows wait, in one announcement those that go in one hand.

        Raises TemporaryFailure when the queue may not know it.
        """
        bodies = [" ".join(map(str, inbox_ids)).encode() for inbox_ids in hands]
        told = {"content_type": "text/plain", "content_encoding": "binary"}
        try:
            for begin in range(0, len(bodies), CONFIRMED_AT_ONCE):
                self._publisher.send_all(
                    self._werk, bodies[begin : begin + CONFIRMED_AT_ONCE], **told
                )
        except self._publisher.refusals as error:
            raise TemporaryFailure(AWAY) from error

    def waiting(self) -> int:
        """How many announcements no worker took yet; raises TemporaryFailure."""
        return self._publisher.waiting(self._werk)

    def close(self) -> None:
        """Close the connection."""
        self._publisher.close()

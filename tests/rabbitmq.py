"""RabbitMQ for tests: the one that is named, one that runs here, or one of our own.

`GATEWAY_TEST_AMQP` names one by its URL.  Without it the usual port on this machine is tried with
the user that RabbitMQ comes with, then the local programs, run in a temporary folder.  Every test
has queues with a prefix of its own, which are removed afterwards.
"""

from __future__ import annotations

import os
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from urllib.parse import urlsplit, urlunsplit

import pytest
from kombu.transport.pyamqp import Message

from gateway.broker.connection import Broker
from tests.servers import answers, own_rabbitmq

NAMED, REQUIRED = "GATEWAY_TEST_AMQP", "GATEWAY_REQUIRE_SERVICES"
USUAL = "amqp://guest:guest@127.0.0.1:5672//"
USUAL_PORT = 5672
ABSENT = "geen RabbitMQ: niet genoemd, niet op poort 5672 en geen programma's om te starten"
QUEUES = ("werk", "dood", "berichten.in", "berichten.uit", "backoffice.in", "backoffice.uit")
CHUNK = 65_536


def server() -> str:
    """Where RabbitMQ is; skips the test when there is none, fails it when there has to be one."""
    found = found_server()
    if found is None:
        if os.environ.get(REQUIRED) == "1":
            pytest.fail(ABSENT, pytrace=False)
        pytest.skip(ABSENT)
    return found


@cache
def found_server() -> str | None:
    """Where RabbitMQ is, None when there is none."""
    if named := os.environ.get(NAMED):
        return named
    if answers(USUAL):
        return USUAL
    server = own_rabbitmq()
    return None if server is None else server.url


@contextmanager
def own_queues(prefix: str = "") -> Iterator[Broker]:
    """A broker with a prefix of its own, of which nothing is left at the end."""
    broker = Broker(server(), prefix or f"gateway_test_{uuid.uuid4().hex[:12]}.")
    try:
        yield broker
    finally:
        with broker.connect() as connection:
            channel = connection.default_channel
            for name in QUEUES:
                channel.queue_delete(f"{broker.prefix}{name}")
            channel.exchange_delete(f"{broker.prefix}dood")


def put(broker: Broker, naam: str, body: bytes, **properties: object) -> None:
    """Put a message on a queue, as another system does."""
    with broker.connect() as connection:
        producer = connection.Producer()
        producer.publish(body, routing_key=f"{broker.prefix}{naam}", mandatory=True, **properties)


def take(broker: Broker, naam: str, seconds: float = 20.0) -> Message:
    """The next message of a queue, acknowledged; waits for it."""
    until = time.monotonic() + seconds
    with broker.connect() as connection:
        channel = connection.default_channel
        channel.auto_decode = False
        while time.monotonic() < until:
            found = channel.basic_get(f"{broker.prefix}{naam}")
            if found is not None:
                channel.basic_ack(found.delivery_tag)
                return Message(found, channel)
            time.sleep(0.05)
    raise AssertionError(f"nothing came on {naam}")


def is_there(broker: Broker, naam: str) -> bool:
    """Whether somebody made this queue."""
    with broker.connect() as connection:
        try:
            connection.default_channel.queue_declare(f"{broker.prefix}{naam}", passive=True)
        except connection.channel_errors:
            return False
    return True


def waiting(broker: Broker, naam: str) -> int:
    """How many messages wait in a queue; those in somebody's hand are not counted."""
    with broker.connect() as connection:
        queue = f"{broker.prefix}{naam}"
        declared = connection.default_channel.queue_declare(queue, passive=True)
        return int(declared.message_count)


class Proxy:
    """A road to a server that can be cut, closed and opened, swallow what comes by, or be slow."""

    def __init__(self, url: str) -> None:
        self._parts = urlsplit(url)
        self._lock = threading.Lock()
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._listener: socket.socket | None = None
        self._port = 0
        self.is_silent = False
        self.delay = 0.0
        self.connected = 0
        self.open()

    @property
    def url(self) -> str:
        """The address of the server by this road."""
        user = self._parts.netloc.rpartition("@")[0]
        netloc = f"{user}@127.0.0.1:{self._port}"
        return urlunsplit(self._parts._replace(netloc=netloc))

    def open(self) -> None:
        """Let connections through."""
        listener = socket.create_server(("127.0.0.1", self._port))
        self._port = listener.getsockname()[1]
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def close(self) -> None:
        """Refuse connections, and cut those that there are."""
        listener, self._listener = self._listener, None
        if listener is not None:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        self.cut()

    def cut(self) -> None:
        """Cut every connection; new ones are let through."""
        with self._lock:
            pairs, self._pairs = self._pairs, []
        for pair in pairs:
            for one in pair:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            far = socket.create_connection((self._parts.hostname, self._parts.port or USUAL_PORT))
            with self._lock:
                self._pairs.append((near, far))
                self.connected += 1
            for source, target in ((near, far), (far, near)):
                threading.Thread(target=self._pump, args=(source, target), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(CHUNK):
                time.sleep(self.delay)
                if not self.is_silent:
                    target.sendall(data)
        with suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)
        source.close()

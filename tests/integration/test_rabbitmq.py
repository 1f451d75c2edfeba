"""Announcements on a real RabbitMQ: nothing is lost and nothing is done twice."""

from __future__ import annotations

import os
import pickle
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from kombu import Queue

from gateway.broker import connection, consumer
from gateway.broker.connection import DELIVERIES, Announcer, Broker, Publisher
from gateway.broker.runtime import Runtime, RuntimeOptions
from gateway.errors import TemporaryFailure
from gateway.pipeline.ports import Claim
from gateway.store.store import SqlStore
from tests import rabbitmq
from tests.integration.store_builders import finish, message, new_store
from tests.integration.test_broker import Uit, answering, one_by_one, real_clock, until
from tests.rabbitmq import Proxy, own_queues, put, server, take, waiting

QUORUM = {"x-queue-type": "quorum"}


@pytest.fixture
def broker() -> Iterator[Broker]:
    with own_queues() as found:
        yield found


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    made = Proxy(server())
    yield made
    made.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    opened = new_store(tmp_path, real_clock)
    yield opened
    opened.close()


@pytest.fixture
def runtimes(store: SqlStore, broker: Broker) -> Iterator[Callable[..., Runtime]]:
    """Makes runtimes on the queues of this test, and ends them."""
    made: list[Runtime] = []

    def make(judge: Callable[[Claim], None], **options: Any) -> Runtime:
        given = {"broker": broker, "sweep_seconds": 0.2} | options
        made.append(Runtime(store, one_by_one(judge), RuntimeOptions(**given)))
        return made[-1]

    yield make
    for one in made:
        assert one.stop()


def announced(broker: Broker, *numbers: int) -> None:
    announcer = Announcer(broker)
    announcer.publish([[one] for one in numbers])
    announcer.close()


def received(store: SqlStore, *numbers: int) -> list[int]:
    return [store.inbox.receive(f"{one}.xml", [message(one)]).inbox_id for one in numbers]


@pytest.mark.parametrize(("required", "outcome"), [("", "Skipped"), ("1", "Failed")])
def test_without_a_service_these_tests_are_skipped_unless_it_is_required(
    monkeypatch: pytest.MonkeyPatch, required: str, outcome: str
) -> None:
    monkeypatch.setattr(rabbitmq, "found_server", lambda: None)
    monkeypatch.setenv(rabbitmq.REQUIRED, required)
    with pytest.raises(BaseException, match="geen RabbitMQ") as told:
        server()
    assert outcome == type(told.value).__name__


OTHERWISE = {
    "x-delivery-limit": DELIVERIES + 1,
    "x-dead-letter-exchange": "elders",
    "x-dead-letter-strategy": "at-most-once",
    "x-overflow": "drop-head",
}


@pytest.mark.parametrize("argument", OTHERWISE)
def test_the_queue_is_as_it_has_to_be(broker: Broker, argument: str) -> None:
    announced(broker, 7)
    asked = broker.werk().queue_arguments | {argument: OTHERWISE[argument]}
    with broker.connect() as connected:
        other = Queue(broker.werk().name, durable=True, queue_arguments=asked)
        with pytest.raises(connected.channel_errors, match=f"inequivalent arg '{argument}'"):
            other(connected.default_channel).declare()


@pytest.mark.parametrize("naam", ["werk", "dood"])
def test_queues_are_kept_by_many_machines(broker: Broker, naam: str) -> None:
    announced(broker, 7)
    with broker.connect() as connected:
        classic = Queue(f"{broker.prefix}{naam}", durable=True)
        channel = connected.default_channel
        with pytest.raises(connected.channel_errors, match="inequivalent arg"):
            classic(channel).declare()
    quorum = {"werk": broker.werk(), "dood": broker.dood()}[naam]
    assert "quorum" == quorum.queue_arguments["x-queue-type"]


def test_announcements_are_kept_on_disk(broker: Broker) -> None:
    announced(broker, 7)
    found = take(broker, "werk")
    assert (b"7", 2) == (found.body, found.properties["delivery_mode"])


def test_an_announcement_that_makes_its_reader_fall_over_goes_to_dood(broker: Broker) -> None:
    announced(broker, 7)
    with broker.connect() as connected:
        werk = broker.werk()(connected.default_channel)
        deliveries = 0
        while waiting(broker, "dood") == 0:
            found = werk.get()
            if found is not None:
                deliveries += 1
                found.requeue()
    assert DELIVERIES + 1 == deliveries
    dead = take(broker, "dood")
    assert (b"7", "delivery_limit") == (dead.body, dead.headers["x-death"][0]["reason"])


def test_what_is_no_announcement_goes_to_dood(
    broker: Broker, runtimes: Callable[..., Runtime], store: SqlStore
) -> None:
    announced(broker, 1)
    put(broker, "werk", b"<xml/>")
    runtimes(answering(store, [])).start()
    dead = take(broker, "dood")
    assert (b"<xml/>", "rejected") == (dead.body, dead.headers["x-death"][0]["reason"])


class Levend:
    """What makes a folder when somebody brings it to life."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.folder),)


def test_what_a_sender_says_that_bytes_are_is_not_believed(
    broker: Broker, runtimes: Callable[..., Runtime], store: SqlStore, tmp_path: Path
) -> None:
    announced(broker, 1)
    body = pickle.dumps(Levend(tmp_path / "levend"))
    kind = {"content_type": "application/x-python-serialize", "content_encoding": "binary"}
    put(broker, "werk", body, **kind)
    runtimes(answering(store, [])).start()
    dead = take(broker, "dood")
    assert (body, "rejected") == (dead.body, dead.headers["x-death"][0]["reason"])
    assert not (tmp_path / "levend").exists()


def test_an_announcement_that_fits_no_queue_stays_in_the_outbox_until_there_is_one(
    broker: Broker, runtimes: Callable[..., Runtime], store: SqlStore
) -> None:
    runtime = runtimes(answering(store, []))
    (first,) = received(store, 1)
    assert 1 == runtime.relay.run_once()
    with broker.connect() as connected:
        connected.default_channel.queue_delete(broker.werk().name)
    (second,) = received(store, 2)
    with pytest.raises(TemporaryFailure, match=r"wachtrij .*werk is er niet"):
        runtime.relay.run_once()
    assert [second] == [one.inbox_id for one in store.outbox.announcements()]
    assert 1 == runtime.relay.run_once()
    assert str(second).encode() == take(broker, "werk").body
    assert first != second


def test_a_message_that_the_broker_does_not_confirm_is_not_sent(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "TRIES", 1)
    arguments = {**QUORUM, "x-max-length": 1, "x-overflow": "reject-publish"}
    name = f"{broker.prefix}berichten.uit"
    full = Queue(name, routing_key=name, durable=True, queue_arguments=arguments)
    publisher = Publisher(broker, full)

    def fill() -> None:
        for _ in range(20):
            publisher.send(full, b"x")

    with pytest.raises(TemporaryFailure):
        fill()
    publisher.close()


def test_a_server_that_stops_speaking_counts_as_away_and_nothing_is_done_twice(
    broker: Broker,
    proxy: Proxy,
    store: SqlStore,
    runtimes: Callable[..., Runtime],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection, "CONFIRM_SECONDS", 0.3)
    monkeypatch.setattr(connection, "CONNECT_SECONDS", 0.3)
    seen: list[int] = []
    runtime = runtimes(answering(store, seen), broker=replace(broker, url=proxy.url))
    received(store, 1)
    assert 1 == runtime.relay.run_once()
    received(store, 2)
    proxy.is_silent = True
    begin = time.monotonic()
    with pytest.raises(TemporaryFailure):
        runtime.relay.run_once()
    assert time.monotonic() - begin < 15
    assert [2] == [one.inbox_id for one in store.outbox.announcements()]
    proxy.is_silent = False
    proxy.cut()
    runtime.start()
    until(lambda: sorted(seen) == [1, 2])
    until(lambda: waiting(broker, "werk") == 0)
    assert [1, 2] == sorted(seen)


def test_a_relay_that_dies_before_it_marked_announces_again_and_nothing_doubles(
    broker: Broker,
    store: SqlStore,
    runtimes: Callable[..., Runtime],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[int] = []
    runtime = runtimes(answering(store, seen), bestemmingen={"antwoord": (uit := Uit())})
    received(store, 1)

    def dies(_: object) -> None:
        raise SystemExit(9)

    with monkeypatch.context() as patched:
        patched.setattr(store.outbox, "announced", dies)
        with pytest.raises(SystemExit):
            runtime.relay.run_once()
    assert 1 == runtime.relay.run_once()
    assert 2 == waiting(broker, "werk")
    runtime.start()
    until(lambda: waiting(broker, "werk") == 0 and len(uit.delivered) == 1)
    assert ([1], 1) == (seen, len(uit.delivered))
    assert store.views.balans().klopt


def test_a_connection_that_is_cut_while_judging_handles_the_message_once(
    broker: Broker, proxy: Proxy, store: SqlStore, runtimes: Callable[..., Runtime]
) -> None:
    seen: list[int] = []
    well = answering(store, seen)
    redelivered = threading.Event()

    def judge(claim: Claim) -> None:
        proxy.cut()
        # The server sees the cut and gives the announcement back before this one is committed.
        until(lambda: waiting(broker, "werk") == 1)
        redelivered.set()
        well(claim)

    runtime = runtimes(
        judge, broker=replace(broker, url=proxy.url), bestemmingen={"antwoord": (uit := Uit())}
    )
    received(store, 1)
    runtime.start()
    assert redelivered.wait(20)
    until(lambda: waiting(broker, "werk") == 0 and len(uit.delivered) == 1, 20)
    assert ([1], 1, 0) == (seen, len(uit.delivered), waiting(broker, "dood"))
    assert store.views.balans().klopt


def test_an_announcement_is_acknowledged_only_after_the_commit(
    broker: Broker, proxy: Proxy, store: SqlStore, runtimes: Callable[..., Runtime]
) -> None:
    judging, go_on = threading.Event(), threading.Event()

    def judge(claim: Claim) -> None:
        judging.set()
        go_on.wait(20)
        finish(store, claim)

    runtime = runtimes(judge, broker=replace(broker, url=proxy.url))
    received(store, 1)
    runtime.start()
    assert judging.wait(20)
    proxy.close()
    until(lambda: waiting(broker, "werk") == 1)
    go_on.set()
    until(lambda: store.views.balans().klopt and store.inbox.claim(1) is None)
    proxy.open()
    until(lambda: waiting(broker, "werk") == 0, 20)


def test_a_broker_that_is_away_at_the_start_and_in_the_middle_is_waited_for(
    broker: Broker, proxy: Proxy, store: SqlStore, runtimes: Callable[..., Runtime]
) -> None:
    seen: list[int] = []
    uit = Uit()
    proxy.close()
    runtime = runtimes(
        answering(store, seen),
        broker=replace(broker, url=proxy.url),
        bestemmingen={"antwoord": uit},
    )
    runtime.start()
    received(store, 1)
    time.sleep(0.5)
    assert [] == seen
    proxy.open()
    until(lambda: len(uit.delivered) == 1, 30)
    proxy.close()
    received(store, 2, 3)
    time.sleep(0.5)
    assert [1] == seen
    proxy.open()
    until(lambda: len(uit.delivered) == 3, 30)
    assert [1, 2, 3] == sorted(seen)
    assert store.views.balans().klopt


def test_waiting_for_a_broker_is_no_busy_loop(
    broker: Broker, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy.close()
    waits: list[float] = []
    stopped = threading.Event()

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 8:
            stopped.set()

    taking = consumer.WerkConsumer(replace(broker, url=proxy.url), lambda _: None, lambda *_: None)
    monkeypatch.setattr(consumer, "sleep_using_event", lambda _: wait)
    taking.run(stopped)
    taking.close()
    assert all(seconds <= consumer.LONGEST_ABSENCE for seconds in waits)
    assert sum(waits) > 1

"""The queues of network and backoffice: whole, once, and to `dood` what cannot come in."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest
import structlog
from lxml import etree
from structlog.testing import capture_logs

from gateway.broker import edges
from gateway.broker.connection import Broker
from gateway.broker.edges import (
    BACKOFFICE_IN,
    BACKOFFICE_UIT,
    BERICHTEN_IN,
    BERICHTEN_UIT,
    Deur,
    QueueIntake,
    QueueRanden,
)
from gateway.broker.runtime import Runtime, RuntimeOptions
from gateway.errors import TemporaryFailure
from gateway.pipeline.ports import Outcome
from gateway.store.inbox import Intake
from gateway.store.store import SqlStore
from tests.integration.berichten import PROJECT, comes_true, made, schema
from tests.integration.store_builders import Klok, answer, message, new_store, settled
from tests.integration.test_broker import Fake, answering, one_by_one, real_clock, until
from tests.integration.test_run import PATIENCE, Gateway
from tests.integration.test_run import settled as all_settled
from tests.rabbitmq import QUEUES, Proxy, is_there, own_queues, put, server, take, waiting

BRON = "urn:nld:oin:00000001234567890000:systeem:gateway"
Start = Callable[..., QueueIntake]


@pytest.fixture(autouse=True)
def _all_logs() -> None:
    """What is logged is seen, whatever a command before this test was told to leave out."""
    structlog.reset_defaults()


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
def start(broker: Broker, store: SqlStore) -> Iterator[Start]:
    """Starts an intake, waits until its queue is there, and ends it afterwards."""
    stop = threading.Event()
    threads: list[threading.Thread] = []

    def started(deur: Deur = BERICHTEN_IN, on: Broker = broker) -> QueueIntake:
        with broker.connect() as connected:
            broker.declare(connected.default_channel, broker.queue(deur.naam, edges.DELIVERIES))
        intake = QueueIntake(on, deur, store.inbox)
        threads.append(threading.Thread(target=intake.run, args=(stop,)))
        threads[-1].start()
        return intake

    yield started
    stop.set()
    for one in threads:
        one.join(20)
        assert not one.is_alive()


def kept(store: SqlStore) -> int:
    return store.views.balans().ontvangen


def test_the_inbox_has_the_very_bytes_under_the_message_id(
    broker: Broker, store: SqlStore, start: Start
) -> None:
    start()
    body = "<a>é</a>".encode("latin-1")
    put(broker, BERICHTEN_IN.naam, body, message_id="m-1", content_encoding="latin-1")
    until(lambda: kept(store) == 1)
    claim = store.inbox.claim(1)
    assert claim is not None
    assert "m-1.xml" == claim.naam
    again = store.inbox.receive("langs een map", [body])
    assert (1, False) == (again.inbox_id, again.is_new)


def test_what_is_published_twice_comes_in_once(
    broker: Broker, store: SqlStore, start: Start
) -> None:
    start()
    for body, message_id in ((1, "m-1"), (1, "m-1"), (2, None), (2, None), (3, "m-3")):
        given = {} if message_id is None else {"message_id": message_id}
        put(broker, BERICHTEN_IN.naam, message(body), **given)
    until(lambda: kept(store) == 3)
    until(lambda: waiting(broker, BERICHTEN_IN.naam) == 0)
    assert (3, 0) == (kept(store), waiting(broker, "dood"))


def test_a_message_is_acknowledged_after_the_inbox_has_it(
    broker: Broker, proxy: Proxy, store: SqlStore, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = store.inbox.receive
    taken: list[Intake] = []

    def cut_after_commit(*given: Any) -> Intake:
        taken.append(real(*given))
        if len(taken) == 1:
            proxy.cut()
            until(lambda: waiting(broker, BERICHTEN_IN.naam) == 1)
        return taken[-1]

    monkeypatch.setattr(store.inbox, "receive", cut_after_commit)
    start(on=replace(broker, url=proxy.url))
    put(broker, BERICHTEN_IN.naam, message(1), message_id="m-1")
    until(lambda: len(taken) == 2 and waiting(broker, BERICHTEN_IN.naam) == 0, 20)
    assert [(1, True), (1, False)] == [(one.inbox_id, one.is_new) for one in taken]
    assert (1, 0) == (kept(store), waiting(broker, "dood"))


@pytest.mark.parametrize(
    "failure",
    [TemporaryFailure("de opslag is nu niet te gebruiken"), OSError(28, "No space left")],
    ids=["store", "disk"],
)
@pytest.mark.parametrize("hold", [300.0, 0.0], ids=["in-hand", "requeued"])
def test_a_store_that_is_away_is_waited_for(
    broker: Broker,
    store: SqlStore,
    start: Start,
    monkeypatch: pytest.MonkeyPatch,
    hold: float,
    failure: Exception,
) -> None:
    monkeypatch.setattr(edges, "HOLD_SECONDS", hold)
    real = store.inbox.receive
    tries: list[float] = []

    def away(*given: Any) -> Intake:
        tries.append(time.monotonic())
        if len(tries) < 4:
            raise failure
        return real(*given)

    monkeypatch.setattr(store.inbox, "receive", away)
    start()
    put(broker, BERICHTEN_IN.naam, message(1), message_id="m-1")
    until(lambda: kept(store) == 1)
    until(lambda: waiting(broker, BERICHTEN_IN.naam) == 0)
    assert (4, 0) == (len(tries), waiting(broker, "dood"))
    assert tries[3] - tries[0] > 0.2


class InHand(Fake):
    """A message that came without a number."""

    properties: ClassVar[dict[str, str]] = {}
    headers: ClassVar[dict[str, str]] = {}


def test_what_is_in_hand_together_is_held_once_while_the_store_is_away(
    broker: Broker, store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[object] = []

    def away(*given: Any) -> Intake:
        tries.append(given)
        raise TemporaryFailure("de opslag is nu niet te gebruiken")

    monkeypatch.setattr(store.inbox, "receive_all", away)
    intake = edges.QueueIntake(broker, BERICHTEN_IN, store.inbox)
    monkeypatch.setattr(intake, "_received", away)
    hand = [InHand(message(number)) for number in range(3)]
    intake.on_messages(hand)  # type: ignore[arg-type]
    assert [["requeue"]] * 3 == [one.done for one in hand]
    assert 2 == len(tries)


def test_a_connection_that_is_cut_while_the_store_is_away_loses_nothing(
    broker: Broker, proxy: Proxy, store: SqlStore, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = store.inbox.receive
    tries: list[int] = []

    def away(*given: Any) -> Intake:
        tries.append(len(tries))
        if len(tries) == 1:
            proxy.cut()
            raise TemporaryFailure("de opslag is nu niet te gebruiken")
        return real(*given)

    monkeypatch.setattr(store.inbox, "receive", away)
    with capture_logs() as logs:
        start(on=replace(broker, url=proxy.url))
        put(broker, BERICHTEN_IN.naam, message(1), message_id="m-1")
        until(lambda: kept(store) == 1, 20)
    assert "wachtrij_later" in {one["event"] for one in logs}
    assert "naar_dood" not in {one["event"] for one in logs}
    assert 0 == waiting(broker, "dood")


# What is offered, under which message_id, and what the log says of it.
REFUSED = {
    "te-groot": (b"<a>" + b"x" * edges.LARGEST, "m-2", "groter dan"),
    "nummer-gebruikt": (message(2), "m-1", "eerder gebruikt voor een ander bericht"),
    "nummer-te-lang": (message(2), "m" * 65, "langer dan 64"),
}


@pytest.mark.parametrize("geval", REFUSED)
def test_what_cannot_come_in_goes_to_dood_with_a_word_in_the_log(
    broker: Broker, store: SqlStore, start: Start, geval: str
) -> None:
    body, message_id, reden = REFUSED[geval]
    naam = BERICHTEN_IN.naam
    with capture_logs() as logs:
        start()
        put(broker, naam, message(1), message_id="m-1")
        put(broker, naam, body, message_id=message_id)
        put(broker, naam, message(3), message_id="m-3")
        dead = take(broker, "dood")
        until(lambda: kept(store) == 2)
    assert (body, message_id) == (dead.body, dead.properties["message_id"])
    (told,) = (one for one in logs if one["event"] == "naar_dood")
    assert (naam, message_id, len(body)) == tuple(
        told[key] for key in ("wachtrij", "kenmerk", "grootte")
    )
    assert reden in told["reden"]


def test_an_error_of_our_own_keeps_the_message_in_dood(
    broker: Broker, store: SqlStore, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    def falls(*_: Any) -> Intake:
        raise KeyError("999900006")

    monkeypatch.setattr(store.inbox, "receive", falls)
    with capture_logs() as logs:
        start(BACKOFFICE_IN)
        put(broker, BACKOFFICE_IN.naam, b'{"opdracht": "start"}')
        assert b'{"opdracht": "start"}' == take(broker, "dood").body
    assert ["KeyError"] == [one["reden"] for one in logs if one["event"] == "naar_dood"]


@pytest.fixture
def sending(broker: Broker, tmp_path: Path) -> Iterator[tuple[SqlStore, Klok, Runtime]]:
    """A store with a clock of its own, of which the relay sends to queues."""
    klok = Klok()
    opened = new_store(tmp_path, klok)
    randen = QueueRanden(broker, BRON)
    options = RuntimeOptions(broker=broker, bestemmingen=randen.bestemmingen)
    runtime = Runtime(opened, one_by_one(answering(opened, [])), options)
    yield opened, klok, runtime
    runtime.close()
    randen.close()
    opened.close()


def test_an_answer_leaves_under_its_name_and_the_same_again_after_a_crash(
    broker: Broker,
    sending: tuple[SqlStore, Klok, Runtime],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store, klok, runtime = sending
    settled(store, lambda work: work.add_answer("0193", answer()))

    def dies(_: object) -> None:
        raise SystemExit(9)

    with monkeypatch.context() as patched:
        patched.setattr(store.outbox, "sent", dies)
        with pytest.raises(SystemExit):
            runtime.relay.run_once()
    # On a shared store another relay waits until this one had its time.
    klok.move(61)
    assert 1 == runtime.relay.run_once()
    found = [take(broker, BERICHTEN_UIT) for _ in range(2)]
    properties = {
        "message_id": "JW325_0193_A1",
        "type": "antwoord",
        "content_type": "application/xml",
        "content_encoding": "utf-8",
        "delivery_mode": 2,
    }
    for one in found:
        assert b"<antwoord/>" == one.body
        assert properties == {key: one.properties[key] for key in properties}
    assert 0 == store.views.balans().antwoorden_onderweg


def test_an_event_leaves_as_a_cloudevent(
    broker: Broker, sending: tuple[SqlStore, Klok, Runtime]
) -> None:
    store, _, runtime = sending
    settled(store, lambda work: work.add_event("bericht-accepted", "0193", {"regels": 2}))
    assert 1 == runtime.relay.run_once() - 1
    found = take(broker, BACKOFFICE_UIT)
    assert "application/cloudevents+json" == found.properties["content_type"]
    told = json.loads(found.body)
    assert found.properties["message_id"] == told["id"]
    assert {
        "specversion": "1.0",
        "id": told["id"],
        "source": BRON,
        "type": "nl.iwmo.bericht-accepted.v1",
        "datacontenttype": "application/json",
        "time": "2026-05-04T12:00:00Z",
        "data": {
            "soort": "bericht-accepted",
            "gemeente": "0193",
            "inbox": 1,
            "tijd": "2026-05-04T12:00:00Z",
            "data": {"regels": 2},
        },
    } == told


def test_the_trace_of_a_message_is_kept_told_in_the_log_and_passed_on(
    broker: Broker, store: SqlStore, start: Start
) -> None:
    trace, step = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
    headers: list[dict[str, Any]] = [
        {"traceparent": f"00-{trace}-{step}-00"},
        {"traceparent": f"00-{'0' * 32}-{step}-00"},
        {"traceparent": 7},
        {},
    ]
    start()
    for number, given in enumerate(headers, 1):
        put(broker, BERICHTEN_IN.naam, message(number, f"1234567{number}"), headers=given)
        until(lambda number=number: kept(store) == number)
    claims = [store.inbox.claim(number) for number in range(1, len(headers) + 1)]
    randen = QueueRanden(broker, BRON)
    told = []
    for claim in claims:
        assert claim is not None
        with store.unit_of_work(claim) as work:
            work.add_event("bericht-accepted", "0193", {})
            work.finish(Outcome("accepted"))
            work.commit()
    for item in store.outbox.due(randen.bestemmingen.keys()):
        randen.bestemmingen[item.soort].deliver(item.naam, item.soort, iter(item.body))
        told.append(json.loads(take(broker, BACKOFFICE_UIT).body))
    randen.close()
    first, *others = claims
    assert first is not None
    assert {"bericht": 1, "trace": trace} == first.about
    assert f"00-{trace}-{first.volgnr:016x}-01" == told[0]["traceparent"]
    assert [{"bericht": number} for number in (2, 3, 4)] == [one.about for one in others if one]
    assert ["traceparent" in one for one in told] == [True, False, False, False]
    assert all("traceparent" not in one["data"] for one in told)


def test_an_answer_without_a_queue_stays_until_there_is_one(
    broker: Broker, sending: tuple[SqlStore, Klok, Runtime]
) -> None:
    store, klok, runtime = sending
    settled(store, lambda work: work.add_answer("0193", answer("A1")))
    runtime.relay.run_once()
    take(broker, BERICHTEN_UIT)
    with broker.connect() as connected:
        connected.default_channel.queue_delete(f"{broker.prefix}{BERICHTEN_UIT}")
    settled(store, lambda work: work.add_answer("0193", answer("A2")))
    with pytest.raises(TemporaryFailure, match=r"berichten\.uit is er niet"):
        runtime.relay.run_once()
    assert 1 == store.views.balans().antwoorden_onderweg
    klok.move(61)
    runtime.relay.run_once()
    assert "JW325_0193_A2" == take(broker, BERICHTEN_UIT).properties["message_id"]
    assert 0 == store.views.balans().antwoorden_onderweg


@pytest.fixture
def running(broker: Broker, tmp_path: Path) -> Iterator[Gateway]:
    """`gateway run` on the queues of this test."""
    gateway = Gateway(
        tmp_path / "data",
        GATEWAY_BROKER=broker.url,
        GATEWAY_QUEUE_PREFIX=broker.prefix,
        GATEWAY_RANDEN="amqp",
        GATEWAY_BRON=BRON,
    ).started()
    for one in QUEUES:
        assert comes_true(lambda naam=one: is_there(broker, naam), PATIENCE), gateway.logged()
    yield gateway
    gateway.end()


def test_the_backoffice_asks_and_hears_by_queues(
    broker: Broker, running: Gateway, capsys: pytest.CaptureFixture[str]
) -> None:
    example = (PROJECT / "docs" / "voorbeeld" / "06-toewijzing.json").read_bytes()
    for _ in range(2):
        put(broker, BACKOFFICE_IN.naam, example, message_id="zaak-1")
    sent = take(broker, BERICHTEN_UIT, PATIENCE)
    assert "application/xml" == sent.properties["content_type"]
    schema("JW301").assertValid(etree.fromstring(sent.body))
    told = json.loads(take(broker, BACKOFFICE_UIT, PATIENCE).body)
    assert (BRON, "nl.iwmo.bericht-accepted.v1") == (told["source"], told["type"])
    assert told["data"]["data"]["identificatie"] in sent.properties["message_id"]
    assert "zaak-1.json" == told["data"]["data"]["naam"]
    put(broker, BACKOFFICE_IN.naam, b'{"opdracht": "x"}', message_id="zaak-2")
    told = json.loads(take(broker, BACKOFFICE_UIT, PATIENCE).body)
    assert "nl.iwmo.bericht-invalid.v1" == told["type"]
    # What comes from outside is never an opdracht, whatever it holds and however it is called.
    put(broker, BERICHTEN_IN.naam, example + b" ", message_id="zaak-3.json")
    told = json.loads(take(broker, BACKOFFICE_UIT, PATIENCE).body)
    assert "nl.iwmo.bericht-invalid.v1" == told["type"]
    assert all_settled(running.data, 3, capsys), running.logged()
    assert [0, 0, 0] == [waiting(broker, one) for one in (BERICHTEN_UIT, BACKOFFICE_UIT, "dood")]
    assert not (running.data / "in").exists()


def test_a_message_by_queue_is_answered_by_queue_also_after_a_kill(
    broker: Broker, running: Gateway, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    offered = [f"N{number}" for number in range(12)]
    bodies = [made("JW305", ("JW305-0001", one)) for one in offered]
    for name, body in zip(offered[:6], bodies[:6], strict=True):
        put(broker, BERICHTEN_IN.naam, body, message_id=name)
    first = take(broker, BERICHTEN_UIT, PATIENCE)
    for name, body in zip(offered[6:], bodies[6:], strict=True):
        put(broker, BERICHTEN_IN.naam, body, message_id=name)
    running.kill()
    # Whoever sent it did not hear that it had arrived, and sends it again.
    put(broker, BERICHTEN_IN.naam, bodies[0], message_id=offered[0])
    again = Gateway(
        tmp_path / "data",
        GATEWAY_BROKER=broker.url,
        GATEWAY_QUEUE_PREFIX=broker.prefix,
        GATEWAY_RANDEN="amqp",
        GATEWAY_BRON=BRON,
    ).started()
    try:
        assert all_settled(tmp_path / "data", 12, capsys), again.logged()
        answers = {first.properties["message_id"]: first.body}
        while len(answers) < 12:
            found = take(broker, BERICHTEN_UIT, PATIENCE)
            body = answers.setdefault(found.properties["message_id"], found.body)
            assert found.body == body
        assert comes_true(lambda: waiting(broker, BERICHTEN_IN.naam) == 0, PATIENCE)
        assert (0, 0) == (again.stop()[0], waiting(broker, "dood"))
    finally:
        again.end()
    of = [etree.fromstring(one).findtext(".//{*}Identificatie") for one in answers.values()]
    assert sorted(offered) == sorted(of)


def test_queues_in_memory_are_no_edges(tmp_path: Path) -> None:
    gateway = Gateway(tmp_path / "data", GATEWAY_RANDEN="amqp")
    assert 2 == gateway.process.wait(PATIENCE)
    assert "GATEWAY_BROKER noemt geen wachtrij-server" in gateway.logged()

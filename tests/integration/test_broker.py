"""From announcement to answer: at least once, nothing lost, and every message comes to an end."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from gateway.broker.connection import Announcer, Broker
from gateway.broker.consumer import Process, WerkConsumer
from gateway.broker.relay import Relay
from gateway.broker.runtime import Runtime, RuntimeOptions
from gateway.broker.sweeper import Sweeper
from gateway.broker.worker import Judge as JudgeAll
from gateway.broker.worker import Worker
from gateway.errors import CouldNotFinish, RuleCrashed, TemporaryFailure, WrongUse
from gateway.pipeline.ports import Claim
from gateway.store.oppakken import Terms
from gateway.store.outbox import LEASE_SECONDS, Announcement, in_hands
from gateway.store.store import SqlStore
from gateway.store.waits import wait_after
from tests.integration.store_builders import (
    BSN,
    Klok,
    answer,
    finish,
    message,
    new_store,
    settled,
    taken,
)

_names = count()
Judge = Callable[[Claim], None]


def new_broker() -> Broker:
    """Queues of its own: those in memory are shared by a whole process."""
    return Broker(prefix=f"test{next(_names)}.")


class Uit:
    """A destination that remembers, and can be away."""

    def __init__(self) -> None:
        self.delivered: list[tuple[str, str, bytes]] = []
        self.is_away = False

    def deliver(self, naam: str, soort: str, body: Iterator[bytes]) -> None:
        if self.is_away:
            raise ConnectionError("away")
        self.delivered.append((naam, soort, b"".join(body)))


class Fake:
    """A message of the queue that remembers what was done with it."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.done: list[str] = []

    def ack(self) -> None:
        self.done.append("ack")

    def reject(self) -> None:
        self.done.append("reject")

    def requeue(self) -> None:
        self.done.append("requeue")


@pytest.fixture
def runtimes(store: SqlStore) -> Iterator[Callable[..., Runtime]]:
    """Makes runtimes around a judge, and closes them."""
    made: list[Runtime] = []

    def make(judge: Judge, **options: Any) -> Runtime:
        given = {"broker": new_broker(), "sleep": lambda seconds: None} | options
        made.append(Runtime(store, one_by_one(judge), RuntimeOptions(**given)))
        return made[-1]

    yield make
    for one in made:
        one.close()


def one_by_one(judge: Judge) -> JudgeAll:
    """Refuses a handful, so that each message comes by itself."""

    def judge_all(claims: Sequence[Claim]) -> None:
        if len(claims) > 1:
            raise ValueError
        judge(claims[0])

    return judge_all


def answering(store: SqlStore, seen: list[int]) -> Judge:
    """Judges every message by answering it."""

    def judge(claim: Claim) -> None:
        seen.append(claim.inbox_id)
        body = f"<antwoord op='{claim.inbox_id}'/>".encode()
        finish(
            store,
            claim,
            lambda work: work.add_answer("0193", answer(f"A{claim.inbox_id}", body)),
        )

    return judge


def verdict_of(store: SqlStore, inbox_id: int) -> tuple[str, str]:
    bericht = store.views.bericht(inbox_id)
    assert bericht is not None
    assert bericht.outcome is not None
    return bericht.outcome.verdict, bericht.outcome.reason


def test_draining_handles_everything_in_order_of_intake(
    store: SqlStore, runtimes: Callable[..., Runtime]
) -> None:
    seen: list[int] = []
    uit = Uit()
    runtime = runtimes(answering(store, seen), bestemmingen={"antwoord": uit})
    ids = [store.inbox.receive(f"{n}.xml", [message(n)]).inbox_id for n in range(20)]
    runtime.drain()
    assert ids == seen
    assert [(f"JW325_0193_A{one}", "antwoord") for one in ids] == [d[:2] for d in uit.delivered]
    assert store.views.balans().antwoorden_onderweg == 0
    runtime.drain()
    assert len(uit.delivered) == 20


def test_a_duplicate_is_not_judged_again(store: SqlStore, runtimes: Callable[..., Runtime]) -> None:
    seen: list[int] = []
    runtime = runtimes(answering(store, seen))
    for name in ("a.xml", "b.xml"):
        store.inbox.receive(name, [message(1)])
        runtime.drain()
    assert seen == [1]


def test_what_fails_for_the_moment_is_tried_until_it_succeeds(
    store: SqlStore, runtimes: Callable[..., Runtime]
) -> None:
    tries: list[int] = []

    def judge(claim: Claim) -> None:
        tries.append(claim.tries)
        if len(tries) < 3:
            raise TemporaryFailure("even weg")
        finish(store, claim)

    runtime = runtimes(judge)
    store.inbox.receive("a.xml", [message(1)])
    runtime.drain()
    assert tries == [0, 1, 2]
    assert verdict_of(store, 1) == ("accepted", "")


def test_what_keeps_failing_is_parked_and_the_rest_goes_on(
    store: SqlStore, runtimes: Callable[..., Runtime]
) -> None:
    seen: list[int] = []
    well = answering(store, seen)

    def judge(claim: Claim) -> None:
        if claim.inbox_id == 1:
            raise TemporaryFailure("altijd weg")
        well(claim)

    runtime = runtimes(judge)
    for number in range(3):
        store.inbox.receive("a.xml", [message(number)])
    runtime.drain()
    assert verdict_of(store, 1) == ("parked", "is na 3 keer niet afgehandeld")
    assert seen == [2, 3]


def test_our_own_fault_parks_the_message_with_its_reason(
    store: SqlStore, runtimes: Callable[..., Runtime]
) -> None:
    def judge(claim: Claim) -> None:
        if claim.inbox_id == 1:
            raise RuleCrashed("regel TR307 viel om")
        raise KeyError(BSN)

    runtime = runtimes(judge)
    for number in range(2):
        store.inbox.receive("a.xml", [message(number)])
    runtime.drain()
    assert verdict_of(store, 1) == ("parked", "regel TR307 viel om")
    verdict, reason = verdict_of(store, 2)
    assert verdict == "parked"
    assert reason.startswith("onverwachte fout KeyError in test_broker.py regel ")
    assert BSN not in reason


def test_a_process_that_ends_while_judging_leaves_the_message_to_the_next(
    store: SqlStore,
) -> None:
    def dying(_: Claim) -> None:
        raise SystemExit(1)

    intake = store.inbox.receive("a.xml", [message(1)])
    worker = Worker(store.inbox, one_by_one(dying), 30)
    with pytest.raises(SystemExit):
        worker.process([intake.inbox_id])
    worker.close()
    seen: list[int] = []
    second = Worker(store.inbox, one_by_one(answering(store, seen)), 30)
    second.process([intake.inbox_id])
    second.close()
    assert seen == [1]


def test_a_worker_that_dies_after_the_commit_is_no_problem(
    store: SqlStore, klok: Klok, runtimes: Callable[..., Runtime]
) -> None:
    seen: list[int] = []
    well = answering(store, seen)

    def judge(claim: Claim) -> None:
        well(claim)
        raise TemporaryFailure("de verbinding viel weg bij het vastleggen")

    runtime = runtimes(judge)
    store.inbox.receive("a.xml", [message(1)])
    runtime.drain()
    klok.move(3600)
    runtime.drain()
    assert seen == [1]
    assert verdict_of(store, 1) == ("accepted", "")


def test_announcements_that_a_restart_lost_come_again(
    store: SqlStore, runtimes: Callable[..., Runtime]
) -> None:
    store.inbox.receive("a.xml", [message(1)])
    lost = Announcer(new_broker())
    relay = Relay(store.outbox, lost, {})
    assert relay.run_once() == 1
    relay.close()
    seen: list[int] = []
    runtime = runtimes(answering(store, seen))
    store.inbox.free_all()
    runtime.drain()
    assert seen == [1]


def test_a_relay_that_stops_before_it_marked_announces_again(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch, runtimes: Callable[..., Runtime]
) -> None:
    seen: list[int] = []
    runtime = runtimes(answering(store, seen))
    store.inbox.receive("a.xml", [message(1)])

    def dies(_: object) -> None:
        raise SystemExit(9)

    with monkeypatch.context() as patched:
        patched.setattr(store.outbox, "announced", dies)
        with pytest.raises(SystemExit):
            runtime.relay.run_once()
    assert len(store.outbox.announcements()) == 1
    runtime.drain()
    assert seen == [1]


def test_a_relay_that_stops_before_it_marked_delivers_the_same_again(
    store: SqlStore,
    klok: Klok,
    monkeypatch: pytest.MonkeyPatch,
    runtimes: Callable[..., Runtime],
) -> None:
    uit = Uit()
    runtime = runtimes(answering(store, []), bestemmingen={"antwoord": uit})
    settled(store, lambda work: work.add_answer("0193", answer()))

    def dies(_: object) -> None:
        raise SystemExit(9)

    with monkeypatch.context() as patched:
        patched.setattr(store.outbox, "sent", dies)
        with pytest.raises(SystemExit):
            runtime.relay.run_once()
    # On a shared store another relay waits until this one had its time.
    klok.move(LEASE_SECONDS + 1)
    runtime.drain()
    assert len(uit.delivered) == 2
    assert uit.delivered[0] == uit.delivered[1]


def test_a_destination_that_is_away_gets_its_answer_later(
    store: SqlStore, klok: Klok, runtimes: Callable[..., Runtime]
) -> None:
    uit = Uit()
    uit.is_away = True
    runtime = runtimes(answering(store, []), bestemmingen={"antwoord": uit})
    settled(store, lambda work: work.add_answer("0193", answer()))
    runtime.drain()
    uit.is_away = False
    assert runtime.relay.run_once() == 0
    klok.move(wait_after(0))
    assert runtime.relay.run_once() == 1
    assert uit.delivered == [("JW325_0193_A1", "antwoord", b"<antwoord/>")]


def test_what_has_no_destination_stays_until_there_is_one(
    store: SqlStore, runtimes: Callable[..., Runtime]
) -> None:
    runtime = runtimes(answering(store, []), bestemmingen={"antwoord": Uit()})
    settled(store, lambda work: work.add_event("bericht-accepted", "0193", {}))
    runtime.drain()
    uit = Uit()
    runtimes(answering(store, []), bestemmingen={"event": uit}).drain()
    assert [soort for _, soort, _ in uit.delivered] == ["event"]


def test_draining_gives_up_when_the_store_stays_away(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch, runtimes: Callable[..., Runtime]
) -> None:
    def away() -> None:
        raise TemporaryFailure("weg")

    runtime = runtimes(answering(store, []))
    store.inbox.receive("a.xml", [message(1)])
    monkeypatch.setattr(store.inbox, "take", away)
    with pytest.raises(CouldNotFinish, match="weg"):
        runtime.drain()


def consumer_with(process: Process, parked: list[tuple[int, str]]) -> WerkConsumer:
    return WerkConsumer(new_broker(), process, lambda number, why: parked.append((number, why)))


def test_an_announcement_is_acknowledged_after_the_work_is_done() -> None:
    steps: list[object] = []
    consumer = consumer_with(steps.append, [])
    fake = Fake(b"7")
    consumer.on_messages([fake])
    assert ([[7]], ["ack"]) == (steps, fake.done)
    consumer.close()


def test_a_passing_failure_puts_the_announcement_back_after_a_growing_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def process(_: Sequence[int]) -> None:
        raise TemporaryFailure("weg")

    consumer = consumer_with(process, [])
    waits: list[float] = []
    monkeypatch.setattr(consumer._stopped, "wait", waits.append)
    fake = Fake(b"7")
    for _ in range(3):
        consumer.on_messages([fake])
    assert fake.done == ["requeue"] * 3
    assert waits == [0.1, 0.2, 0.4]
    consumer.close()


def test_any_other_failure_parks_and_an_unparked_one_is_not_acknowledged() -> None:
    def process(_: Sequence[int]) -> None:
        raise ValueError(BSN)

    parked: list[tuple[int, str]] = []
    consumer = consumer_with(process, parked)
    fake = Fake(b"7")
    consumer.on_messages([fake])
    assert ["ack"] == fake.done
    assert parked == [(7, "onverwachte fout ValueError")]
    consumer.close()

    def cannot_park(number: int, why: str) -> None:
        raise TemporaryFailure("weg")

    second = WerkConsumer(new_broker(), process, cannot_park)
    fake = Fake(b"7")
    second.on_messages([fake])
    assert ["requeue"] == fake.done
    second.close()


def test_of_an_announcement_of_several_each_goes_by_itself_when_one_makes_us_fall_over() -> None:
    handled: list[Sequence[int]] = []

    def process(inbox_ids: Sequence[int]) -> None:
        if 8 in inbox_ids:
            raise ValueError(BSN)
        handled.append(inbox_ids)

    parked: list[tuple[int, str]] = []
    consumer = consumer_with(process, parked)
    fakes = [Fake(b"7 8"), Fake(b"9 7")]
    consumer.on_messages(fakes)
    assert [["ack"], ["ack"]] == [fake.done for fake in fakes]
    assert ([[7], [9]], [8]) == (handled, [number for number, _ in parked])
    consumer.close()


def test_what_is_told_together_is_a_hand() -> None:
    sizes = [*[10] * 60, 400_000, 200_000, 900_000, 10]
    waiting = [Announcement(n, n, size) for n, size in enumerate(sizes, 1)]
    hands = [[one.inbox_id for one in hand] for hand in in_hands(waiting)]
    assert [[*range(1, 51)], [*range(51, 62)], [62], [63], [64]] == hands


def test_an_announcement_without_a_number_is_refused() -> None:
    consumer = consumer_with(lambda _: None, [])
    fake = Fake(b"<xml/>")
    consumer.on_messages([fake])
    assert ["reject"] == fake.done
    consumer.close()


def test_an_address_that_kombu_does_not_know_is_wrong_use() -> None:
    for url in ("onbekend://x", "geen url"):
        with pytest.raises(WrongUse, match="geen URL die kombu kent"):
            Broker(url).connect()


def real_clock() -> datetime:
    return datetime.now(UTC)


def until(true: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def test_a_lease_is_renewed_while_a_message_is_judged(tmp_path: Path) -> None:
    store = new_store(tmp_path, real_clock, terms=Terms(lease_seconds=0.6, tries=3))
    intake = store.inbox.receive("a.xml", [message(1)])
    claims: list[object] = []

    def slow(claim: Claim) -> None:
        time.sleep(1.5)
        store.inbox.sweep()
        claims.append(store.inbox.claim(claim.inbox_id))
        finish(store, claim)

    worker = Worker(store.inbox, one_by_one(slow), 0.6)
    worker.process([intake.inbox_id])
    worker.close()
    assert claims == [None]
    assert verdict_of(store, 1) == ("accepted", "")
    store.close()


def test_the_service_runs_until_it_is_told_to_stop(tmp_path: Path) -> None:
    store = new_store(tmp_path, real_clock)
    uit = Uit()
    options = RuntimeOptions(broker=new_broker(), bestemmingen={"antwoord": uit}, sweep_seconds=0.1)
    runtime = Runtime(store, one_by_one(answering(store, [])), options)
    falls = threading.Event()

    def falling(stop: threading.Event) -> None:
        if not falls.is_set():
            falls.set()
            raise OSError("once")
        stop.wait()

    runtime.start([falling])
    for number in range(5):
        store.inbox.receive("a.xml", [message(number)])
    until(lambda: len(uit.delivered) == 5)
    assert runtime.stop()
    assert falls.is_set()
    assert store.views.balans().klopt
    store.close()


def test_the_sweeper_goes_on_when_the_store_is_away(
    store: SqlStore, klok: Klok, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken(store, 1)
    store.outbox.announced(store.outbox.announcements())
    klok.move(31)
    away = iter([True])
    real = store.inbox.sweep

    def sweep() -> int:
        if next(away, False):
            raise TemporaryFailure("weg")
        return real()

    monkeypatch.setattr(store.inbox, "sweep", sweep)
    sweeper = Sweeper(store.inbox, 0.01)
    stop = threading.Event()
    thread = threading.Thread(target=sweeper.run, args=(stop,))
    thread.start()
    until(lambda: len(store.outbox.announcements()) == 1)
    stop.set()
    thread.join()

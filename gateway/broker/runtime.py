"""Runs worker, relay and sweeper in one process: until nothing waits, or until told to stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import structlog

from gateway.broker.connection import Announcer, Broker
from gateway.broker.consumer import WerkConsumer
from gateway.broker.poller import Poller
from gateway.broker.relay import Relay
from gateway.broker.sweeper import Sweeper
from gateway.broker.worker import Judge, Worker
from gateway.errors import CouldNotFinish, TemporaryFailure
from gateway.pipeline.ports import Bestemming
from gateway.store.store import SqlStore
from gateway.tellers import Tellers

STOP_SECONDS = 14.0
MAX_FAILURES = 8
FIRST_WAIT = 0.05
LONGEST_WAIT = 2.0
RESTART_SECONDS = 1.0

log = structlog.get_logger()

Loop = Callable[[threading.Event], None]
Sleep = Callable[[float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuntimeOptions:
    """How a runtime runs; `bestemmingen` says per kind of outbox item where it goes.

    `tellers` is what it counts in.
    """

    broker: Broker = field(default_factory=Broker)
    lease_seconds: float = 30.0
    sweep_seconds: float = 5.0
    bestemmingen: Mapping[str, Bestemming] = field(default_factory=dict)
    sleep: Sleep = time.sleep
    tellers: Tellers = field(default_factory=Tellers)


class Runtime:
    """Everything between intake and delivery, around one `judge` function."""

    def __init__(self, store: SqlStore, judge: Judge, options: RuntimeOptions) -> None:
        self.tellers = tellers = options.tellers
        self.worker = Worker(store.inbox, judge, options.lease_seconds, tellers)
        self.consumer = WerkConsumer(options.broker, self.worker.process, self.worker.park)
        self.relay = Relay(store.outbox, Announcer(options.broker), options.bestemmingen, tellers)
        self.sweeper = Sweeper(store.inbox, options.sweep_seconds)
        self.poller = Poller(store.inbox, self.worker, tellers)
        # Where no queue stands beside the store, the store is a queue by itself.
        self._polls = options.broker.is_memory
        self._store = store
        self._sleep = options.sleep
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def drain(self) -> None:
        """Handle everything that waits, in this thread and in order of intake.

        A message that fails for the moment is tried again until it succeeds or is parked; its
        waits are shortened.  Raises CouldNotFinish when the store or the queue stays away.
        """
        idle = failures = 0
        while True:
            try:
                if self._work_once():
                    idle = 0
                elif not self._store.inbox.sweep(ignore_waits=True):
                    return
                else:
                    idle += 1
                    self._sleep(min(FIRST_WAIT * 2.0**idle, LONGEST_WAIT))
                failures = self.consumer.failures
            except TemporaryFailure as failure:
                failures += 1
                self._sleep(min(FIRST_WAIT * 2.0**failures, LONGEST_WAIT))
                if failures >= MAX_FAILURES:
                    raise CouldNotFinish(str(failure)) from failure
            if failures >= MAX_FAILURES:
                raise CouldNotFinish("de opslag bleef onbereikbaar; niet alles is afgehandeld")

    def _work_once(self) -> int:
        """Send what is due, and handle what is told or announced; returns how much that was."""
        if self._polls:
            return self.relay.deliver_due() + self.poller.run_once()
        return self.relay.run_once() + self.consumer.handle_waiting()

    def start(self, loops: Sequence[Loop] = ()) -> None:
        """Run everything: what works, what sends, and further loops such as a folder intake."""
        self._start([self._works(), self._sends(), self.sweeper.run, *loops])

    def start_working(self, loops: Sequence[Loop] = ()) -> None:
        """Only handle messages, as one of several processes on a store, and run further loops."""
        self._start([self._works(), *loops])

    def start_sending(self, loops: Sequence[Loop] = ()) -> None:
        """Only send, look after what was left behind, and run further loops."""
        self._start([self._sends(), self.sweeper.run, *loops])

    def _works(self) -> Loop:
        return self.poller.run if self._polls else self._consume

    def _sends(self) -> Loop:
        return self.relay.run_deliveries if self._polls else self.relay.run

    def _start(self, loops: Sequence[Loop]) -> None:
        for loop in loops:
            name = getattr(loop, "__qualname__", "loop")
            thread = threading.Thread(target=self._keep, args=(loop,), name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> bool:
        """Finish what is in hand and end all loops; False when one did not end in time."""
        self._stop.set()
        self.consumer.stop()
        deadline = time.monotonic() + STOP_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        ended = not any(thread.is_alive() for thread in self._threads)
        if ended:
            self.close()
        return ended

    def close(self) -> None:
        """Give connections and the renewal thread back."""
        self.worker.close()
        self.consumer.close()
        self.relay.close()

    def _consume(self, _stop: threading.Event) -> None:
        self.consumer.run()

    def _keep(self, loop: Loop) -> None:
        """A loop that falls over is set up again: the service goes on without help."""
        while not self._stop.is_set():
            try:
                loop(self._stop)
            except Exception as error:
                log.error("lus_hersteld", lus=loop.__qualname__, fout=type(error).__name__)
                self.tellers.lussen += 1
                self._stop.wait(RESTART_SECONDS)

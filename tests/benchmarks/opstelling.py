"""The two ways in which the gateway runs, set up to be measured: embedded, and as in production.

Both are offered messages through the inbox, and tell when each of them was settled: when its
answer stood in the outbox and everything was committed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

from gateway.bootstrap import Installation
from gateway.broker.connection import Broker
from gateway.pipeline.ports import Claim
from gateway.pipeline.settlement import Settlement
from tests import postgres, rabbitmq
from tests.benchmarks.plaats import MOMENT, opened, shift_to

PATIENCE = 120.0
WARM_UPS = 20
Chunks = Iterable[bytes]


class Opstelling(ABC):
    """A gateway that messages are offered to."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.ended: dict[int, float] = {}
        self.verdicts: Counter[str] = Counter()
        self._offered = 0
        self._news = threading.Condition()

    def offer(self, body: Chunks) -> int:
        """Put a message in the inbox; returns its row."""
        self._offered += 1
        return self.installation.store.inbox.receive(f"{self._offered}.xml", body).inbox_id

    @abstractmethod
    def warm(self, bodies: Sequence[bytes]) -> None:
        """Have some messages handled before anything is measured, or started."""

    @abstractmethod
    def start(self) -> None:
        """Handle what is offered from here on, and what waits."""

    def told(self, inbox_id: int, moment: float, verdict: str) -> None:
        """A message was settled."""
        with self._news:
            self.ended[inbox_id] = moment
            self.verdicts[verdict] += 1
            self._news.notify_all()

    def wait(self, ids: Iterable[int]) -> float:
        """Wait for the end of all of these; the moment of the last one."""
        waiting = set(ids)
        with self._news:
            while waiting - self.ended.keys():
                if not self._news.wait(PATIENCE):
                    left = len(waiting - self.ended.keys())
                    raise SystemExit(f"{left} messages did not end: the figures mean nothing")
            return max(self.ended[one] for one in waiting)

    def backlog(self, bodies: Iterable[bytes]) -> float:
        """Seconds to handle messages that all wait when it starts."""
        ids = [self.offer([body]) for body in bodies]
        begin = time.time()
        self.start()
        return self.wait(ids) - begin

    def expect_only(self, *verdicts: str) -> None:
        """The measured messages have no faults; another verdict means that figures mean nothing."""
        if not self.verdicts.keys() <= set(verdicts):
            raise SystemExit(f"verdicts {dict(self.verdicts)}: the figures mean nothing")


class Ingebouwd(Opstelling):
    """All in this process, as `gateway run` does it."""

    def __init__(self, installation: Installation) -> None:
        super().__init__(installation)
        installation.listeners.append(self._settled)

    def warm(self, bodies: Sequence[bytes]) -> None:
        """See `Opstelling`."""
        for body in bodies:
            self.offer([body])
        self.installation.runtime.drain()

    def start(self) -> None:
        """See `Opstelling`."""
        self.installation.runtime.start()

    def _settled(self, claim: Claim, settlement: Settlement) -> None:
        self.told(claim.inbox_id, time.time(), settlement.outcome.verdict)


class Productie(Opstelling):
    """Intake and relay in this process, as `gateway relay` does it; workers are beside it."""

    def __init__(self, installation: Installation, workers: Sequence[subprocess.Popen[str]]):
        super().__init__(installation)
        self._workers = workers
        self.claimed: dict[int, float] = {}
        self._cpu = [0.0] * len(workers)
        self._listening = [
            threading.Thread(target=self._listen, args=(place,), daemon=True)
            for place in range(len(workers))
        ]
        for thread in self._listening:
            thread.start()

    def warm(self, bodies: Sequence[bytes]) -> None:
        """See `Opstelling`: a share of them at a time, until every worker has had something."""
        runtime = self.installation.runtime
        until = time.monotonic() + PATIENCE
        share = max(1, len(bodies) // WARM_UPS)
        for first in range(0, len(bodies), share):
            ids = [self.offer([body]) for body in bodies[first : first + share]]
            while set(ids) - self.ended.keys():
                if time.monotonic() > until:
                    raise SystemExit("warming up did not end: there are no figures")
                runtime.relay.run_once()
                runtime.sweeper.run_once()
                time.sleep(0.02)
            if all(self._cpu):
                break

    def start(self) -> None:
        """See `Opstelling`."""
        self.installation.runtime.start_sending()

    @property
    def worker_cpu(self) -> float:
        """The seconds of a core that the workers took so far."""
        return sum(self._cpu)

    def end(self) -> None:
        """Let the workers stop."""
        for worker in self._workers:
            assert worker.stdin is not None
            worker.stdin.close()
        for worker, thread in zip(self._workers, self._listening, strict=True):
            thread.join(PATIENCE)
            worker.wait(PATIENCE)

    def _listen(self, place: int) -> None:
        stream = self._workers[place].stdout
        assert stream is not None
        for line in stream:
            inbox_id, claimed, moment, cpu, verdict = line.split()
            self._cpu[place] = float(cpu)
            self.claimed[int(inbox_id)] = float(claimed)
            self.told(int(inbox_id), float(moment), verdict)


def servers_are_there() -> bool:
    """Whether production can be measured."""
    return postgres.found_server() is not None and rabbitmq.found_server() is not None


@contextmanager
def ingebouwd(database: Path | str, **given: object) -> Iterator[Ingebouwd]:
    """The embedded way on a database."""
    opstelling = Ingebouwd(opened(database, **given))
    try:
        yield opstelling
    finally:
        opstelling.installation.runtime.stop()
        opstelling.installation.store.close()


@contextmanager
def productie(
    url: str,
    broker: Broker,
    workers: int,
    environment: Mapping[str, str] | None = None,
    moment: datetime = MOMENT,
) -> Iterator[Productie]:
    """The way of production on a store and a broker, with so many workers, at a moment."""
    shift = shift_to(moment)
    own = {"GATEWAY_BROKER": broker.url, "GATEWAY_QUEUE_PREFIX": broker.prefix}
    own |= {"GATEWAY_STORE": url, **(environment or {})}
    with ExitStack() as stack:
        processes = [stack.enter_context(_worker(own, shift)) for _ in range(workers)]
        for one in processes:
            assert one.stdout is not None
            if one.stdout.readline() != "klaar\n":
                raise SystemExit("a worker did not start: there are no figures")
        installation = opened(url, environment=own, shift=shift, updates=False)
        opstelling = Productie(installation, processes)
        try:
            yield opstelling
        finally:
            opstelling.end()
            installation.runtime.stop()
            installation.store.close()


@contextmanager
def _worker(own: Mapping[str, str], shift: float) -> Iterator[subprocess.Popen[str]]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GATEWAY_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.werker", str(shift)],
        env={**kept, **own},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()

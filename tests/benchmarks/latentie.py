"""How long a small invoice takes while others keep coming, from offering to answer in the outbox.

Messages are offered on a schedule, whether or not those before them are done, and the time of a
message begins when it was to be offered: who is late with offering makes no figure better.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

from gateway.config import data_folder
from gateway.messages.definition import read_types
from tests import postgres, rabbitmq
from tests.benchmarks.beurten import in_turns
from tests.benchmarks.groot import month_of
from tests.benchmarks.kleine import Kleine
from tests.benchmarks.opstelling import Opstelling, ingebouwd, productie, servers_are_there
from tests.benchmarks.plaats import seed
from tests.benchmarks.verslag import Verslag

GROEP = "wachttijd bij 200 berichten per seconde"
RATE = 200.0
WARM = 40
WORKERS = 2
HANDS = 4  # a message that is being stored keeps nobody from offering the next one in time
Waits = Callable[[int], Sequence[float]]


@dataclass(frozen=True, slots=True)
class Maat:
    """How much is measured: seconds of offering, and rounds."""

    seconds: int
    rounds: int

    @property
    def count(self) -> int:
        """How many messages a round has."""
        return int(RATE * self.seconds)


def measure(verslag: Verslag, maat: Maat) -> None:
    """Measure both ways in turns."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        ways = {"ingebouwd": stack.enter_context(embedded(maat, folder / "gateway.db"))}
        if servers_are_there():
            ways["productie"] = stack.enter_context(in_production(maat))
        found = in_turns(maat.rounds, ways)
    for name, rounds in found.items():
        p50 = median(median(waits) for waits in rounds) * 1000
        p99 = median(quantiles(waits, n=100)[98] for waits in rounds) * 1000
        verslag.detail(GROEP, f"{name}, p50", p50, "ms")
        verslag.detail(GROEP, f"{name}, p99", p99, "ms")
        verslag.cijfer(f"p99_{name}", p99)


def new_kleine(count: int) -> Kleine:
    """Invoices only, so many a month."""
    return Kleine(read_types(data_folder("mappings")), count + WARM, 0)


@contextmanager
def embedded(maat: Maat, database: Path) -> Iterator[Waits]:
    """Seconds per message in one process."""
    kleine = new_kleine(maat.count)
    seed(database, kleine.kring)

    def handled(number: int) -> Sequence[float]:
        with ingebouwd(database) as opstelling:
            return waits(opstelling, kleine, maat.count, month_of(number))

    yield handled


@contextmanager
def in_production(maat: Maat) -> Iterator[Waits]:
    """Seconds per message with two workers."""
    kleine = new_kleine(maat.count)
    with postgres.throwaway() as (url, owner), rabbitmq.own_queues() as broker:
        seed(url, kleine.kring)
        postgres.count_again(owner)

        def handled(number: int) -> Sequence[float]:
            with productie(url, broker, WORKERS) as opstelling:
                return waits(opstelling, kleine, maat.count, month_of(number))

        yield handled


def waits(
    opstelling: Opstelling, kleine: Kleine, count: int, month: str, rate: float = RATE
) -> list[float]:
    """Seconds per message, so many of which are offered at a rate."""
    opstelling.warm([kleine.invoice(count + number, month) for number in range(WARM)])
    bodies = [kleine.invoice(number, month) for number in range(count)]
    opstelling.start()
    begin = time.time() + 0.5
    moments = [begin + number / rate for number in range(count)]
    ids = offered(opstelling, bodies, moments)
    opstelling.wait(ids)
    opstelling.expect_only("accepted")
    return [opstelling.ended[one] - moment for one, moment in zip(ids, moments, strict=True)]


def offered(opstelling: Opstelling, bodies: Sequence[bytes], moments: Sequence[float]) -> list[int]:
    """Offer each message at its moment; returns their rows."""
    ids = [0] * len(bodies)
    turns, lock = iter(range(len(bodies))), threading.Lock()

    def offer() -> None:
        while True:
            with lock:
                turn = next(turns, None)
            if turn is None:
                return
            time.sleep(max(0.0, moments[turn] - time.time()))
            ids[turn] = opstelling.offer([bodies[turn]])

    hands = [threading.Thread(target=offer) for _ in range(HANDS)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    return ids

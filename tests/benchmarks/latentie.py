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

from gateway.broker.connection import Broker
from gateway.broker.consumer import WerkConsumer
from gateway.broker.pauzes import SHORTEST
from gateway.config import data_folder
from gateway.messages.definition import read_types
from tests import postgres, rabbitmq
from tests.benchmarks.beurten import in_turns
from tests.benchmarks.groot import month_of
from tests.benchmarks.kleine import PROVIDERS, Kleine
from tests.benchmarks.opstelling import Opstelling, ingebouwd, productie, servers_are_there
from tests.benchmarks.plaats import seed
from tests.benchmarks.verslag import Verslag
from tests.benchmarks.wachtrij import Bericht, Bezetting, Regels, simulate

GROEP = "wachttijd bij 200 berichten per seconde"
RATE = 200.0
WARM = 20
# A second, so that each of them is alone.
SELDOM = 20.0
# How many announcements a worker takes up together.
AT_ONCE: int = getattr(WerkConsumer, "at_once", 1)
WORKERS = 2
ALONE, MANY = "één bericht bij een worker", "als alles wacht"
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
    """Measure both ways in turns, and hold those of production against the simulation."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        ways = {"ingebouwd": stack.enter_context(embedded(maat, folder / "gateway.db"))}
        if servers_are_there():
            ways["productie"] = stack.enter_context(in_production(maat, verslag))
        found = in_turns(maat.rounds, ways)
    for name, rounds in found.items():
        p50, p99 = (median(part) for part in zip(*map(percentiles, rounds), strict=True))
        verslag.detail(GROEP, f"{name}, p50", p50, "ms")
        verslag.detail(GROEP, f"{name}, p99", p99, "ms")
        verslag.cijfer(f"p99_{name}", p99)
    if servers_are_there():
        p50, p99 = percentiles(_simulated(verslag, maat.count))
        verslag.detail(GROEP, "gesimuleerd, p50", p50, "ms")
        verslag.detail(GROEP, "gesimuleerd, p99", p99, "ms")


def percentiles(waits: Sequence[float]) -> tuple[float, float]:
    """The median of some seconds, and what 99 in a hundred stay below; in milliseconds."""
    return median(waits) * 1000, quantiles(waits, n=100)[98] * 1000


def _simulated(verslag: Verslag, count: int) -> Sequence[float]:
    """What the simulation makes of the same schedule."""
    werk, regels = gedrag(verslag)
    berichten = (Bericht(number / RATE, number % PROVIDERS, werk) for number in range(count))
    return simulate(berichten, [Bezetting(0, WORKERS)], regels).tijden


def gedrag(verslag: Verslag) -> tuple[float, Regels]:
    """What a message takes a worker, and how workers go about it, from what was measured.

    Of one message by itself the whole time is known, of full handfuls that per message: what they
    differ is what a handful costs beside its messages.
    """
    alone = verslag.waarde(GROEP, ALONE) / 1000
    many = WORKERS / verslag.waarde(GROEP, MANY)
    share = AT_ONCE / (AT_ONCE - 1) if AT_ONCE > 1 else 0.0
    vast = max(0.0, alone - many) * share
    return many - vast / AT_ONCE, Regels(AT_ONCE, vast, SHORTEST)


def note_work(verslag: Verslag, url: str, broker: Broker, kleine: Kleine) -> None:
    """Measure what a message takes by itself, and how many can be handled when all wait."""
    month = month_of(0)
    with productie(url, broker, WORKERS) as opstelling:
        opstelling.warm([kleine.invoice(number, month) for number in range(WARM)])
        opstelling.start()
        one_by_one = [kleine.invoice(WARM + number, month) for number in range(WARM)]
        begin = time.time()
        ids = offered(opstelling, one_by_one, [begin + number / SELDOM for number in range(WARM)])
        opstelling.wait(ids)
        alone = median(opstelling.ended[one] - opstelling.claimed[one] for one in ids)
    with productie(url, broker, WORKERS) as opstelling:
        rest = [kleine.invoice(number, month) for number in range(2 * WARM, kleine.invoices)]
        opstelling.warm(rest[:WARM])
        seconds = opstelling.backlog(rest[WARM:])
    verslag.detail(GROEP, ALONE, alone * 1000, "ms")
    verslag.detail(GROEP, MANY, (len(rest) - WARM) / seconds, "per seconde")


def new_kleine(count: int) -> Kleine:
    """Invoices only, so many a month."""
    return Kleine(read_types(data_folder("mappings")), max(count, 3 * WARM) + WARM, 0)


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
def in_production(maat: Maat, verslag: Verslag) -> Iterator[Waits]:
    """Seconds per message with two workers."""
    kleine = new_kleine(maat.count)
    with postgres.throwaway() as (url, owner), rabbitmq.own_queues() as broker:
        seed(url, kleine.kring)
        postgres.count_again(owner)
        note_work(verslag, url, broker, kleine)

        def handled(number: int) -> Sequence[float]:
            with productie(url, broker, WORKERS) as opstelling:
                return waits(opstelling, kleine, maat.count, month_of(number + 1))

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

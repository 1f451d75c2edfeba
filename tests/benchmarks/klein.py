"""Small messages a second: a mix of 301, 305 and 10-line 323, all of which wait at the start."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.config import data_folder
from gateway.messages.definition import read_types
from tests import postgres, rabbitmq
from tests.benchmarks.beurten import Way, medians, timed
from tests.benchmarks.groot import month_of
from tests.benchmarks.kleine import Kleine
from tests.benchmarks.naive import naive_on
from tests.benchmarks.opstelling import ingebouwd, productie, servers_are_there
from tests.benchmarks.plaats import seed
from tests.benchmarks.verbruik import Gebruik, Verbruik, note
from tests.benchmarks.verslag import Verslag

GROEP = "kleine berichten"
KINDS = 3
WARM = 20
WORKERS = (1, 2)


@dataclass(frozen=True, slots=True)
class Maat:
    """How much is measured: messages of each kind, the same for the naive way, and rounds."""

    count: int
    naive_count: int
    rounds: int


def measure(verslag: Verslag, maat: Maat) -> None:
    """Measure all ways in turns."""
    uses: list[Gebruik] = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        ways = {
            "ingebouwd": stack.enter_context(embedded(maat, folder / "gateway.db")),
            "naïeve manier op SQLite": stack.enter_context(
                naive(maat, f"sqlite:///{folder}/naief.db")
            ),
        }
        if servers_are_there():
            ways |= stack.enter_context(in_production(maat, uses))
            naive_url, _ = stack.enter_context(postgres.throwaway())
            ways["naïeve manier op PostgreSQL"] = stack.enter_context(naive(maat, naive_url))
        found = medians(maat.rounds, ways)
    for name, speed in found.items():
        verslag.detail(GROEP, name, speed, "per seconde")
    note(verslag, GROEP, "per bericht", uses)
    if name_of(1) in found:
        one, two = (found[name_of(workers)] for workers in WORKERS)
        verslag.cijfer("naief_klein", one / found["naïeve manier op PostgreSQL"])
        verslag.cijfer("twee_workers_klein", two / one)


def name_of(workers: int) -> str:
    """What production with so many workers is called."""
    return f"in productie, {'één worker' if workers == 1 else 'twee workers'}"


def new_kleine(maat: Maat, times: int) -> Kleine:
    """Enough to measure each round of `times` ways on one store."""
    count = maat.count + WARM
    return Kleine(read_types(data_folder("mappings")), count, count * maat.rounds * times)


@contextmanager
def embedded(maat: Maat, database: Path) -> Iterator[Way]:
    """Messages a second in one process."""
    kleine = new_kleine(maat, 1)
    seed(database, kleine.kring, kleine.started)

    def handled(number: int) -> float:
        month = month_of(number)
        with ingebouwd(database) as opstelling:
            opstelling.warm([*kleine.mix(WARM, month, maat.count)])
            seconds = opstelling.backlog(kleine.mix(maat.count, month))
            opstelling.expect_only("accepted")
        return KINDS * maat.count / seconds

    yield handled


@contextmanager
def in_production(maat: Maat, uses: list[Gebruik]) -> Iterator[dict[str, Way]]:
    """Messages a second with one worker and with two; `uses` hears what one of them takes."""
    kleine = new_kleine(maat, len(WORKERS))
    with postgres.throwaway() as (url, owner), rabbitmq.own_queues() as broker:
        seed(url, kleine.kring, kleine.started)
        postgres.count_again(owner)

        def handled(number: int, workers: int) -> float:
            month = month_of(number * len(WORKERS) + workers - 1)
            with productie(url, broker, workers) as opstelling:
                opstelling.warm([*kleine.mix(WARM, month, maat.count)])
                bodies = [*kleine.mix(maat.count, month)]
                use = Verbruik(opstelling, owner)
                seconds = opstelling.backlog(bodies)
                opstelling.expect_only("accepted")
                if workers == 1:
                    uses.append(use.per(len(bodies)))
            return KINDS * maat.count / seconds

        yield {
            name_of(1): lambda number: handled(number, 1),
            name_of(2): lambda number: handled(number, 2),
        }


@contextmanager
def naive(maat: Maat, url: str) -> Iterator[Way]:
    """Messages a second of the naive way, which is given them one after another."""
    kleine = new_kleine(maat, 1)
    seed(url, kleine.kring, kleine.started)
    with naive_on(url) as way:
        inbox = way.gateway.store.inbox

        def handled(number: int) -> float:
            bodies = enumerate(kleine.mix(maat.naive_count, month_of(number)))
            ids = [inbox.receive(f"{number}-{n}.xml", [body]).inbox_id for n, body in bodies]
            return len(ids) / timed(lambda: [way.handle(one) for one in ids])

        yield handled

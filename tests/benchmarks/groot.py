"""Large invoices: the floor, the gateway embedded and in production, and the naive way.

The floor is what lxml takes to read and validate a message, and nothing else.  Every round of a way
is about another month, on one store.
"""

from __future__ import annotations

import io
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from lxml import etree

from gateway.cli.process import process_files
from gateway.config import data_folder
from gateway.messages.definition import Berichttype, read_types
from gateway.messages.reader import Schemas
from gateway.store.tables import prestatie
from tests import postgres, rabbitmq
from tests.benchmarks.beurten import Way, medians, timed
from tests.benchmarks.declaraties import Kring
from tests.benchmarks.naive import naive_on
from tests.benchmarks.opstelling import productie, servers_are_there
from tests.benchmarks.plaats import opened, seed
from tests.benchmarks.verbruik import Gebruik, Verbruik, note
from tests.benchmarks.verslag import Verslag

GROEP, PRODUCTIE = "grote declaratie", "in productie"
# Small invoices before the measured ones, of so many lines each, about lines of their own.
WARM, WARM_LINES = 40, 10


@dataclass(frozen=True, slots=True)
class Maat:
    """How much is measured: lines of an invoice, of one for the naive way, and rounds."""

    lines: int
    naive_lines: int
    rounds: int


def measure(verslag: Verslag, maat: Maat) -> None:
    """Measure all ways in turns."""
    uses: list[Gebruik] = []
    kind = read_types(data_folder("mappings")).by_name("JW323")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        ways = {
            "vloer": floor(kind, maat.lines),
            "ingebouwd": stack.enter_context(embedded(kind, maat.lines, folder)),
            "naief sqlite": stack.enter_context(naive(kind, maat, f"sqlite:///{folder}/naief.db")),
        }
        if servers_are_there():
            ways |= stack.enter_context(in_production(kind, maat.lines, uses))
            naive_url, _ = stack.enter_context(postgres.throwaway())
            ways["naief postgresql"] = stack.enter_context(naive(kind, maat, naive_url))
        found = medians(maat.rounds, ways)
    _report(verslag, found)
    note(verslag, GROEP, "per regel", uses)


def _report(verslag: Verslag, found: dict[str, float]) -> None:
    names = {
        "vloer": "alleen lezen en controleren",
        "ingebouwd": "ingebouwd (gateway process)",
        "een": PRODUCTIE,
        "twee tegelijk, een worker": "twee tegelijk in productie, één worker",
        "twee tegelijk, twee workers": "twee tegelijk in productie, twee workers",
        "naief sqlite": "naïeve manier op SQLite",
        "naief postgresql": "naïeve manier op PostgreSQL",
    }
    for name, text in names.items():
        if name in found:
            verslag.detail(GROEP, text, found[name] * 1_000_000, "µs per regel")
    verslag.cijfer("vloer_ingebouwd", found["ingebouwd"] / found["vloer"])
    verslag.cijfer("naief_sqlite", found["naief sqlite"] / found["ingebouwd"])
    if "een" in found:
        one, two = found["twee tegelijk, een worker"], found["twee tegelijk, twee workers"]
        verslag.cijfer("vloer_productie", found["een"] / found["vloer"])
        verslag.cijfer("naief_postgresql", found["naief postgresql"] / found["een"])
        verslag.cijfer("twee_workers_groot", one / two)


def floor(kind: Berichttype, lines: int) -> Way:
    """Seconds per line to read and validate in constant memory."""
    body = b"".join(Kring(lines).invoice(kind, "2025-01"))
    read = reading(kind, body)
    return lambda _: timed(read) / lines


def reading(kind: Berichttype, body: bytes) -> Callable[[], None]:
    """What reads and validates a message in constant memory."""
    schema = Schemas(data_folder("schemas")).of(kind)
    tag = f"{{{kind.namespace}}}Prestatie"
    return lambda: _read(body, tag, schema)


def _read(body: bytes, tag: str, schema: etree.XMLSchema) -> None:
    reading = etree.iterparse(
        io.BytesIO(body),
        events=("end",),
        tag=tag,
        schema=schema,
        remove_blank_text=True,
        remove_comments=True,
        remove_pis=True,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
    )
    for _, element in reading:
        element.clear(keep_tail=True)
        while element.getprevious() is not None:
            del element.getparent()[0]


@contextmanager
def embedded(kind: Berichttype, lines: int, folder: Path) -> Iterator[Way]:
    """Seconds per line of `gateway process` on SQLite."""
    kring, url = Kring(lines), f"sqlite:///{folder}/ingebouwd.db"
    seed(url, kring)
    with processing(kind, kring, url) as way:
        yield way


@contextmanager
def processing(kind: Berichttype, kring: Kring, url: str) -> Iterator[Way]:
    """Seconds per line of `gateway process` in a gateway that runs, on a store that was seeded."""
    installation = opened(url)

    def handled(month: str) -> float:
        with tempfile.TemporaryDirectory() as name:
            message, out = Path(name) / "declaratie.xml", Path(name) / "uit"
            message.write_bytes(b"".join(kring.invoice(kind, month)))
            (out / "answers").mkdir(parents=True)
            begin = time.perf_counter()
            if process_files(installation, [message], out) != 0:
                raise SystemExit("the measured message was not accepted: the figures mean nothing")
            return (time.perf_counter() - begin) / kring.lines

    handled(month_of(0))
    yield lambda number: handled(month_of(number + 1))
    installation.close()


@contextmanager
def in_production(kind: Berichttype, lines: int, uses: list[Gebruik]) -> Iterator[dict[str, Way]]:
    """Seconds per line in production: one invoice, and two of two providers at once.

    `uses` hears what one of them takes.
    """
    block = lines + WARM * WARM_LINES
    kring = Kring(2 * block, providers=2, block=block)
    with postgres.throwaway() as (url, owner), rabbitmq.own_queues() as broker:
        seed(url, kring)
        postgres.count_again(owner)

        def handled(month: str, workers: int, invoices: int) -> float:
            bodies = [
                b"".join(kring.invoice(kind, month, lines, n * block)) for n in range(invoices)
            ]
            with productie(url, broker, workers) as opstelling:
                opstelling.warm(_warming(kring, kind, month, lines))
                opstelling.start()
                use = Verbruik(opstelling, owner)
                begin = time.time()
                end = opstelling.wait([opstelling.offer([body]) for body in bodies])
                opstelling.expect_only("accepted")
                if invoices == 1:
                    uses.append(use.per(lines))
            return (end - begin) / (lines * invoices)

        yield {
            "een": lambda number: handled(month_of(3 * number), 1, 1),
            "twee tegelijk, een worker": lambda number: handled(month_of(3 * number + 1), 1, 2),
            "twee tegelijk, twee workers": lambda number: handled(month_of(3 * number + 2), 2, 2),
        }


def _warming(kring: Kring, kind: Berichttype, month: str, lines: int) -> list[bytes]:
    """Small invoices of either provider, in turns."""
    places = (
        provider * kring.block + lines + number * WARM_LINES
        for number in range(WARM)
        for provider in range(kring.providers)
    )
    return [b"".join(kring.invoice(kind, month, WARM_LINES, first)) for first in places]


@contextmanager
def naive(kind: Berichttype, maat: Maat, url: str) -> Iterator[Way]:
    """Seconds per line of the naive way; it must grant and store every line."""
    kring = Kring(maat.naive_lines)
    seed(url, kring)
    with naive_on(url) as way:

        def handled(number: int) -> float:
            body = b"".join(kring.invoice(kind, month_of(number)))
            inbox = way.gateway.store.inbox
            seconds = timed(lambda: way.handle(inbox.receive(f"{number}.xml", [body]).inbox_id))
            with way.database.snapshot() as connection:
                stored = connection.scalar(sa.select(sa.func.count()).select_from(prestatie))
            if stored != (number + 1) * kring.lines:
                raise SystemExit("the naive way did not store every line: the figures mean nothing")
            return seconds / kring.lines

        yield handled


def month_of(number: int) -> str:
    """The month of a round."""
    return f"2025-{number + 1:02}"

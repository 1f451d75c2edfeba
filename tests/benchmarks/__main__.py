"""`make bench`: what a large invoice costs, as ratios within one run; never a timed test.

Three ways side by side, each on the same message, in turns so that a slow moment of the machine
hits all of them: the floor (lxml reads and validates), the whole path of `gateway process` on an
embedded store, and the naive way (xmlschema, an ORM, a query and an insert per line).  Memory is
that of a process of its own.
"""

from __future__ import annotations

import io
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

from lxml import etree
from xmlschema import XMLSchema

from gateway.bootstrap import Installation
from gateway.cli.process import process_files
from gateway.config import data_folder
from gateway.messages.definition import read_types
from gateway.messages.reader import Schemas
from tests import postgres
from tests.benchmarks.declaraties import bsns, declaratie
from tests.benchmarks.naive import handle
from tests.benchmarks.naspelen import replay
from tests.benchmarks.plaats import opened, seed

ROUNDS = 5
# Of a message a month on one PostgreSQL store, the first of which comes before.
MONTHS = ("2025-02", "2025-03", "2025-04")


def floor(body: bytes, tag: str, schema: etree.XMLSchema) -> None:
    """Read and validate in constant memory, and nothing else."""
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


def full(seeded: Path, message: Path, folder: Path) -> float:
    """Seconds of the whole path in a gateway that runs: it handled an earlier, small message."""
    database = folder / "run.db"
    shutil.copy(seeded, database)
    installation = opened(database)
    process(installation, folder / "earlier.xml", folder / "out")
    seconds = timed(lambda: process(installation, message, folder / "out"))
    installation.close()
    remove(database)
    return seconds


@contextmanager
def on_postgres(lines: int, clients: list[str], folder: Path) -> Iterator[Callable[[str], float]]:
    """Seconds of the whole path on PostgreSQL, for the message of one month after another."""
    kind = read_types(data_folder("mappings")).by_name("JW323")
    with postgres.schema(durable=True) as (url, _):
        seed(url, lines, clients)
        installation = opened(url)

        def measured(month: str, count: int = lines) -> float:
            message = folder / "maand.xml"
            message.write_bytes(b"".join(declaratie(kind, count, clients, month)))
            return timed(lambda: process(installation, message, folder / "out"))

        measured("2025-01")
        yield measured
        installation.close()


def naive(seeded: Path, message: Path, folder: Path, schema: XMLSchema) -> float:
    """Seconds of the naive way, its schema compiled before; it must grant and store every line."""
    database = folder / "run.db"
    shutil.copy(seeded, database)
    installation = opened(database)
    seconds = timed(lambda: handle(installation, schema, message, database))
    installation.close()
    with sqlite3.connect(database) as stored:
        granted = stored.execute("SELECT count(*) FROM prestatie WHERE toegekend = 1").fetchone()
    if granted != (message.read_bytes().count(b"</m:Prestatie>"),):
        raise SystemExit("the naive way did not grant every line: the figures mean nothing")
    remove(database)
    return seconds


def process(installation: Installation, message: Path, out: Path) -> None:
    """Handle one file as `gateway process` does; it has to be accepted."""
    shutil.rmtree(out, ignore_errors=True)
    (out / "answers").mkdir(parents=True)
    if process_files(installation, [message], out) != 0:
        raise SystemExit("the measured message was not accepted: the figures mean nothing")


def remove(database: Path) -> None:
    """Throw a store away."""
    for left in database.parent.glob(f"{database.name}*"):
        left.unlink()


def timed(work: Callable[[], None]) -> float:
    """Seconds of one call."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def speed(lines: int) -> None:
    """Print the three ways for a message of so many lines."""
    kind = read_types(data_folder("mappings")).by_name("JW323")
    schemas = data_folder("schemas")
    schema = Schemas(schemas).of(kind)
    clients = bsns(min(lines // 4, 9_000))
    body = b"".join(declaratie(kind, lines, clients))
    tag = f"{{{kind.namespace}}}Prestatie"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        seeded, message = folder / "seed.db", folder / "declaratie.xml"
        seed(seeded, lines, clients)
        message.write_bytes(body)
        earlier = b"".join(declaratie(kind, 4, clients[:1], "2025-03"))
        (folder / "earlier.xml").write_bytes(earlier)
        floors, fulls, naives, shared = [], [], [], []
        with ExitStack() as stack:
            there = None
            if postgres.found_server() is not None:
                there = stack.enter_context(on_postgres(lines, clients, folder))
            for number in range(ROUNDS):
                floors.append(timed(lambda: floor(body, tag, schema)))
                fulls.append(full(seeded, message, folder))
                if there is not None and number < len(MONTHS):
                    shared.append(there(MONTHS[number]))
        naives.append(naive(seeded, message, folder, XMLSchema(str(schemas / kind.schema))))
        floors.append(timed(lambda: floor(body, tag, schema)))
    report(lines, median(floors), median(fulls), median(naives))
    if shared:
        told = f"{median(shared) * 1_000_000 / lines:9.1f} {median(shared) / median(floors):8.1f}"
        print(f"  full path on PostgreSQL     {told} x floor")


def report(lines: int, floor_s: float, full_s: float, naive_s: float) -> None:
    """One table."""
    micro = 1_000_000 / lines
    print(f"\n{lines:,} lines in one 323        us/line    ratio")
    print(f"  floor (read + XSD)          {floor_s * micro:9.1f}      1.0")
    print(f"  full path (process)         {full_s * micro:9.1f} {full_s / floor_s:8.1f} x floor")
    print(f"  naive (xmlschema, per line) {naive_s * micro:9.1f} {naive_s / floor_s:8.1f} x floor")
    print(f"  full path against naive: {naive_s / full_s:.1f} times faster")


def memory(lines: int, clients: int) -> None:
    """Print the peak memory of a process that handles one message."""
    command = [sys.executable, "-m", "tests.benchmarks.geheugen", str(lines), str(clients)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    print(f"  {lines:>9,} lines under {clients:>6,} clients: {told}")


def main() -> None:
    """Everything, or a short form with `--short`."""
    short = "--short" in sys.argv
    speed(2_000 if short else 10_000)
    replay(2_000 if short else 20_000)
    print("\npeak memory of the whole path")
    for lines in (2_000,) if short else (10_000, 100_000):
        memory(lines, 1)
        memory(lines, min(lines // 4, 9_000))


if __name__ == "__main__":
    main()

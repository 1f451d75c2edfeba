"""Peak memory and time per line of large invoices, each handled in a process of its own."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from gateway.cli.process import process_files
from gateway.config import data_folder
from gateway.messages.definition import read_types
from tests import postgres
from tests.benchmarks.beurten import timed
from tests.benchmarks.declaraties import MOST_CLIENTS, Kring
from tests.benchmarks.plaats import opened, seed
from tests.benchmarks.verslag import Verslag

GROEP = "geheugen en groei"
WARM_LINES = 10
_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB$", re.M)


@dataclass(frozen=True, slots=True)
class Verbruik:
    """Of one process: its peak in megabytes, and microseconds per line."""

    piek: float
    per_regel: float


def measure(verslag: Verslag, small: int, large: int, rounds: int) -> None:
    """Measure a small invoice, a large one, and a large one under one client, per kind of store.

    The small one takes so little time that it is measured in several rounds.
    """
    for soort in ("ingebouwd", "postgresql"):
        if soort == "postgresql" and postgres.found_server() is None:
            continue
        few = _median([_handled(soort, small, MOST_CLIENTS) for _ in range(rounds)])
        many, alone = (_handled(soort, large, clients) for clients in (MOST_CLIENTS, 1))
        for name, one in (
            (f"{small:_} regels".replace("_", "."), few),
            (f"{large:_} regels".replace("_", "."), many),
            (f"{large:_} regels onder één cliënt".replace("_", "."), alone),
        ):
            verslag.detail(GROEP, f"{soort}, {name}, meeste geheugen", one.piek, "MB")
            verslag.detail(GROEP, f"{soort}, {name}, tijd", one.per_regel, "µs per regel")
        peak = max(many.piek, alone.piek)
        verslag.cijfer(f"geheugen_{soort}", peak / few.piek)
        verslag.cijfer(f"megabytes_{soort}", peak)
        slowest = max(many.per_regel, alone.per_regel)
        verslag.cijfer(f"regel_{soort}", slowest / few.per_regel)


def _median(found: list[Verbruik]) -> Verbruik:
    return Verbruik(median(o.piek for o in found), median(o.per_regel for o in found))


def _handled(soort: str, lines: int, clients: int) -> Verbruik:
    """What an invoice takes in a store of its own."""
    kring = Kring(lines, most_clients=clients)
    kind = read_types(data_folder("mappings")).by_name("JW323")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with _store(soort, folder) as (url, owner):
            seed(url, kring)
            if owner:
                postgres.count_again(owner)
            for naam, month, size in (
                ("eerst", "2025-03", WARM_LINES),
                ("groot", "2025-04", lines),
            ):
                with (folder / f"{naam}.xml").open("wb") as stream:
                    stream.writelines(kring.invoice(kind, month, size))
            module = [sys.executable, "-m", "tests.benchmarks.geheugen"]
            done = subprocess.run(
                [*module, url, str(folder)], check=True, capture_output=True, text=True
            )
    seconds, peak = map(float, done.stdout.split())
    return Verbruik(peak / 1024, seconds * 1_000_000 / lines)


@contextmanager
def _store(soort: str, folder: Path) -> Iterator[tuple[str, str]]:
    """The URL of an empty store, and that for its owner where it has one."""
    if soort == "ingebouwd":
        yield f"sqlite:///{folder}/gateway.db", ""
        return
    with postgres.throwaway() as found:
        yield found


def main() -> None:
    """`python -m tests.benchmarks.geheugen URL FOLDER`: prints seconds, and the peak in kB.

    The peak is that of the memory of this process: what `getrusage` tells would begin with the
    peak of whoever began it.
    """
    folder = Path(sys.argv[2])
    installation = opened(sys.argv[1])
    for naam in ("eerst", "groot"):
        out = folder / f"uit-{naam}"
        (out / "answers").mkdir(parents=True)
        files, codes = [folder / f"{naam}.xml"], []
        seconds = timed(lambda: codes.append(process_files(installation, files, out)))  # noqa: B023
        if codes != [0]:
            raise SystemExit("the measured message was not accepted: the figures mean nothing")
    installation.close()
    found = _PEAK.search(Path("/proc/self/status").read_text(encoding="ascii"))
    assert found is not None
    print(seconds, found[1])


if __name__ == "__main__":
    main()

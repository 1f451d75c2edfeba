"""`python -m tests.benchmarks.grootboek MESSAGES LINES`: what proving the ledger costs.

Fills a store with four months of invoices of one provider: LINES assignments with a line each
month, divided over MESSAGES messages, of which three in a hundred lines claim too much and one in
twenty is credited and claimed again a month later.  Then `gateway ledger check` and `gateway radar`
run in processes of their own, and their time and peak memory are printed.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from calendar import monthrange
from collections.abc import Iterator
from pathlib import Path
from random import Random

from gateway.config import data_folder
from gateway.messages.definition import read_types
from tests.benchmarks import declaraties
from tests.benchmarks.plaats import opened, seed

MONTHS = 4
SEED = 1
TOO_MUCH, AGAIN = 0.03, 20
PRICE, MUCH = 50_000, 5_000_000
MEASURE = """
import resource, sys, time
begin = time.perf_counter()
from gateway.cli import run
code = run(sys.argv[1:])
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(f"{time.perf_counter() - begin:.1f} s, {peak:.0f} MB, exit code {code}", file=sys.stderr)
"""


def lines_of(month: int, indices: range, bsns: list[str], rng: Random) -> Iterator[str]:
    """The lines of one message, each with its amount in front, under their Clients.

    `bsns` has one for each assignment.
    """
    current = ""
    for index in indices:
        bsn = bsns[index]
        if bsn != current:
            end = declaraties._CLIENT_END if current else ""
            yield f"0|{end}{declaraties._CLIENT.format(bsn=bsn)}"
            current = bsn
        bad = rng.random() < TOO_MUCH
        yield f"{MUCH if bad else PRICE}|{_line(f'R{month}-{index}', index, month, bad=bad)}"
        if month > 1 and index % AGAIN == 0:
            debet = f"R{month - 1}-{index}"
            yield f"{-PRICE}|{_line(f'C{month}-{index}', index, month - 1, credit_of=debet)}"
            yield f"{PRICE}|{_line(f'N{month}-{index}', index, month - 1)}"


def _line(reference: str, index: int, month: int, *, bad: bool = False, credit_of: str = "") -> str:
    text = declaraties._LINE.format(
        reference=reference, number=declaraties.FIRST_NUMBER + index, **_period(month)
    )
    if bad:
        text = text.replace("Volume>10<", "Volume>1000<").replace(f">{PRICE}<", f">{MUCH}<")
    if credit_of:
        own = f"<b:ReferentieNummer>{reference}</b:ReferentieNummer>"
        named = f"<b:VorigReferentieNummer>{credit_of}</b:VorigReferentieNummer>"
        text = text.replace(own, own + named).replace("DebetCredit>D<", "DebetCredit>C<")
    return text


def _period(month: int) -> dict[str, object]:
    return {"month": f"2025-{month:02}", "last": monthrange(2025, month)[1]}


def message(number: int, month: int, indices: range, bsns: list[str], rng: Random) -> bytes:
    """One 323."""
    kind = read_types(data_folder("mappings")).by_name("JW323")
    parts = [one.split("|", 1) for one in lines_of(month, indices, bsns, rng)]
    head = declaraties._HEAD.format(
        own=kind.namespace,
        basis=kind.basis_namespace,
        total=sum(int(p[0]) for p in parts),
        aanbieder=declaraties.AANBIEDER,
        number=number,
        **_period(month),
    )
    body = head + "".join(text for _, text in parts)
    return (body + declaraties._CLIENT_END + declaraties._TAIL).encode()


def fill(database: Path, messages: int, lines: int) -> None:
    """Make the store."""
    kring = declaraties.Kring(lines)
    seed(database, kring)
    bsns = [kring.bsn(index) for index in range(lines)]
    installation, rng = opened(database), Random(SEED)
    share = max(1, lines * MONTHS // messages)
    number = 0
    for month in range(1, MONTHS + 1):
        for begin in range(0, lines, share):
            number += 1
            indices = range(begin, min(begin + share, lines))
            body = message(number, month, indices, bsns, rng)
            installation.store.inbox.receive(f"{number}.xml", [body])
            installation.runtime.drain()
    print(installation.store.views.balans().verdicts)
    installation.close()


def main() -> None:
    """Fill and measure, each in a process of its own: one starts with the peak of its parent."""
    if sys.argv[1] == "fill":
        fill(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
        return
    with tempfile.TemporaryDirectory() as name:
        database = Path(name) / "gateway.db"
        module = [sys.executable, "-m", "tests.benchmarks.grootboek"]
        subprocess.run([*module, "fill", str(database), *sys.argv[1:3]], check=True)
        for command in ("ledger check", "radar --clock 2025-05-08"):
            print(f"gateway {command}", flush=True)
            arguments = [*command.split(), "--store", f"sqlite:///{database}"]
            subprocess.run([sys.executable, "-c", MEASURE, *arguments], check=True)


if __name__ == "__main__":
    main()

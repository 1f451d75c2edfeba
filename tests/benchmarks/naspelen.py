"""Measures a replay: stored invoices, large and small, judged again against a proposal."""

from __future__ import annotations

import contextlib
import io
import shutil
import tempfile
import time
from pathlib import Path
from statistics import median

from gateway.cli import run
from gateway.cli.process import process_files
from gateway.config import data_folder
from gateway.messages.definition import read_types
from tests.benchmarks.declaraties import bsns, declaratie
from tests.benchmarks.plaats import opened, seed

SIZES = (10, 1_000)
ROUNDS = 3
AGREEMENT = """
[overeenkomst]
id = "meten"
naam = "Alleen om te meten"
versie = "1"
wetten = ["jeugdwet"]
gemeenten = ["0193"]
variant = "inspanning"
peildatum = "productperiode"
dimensies = []

[[cel]]
productcategorie = "45"
productcode = "45A03"
eenheid = "04"
soort = "pxq"
bedrag = {price}
vanaf = 2025-01-01
"""


def replay(lines: int) -> None:
    """Print what a line costs, in messages of several sizes; nothing flips, or everything does."""
    print(f"\nreplay of {lines:,} stored lines      us/line   lines/s")
    for size in SIZES:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            _fill(folder, lines, size)
            start = min(_timed(folder, 5000, "2024") for _ in range(ROUNDS))
            for price, what in ((5000, "nothing flips"), (5001, "all flip")):
                seconds = median(_timed(folder, price, "2025") for _ in range(ROUNDS)) - start
                print(
                    f"  {size:>5,} a message, {what:14} {seconds / lines * 1_000_000:9.1f}"
                    f" {lines / seconds:9,.0f}"
                )


def _fill(folder: Path, lines: int, size: int) -> None:
    """A store in which so many lines were granted."""
    kind = read_types(data_folder("mappings")).by_name("JW323")
    clients = bsns(min(lines // 4, 9_000))
    seed(folder / "gateway.db", lines, clients)
    inside = folder / "in"
    inside.mkdir()
    for which in range(lines // size):
        body = b"".join(declaratie(kind, size, clients, part=(which, lines)))
        (inside / f"{which:09}.xml").write_bytes(body)
    agreement = folder / "meten.toml"
    agreement.write_text(AGREEMENT.format(price=5000), encoding="utf-8")
    installation = opened(folder / "gateway.db", agreement)
    (folder / "out" / "answers").mkdir(parents=True)
    code = process_files(installation, sorted(inside.iterdir()), folder / "out")
    installation.close()
    shutil.rmtree(folder / "out")
    if code != 0:
        raise SystemExit("the stored messages were not accepted: the figures mean nothing")


def _timed(folder: Path, price: int, period: str) -> float:
    """Seconds of one core for the whole command; without invoices that is what its start takes."""
    proposal = folder / f"voorstel-{price}.toml"
    proposal.write_text(AGREEMENT.format(price=price), encoding="utf-8")
    store = f"sqlite:///{folder / 'gateway.db'}"
    arguments = ["agreements", "replay", "--proposal", str(proposal), "--period", period]
    begin = time.process_time()
    with contextlib.redirect_stdout(io.StringIO()):
        code = run([*arguments, "--store", store])
    seconds = time.process_time() - begin
    if code != 0:
        raise SystemExit("the replay did not come to its end: the figures mean nothing")
    return seconds

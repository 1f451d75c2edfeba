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
from tests.benchmarks.declaraties import Kring
from tests.benchmarks.plaats import opened, seed
from tests.benchmarks.verslag import Verslag, getal

GROEP = "naspelen van een voorstel"
SIZES = (10, 1_000)
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


def measure(verslag: Verslag, lines: int, rounds: int) -> None:
    """What a line costs, in messages of several sizes; nothing flips, or everything does."""
    for size in SIZES:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            _fill(folder, lines, size)
            start = min(_timed(folder, 5000, "2024") for _ in range(rounds))
            for price, what in ((5000, "niets verandert"), (5001, "alles verandert")):
                seconds = median(_timed(folder, price, "2025") for _ in range(rounds)) - start
                naam = f"berichten van {getal(size)} regels, {what}"
                verslag.detail(GROEP, naam, seconds / lines * 1_000_000, "µs per regel")


def _fill(folder: Path, lines: int, size: int) -> None:
    """A store in which so many lines were granted."""
    kind = read_types(data_folder("mappings")).by_name("JW323")
    kring = Kring(lines)
    seed(folder / "gateway.db", kring)
    inside = folder / "in"
    inside.mkdir()
    for which in range(lines // size):
        body = b"".join(kring.invoice(kind, "2025-04", size, which * size))
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

"""Handles one large message in this process and prints its peak memory."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from gateway.cli.process import process_files
from gateway.config import data_folder
from gateway.messages.definition import read_types
from tests.benchmarks.declaraties import bsns, declaratie
from tests.benchmarks.plaats import opened, seed


def prepare(folder: Path, lines: int, count: int) -> None:
    """Make store and message; done by a process of its own, so that its memory does not count."""
    kind = read_types(data_folder("mappings")).by_name("JW323")
    clients = bsns(count)
    seed(folder / "gateway.db", lines, clients)
    with (folder / "declaratie.xml").open("wb") as stream:
        stream.writelines(declaratie(kind, lines, clients))


def measure(folder: Path) -> None:
    """Handle the message and print the peak."""
    installation = opened(folder / "gateway.db")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    out = folder / "out"
    (out / "answers").mkdir(parents=True)
    code = process_files(installation, [folder / "declaratie.xml"], out)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    installation.close()
    state = "accepted" if code == 0 else "NOT ACCEPTED"
    print(f"{after / 1024:6.1f} MB ({before / 1024:.1f} MB after start), {state}")


def main() -> None:
    """`python -m tests.benchmarks.geheugen LINES CLIENTS`.

    Preparing and measuring are processes of their own, begun by this small one: a process starts
    with the peak of whoever began it.
    """
    what = sys.argv[1]
    if what == "measure":
        measure(Path(sys.argv[2]))
    elif what == "prepare":
        prepare(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
    else:
        with tempfile.TemporaryDirectory() as name:
            module = [sys.executable, "-m", "tests.benchmarks.geheugen"]
            subprocess.run([*module, "prepare", name, *sys.argv[1:3]], check=True)
            subprocess.run([*module, "measure", name], check=True)


if __name__ == "__main__":
    main()

"""Looks for bytes that a reader cannot stand, led by what they make it do (atheris, libFuzzer).

    python -m tests.fuzz bericht --seconds 60

What is found is kept in tests/corpus, where every test run reads it again.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["gateway.messages", "gateway.network"]):
    from tests.fuzz.doelen import CORPUS, DOELEN, begun

LONGEST, MEGABYTES, TOO_LONG = 20_000, 2_048, 5


def main() -> None:
    """Search for so many seconds; ends with another code than 0 when something is found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("doel", choices=list(DOELEN))
    parser.add_argument("--seconds", type=int, default=60)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for number, path in enumerate(begun(asked.doel)):
            shutil.copy(path, Path(folder) / f"{number}")
        options = [
            sys.argv[0],
            f"-max_total_time={asked.seconds}",
            f"-max_len={LONGEST}",
            f"-rss_limit_mb={MEGABYTES}",
            f"-timeout={TOO_LONG}",
            f"-artifact_prefix={CORPUS / asked.doel}/gevonden-",
            "-print_final_stats=1",
            folder,
        ]
        atheris.Setup(options, DOELEN[asked.doel])
        atheris.Fuzz()


if __name__ == "__main__":
    main()

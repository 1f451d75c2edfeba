"""A storm of requests against the API: those that its description allows and those it forbids."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.api.dienst import V1

ROOT = Path(__file__).parents[2]

# What a valid text of a list, or a number, may still be: no place that we gave, no whole number as
# Python reads it.
CONFIG = """
[checks]
positive_data_acceptance.expected-statuses = ["2xx", "304", "400", "403", "404", "409", "422"]
"""


def storm(
    adres: str, key: str, folder: Path, examples: int, operations: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    """Ask everything with a key; `operations` name ids that are there."""
    config = folder / "schemathesis.toml"
    config.write_text(CONFIG + "".join(operations), encoding="utf-8")
    return subprocess.run(
        [
            Path(sys.executable).with_name("schemathesis"),
            "--config-file",
            config,
            "run",
            f"{adres}{V1}/openapi.json",
            "--header",
            f"Authorization: Bearer {key}",
            "--checks=all",
            "--phases=coverage,fuzzing",
            f"--max-examples={examples}",
            "--generation-database=none",
            "--continue-on-failure",
            "--warnings=off",
            "--no-color",
            "--workers=1",
        ],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "SCHEMATHESIS_HOOKS": "tests.api.haken"},
        capture_output=True,
        text=True,
        timeout=900 + 60 * examples,
    )

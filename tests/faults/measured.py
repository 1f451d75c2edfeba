"""A command in a process of its own, with what it used of the machine."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass

from tests.integration.berichten import PROJECT, own_environment

# The peak is that of the process itself; what the kernel tells its parent may be the parent's.
_CODE = """
import json, re, sys, time
from pathlib import Path
from gateway.cli import run
code = run(sys.argv[1:])
peak = re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())
print(json.dumps([code, int(peak[1]) / 1024, time.process_time()]), file=sys.stderr)
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """How a command ended and what it told, its peak of memory in MB and its seconds of work."""

    code: int
    told: str
    peak: float
    work: float


def measured(*arguments: str) -> Measured:
    """Run a command in a process of its own; fails when it does not end by itself."""
    done = subprocess.run(
        [sys.executable, "-c", _CODE, *arguments],
        cwd=PROJECT,
        env=own_environment({}),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    assert 0 == done.returncode, done.stderr
    code, peak, work = json.loads(done.stderr.splitlines()[-1])
    return Measured(code, done.stdout, peak, work)

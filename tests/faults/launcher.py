"""Starts a command of the gateway; FAULT says what happens to it, such as `killed na:verzonden 3`.

Waits that grow are cut off sooner than in production, so that a test can wait for them; with
UNLIMITED nobody is told to ask less often.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module

from gateway.cli import main
from gateway.http import grenzen
from tests.faults.points import HAPPENINGS, arm

# Where a wait stands, and how many seconds it is here at most.
SHORTER = {
    "gateway.store.outbox": ("LEASE_SECONDS", 2.0),
    "gateway.broker.consumer": ("LONGEST_ABSENCE", 1.0),
    "gateway.broker.edges": ("LONGEST_PAUSE", 1.0),
    "gateway.store.waits": ("LONGEST_WAIT", 4.0),
    "gateway.store.toegang.herhalingen": ("LEASE_SECONDS", 2.0),
}


def prepare(fault: str) -> None:
    """Let a fault wait for its moment in this process."""
    for module, (name, seconds) in SHORTER.items():
        found = import_module(module)
        if getattr(found, name) <= seconds:
            raise ValueError(f"{module}.{name} is no longer than {seconds}")
        setattr(found, name, seconds)
    if fault:
        happening, point, passing = fault.split()
        arm(point, int(passing), HAPPENINGS[happening])


def unlimited() -> None:
    """Let anybody ask as often as he likes, so that a storm is answered and not turned away."""
    grenzen.BUDGETTEN = dict.fromkeys(grenzen.BUDGETTEN, grenzen.Emmer(1e6, 1e6))


if __name__ == "__main__":
    prepare(os.environ.get("FAULT", ""))
    if os.environ.get("UNLIMITED") == "1":
        unlimited()
    main(sys.argv[1:])

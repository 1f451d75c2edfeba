"""Starts a command of the gateway; FAULT says what happens to it, such as `killed na:verzonden 3`.

What was taken to be sent by a process that is gone comes back sooner than in production.
"""

from __future__ import annotations

import os
import sys

from gateway.cli import main
from gateway.store import outbox
from tests.faults.points import HAPPENINGS, arm

SEND_LEASE_SECONDS = 2.0


def prepare(fault: str) -> None:
    """Let a fault wait for its moment in this process."""
    assert outbox.LEASE_SECONDS > SEND_LEASE_SECONDS
    outbox.LEASE_SECONDS = SEND_LEASE_SECONDS
    if fault:
        happening, point, passing = fault.split()
        arm(point, int(passing), HAPPENINGS[happening])


if __name__ == "__main__":
    prepare(os.environ.get("FAULT", ""))
    main(sys.argv[1:])

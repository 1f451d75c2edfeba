"""Starts a command of the gateway that kills itself: `launcher POINT PASSING COMMAND...`."""

from __future__ import annotations

import sys

from gateway.cli import main
from tests.faults.points import arm

if __name__ == "__main__":
    arm(sys.argv[1], int(sys.argv[2]))
    main(sys.argv[3:])

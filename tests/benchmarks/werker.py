"""`python -m tests.benchmarks.werker SHIFT`: what `gateway worker` does, measured from outside.

It runs on a clock that is so many seconds ahead.  Says `klaar` when it is ready, then a line for
every message after its commit: its inbox row, the moment and the verdict.  Ends when its input
ends.  The settings come from the environment.
"""

from __future__ import annotations

import os
import sys
import time

from gateway.pipeline.ports import Claim
from gateway.pipeline.settlement import Settlement
from tests.benchmarks.plaats import opened


def tell(claim: Claim, settlement: Settlement) -> None:
    """A message was settled."""
    print(claim.inbox_id, time.time(), settlement.outcome.verdict, flush=True)


def main() -> None:
    """Handle messages until the input ends."""
    installation = opened(
        os.environ["GATEWAY_STORE"],
        environment=os.environ,
        shift=float(sys.argv[1]),
        updates=False,
    )
    installation.listeners.append(tell)
    installation.runtime.start_working()
    print("klaar", flush=True)
    sys.stdin.read()
    installation.runtime.stop()
    installation.store.close()


if __name__ == "__main__":
    main()

"""`python -m tests.benchmarks.werker SHIFT`: what `gateway worker` does, measured from outside.

It runs on a clock that is so many seconds ahead.  Says `klaar` when it is ready, then a line for
every message after its commit: its inbox row, the moments at which it was claimed and settled, the
seconds of a core that this process took so far, and the verdict.  Ends when its input ends.  The
settings come from the environment.
"""

from __future__ import annotations

import os
import sys
import time

from gateway.pipeline.ports import Claim
from gateway.pipeline.settlement import Settlement
from tests.benchmarks.plaats import opened


def main() -> None:
    """Handle messages until the input ends."""
    shift = float(sys.argv[1])

    def tell(claim: Claim, settlement: Settlement) -> None:
        claimed = claim.answered_at.timestamp() - shift
        verdict = settlement.outcome.verdict
        print(claim.inbox_id, claimed, time.time(), time.process_time(), verdict, flush=True)

    installation = opened(
        os.environ["GATEWAY_STORE"], environment=os.environ, shift=shift, updates=False
    )
    installation.listeners.append(tell)
    installation.runtime.start_working()
    print("klaar", flush=True)
    sys.stdin.read()
    installation.runtime.stop()
    installation.store.close()


if __name__ == "__main__":
    main()

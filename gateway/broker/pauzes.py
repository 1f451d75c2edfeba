"""How long who looks for work waits before looking again."""

from __future__ import annotations

SHORTEST = 0.005
LONGEST = 0.05
# After a failure of the store or the broker.
AFTER_FAILURE = 1.0


def pause_after(idle: int) -> float:
    """Seconds to wait when nothing was found so many times: shortly behind work, then longer."""
    return min(SHORTEST * 2.0 ** min(idle - 1, 10), LONGEST) if idle else 0.0

"""How long something waits before it is tried again, and whether that time has come."""

from __future__ import annotations

import sqlalchemy as sa

LONGEST_WAIT = 300.0


def wait_after(tries: int) -> float:
    """Seconds to wait after so many tries: half a second, doubling, five minutes at most."""
    return min(0.5 * 2.0 ** min(tries, 20), LONGEST_WAIT)


def has_come(
    moment: sa.ColumnElement[float], now: float | sa.ColumnElement[float]
) -> sa.ColumnElement[bool]:
    """Whether a wait is over.

    Nothing waits longer than LONGEST_WAIT: a moment beyond that was told by a clock that ran
    ahead, and has been put back since.
    """
    return sa.or_(moment <= now, moment > now + LONGEST_WAIT)

"""From when until when something is in use: both days inclusive, either may be open."""

from __future__ import annotations

from datetime import date


def in_use(vanaf: date | None, tot: date | None, dag: date) -> bool:
    """Whether something that runs from `vanaf` to `tot` is in use on a day."""
    return (vanaf is None or vanaf <= dag) and (tot is None or dag <= tot)

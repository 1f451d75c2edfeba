"""The clock of a command: the real one, or noon of a given day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time

import click

from gateway.errors import WrongUse
from gateway.pipeline.kennis import AMSTERDAM

Clock = Callable[[], datetime]
CLOCK = click.option("--clock", help="In een verzonnen jaar: de dag van het laatste bericht.")


def clock_of(text: str | None) -> Clock:
    """The clock: noon in the Netherlands of a given day, else the real one."""
    if text is None:
        return lambda: datetime.now(UTC)
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise WrongUse(f"--clock {text}: dit is geen datum als 2025-12-05") from error
    moment = datetime.combine(day, time(12), tzinfo=AMSTERDAM)
    return lambda: moment

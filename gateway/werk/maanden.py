"""Months that somebody chose on a page, in the API or in a command."""

from __future__ import annotations

import re
from datetime import date

from gateway.errors import WrongUse
from gateway.periods.maanden import last_of_month

MOST_MONTHS = 12
_MAAND = re.compile(r"(\d{4})-(\d{2})", re.ASCII)


def months_between(van: str, tot: str) -> tuple[date, date]:
    """The first and the last day of months such as 2026-01; at most twelve of them."""
    begin, last = month_of(van), month_of(tot)
    months = (last.year - begin.year) * 12 + last.month - begin.month + 1
    if not 1 <= months <= MOST_MONTHS:
        raise WrongUse("kies een eerste en een laatste maand, samen hoogstens twaalf maanden")
    return begin, last_of_month(last)


def month_of(text: str) -> date:
    """The first day of a month such as 2026-01."""
    found = _MAAND.fullmatch(text.strip())
    try:
        if found is not None:
            return date(int(found[1]), int(found[2]), 1)
    except ValueError:
        pass  # told below
    raise WrongUse("schrijf een maand als 2026-01")

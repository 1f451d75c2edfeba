"""Months and weeks of the synthetic region, and the random generators that everything follows from.

Weeks are counted day by day, in another way than the judge counts them, so that both have to be
right to agree.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from random import Random

ONE_DAY = timedelta(days=1)


def rng_of(*parts: object) -> Random:
    """A generator that depends on nothing but these parts."""
    return Random("|".join(map(str, parts)))  # noqa: S311 - a repeatable story, no secret


def month_after(month: date, n: int = 1) -> date:
    """The first day of the month n months later."""
    years, index = divmod(month.month - 1 + n, 12)
    return date(month.year + years, index + 1, 1)


def month_end(day: date) -> date:
    """The last day of the month of a day."""
    return month_after(day) - ONE_DAY


def month_of(day: date) -> date:
    """The first day of the month of a day."""
    return day.replace(day=1)


def days_of(begin: date, end: date) -> int:
    """How many days a period has, both ends included."""
    return (end - begin).days + 1


@lru_cache(maxsize=4096)
def weeks_of(begin: date, end: date) -> int:
    """How many calendar weeks have a day in the period."""
    days = range(days_of(begin, end))
    return len({(begin + timedelta(days=n)).isocalendar()[:2] for n in days})


def months_of(begin: date, end: date) -> int:
    """How many calendar months have a day in the period."""
    return 12 * (end.year - begin.year) + end.month - begin.month + 1

"""Count in Dutch working days: the days that are not excluded by the Algemene termijnenwet."""

from collections.abc import Collection
from datetime import date, timedelta
from functools import lru_cache

SUNDAY = 6
SATURDAY = 5
ONE_DAY = timedelta(days=1)
# Days that the law names relative to Easter Sunday.
GOOD_FRIDAY, EASTER_MONDAY, ASCENSION_DAY, WHIT_MONDAY = -2, 1, 39, 50


def is_working_day(day: date, extra: Collection[date] = frozenset()) -> bool:
    """Whether terms run on this day; `extra` holds days closed by decree or by the municipality."""
    return day.weekday() < SATURDAY and day not in holidays(day.year) and day not in extra


def add_working_days(start: date, n: int, extra: Collection[date] = frozenset()) -> date:
    """The n-th working day after start; start itself does not count, and n = 0 gives it back."""
    if n < 0:
        raise ValueError("a term runs forward")
    day = start
    while n:
        day += ONE_DAY
        n -= is_working_day(day, extra)
    return day


def working_days_before(end: date, n: int, extra: Collection[date] = frozenset()) -> date:
    """The n-th working day before end; end itself does not count, and n = 0 gives it back."""
    if n < 0:
        raise ValueError("a warning goes before the end")
    day = end
    while n:
        day -= ONE_DAY
        n -= is_working_day(day, extra)
    return day


def latest_start(end: date, n: int, extra: Collection[date] = frozenset()) -> date:
    """The last day from which n working days are over on this day or before it."""
    return working_days_before(end + ONE_DAY, n, extra) - ONE_DAY


@lru_cache(maxsize=128)
def holidays(year: int) -> frozenset[date]:
    """The days other than Saturdays and Sundays that the Algemene termijnenwet names in a year.

    5 May is named every year, also when most employers do not give the day off.
    """
    easter = easter_sunday(year)
    movable = (GOOD_FRIDAY, EASTER_MONDAY, ASCENSION_DAY, WHIT_MONDAY)
    return frozenset(
        {date(year, 1, 1), kings_day(year), date(year, 5, 5)}
        | {date(year, 12, 25), date(year, 12, 26)}
        | {easter + timedelta(days=offset) for offset in movable}
    )


def kings_day(year: int) -> date:
    """27 April, or the day before when that is a Sunday."""
    day = date(year, 4, 27)
    return day - ONE_DAY if day.weekday() == SUNDAY else day


def easter_sunday(year: int) -> date:
    """Easter Sunday of a year in the Gregorian calendar (Meeus, Jones and Butcher)."""
    golden = year % 19
    century, rest = divmod(year, 100)
    correction = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - century // 4 - correction + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)

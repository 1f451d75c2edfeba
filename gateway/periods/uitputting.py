"""Forecast when a total runs out, if it goes on being used at the pace seen so far."""

from datetime import date, timedelta

from gateway.periods.weken import days


def exhausted_on(limit: int, taken: int, begin: date, until: date) -> date | None:
    """The first day for which the limit leaves nothing, at the pace of begin..until.

    `limit` and `taken` are in the same unit; `taken` is what was used on the days begin..until,
    both included.  The day lies after `until`: also when more was taken than the limit, the next
    day is the first one that can be refused.  None without use, without a period to measure over,
    or when it would last longer than the calendar.
    """
    measured = days(begin, until)
    if taken <= 0 or not measured:
        return None
    try:
        return max(begin + timedelta(days=limit * measured // taken), until + timedelta(days=1))
    except OverflowError:
        return None

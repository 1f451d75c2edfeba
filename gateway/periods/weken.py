"""Count days, ISO weeks, Sundays and calendar months of a period, in constant time.

A period includes its first and its last day; one that ends before it begins is empty and counts 0.
`date.toordinal` gives 1 for a Monday, so whole weeks follow from one division by seven.
"""

from datetime import date


def days(begin: date, end: date) -> int:
    """The number of days from begin up to and including end."""
    return max(0, end.toordinal() - begin.toordinal() + 1)


def iso_weeks_touched(begin: date, end: date) -> int:
    """The number of distinct ISO weeks of which at least one day lies in the period."""
    if end < begin:
        return 0
    return (end.toordinal() - 1) // 7 - (begin.toordinal() - 1) // 7 + 1


def sundays(begin: date, end: date) -> int:
    """The number of Sundays in the period."""
    if end < begin:
        return 0
    return end.toordinal() // 7 - (begin.toordinal() - 1) // 7


def months_touched(begin: date, end: date) -> int:
    """The number of calendar months of which at least one day lies in the period."""
    if end < begin:
        return 0
    return (end.year - begin.year) * 12 + end.month - begin.month + 1


def is_sunday(day: date) -> bool:
    """Whether the day closes its ISO week."""
    return day.toordinal() % 7 == 0


def last_sunday(day: date) -> date:
    """The last Sunday on or before the day."""
    return date.fromordinal(day.toordinal() - day.toordinal() % 7)

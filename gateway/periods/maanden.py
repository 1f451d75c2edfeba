"""Find the edges of calendar months and step back in whole years."""

from calendar import monthrange
from datetime import date


def first_of_month(day: date) -> date:
    """The first day of the month of this day."""
    return day.replace(day=1)


def last_of_month(day: date) -> date:
    """The last day of the month of this day."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def same_month(one: date, other: date) -> bool:
    """Whether both days lie in the same month of the same year."""
    return (one.year, one.month) == (other.year, other.month)


def is_whole_month(begin: date, end: date) -> bool:
    """Whether the period is exactly one calendar month."""
    return begin == first_of_month(begin) and end == last_of_month(begin)


def years_before(day: date, n: int) -> date:
    """The same day n years earlier; 29 February becomes the 28th in a year that has no 29th."""
    if (day.month, day.day) == (2, 29):
        return last_of_month(date(day.year - n, 2, 1))
    return day.replace(year=day.year - n)


def years_after(day: date, n: int) -> date:
    """The same day n years later; 29 February becomes the 28th in a year that has no 29th."""
    return years_before(day, -n)


def month_before(day: date, n: int) -> str:
    """The month so many months before a day, as `YYYY-MM`."""
    number = day.year * 12 + day.month - 1 - n
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def months_after(day: date, n: int) -> date:
    """The same day n months later; the last day of a month that has no such day."""
    number = day.year * 12 + day.month - 1 + n
    last = last_of_month(date(number // 12, number % 12 + 1, 1))
    return last.replace(day=min(day.day, last.day))

"""Calendar months as whole numbers, so that they can be counted and compared."""

from datetime import date

from gateway.periods.maanden import last_of_month


def month_number(day: date) -> int:
    """The number of the month of this day; the next month has the next number."""
    return day.year * 12 + day.month - 1


def first_day(number: int) -> date:
    """The first day of a month."""
    return date(number // 12, number % 12 + 1, 1)


def last_day(number: int) -> date:
    """The last day of a month."""
    return last_of_month(first_day(number))


def months_of_year(jaar: int) -> range:
    """The months of a calendar year."""
    return range(jaar * 12, jaar * 12 + 12)


def month_name(number: int) -> str:
    """The month as `YYYY-MM`."""
    return f"{number // 12:04d}-{number % 12 + 1:02d}"

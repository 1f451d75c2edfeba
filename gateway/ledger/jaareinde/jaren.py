"""Divides an amount over the years of delivery by the days of its period, to the cent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from gateway.periods.bedragen import half_up

Verdeling = Mapping[int, int]  # eurocents per calendar year


def cut(bedrag: int, begin: date, eind: date) -> Verdeling:
    """An amount per calendar year of the days from `begin` up to and including `eind`.

    Every year has what the days up to its end are worth, rounded half up, minus what the years
    before it have: so the parts are the whole.  A credit is divided as its debet is.
    """
    if bedrag < 0:
        return {jaar: -deel for jaar, deel in cut(-bedrag, begin, eind).items()}
    if begin.year == eind.year:
        return {begin.year: bedrag}
    whole = (eind - begin).days + 1
    found, told, counted = {}, 0, 0
    for jaar, days in days_per_year(begin, eind):
        counted += days
        upto = half_up(bedrag * counted, whole)
        found[jaar], told = upto - told, upto
    return found


def days_per_year(begin: date, eind: date) -> Iterator[tuple[int, int]]:
    """How many days of a period lie in each calendar year, in order; both ends count."""
    while begin <= eind:
        last = min(eind, date(begin.year, 12, 31))
        yield begin.year, (last - begin).days + 1
        if last == eind:
            return
        begin = last + timedelta(days=1)

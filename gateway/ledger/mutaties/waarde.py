"""What an assignment is worth, in whole and per calendar year: whole eurocents that add up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from gateway.periods import verdelen
from gateway.periods.bedragen import MINUTES_PER_HOUR, half_up
from gateway.periods.volume import MINUUT, UUR, total_limit
from gateway.periods.weken import days
from gateway.records.toewijzing import ToegewezenProduct

EURO = "83"
# The price of an assignment in eurocents, with the unit that it is for; None where there is none.
PrijsVan = Callable[[ToegewezenProduct], tuple[int, str] | None]


def no_price(_one: ToegewezenProduct) -> tuple[int, str] | None:
    """For who knows no agreements."""
    return None


def worth(one: ToegewezenProduct, prijs_van: PrijsVan = no_price) -> int | None:
    """The most that may be declared on an assignment, in eurocents; None where nobody can tell.

    A Budget is its own worth; an Omvang is worth what it allows over the whole duration (TR322),
    in euros as it stands and in other units times the price.  Without an end there is no whole.
    """
    if one.is_ingetrokken:
        return 0
    if one.budget is not None:
        return one.budget
    omvang = one.omvang
    if omvang is None:
        return None
    volume = total_limit(omvang, one.ingangsdatum, one.einddatum)
    if volume is None:
        return None
    if omvang.eenheid == EURO:
        return volume
    found = prijs_van(one)
    if found is None:
        return None
    prijs, eenheid = found
    if (omvang.eenheid, eenheid) == (MINUUT, UUR):
        return half_up(volume * prijs, MINUTES_PER_HOUR)
    return volume * prijs if eenheid == omvang.eenheid else None


def per_year(one: ToegewezenProduct, bedrag: int) -> Mapping[int, int]:
    """An amount over the calendar years of an assignment by their days, to the cent.

    What has no end stands in the year in which it begins.
    """
    begin, end = one.ingangsdatum, one.einddatum
    if end is None or end < begin:
        return {begin.year: bedrag}
    return verdelen.per_year(bedrag, begin, end)


def part_from(one: ToegewezenProduct, vanaf: date, bedrag: int) -> int:
    """The part of an amount that is for the days from a day on, rounded once."""
    end = one.einddatum
    if vanaf <= one.ingangsdatum or end is None:
        return bedrag
    return half_up(bedrag * max(0, days(vanaf, end)), days(one.ingangsdatum, end))

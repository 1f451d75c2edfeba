"""Derive the volume that an Omvang allows: for one ProductPeriode and for the whole assignment.

Effort (inspanning) counts every week that is touched.  Output counts the week by its Sunday,
because one week of output has one month in which it is declared.
"""

from datetime import date
from typing import Protocol

from gateway.periods.weken import (
    days,
    is_sunday,
    iso_weeks_touched,
    last_sunday,
    months_touched,
    sundays,
)

MINUUT = "01"
UUR = "04"
EUROS = "83"
OUTPUT_EENHEDEN = frozenset({"82", EUROS})
PER_DAG, PER_WEEK, PER_MAAND, TOTAAL = "1", "2", "4", "6"
MINUTES_PER_HOUR = 60
# A calendar month touches six weeks at most, and category 01 is given all of them.
WEEKS_HUISHOUDELIJK = 6


class HasOmvang(Protocol):
    """What this module reads of an Omvang; records and periods do not import each other."""

    @property
    def volume(self) -> int:
        """The volume per frequency period."""

    @property
    def eenheid(self) -> str:
        """The unit code."""

    @property
    def frequentie(self) -> str:
        """The frequency code."""


def period_limit(
    omvang: HasOmvang,
    begin: date,
    end: date,
    ingangsdatum: date,
    einddatum: date | None,
    *,
    huishoudelijk_week: bool,
) -> int | None:
    """The most that TR321 allows in the ProductPeriode begin..end, in the unit of the Omvang.

    The ProductPeriode is taken as given; the period of the assignment only tells where output
    ends on a broken week.  `huishoudelijk_week` is for category 01 of the iWmo and only matters
    for a volume per week.  None when the frequency has no known meaning.
    """
    volume = omvang.volume
    match omvang.frequentie:
        case "1":
            return volume * days(begin, end)
        case "2" if huishoudelijk_week:
            return volume * WEEKS_HUISHOUDELIJK
        case "2" if omvang.eenheid in OUTPUT_EENHEDEN:
            return volume * output_weeks(begin, end, ingangsdatum, einddatum)
        case "2":
            return volume * iso_weeks_touched(begin, end)
        case "4" | "6":
            return volume
    return None


def total_limit(omvang: HasOmvang, ingangsdatum: date, einddatum: date | None) -> int | None:
    """The most that TR322 allows over the whole assignment, in the unit of the Omvang.

    None when it cannot be computed: no Einddatum, unless the volume is a total by itself.
    """
    if omvang.frequentie == TOTAAL:
        return omvang.volume
    if einddatum is None:
        return None
    match omvang.frequentie:
        case "1":
            return omvang.volume * days(ingangsdatum, einddatum)
        case "2":
            return omvang.volume * iso_weeks_touched(ingangsdatum, einddatum)
        case "4":
            return omvang.volume * months_touched(ingangsdatum, einddatum)
    return None


def whole_volume(omvang: HasOmvang, ingangsdatum: date, einddatum: date | None) -> int | None:
    """The same as lines are added up: in minutes for time, else in the unit of the Omvang."""
    total = total_limit(omvang, ingangsdatum, einddatum)
    if total is None:
        return None
    return total * MINUTES_PER_HOUR if omvang.eenheid == UUR else total


def output_weeks(begin: date, end: date, ingangsdatum: date, einddatum: date | None) -> int:
    """The weeks of output that may be declared in begin..end: its Sundays and the broken last week.

    The broken last week goes with the last Sunday of the assignment, so a later ProductPeriode
    may have nothing to declare.  An assignment without any Sunday is one broken week (A16): it is
    allowed in each ProductPeriode that it touches, and the total keeps it from counting twice.
    """
    if einddatum is None:
        return sundays(begin, end)
    if sundays(ingangsdatum, einddatum) == 0:
        return 1
    breaks_here = not is_sunday(einddatum) and begin <= last_sunday(einddatum) <= end
    return sundays(begin, end) + breaks_here


def limit_in_unit(limit: int, toegewezen: str, gedeclareerd: str) -> int | None:
    """The limit in the unit of the line; None when that unit is not allowed (TR341 speaks).

    Only an assignment in hours may be declared in another unit, in minutes.
    """
    if gedeclareerd == toegewezen:
        return limit
    if toegewezen == UUR and gedeclareerd == MINUUT:
        return limit * MINUTES_PER_HOUR
    return None


def in_minutes(volume: int, eenheid: str) -> int:
    """A volume of hours or minutes in minutes, so that lines in both units can be added up."""
    if eenheid == UUR:
        return volume * MINUTES_PER_HOUR
    if eenheid == MINUUT:
        return volume
    raise ValueError(f"unit {eenheid} is not a unit of time")


def whole_hours(minutes: int) -> int:
    """The minutes of a whole Prestatie as hours: rounded once, half up, at least 1 (IV079)."""
    return max(1, (minutes + MINUTES_PER_HOUR // 2) // MINUTES_PER_HOUR)

"""Divides money over parts in whole cents that add up to the whole."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from gateway.periods.bedragen import half_up
from gateway.periods.weken import days

Verdeling = Mapping[int, int]  # eurocents per calendar year


def in_parts(numerators: Iterable[int], denominator: int) -> list[int]:
    """Each numerator over the denominator, in whole cents.

    The sum up to any part is the exact sum rounded once, half up: so the parts add up to the whole
    and none differs a cent or more from its exact amount.
    """
    parts, exact, given = [], 0, 0
    for numerator in numerators:
        exact += numerator
        upto = half_up(exact, denominator)
        parts.append(upto - given)
        given = upto
    return parts


def by_weight(bedrag: int, gewichten: Sequence[int]) -> list[int]:
    """An amount over parts by their weights; a credit is divided as the debet that it undoes."""
    sign = -1 if bedrag < 0 else 1
    numerators = (abs(bedrag) * gewicht for gewicht in gewichten)
    return [sign * part for part in in_parts(numerators, sum(gewichten))]


def per_year(bedrag: int, begin: date, eind: date) -> Verdeling:
    """An amount per calendar year by the days from `begin` up to and including `eind`."""
    if begin.year == eind.year:
        return {begin.year: bedrag}
    jaren = range(begin.year, eind.year + 1)
    gewichten = [
        days(max(begin, date(jaar, 1, 1)), min(eind, date(jaar, 12, 31))) for jaar in jaren
    ]
    return dict(zip(jaren, by_weight(bedrag, gewichten), strict=True))


def filled(amounts: Iterable[int], total: int) -> list[int]:
    """As much of each amount, in this order, as the total reaches; none is below nothing."""
    taken = []
    for amount in amounts:
        taken.append(max(0, min(amount, total)))
        total -= taken[-1]
    return taken

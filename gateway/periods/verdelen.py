"""Divides money over parts in whole cents that add up to the whole."""

from collections.abc import Iterable

from gateway.periods.bedragen import half_up


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


def filled(amounts: Iterable[int], total: int) -> list[int]:
    """As much of each amount, in this order, as the total reaches; none is below nothing."""
    taken = []
    for amount in amounts:
        taken.append(max(0, min(amount, total)))
        total -= taken[-1]
    return taken

"""Projects what was found in a money-unit sample on the whole, with an upper limit.

Upper limit by Stringer with Poisson factors: the interval times the factor for no errors, plus for
every error, the largest share of its line first, that share times the growth of the factor.  See
K. W. Stringer, "Practical aspects of statistical sampling in auditing" (1963), and the audit guides
on sampling.  Lines of at least the interval were all looked at: their errors count as they are.
Factors are worked out to four decimals (2.9957 for no errors at 95 %) and amounts stay whole cents.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from gateway.periods.bedragen import half_up

SCALE = 10_000
PROMILLE = 1_000
_STEPS = 100


class Bevinding(NamedTuple):
    """A line that was looked at: what it comes to, and how much of it is wrong (both cents)."""

    bedrag: int
    fout: int
    is_hoog: bool


class Projectie(NamedTuple):
    """What the whole is expected to hold of errors, in eurocents.

    `gevonden` is what was found itself, `waarschijnlijk` the most likely total, `bovengrens` what
    it is not above at the confidence that was asked for.
    """

    gevonden: int
    waarschijnlijk: int
    bovengrens: int


class Oordeel(StrEnum):
    """What a projection means against the tolerance."""

    VOLDOET = "voldoet"
    ONZEKER = "nog niet zeker"
    VOLDOET_NIET = "voldoet niet"


def projected(bevindingen: Sequence[Bevinding], interval: int, betrouwbaarheid: int) -> Projectie:
    """The projection of a sample at so many percent confidence."""
    high = sum(one.fout for one in bevindingen if one.is_hoog)
    low = [one for one in bevindingen if not one.is_hoog and one.fout]
    shares = sorted(
        ((one.fout, one.bedrag) for one in low),
        key=lambda share: (-share[0] / share[1], share),
    )
    likely = sum(half_up(interval * fout, bedrag) for fout, bedrag in shares)
    limit = half_up(interval * factor(0, betrouwbaarheid), SCALE)
    for number, (fout, bedrag) in enumerate(shares, start=1):
        growth = factor(number, betrouwbaarheid) - factor(number - 1, betrouwbaarheid)
        limit += half_up(interval * growth * fout, SCALE * bedrag)
    return Projectie(high + sum(one.fout for one in low), high + likely, high + limit)


def judged(projectie: Projectie, populatie: int, promille: int) -> Oordeel:
    """Whether the errors stay within so many promille of the population.

    Where only the upper limit is beyond it, more has to be looked at.
    """
    tolerance = tolerance_of(populatie, promille)
    if projectie.waarschijnlijk > tolerance:
        return Oordeel.VOLDOET_NIET
    return Oordeel.VOLDOET if projectie.bovengrens <= tolerance else Oordeel.ONZEKER


def tolerance_of(populatie: int, promille: int) -> int:
    """So many promille of an amount, in eurocents."""
    return half_up(populatie * promille, PROMILLE)


def size_for(promille: int, betrouwbaarheid: int) -> int:
    """How many draws show, when they find no error, that errors stay within the tolerance."""
    return -(-factor(0, betrouwbaarheid) * PROMILLE // (SCALE * promille))


@cache
def factor(fouten: int, betrouwbaarheid: int) -> int:
    """The Poisson upper limit for so many errors, times 10,000.

    It is the mean at which so few errors, or fewer, turn up in (100 - confidence) percent of cases.
    """
    rest = 1 - betrouwbaarheid / 100
    low, high = 0.0, 10.0 + 4.0 * fouten + 10.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(fouten, middle) > rest else (low, middle)
    return round(high * SCALE)


def _at_most(fouten: int, mean: float) -> float:
    return math.fsum(
        math.exp(number * math.log(mean) - mean - math.lgamma(number + 1))
        for number in range(fouten + 1)
    )

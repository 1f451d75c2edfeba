"""How many assignments still begin: at the pace of the last twelve months.

A month in which far more began than in the middle one, such as the first one under new contracts,
is a peak: it has no part in the average, and comes back a year later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median_low
from typing import NamedTuple

JAAR_MAANDEN = 12
PIEK = 3

# What those that began in a month oblige to when they are so many months old, in eurocents.
Begonnen = Mapping[tuple[int, int], int]


class Instroom(NamedTuple):
    """The months in which as many began as mostly (`gewoon`), and the peaks."""

    gewoon: Sequence[int]
    pieken: Sequence[int]

    def expected(self, begonnen: Begonnen, nu: int, months: Sequence[int]) -> Sequence[int]:
        """What assignments that begin from the month `nu` on oblige to in each month.

        In eurocents times the number of ordinary months: whole numbers, to be divided once.
        """
        ages = range(months[-1] - nu + 1)
        average = [sum(begonnen.get((one, age), 0) for one in self.gewoon) for age in ages]
        return [
            sum(self._of(begonnen, begin, average, month - begin) for begin in range(nu, month + 1))
            for month in months
        ]

    def _of(self, begonnen: Begonnen, begin: int, average: Sequence[int], age: int) -> int:
        """What those of one month to come oblige to at an age."""
        for peak in self.pieken:
            if begin % JAAR_MAANDEN == peak % JAAR_MAANDEN:
                return begonnen.get((peak, age), 0) * len(self.gewoon)
        return average[age]


def measured(aantallen: Mapping[int, int], months: Sequence[int]) -> Instroom:
    """Tell the peaks among some months, by how many assignments began in each."""
    if not months:
        return Instroom((0,), ())
    most = PIEK * max(1, median_low(aantallen.get(one, 0) for one in months))
    peaks = [one for one in months if aantallen.get(one, 0) > most]
    return Instroom([one for one in months if one not in peaks], peaks)

"""What one product of one provider comes to in a year of delivery."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Sleutel(NamedTuple):
    """Of what a balance of the year is."""

    wet: str
    aanbieder: str
    productcode: str


class Jaarstand(NamedTuple):
    """The year in eurocents; every amount is of delivery in the year by the days of the periods.

    `toegekend` are granted debets and `gecrediteerd` granted credits, both without a sign; `laat`
    is the part of what is left that was granted after the cut-off day.  `afgewezen` was refused
    and `open` not yet answered, credits subtracted.  `vooruit` was paid for this year and belongs
    to later ones, `overgenomen` was paid for earlier ones and belongs to this one.  Of invoices
    outside the message traffic `facturen` was approved and `facturen_open` waits for that; what a
    creditfactuur takes back is subtracted.
    """

    regels: int = 0
    toegekend: int = 0
    gecrediteerd: int = 0
    laat: int = 0
    afgewezen: int = 0
    open: int = 0
    vooruit: int = 0
    overgenomen: int = 0
    facturen: int = 0
    facturen_open: int = 0

    @property
    def netto(self) -> int:
        """What is granted in the traffic, credits subtracted."""
        return self.toegekend - self.gecrediteerd

    @property
    def lasten(self) -> int:
        """What the year costs: what was granted and invoiced, trajectories over their duration."""
        return self.netto - self.vooruit + self.overgenomen + self.facturen

    def plus(self, other: Jaarstand) -> Jaarstand:
        """Both together."""
        return Jaarstand(*(one + two for one, two in zip(self, other, strict=True)))


NIETS = Jaarstand()


def together(standen: Iterable[Jaarstand]) -> Jaarstand:
    """The sum of balances."""
    found = NIETS
    for one in standen:
        found = found.plus(one)
    return found

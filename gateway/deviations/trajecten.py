"""The lines of trajectories in euros, each with what was granted on its assignment before it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import accumulate

from gateway.agreements.match import instalments
from gateway.deviations.gevallen import EURO, TRAJECT, Wanted, regels_onder
from gateway.records.batch import Declaratiebatch, Stand
from gateway.records.declaratie import Prestatie
from gateway.records.overeenkomst import Cel, Plaats, Prijs
from gateway.records.toewijzing import ToegewezenProduct

NOTHING = Stand()


@dataclass(frozen=True, slots=True)
class Deel:
    """One line of a trajectory; `eerder` is in eurocents, the line itself not included.

    `toegewezen` is the price of the whole trajectory as the assignment has it: a line follows its
    assignment, also where that differs from the cell (S101).
    """

    prestatie: Prestatie
    toewijzing: ToegewezenProduct
    prijs: Prijs
    eerder: int
    toegewezen: int

    @property
    def cel(self) -> Cel:
        """The cell of the trajectory."""
        return self.prijs.plaats.cel

    @property
    def tot_nu(self) -> int:
        """What is granted with this line."""
        return self.eerder + self.prestatie.ingediend_bedrag

    @property
    def termijnen(self) -> tuple[int, ...]:
        """The instalments of the price that was assigned, in eurocents."""
        return instalments(replace(self.cel, bedrag=self.toegewezen))

    @property
    def standen(self) -> tuple[int, ...]:
        """What is granted after each instalment."""
        return tuple(accumulate(self.termijnen))


def delen(batch: Declaratiebatch, wanted: Wanted) -> Iterator[Deel]:
    """The lines of trajectories of the wanted kind, those of one assignment by their period.

    Lines may stand in any order in a message; what a trajectory comes to follows the calendar.
    """

    def is_wanted(plaats: Plaats) -> bool:
        return plaats.cel.soort == TRAJECT and wanted(plaats)

    found = sorted(regels_onder(batch, is_wanted), key=_by_period)
    granted: dict[int, int] = {}
    for prestatie, toewijzing, prijs in found:
        if prestatie.eenheid != EURO or toewijzing.eenheid != EURO or toewijzing.volume is None:
            continue
        nummer = prestatie.toewijzingnummer
        eerder = granted.get(nummer, batch.stand.get(nummer, NOTHING).bedrag)
        yield Deel(prestatie, toewijzing, prijs, eerder, toewijzing.volume)
        granted[nummer] = eerder + prestatie.ingediend_bedrag


def _by_period(one: tuple[Prestatie, ToegewezenProduct, Prijs]) -> tuple[date, int]:
    return one[0].einddatum, one[0].volgnr

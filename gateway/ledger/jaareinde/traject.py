"""Puts what is paid at the start of a trajectory in the years in which the care is expected.

How long the care takes is known from its stop; until then it is what the settings say, else the
period of the assignment, else the mean of trajectories that ended.  Where nothing tells it, the
amount stays in the year in which it was claimed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple

from gateway.periods.verdelen import Verdeling, per_year
from gateway.records.overeenkomst import Overeenkomst, Plaats

STOP, INSTELLING, TOEWIJZING = "stop", "instelling", "toewijzing"
GEMIDDELDE, ONBEKEND = "gemiddelde", "onbekend"
START = "start"


class Startdeel(NamedTuple):
    """A granted line, not credited, that is the part of a trajectory paid at its start.

    `aanvang` is the first day of care, `toegewezen_tot` the last day of the assignment and
    `gestopt_op` that of care, None where they are not known.
    """

    inbox_id: int
    regelnr: int
    wet: str
    aanbieder: str
    productcode: str
    toewijzingnummer: int
    bedrag: int
    begindatum: date
    einddatum: date
    aanvang: date
    toegewezen_tot: date | None
    gestopt_op: date | None


class Looptijd(NamedTuple):
    """Until when care is expected, and by what that is known; no day where nothing tells it."""

    eind: date | None
    bron: str


class Overloop(NamedTuple):
    """A start part, how long it is for, and what moves: a year loses below zero, and gains above.

    What moves adds up to nothing.
    """

    deel: Startdeel
    looptijd: Looptijd
    verschuiving: Verdeling

    @property
    def jaren(self) -> Verdeling:
        """To which years what was paid belongs."""
        paid = per_year(self.deel.bedrag, self.deel.begindatum, self.deel.einddatum)
        moved = self.verschuiving
        return {one: paid.get(one, 0) + moved.get(one, 0) for one in sorted({*paid, *moved})}


def runs_over(
    deel: Startdeel, dagen: Mapping[str, int], gemiddeld: Mapping[tuple[str, str], int]
) -> Overloop:
    """How a start part lies over the years.

    `dagen` is how many days a product code is expected to take, `gemiddeld` how many it took by
    law and code.
    """
    looptijd = _looptijd(deel, dagen, gemiddeld)
    if looptijd.eind is None:
        return Overloop(deel, looptijd, {})
    paid = per_year(deel.bedrag, deel.begindatum, deel.einddatum)
    meant = per_year(deel.bedrag, deel.aanvang, max(looptijd.eind, deel.aanvang))
    moved = {one: meant.get(one, 0) - paid.get(one, 0) for one in sorted({*paid, *meant})}
    return Overloop(deel, looptijd, {one: amount for one, amount in moved.items() if amount})


def _looptijd(
    deel: Startdeel, dagen: Mapping[str, int], gemiddeld: Mapping[tuple[str, str], int]
) -> Looptijd:
    if deel.gestopt_op is not None:
        return Looptijd(deel.gestopt_op, STOP)
    if deel.productcode in dagen:
        return Looptijd(_after(deel, dagen[deel.productcode]), INSTELLING)
    if deel.toegewezen_tot is not None:
        return Looptijd(deel.toegewezen_tot, TOEWIJZING)
    mean = gemiddeld.get((deel.wet, deel.productcode))
    return Looptijd(None, ONBEKEND) if mean is None else Looptijd(_after(deel, mean), GEMIDDELDE)


def _after(deel: Startdeel, dagen: int) -> date:
    return deel.aanvang + timedelta(days=dagen - 1)


def start_products(overeenkomsten: tuple[Overeenkomst, ...]) -> frozenset[str]:
    """The product codes of trajectories of which a part is paid at the start."""
    cellen = [cel for one in overeenkomsten for cel in one.cellen if cel.soort == "traject"]
    own = {cel.productcode for cel in cellen if _has_start(cel.termijnen)}
    return frozenset(own | {cel.hoort_bij for cel in cellen if cel.hoort_bij})


def is_start_of(plaats: Plaats, *, is_first: bool) -> bool:
    """Whether a line in a cell is the start part; `is_first` of its assignment.

    A cell with instalments has its start part first; a product of its own that another one goes
    on from is all start.
    """
    cel = plaats.cel
    if cel.soort != "traject":
        return False
    if _has_start(cel.termijnen):
        return is_first
    return any(one.hoort_bij == cel.productcode for one in plaats.overeenkomst.cellen)


def _has_start(termijnen: tuple[object, ...]) -> bool:
    return len(termijnen) > 1 and getattr(termijnen[0], "moment", None) == START

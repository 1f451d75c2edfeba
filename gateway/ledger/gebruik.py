"""Use of task-oriented care, which nobody declares: clients in care, by start and stop."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from gateway.agreements.match import Overeenkomsten
from gateway.records.overeenkomst import Plaats

TAAK = "taak"


class Zorg(NamedTuple):
    """How many clients of a provider have a product, by their starts and stops.

    `in_zorg` on the day of looking, `begonnen` and `gestopt` in its calendar year up to that day.
    `met_nummer` is False where the starts name no assignment, as those of a task do.
    """

    gemeente: str
    wet: str
    aanbieder: str
    productcategorie: str
    productcode: str
    met_nummer: bool
    in_zorg: int
    begonnen: int
    gestopt: int


@dataclass(frozen=True, slots=True)
class Taakgebruik:
    """Use of a product that is paid by the task; `bedrag` is what is agreed for it, in cents."""

    zorg: Zorg
    overeenkomst: str | None
    cel: str | None
    bedrag: int | None


def task_products(overeenkomsten: Overeenkomsten) -> dict[tuple[str, str, str], list[Plaats]]:
    """The cells for a task by law, municipality and product code."""
    found: dict[tuple[str, str, str], list[Plaats]] = {}
    for one in overeenkomsten.alle:
        for cel in one.cellen:
            if cel.soort == TAAK:
                plaats = Plaats(one, cel)
                for wet in plaats.wetten:
                    for gemeente in plaats.gemeenten:
                        found.setdefault((wet, gemeente, cel.productcode), []).append(plaats)
    return found


def task_use(overeenkomsten: Overeenkomsten, zorg: Iterable[Zorg], jaar: int) -> list[Taakgebruik]:
    """The use of every product that has a cell for a task, and of every start without a number."""
    cells = task_products(overeenkomsten)
    found = []
    for one in zorg:
        plaatsen = cells.get((one.wet, one.gemeente, one.productcode), [])
        plaats = next((p for p in plaatsen if _is_for(p, one.aanbieder, jaar)), None)
        if plaats is not None:
            cel = plaats.cel
            found.append(Taakgebruik(one, plaats.overeenkomst.id, cel.naam, cel.bedrag))
        elif not one.met_nummer:
            found.append(Taakgebruik(one, None, None, None))
    return found


def _is_for(plaats: Plaats, aanbieder: str, jaar: int) -> bool:
    """Whether a cell is for a provider and in force in some part of the year."""
    cel = plaats.cel
    runs = cel.vanaf.year <= jaar and (cel.tot is None or cel.tot.year >= jaar)
    return runs and (cel.aanbieders is None or aanbieder in cel.aanbieders)

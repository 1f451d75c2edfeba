"""Use of care that is paid by the whole: clients in care, by start and stop."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from gateway.agreements.match import Overeenkomsten, Product, scopes
from gateway.records.overeenkomst import Plaats

# Kinds of cells that are one amount, whatever is declared.
ALS_GEHEEL = frozenset({"taak", "lumpsum"})


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
    """Use of a product that is paid by the whole; `bedrag` is what is agreed for it, in cents.

    Without a cell nothing is agreed on it here.
    """

    zorg: Zorg
    overeenkomst: str | None
    cel: str | None
    bedrag: int | None


def task_products(overeenkomsten: Overeenkomsten) -> dict[Product, list[Plaats]]:
    """The cells of one amount by law, municipality and product code."""
    found: dict[Product, list[Plaats]] = {}
    plaatsen = (Plaats(one, cel) for one in overeenkomsten.alle for cel in one.cellen)
    for plaats in plaatsen:
        if plaats.cel.soort in ALS_GEHEEL:
            for wet, gemeente in scopes(plaats):
                found.setdefault((wet, gemeente, plaats.cel.productcode), []).append(plaats)
    return found


def task_use(overeenkomsten: Overeenkomsten, zorg: Iterable[Zorg], jaar: int) -> list[Taakgebruik]:
    """The use of every product that is paid by the whole, and of every start without a number.

    What nobody used in the year is left out.
    """
    cells = task_products(overeenkomsten)
    found = []
    for one in zorg:
        if not (one.in_zorg or one.begonnen or one.gestopt):
            continue
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

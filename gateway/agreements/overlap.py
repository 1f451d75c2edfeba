"""Find cells of the loaded agreements that give one product two prices on one day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from gateway.agreements.match import Rij, rows_of
from gateway.periods.maanden import same_month
from gateway.records.overeenkomst import Overeenkomst, Plaats


def label(plaats: Plaats) -> str:
    """How a sentence names a cell: `cel 3 (45P11/83)`."""
    cel = plaats.cel
    return f"cel {cel.rij} ({cel.productcode}/{cel.eenheid})"


def overlaps(overeenkomsten: Iterable[Overeenkomst]) -> list[str]:
    """One sentence per cell that overlaps another of the same law, municipality, product and unit.

    A price for some providers or municipalities is more specific than one for all and goes
    before it; only equally specific prices overlap.
    """
    told: dict[tuple[str, int, str, int], str] = {}
    for rij, plaatsen in _by_key(overeenkomsten).items():
        for earlier, later in _pairs(plaatsen, rij[1]):
            pair = (
                earlier.overeenkomst.bestand,
                earlier.cel.rij,
                later.overeenkomst.bestand,
                later.cel.rij,
            )
            if pair not in told:
                told[pair] = _sentence(rij, earlier, later)
    return list(told.values())


def _by_key(overeenkomsten: Iterable[Overeenkomst]) -> dict[Rij, list[Plaats]]:
    found: dict[Rij, list[Plaats]] = {}
    for overeenkomst in overeenkomsten:
        for cel in overeenkomst.cellen:
            plaats = Plaats(overeenkomst, cel)
            for rij in rows_of(plaats):
                found.setdefault(rij, []).append(plaats)
    return found


def price_changes_within_month(overeenkomsten: Iterable[Overeenkomst]) -> list[str]:
    """One sentence per price of the ProductPeriode that becomes another one within a month.

    A line is for one month and shows one tariff, so such a price can only change on a first day.
    """
    told: dict[tuple[str, int], str] = {}
    for (_, gemeente, *_), plaatsen in _by_key(overeenkomsten).items():
        dated = sorted(plaatsen, key=lambda one: (one.cel.rang, one.cel.vanaf))
        for earlier, later in pairwise(dated):
            if _changes_within_month(earlier, later, gemeente):
                told[later.overeenkomst.bestand, later.cel.rij] = (
                    f"{later.overeenkomst.bestand}: {label(later)}: de prijs verandert op "
                    f"{later.cel.vanaf}, midden in een maand; bij peildatum productperiode kan dat "
                    "alleen op de eerste dag"
                )
    return list(told.values())


def _changes_within_month(earlier: Plaats, later: Plaats, gemeente: str) -> bool:
    return (
        earlier.cel.rang == later.cel.rang
        and "productperiode" in (earlier.peildatum, later.peildatum)
        and earlier.cel.bedrag != later.cel.bedrag
        and later.cel.vanaf.day > 1
        and same_month(earlier.last_day(gemeente), later.cel.vanaf)
    )


def _pairs(plaatsen: list[Plaats], gemeente: str) -> Iterator[tuple[Plaats, Plaats]]:
    """Overlapping neighbours in order of time, per rank: one look at each, after sorting."""
    latest: dict[int, Plaats] = {}
    for plaats in sorted(plaatsen, key=lambda one: one.cel.vanaf):
        end = plaats.last_day(gemeente)
        if end < plaats.cel.vanaf:
            continue  # the municipality had left before this price began
        earlier = latest.get(plaats.cel.rang)
        if earlier is not None and plaats.cel.vanaf <= earlier.last_day(gemeente):
            yield earlier, plaats
        if earlier is None or end > earlier.last_day(gemeente):
            latest[plaats.cel.rang] = plaats


def _sentence(rij: Rij, earlier: Plaats, later: Plaats) -> str:
    wet, gemeente, *_, aanbieder = rij
    voor = "" if aanbieder is None else f", aanbieder {aanbieder}"
    same_file = earlier.overeenkomst.bestand == later.overeenkomst.bestand
    van = "" if same_file else f" van {earlier.overeenkomst.bestand}"
    return (
        f"{later.overeenkomst.bestand}: {label(later)}: overlapt {label(earlier)}{van} "
        f"vanaf {later.cel.vanaf} ({wet}, gemeente {gemeente}{voor})"
    )

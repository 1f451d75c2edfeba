"""Adds up what another judgement of the same lines changes, in several ways that must agree.

Amounts are signed eurocents: a credit counts negative.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from gateway.errors import CouldNotFinish
from gateway.pipeline.ports import Partijen
from gateway.records.overeenkomst import Plaats, Selector


@dataclass(slots=True)
class Telling:
    """One row: how many lines, and what was and would be granted.

    `omgeslagen` lines are granted instead of rejected, or the other way round.  `herprijsd` is what
    the lines that were granted come to by the prices of the proposal.
    """

    regels: int = 0
    omgeslagen: int = 0
    voor: int = 0
    na: int = 0
    herprijsd: int = 0

    @property
    def verschil(self) -> int:
        """What would be granted more, or less when negative."""
        return self.na - self.voor

    def add(self, other: Telling) -> None:
        """Add another row to this one."""
        self.regels += other.regels
        self.omgeslagen += other.omgeslagen
        self.voor += other.voor
        self.na += other.na
        self.herprijsd += other.herprijsd


class Celsleutel(NamedTuple):
    """A cell of an agreement, whatever its version; `overeenkomst` is empty for what is no cell."""

    overeenkomst: str
    cel: str
    dimensies: Selector = ()


ZONDER_CEL = Celsleutel("", "zonder cel")
NIET_GERAAKT = Celsleutel("", "niet geraakt")


def celsleutel(plaats: Plaats) -> Celsleutel:
    """The cell of a place in an agreement."""
    cel = plaats.cel
    return Celsleutel(plaats.overeenkomst.id, cel.naam, cel.dimensies)


@dataclass(slots=True)
class Effect:
    """The effect in total, per provider, per municipality and per cell.

    `opgeslagen` is what the store says was granted; `codes` counts lines that stay rejected but
    with other retourcodes, `erbij` and `weg` the signals that appear and go, per check.
    """

    totaal: Telling = field(default_factory=Telling)
    aanbieders: dict[str, Telling] = field(default_factory=dict)
    gemeenten: dict[str, Telling] = field(default_factory=dict)
    cellen: dict[Celsleutel, Telling] = field(default_factory=dict)
    declaraties: int = 0
    niet_geraakt: int = 0
    opgeslagen: int = 0
    codes: int = 0
    erbij: Counter[str] = field(default_factory=Counter)
    weg: Counter[str] = field(default_factory=Counter)

    def add(self, partijen: Partijen, telling: Telling) -> None:
        """Add the lines of a message to the total and to those whose message it is."""
        self.totaal.add(telling)
        self.aanbieders.setdefault(partijen.aanbieder, Telling()).add(telling)
        self.gemeenten.setdefault(partijen.gemeente, Telling()).add(telling)

    def of_cel(self, sleutel: Celsleutel) -> Telling:
        """The row of a cell."""
        found = self.cellen.get(sleutel)
        if found is None:
            found = self.cellen[sleutel] = Telling()
        return found

    def dimensies(self) -> dict[tuple[str, str, str], Telling]:
        """The rows of the cells together per agreement, dimension and value of it."""
        found: dict[tuple[str, str, str], Telling] = {}
        for sleutel, telling in self.cellen.items():
            for naam, waarde in sleutel.dimensies:
                found.setdefault((sleutel.overeenkomst, naam, waarde), Telling()).add(telling)
        return found

    def reconcile(self) -> None:
        """See that every way of adding up gives the same; raises CouldNotFinish when not."""
        for what in self._differences():
            raise CouldNotFinish(f"de optelling sluit niet aan: {what}; er is niets gerapporteerd")

    def _differences(self) -> Iterator[str]:
        totaal = self.totaal
        for naam, rows in (
            ("per aanbieder", self.aanbieders.values()),
            ("per gemeente", self.gemeenten.values()),
            ("per cel", self.cellen.values()),
        ):
            if together(rows) != totaal:
                yield f"{naam} is samen niet het totaal"
        if sum(row.verschil for row in self.cellen.values()) != totaal.na - totaal.voor:
            yield "de verschillen zijn samen niet na min voor"
        if totaal.voor != self.opgeslagen:
            yield "wat was toegekend is niet wat de opslag zegt"


def together(rows: Iterable[Telling]) -> Telling:
    """Rows as one."""
    found = Telling()
    for row in rows:
        found.add(row)
    return found

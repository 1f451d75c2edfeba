"""In which cell of an agreement a line is paid, for balances: what judging looked up by then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from gateway.agreements.match import Overeenkomsten, Tariefvraag, find_place
from gateway.ledger.boek import Saldo
from gateway.periods.volume import MINUUT, UUR
from gateway.records.overeenkomst import Cel as Prijscel
from gateway.records.overeenkomst import Plaats

GEEN = "geen cel"
Cel = tuple[str, str]  # the agreement with its version, and the cell


class Geprijsd(NamedTuple):
    """Lines of one assignment that have one price, with what they come to.

    `ingangsdatum` and `toegewezen_eenheid` are those of the version that the judgement held them
    against; None without an assignment.
    """

    gemeente: str
    wet: str
    aanbieder: str
    productcode: str
    eenheid: str
    begindatum: date
    ingangsdatum: date | None
    toegewezen_eenheid: str | None
    saldo: Saldo = Saldo()


def cell_balances(
    geprijsd: Iterable[Geprijsd], overeenkomsten: Overeenkomsten
) -> Iterator[tuple[Cel, Saldo]]:
    """The balances per cell, in order of name; lines without a cell stand under their product."""
    cellen = Cellen(overeenkomsten)
    found: dict[Cel, list[int]] = {}
    for one in geprijsd:
        columns = found.setdefault(cellen.of(one), [0] * len(Saldo._fields))
        for number, amount in enumerate(one.saldo):
            columns[number] += amount
    for cel, columns in sorted(found.items()):
        yield cel, Saldo(*columns)


def celnaam(cel: Prijscel) -> str:
    """What a cell is called among those of all agreements."""
    product = f"{cel.productcode}/{cel.eenheid}"
    return cel.naam if cel.naam == product else f"{cel.naam} ({product})"


class Cellen:
    """Look-ups in the agreements, each question asked once."""

    def __init__(self, overeenkomsten: Overeenkomsten) -> None:
        self._all = overeenkomsten
        self._known: dict[tuple[object, ...], Plaats | None] = {}

    def of(self, one: Geprijsd) -> Cel:
        """What the cell that holds for lines is called."""
        plaats = self.plaats(one)
        if plaats is None:
            return GEEN, f"{one.productcode}/{one.eenheid}"
        overeenkomst = plaats.overeenkomst
        return f"{overeenkomst.id} {overeenkomst.versie}", celnaam(plaats.cel)

    def plaats(self, one: Geprijsd) -> Plaats | None:
        """The cell that holds for lines; minutes without a price of their own take the hour's."""
        in_hours = one.eenheid == MINUUT and one.toegewezen_eenheid == UUR
        eenheid = UUR if in_hours else one.eenheid
        key = (*one[:4], eenheid, one.begindatum, one.ingangsdatum)
        if key not in self._known:
            found = self._ask(one, eenheid)
            if found is None and eenheid == MINUUT:
                found = self._ask(one, UUR)
            self._known[key] = found
        return self._known[key]

    def _ask(self, one: Geprijsd, eenheid: str) -> Plaats | None:
        vraag = Tariefvraag(
            wet=one.wet,
            gemeente=one.gemeente,
            productcode=one.productcode,
            eenheid=eenheid,
            aanbieder=one.aanbieder,
            begindatum=one.begindatum,
            ingangsdatum=one.ingangsdatum,
        )
        return find_place(self._all, vraag)

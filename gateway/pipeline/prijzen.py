"""Looks up what the agreements say of the lines and assignments of one message."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from gateway.agreements.match import (
    Overeenkomsten,
    Tariefvraag,
    budget_place,
    right_prices,
)
from gateway.pipeline.ports import Partijen
from gateway.records.declaratie import Prestatie
from gateway.records.overeenkomst import Plaats, Prijs
from gateway.records.toewijzing import ToegewezenProduct


class Prijzen:
    """Look-ups in the agreements for one message, each question asked once."""

    def __init__(self, overeenkomsten: Overeenkomsten, partijen: Partijen, bekend_op: date) -> None:
        self._all = overeenkomsten
        self._partijen = partijen
        self._bekend_op = bekend_op
        self._prices: dict[tuple[str, str, date, date | None], Prijs | None] = {}
        self.any = bool(overeenkomsten.of(partijen.wet, partijen.gemeente))

    def price(
        self, productcode: str, eenheid: str, begindatum: date, ingangsdatum: date | None
    ) -> Prijs | None:
        """The right prices of a product; minutes without a price of their own take the hour's."""
        key = (productcode, eenheid, begindatum, ingangsdatum)
        if key not in self._prices:
            found = self._ask(productcode, eenheid, begindatum, ingangsdatum)
            if found is None and eenheid == "01":
                found = self._ask(productcode, "04", begindatum, ingangsdatum)
            self._prices[key] = found
        return self._prices[key]

    def _ask(
        self, productcode: str, eenheid: str, begindatum: date, ingangsdatum: date | None
    ) -> Prijs | None:
        vraag = self._question(productcode, eenheid, begindatum, ingangsdatum)
        return right_prices(self._all, vraag, self._bekend_op)

    def _question(
        self, productcode: str, eenheid: str, begindatum: date, ingangsdatum: date | None
    ) -> Tariefvraag:
        return Tariefvraag(
            wet=self._partijen.wet,
            gemeente=self._partijen.gemeente,
            productcode=productcode,
            eenheid=eenheid,
            aanbieder=self._partijen.aanbieder,
            begindatum=begindatum,
            ingangsdatum=ingangsdatum,
        )

    def of_lines(
        self, lines: Iterable[Prestatie], toewijzingen: Mapping[int, ToegewezenProduct]
    ) -> dict[int, Prijs]:
        """The right prices per line, by volgnr."""
        if not self.any:
            return {}
        prijzen = {}
        for line in lines:
            toewijzing = toewijzingen.get(line.toewijzingnummer)
            ingang = toewijzing.ingangsdatum if toewijzing else None
            prijs = self.price(
                line.productcode, self._asked_unit(line, toewijzing), line.begindatum, ingang
            )
            if prijs is not None:
                prijzen[line.volgnr] = prijs
        return prijzen

    @staticmethod
    def _asked_unit(line: Prestatie, toewijzing: ToegewezenProduct | None) -> str:
        """Minutes under an assignment in hours are priced by the hour (IV081)."""
        if line.eenheid == "01" and toewijzing is not None and toewijzing.eenheid == "04":
            return "04"
        return line.eenheid

    def of_products(self, producten: Iterable[ToegewezenProduct]) -> dict[int, Prijs]:
        """The right prices per assignment with a product code and an Omvang."""
        prijzen = {}
        for one in producten:
            if self.any and one.productcode is not None and one.eenheid is not None:
                prijs = self.price(one.productcode, one.eenheid, one.ingangsdatum, one.ingangsdatum)
                if prijs is not None:
                    prijzen[one.toewijzingnummer] = prijs
        return prijzen

    def of_budgets(self, producten: Iterable[ToegewezenProduct]) -> dict[int, Prijs]:
        """The cell per assignment with a Budget, which names a category and no product code."""
        prijzen = {}
        for one in producten:
            if self.any and one.budget is not None and one.productcategorie is not None:
                vraag = self._question("", "", one.ingangsdatum, one.ingangsdatum)
                plaats = budget_place(self._all, vraag, one.productcategorie)
                if plaats is not None:
                    prijzen[one.toewijzingnummer] = Prijs((), plaats)
        return prijzen

    def units_of(self, products: Iterable[tuple[str, date]]) -> dict[str, frozenset[str]]:
        """The units in which there are cells for a product in force on the day of a line."""
        found: dict[str, frozenset[str]] = {}
        if not self.any:
            return found
        partijen = self._partijen
        for productcode, dag in products:
            units = self._all.units(
                partijen.wet, partijen.gemeente, productcode, dag, aanbieder=partijen.aanbieder
            )
            if units:
                found[productcode] = found.get(productcode, frozenset()) | units
        return found

    def without_cell(
        self,
        lines: Iterable[Prestatie],
        toewijzingen: Mapping[int, ToegewezenProduct],
        prijzen: Mapping[int, Prijs],
    ) -> frozenset[int]:
        """The volgnrs of lines whose product has no cell in force in any unit."""
        if not self.any:
            return frozenset()
        found = set()
        for line in lines:
            if line.volgnr in prijzen:
                continue
            toewijzing = toewijzingen.get(line.toewijzingnummer)
            ingang = toewijzing.ingangsdatum if toewijzing else None
            if not self.has_cell(line.productcode, line.begindatum, ingang):
                found.add(line.volgnr)
        return frozenset(found)

    def has_cell(self, productcode: str, begindatum: date, ingangsdatum: date | None) -> bool:
        """Whether a product has a cell in force in any unit."""
        return self._all.has_cell(self._question(productcode, "", begindatum, ingangsdatum))

    def contracted(self, prijs: Prijs, dag: date) -> bool:
        """Whether the aanbieder has a contract for the cell in this municipality on the day."""
        partijen = self._partijen
        return self._all.contracted(prijs.plaats, partijen.aanbieder, partijen.gemeente, dag)

    def outside_contract(self, productcode: str, dag: date) -> Plaats | None:
        """A cell for the product on the day, where the aanbieder has a contract for none."""
        return self._all.outside_contract(self._question(productcode, "", dag, dag))

    def blocked(self, lines: Iterable[Prestatie], prijzen: Mapping[int, Prijs]) -> frozenset[int]:
        """The volgnrs of lines on a cell for which payments to the aanbieder are blocked."""
        partijen = self._partijen
        if not self._all.has_blocks(partijen.aanbieder):
            return frozenset()
        return frozenset(
            line.volgnr
            for line in lines
            if line.volgnr in prijzen
            and self._all.blocked(
                prijzen[line.volgnr].plaats,
                partijen.aanbieder,
                partijen.gemeente,
                line.begindatum,
            )
        )

    def not_contracted(
        self, lines: Iterable[Prestatie], prijzen: Mapping[int, Prijs]
    ) -> frozenset[int]:
        """The volgnrs of lines on a cell for which the aanbieder has no contract."""
        return frozenset(
            line.volgnr
            for line in lines
            if line.volgnr in prijzen and not self.contracted(prijzen[line.volgnr], line.begindatum)
        )

"""Answer from memory which cell, price and contract hold for a line; nothing here queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from gateway.agreements.keys import CATEGORIEEN
from gateway.periods.bedragen import half_up
from gateway.records.overeenkomst import (
    Aanbiedercontract,
    Cel,
    Overeenkomst,
    Plaats,
    Prijs,
    Selector,
)

Key = TypeVar("Key")
Value = TypeVar("Value")
Product = tuple[str, str, str]  # wet, gemeente, productcode
Rij = tuple[str, str, str, str, str | None]  # the product, its unit and the provider (None: all)
Contractsleutel = tuple[str, str, str]  # id and versie of the agreement, agb


@dataclass(frozen=True, slots=True)
class Tariefvraag:
    """What picks a price: whose product in which unit, and the two dates that may decide.

    `ingangsdatum` is that of the assignment, `begindatum` that of the line's ProductPeriode;
    without an assignment the latter stands for both.
    """

    wet: str
    gemeente: str
    productcode: str
    eenheid: str
    aanbieder: str
    begindatum: date
    ingangsdatum: date | None = None


@dataclass(frozen=True, slots=True)
class Overeenkomsten:
    """All agreements in use, indexed for look-up; made by `index`.

    Rows of one key stand with the most specific first and, among those, the newest first.
    """

    alle: tuple[Overeenkomst, ...]
    gemeenten: frozenset[str]
    rijen: Mapping[Rij, tuple[Plaats, ...]]
    producten: Mapping[Product, tuple[Plaats, ...]]
    categorieen: Mapping[str, Mapping[str, frozenset[str]]]
    contracten: Mapping[Contractsleutel, tuple[Aanbiedercontract, ...]]

    def of(self, wet: str, gemeente: str) -> list[Overeenkomst]:
        """The agreements that serve a law in a municipality."""
        return [one for one in self.alle if wet in one.wetten and gemeente in one.gemeenten]

    def lookup(
        self, wet: str, gemeente: str, productcode: str, eenheid: str, aanbieder: str, dag: date
    ) -> Plaats | None:
        """The most specific cell in force on this day; None where there is none."""
        for plaats in self.rows(wet, gemeente, productcode, eenheid, aanbieder):
            if plaats.covers(gemeente, dag):
                return plaats
        return None

    def rows(
        self, wet: str, gemeente: str, productcode: str, eenheid: str, aanbieder: str
    ) -> tuple[Plaats, ...]:
        """Every dated price of the product in this unit that is meant for this provider."""
        own = self.rijen.get((wet, gemeente, productcode, eenheid, aanbieder), ())
        return own + self.rijen.get((wet, gemeente, productcode, eenheid, None), ())

    def has_product(
        self, wet: str, gemeente: str, productcode: str, *, aanbieder: str | None = None
    ) -> bool:
        """Whether there is a cell for the product in any unit on any day.

        With `aanbieder`, cells that are meant for other providers do not count.
        """
        found = self.producten.get((wet, gemeente, productcode), ())
        return any(is_for(plaats.cel, aanbieder) for plaats in found)

    def has_cell(self, vraag: Tariefvraag) -> bool:
        """Whether the product has a cell in any unit that is in force on its own reference date."""
        found = self.producten.get((vraag.wet, vraag.gemeente, vraag.productcode), ())
        return any(
            is_for(plaats.cel, vraag.aanbieder)
            and plaats.covers(vraag.gemeente, reference_date(plaats, vraag))
            for plaats in found
        )

    def units(
        self,
        wet: str,
        gemeente: str,
        productcode: str,
        dag: date,
        *,
        aanbieder: str | None = None,
    ) -> frozenset[str]:
        """The units in which the product has a cell in force on this day.

        With `aanbieder`, cells that are meant for other providers do not count.
        """
        return frozenset(
            plaats.cel.eenheid
            for plaats in self.producten.get((wet, gemeente, productcode), ())
            if plaats.covers(gemeente, dag) and is_for(plaats.cel, aanbieder)
        )

    def categories(self, wet: str) -> Mapping[str, frozenset[str]]:
        """The categories in which the agreements place each product code, whatever the day."""
        return self.categorieen.get(wet, {})

    def categories_on(self, wet: str, gemeente: str, productcode: str, dag: date) -> frozenset[str]:
        """The categories in which the cells of this municipality in force place the code."""
        return frozenset(
            plaats.cel.productcategorie
            for plaats in self.producten.get((wet, gemeente, productcode), ())
            if plaats.covers(gemeente, dag) and plaats.cel.productcategorie in CATEGORIEEN[wet]
        )

    def contracted(self, plaats: Plaats, agb: str, gemeente: str, dag: date) -> bool:
        """Whether the provider is admitted for the cell, in the municipality, on the day.

        An agreement that names no provider at all admits everyone.
        """
        return not plaats.overeenkomst.aanbieders or bool(
            self.contracts_of(plaats, agb, gemeente, dag)
        )

    def outside_contract(self, vraag: Tariefvraag) -> Plaats | None:
        """A cell in force for the product, in any unit, where the provider has a contract for none.

        None where it has one, and where no cell is in force on its own reference date.
        """
        found = [
            plaats
            for plaats in self.producten.get((vraag.wet, vraag.gemeente, vraag.productcode), ())
            if plaats.covers(vraag.gemeente, reference_date(plaats, vraag))
        ]
        if not found or any(self._is_open(plaats, vraag) for plaats in found):
            return None
        return found[0]

    def _is_open(self, plaats: Plaats, vraag: Tariefvraag) -> bool:
        return is_for(plaats.cel, vraag.aanbieder) and self.contracted(
            plaats, vraag.aanbieder, vraag.gemeente, vraag.begindatum
        )

    def contracts_of(
        self, plaats: Plaats, agb: str, gemeente: str, dag: date
    ) -> list[Aanbiedercontract]:
        """The rows of the provider that are about the cell, in the municipality, on the day."""
        overeenkomst = plaats.overeenkomst
        own = self.contracten.get((overeenkomst.id, overeenkomst.versie, agb), ())
        return [contract for contract in own if _admits(contract, plaats.cel, gemeente, dag)]

    def blocked(self, plaats: Plaats, agb: str, gemeente: str, dag: date) -> bool:
        """Whether payments to the provider are blocked for the cell on the day."""
        return any(one.geblokkeerd for one in self.contracts_of(plaats, agb, gemeente, dag))

    def has_blocks(self, agb: str) -> bool:
        """Whether payments to the provider are blocked for anything on any day."""
        return any(
            contract.geblokkeerd
            for one in self.alle
            for contract in one.aanbieders
            if contract.agb == agb
        )

    def blocked_on(self, gemeente: str, dag: date) -> frozenset[str]:
        """The providers that payments are blocked to for anything in a municipality on a day."""
        return frozenset(
            contract.agb
            for one in self.alle
            if gemeente in one.gemeenten
            for contract in one.aanbieders
            if contract.geblokkeerd and _in_force(contract, gemeente, dag)
        )

    def jaarbedragen(self, agb: str) -> dict[str, int]:
        """The provider's allowance per calendar year, in eurocents, by id of the agreement."""
        return {
            one.id: contract.jaarbedrag
            for one in self.alle
            for contract in reversed(one.aanbieders)
            if contract.agb == agb and contract.jaarbedrag is not None
        }

    def ceilings(self, gemeente: str) -> dict[str, int]:
        """The municipality's notional ceiling per calendar year by id of the agreement."""
        return {
            one.id: one.drempels.plafond[gemeente]
            for one in self.alle
            if gemeente in one.drempels.plafond
        }

    def gemeenten_of(self, naam: str) -> frozenset[str]:
        """The municipalities of an agreement, over all its versions."""
        return frozenset(code for one in self.alle if one.id == naam for code in one.gemeenten)

    def products_of(self, naam: str) -> frozenset[tuple[str, str]]:
        """The laws and product codes of an agreement, over all its versions."""
        return frozenset(
            (wet, cel.productcode)
            for one in self.alle
            if one.id == naam
            for cel in one.cellen
            for wet in Plaats(one, cel).wetten
        )


def index(overeenkomsten: Iterable[Overeenkomst]) -> Overeenkomsten:
    """Make the look-up of agreements; they are taken as checked."""
    alle = tuple(overeenkomsten)
    plaatsen = [Plaats(one, cel) for one in alle for cel in one.cellen]
    rijen = _grouped((rij, plaats) for plaats in plaatsen for rij in rows_of(plaats))
    producten = _grouped(
        ((wet, gemeente, plaats.cel.productcode), plaats)
        for plaats in plaatsen
        for wet, gemeente in scopes(plaats)
    )
    contracten = _grouped(
        ((one.id, one.versie, contract.agb), contract)
        for one in alle
        for contract in one.aanbieders
    )
    return Overeenkomsten(
        alle=alle,
        gemeenten=frozenset(gemeente for one in alle for gemeente in one.gemeenten),
        rijen={rij: tuple(sorted(found, key=_order)) for rij, found in rijen.items()},
        producten=producten,
        categorieen=_categories(producten),
        contracten=contracten,
    )


def scopes(plaats: Plaats) -> list[tuple[str, str]]:
    """The laws and municipalities in which a cell is used."""
    return [(wet, gemeente) for wet in plaats.wetten for gemeente in plaats.gemeenten]


def rows_of(plaats: Plaats) -> list[Rij]:
    """The keys under which a cell is found."""
    cel = plaats.cel
    voor = (None,) if cel.aanbieders is None else cel.aanbieders
    return [
        (wet, gemeente, cel.productcode, cel.eenheid, aanbieder)
        for wet, gemeente in scopes(plaats)
        for aanbieder in voor
    ]


def find_place(overeenkomsten: Overeenkomsten, vraag: Tariefvraag) -> Plaats | None:
    """The cell in force on its own reference date; None where no cell is.

    A product that is paid by the task only has its cell in every unit: there is no price per unit.
    """
    for plaats in _rows(overeenkomsten, vraag):
        if plaats.covers(vraag.gemeente, reference_date(plaats, vraag)):
            return plaats
    return _task_place(overeenkomsten, vraag)


def budget_place(
    overeenkomsten: Overeenkomsten, vraag: Tariefvraag, productcategorie: str
) -> Plaats | None:
    """The cell for a Budget, which an assignment has for a category and not for a product.

    None where the category has no budget per assignment in force, or more than one.
    """
    found = [
        plaats
        for one in overeenkomsten.of(vraag.wet, vraag.gemeente)
        for plaats in (Plaats(one, cel) for cel in one.cellen)
        if plaats.cel.soort == "budget"
        and plaats.cel.per == "toewijzing"
        and plaats.cel.productcategorie == productcategorie
        and vraag.wet in plaats.wetten
        and vraag.gemeente in plaats.gemeenten
        and is_for(plaats.cel, vraag.aanbieder)
        and plaats.covers(vraag.gemeente, vraag.begindatum)
    ]
    return found[0] if len(found) == 1 else None


def right_prices(
    overeenkomsten: Overeenkomsten, vraag: Tariefvraag, bekend_op: date
) -> Prijs | None:
    """The prices that are right for a line whose message is dated `bekend_op`.

    Until a price is published the last published one is right beside it.  None where no cell is;
    no price at all is right or wrong where the cell has none per unit (lumpsum, taak).
    """
    plaats = find_place(overeenkomsten, vraag)
    if plaats is None:
        return None
    tarief = plaats.cel.stuktarief
    if tarief is None:
        return Prijs((), plaats)
    if plaats.known_on(bekend_op):
        return Prijs((tarief,), plaats)
    vorige = _last_published(overeenkomsten, vraag, reference_date(plaats, vraag), bekend_op)
    if vorige is None or vorige.cel.stuktarief is None:
        return Prijs((tarief,), plaats, onbekend_voor_afzender=True)
    return Prijs((tarief, vorige.cel.stuktarief), plaats, onbekend_voor_afzender=True)


def reference_date(plaats: Plaats, vraag: Tariefvraag) -> date:
    """The date that picks the price of this cell."""
    if plaats.peildatum == "ingangsdatum" and vraag.ingangsdatum is not None:
        return vraag.ingangsdatum
    return vraag.begindatum


def instalments(cel: Cel) -> tuple[int, ...]:
    """The amounts of the instalments in eurocents; the last one is the rest, to the cent."""
    parts = [half_up(cel.bedrag * (termijn.deel or 0), 100) for termijn in cel.termijnen[:-1]]
    return (*parts, cel.bedrag - sum(parts))


def _in_force(contract: Aanbiedercontract, gemeente: str, dag: date) -> bool:
    if contract.gemeenten is not None and gemeente not in contract.gemeenten:
        return False
    if contract.vanaf is not None and dag < contract.vanaf:
        return False
    return contract.tot is None or dag <= contract.tot


def _admits(contract: Aanbiedercontract, cel: Cel, gemeente: str, dag: date) -> bool:
    if not _in_force(contract, gemeente, dag):
        return False
    return contract.cellen is None or any(_selects(one, cel) for one in contract.cellen)


def _selects(selector: Selector, cel: Cel) -> bool:
    features = {
        *cel.dimensies,
        ("productcategorie", cel.productcategorie),
        ("productcode", cel.productcode),
    }
    return features.issuperset(selector)


def is_for(cel: Cel, aanbieder: str | None) -> bool:
    """Whether a cell is meant for a provider; None is any."""
    return aanbieder is None or cel.aanbieders is None or aanbieder in cel.aanbieders


def _rows(overeenkomsten: Overeenkomsten, vraag: Tariefvraag) -> tuple[Plaats, ...]:
    return overeenkomsten.rows(
        vraag.wet, vraag.gemeente, vraag.productcode, vraag.eenheid, vraag.aanbieder
    )


def _last_published(
    overeenkomsten: Overeenkomsten, vraag: Tariefvraag, dag: date, bekend_op: date
) -> Plaats | None:
    """What a provider had to think on `bekend_op` that the price on `dag` would be."""
    known = [
        row
        for row in _rows(overeenkomsten, vraag)
        if row.known_on(bekend_op) and row.cel.vanaf <= dag
    ]
    return max(
        known,
        key=lambda row: (row.covers(vraag.gemeente, dag), row.cel.rang, row.cel.vanaf),
        default=None,
    )


def _task_place(overeenkomsten: Overeenkomsten, vraag: Tariefvraag) -> Plaats | None:
    """The cell of a product whose cells in force are all of the kind taak."""
    found = [
        plaats
        for plaats in overeenkomsten.producten.get(
            (vraag.wet, vraag.gemeente, vraag.productcode), ()
        )
        if plaats.covers(vraag.gemeente, reference_date(plaats, vraag))
        and is_for(plaats.cel, vraag.aanbieder)
    ]
    return found[0] if found and all(one.cel.soort == "taak" for one in found) else None


def _grouped(pairs: Iterable[tuple[Key, Value]]) -> dict[Key, tuple[Value, ...]]:
    found: dict[Key, list[Value]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return {key: tuple(values) for key, values in found.items()}


def _order(plaats: Plaats) -> tuple[int, int]:
    return (-plaats.cel.rang, -plaats.cel.vanaf.toordinal())


def _categories(
    producten: Mapping[Product, Iterable[Plaats]],
) -> dict[str, dict[str, frozenset[str]]]:
    """Per law and code; a category of the other law says nothing about this one."""
    found: dict[str, dict[str, frozenset[str]]] = {}
    for (wet, _, code), plaatsen in producten.items():
        per_code = found.setdefault(wet, {})
        placed = {plaats.cel.productcategorie for plaats in plaatsen} & CATEGORIEEN[wet]
        if placed:
            per_code[code] = per_code.get(code, frozenset()) | placed
    return found

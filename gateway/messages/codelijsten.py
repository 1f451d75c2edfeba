"""The code lists of the standard, with our own short labels, and the list of municipalities."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from gateway.errors import WrongUse
from gateway.records.geldigheid import Plaatsing, in_use

GEMEENTEN = "gemeenten"
RETOURCODES = "WJ001"
AFWIJSREDENEN = "WJ759"
EENHEDEN, FREQUENTIES = "WJ756", "WMO757"
KEYS = frozenset({"naam", "wetten", "codes"})
ELEMENTEN = "elementen"
CODE_KEYS: Mapping[str, type] = {"label": str, "vanaf": date, "tot": date, "categorie": str}


@dataclass(frozen=True, slots=True)
class Code:
    """One code: `vanaf` and `tot` (inclusive) where it had a beginning or an end.

    `categorie` is the product category in which a list of products places it.
    """

    label: str
    vanaf: date | None = None
    tot: date | None = None
    categorie: str | None = None

    @property
    def is_dated(self) -> bool:
        """Whether it began or ended."""
        return self.vanaf is not None or self.tot is not None

    def geldt_op(self, dag: date) -> bool:
        """Whether it is in use on a day."""
        return in_use(self.vanaf, self.tot, dag)


@dataclass(frozen=True, slots=True)
class Codelijst:
    """One list; `id` is that of the standard (WJ756), or our own name for it.

    `elementen` are the elements whose values come from it.
    """

    id: str
    naam: str
    wetten: tuple[str, ...]
    codes: Mapping[str, Code]
    elementen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Codelijsten:
    """All lists that an installation has, by id."""

    lijsten: Mapping[str, Codelijst]

    def gemeentecodes(self) -> frozenset[str]:
        """Every code that ever was a municipality, as far as the lists go back.

        A list counts when its id begins with gemeenten: an operator may add one of its own.
        """
        return frozenset(code for code, _ in self._gemeenten())

    def gemeenten_vanaf(self) -> Mapping[str, date]:
        """The first day of the municipalities that began, the earliest one where there are more."""
        found: dict[str, list[date]] = {}
        for code, details in self._gemeenten():
            found.setdefault(code, []).append(details.vanaf or date.min)
        first = {code: min(days) for code, days in found.items()}
        return {code: day for code, day in first.items() if day > date.min}

    def gemeentenamen(self) -> Mapping[str, str]:
        """The name of every municipality by its code; the latest name where there were more."""
        dated = sorted(self._gemeenten(), key=lambda one: one[1].tot or date.max)
        return {code: details.label for code, details in dated}

    def _gemeenten(self) -> Iterator[tuple[str, Code]]:
        for one in self.lijsten.values():
            if one.id.startswith(GEMEENTEN):
                yield from one.codes.items()

    def product_categories(self, wet: str) -> Mapping[str, frozenset[str]]:
        """The categories in which the published lists of this law always place a product code."""
        found: dict[str, frozenset[str]] = {}
        for code, details in self._placed(wet):
            if details.categorie is not None and not details.is_dated:
                found[code] = found.get(code, frozenset()) | {details.categorie}
        return found

    def plaatsingen(self, wet: str) -> Mapping[str, tuple[Plaatsing, ...]]:
        """The placements of the published lists of this law that began or ended, by code."""
        found: dict[str, tuple[Plaatsing, ...]] = {}
        for code, details in self._placed(wet):
            if details.categorie is not None and details.is_dated:
                placed = Plaatsing(details.categorie, details.vanaf, details.tot)
                found[code] = (*found.get(code, ()), placed)
        return found

    def _placed(self, wet: str) -> Iterator[tuple[str, Code]]:
        for one in self.lijsten.values():
            if wet in one.wetten:
                yield from one.codes.items()

    def dated(self, wet: str) -> Mapping[str, Codelijst]:
        """The lists of this law with a code that began or ended, by the elements that use them."""
        return {
            element: one
            for one in self.lijsten.values()
            if wet in one.wetten and any(code.is_dated for code in one.codes.values())
            for element in one.elementen
        }

    def afwijsredenen(self) -> Mapping[str, str]:
        """Why a municipality may reject a request, by code."""
        return {code: one.label for code, one in self.lijsten[AFWIJSREDENEN].codes.items()}

    def eenheden(self) -> Mapping[str, str]:
        """In what a volume is counted, by code."""
        return {code: one.label for code, one in self.lijsten[EENHEDEN].codes.items()}

    def frequenties(self) -> Mapping[str, str]:
        """How often a volume is meant, by code."""
        return {code: one.label for code, one in self.lijsten[FREQUENTIES].codes.items()}

    def codenamen(self) -> Mapping[tuple[str, str], Mapping[str, str]]:
        """What codes are called, by law and the element that they stand in."""
        return {
            (wet, element): {code: details.label for code, details in one.codes.items()}
            for one in self.lijsten.values()
            for wet in one.wetten
            for element in one.elementen
        }

    def retourcode_label(self, code: str) -> str:
        """What a retourcode is called; a code that no list has is its own name."""
        return self.label(RETOURCODES, code)

    def label(self, lijst: str, code: str) -> str:
        """What a code is called; one that the list does not have is its own name."""
        found = self.lijsten[lijst].codes.get(code)
        return code if found is None else found.label


def read_codelijsten(folder: Path) -> Codelijsten:
    """Read every list of the folder, `<id>.toml`; raises WrongUse that names file and mistake."""
    lijsten = {path.stem: _read(path) for path in sorted(folder.glob("[!.]*.toml"))}
    if GEMEENTEN not in lijsten or RETOURCODES not in lijsten:
        raise WrongUse(f"geen codelijsten gevonden in de map {folder.name}")
    return Codelijsten(lijsten)


def _read(path: Path) -> Codelijst:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise WrongUse(f"{path.name}: dit bestand is niet te lezen") from error
    except ValueError as error:
        raise WrongUse(f"{path.name}: dit is geen geldige TOML in UTF-8") from error
    if document.keys() - {ELEMENTEN} != KEYS or not isinstance(document["codes"], dict):
        raise WrongUse(f"{path.name}: een codelijst heeft naam, wetten en [codes]")
    codes = {code: _code(path.name, code, given) for code, given in document["codes"].items()}
    wetten, elementen = tuple(document["wetten"]), tuple(document.get(ELEMENTEN, ()))
    return Codelijst(path.stem, document["naam"], wetten, codes, elementen)


def _code(file: str, code: str, given: Any) -> Code:
    """A code is written as its label, or as a table where there is more to say of it."""
    details = given if isinstance(given, dict) else {"label": given}
    if "label" not in details:
        raise WrongUse(f"{file}: code {code}: label ontbreekt")
    for key, value in details.items():
        if key not in CODE_KEYS:
            raise WrongUse(f"{file}: code {code}: onbekende sleutel {key}")
        if type(value) is not CODE_KEYS[key]:
            raise WrongUse(f"{file}: code {code}: {key} heeft de verkeerde vorm")
    return Code(**details)

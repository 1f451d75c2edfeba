"""The code lists of the standard, with our own short labels, and the list of municipalities."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from gateway.errors import WrongUse

GEMEENTEN = "gemeenten"
RETOURCODES = "WJ001"
KEYS = frozenset({"naam", "wetten", "codes"})
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


@dataclass(frozen=True, slots=True)
class Codelijst:
    """One list; `id` is that of the standard (WJ756), or our own name for it."""

    id: str
    naam: str
    wetten: tuple[str, ...]
    codes: Mapping[str, Code]


@dataclass(frozen=True, slots=True)
class Codelijsten:
    """All lists that an installation has, by id."""

    lijsten: Mapping[str, Codelijst]

    def gemeentecodes(self) -> frozenset[str]:
        """Every code that ever was a municipality, as far as the lists go back.

        A list counts when its id begins with gemeenten: an operator may add one of its own.
        """
        return frozenset(
            code
            for one in self.lijsten.values()
            if one.id.startswith(GEMEENTEN)
            for code in one.codes
        )

    def product_categories(self, wet: str) -> Mapping[str, frozenset[str]]:
        """The categories in which the published lists of this law place a product code."""
        found: dict[str, frozenset[str]] = {}
        for one in self.lijsten.values():
            for code, details in one.codes.items() if wet in one.wetten else ():
                if details.categorie is not None:
                    found[code] = found.get(code, frozenset()) | {details.categorie}
        return found

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
    if document.keys() != KEYS or not isinstance(document["codes"], dict):
        raise WrongUse(f"{path.name}: een codelijst heeft naam, wetten en [codes]")
    codes = {code: _code(path.name, code, given) for code, given in document["codes"].items()}
    return Codelijst(path.stem, document["naam"], tuple(document["wetten"]), codes)


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

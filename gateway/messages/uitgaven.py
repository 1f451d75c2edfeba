"""Releases of the standard as data: which they are, when they are in force, what they change.

A release is a folder `<standaard>-<versie>` with a `release.toml` beside the TOML files of its
messages.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from gateway.errors import WrongUse
from gateway.records.geldigheid import in_use

RELEASE = "release.toml"
KEYS: Mapping[str, type] = {
    "standaard": str,
    "versie": str,
    "regelset": str,
    "vanaf": date,
    "tot": date,
    "vorige_tot": date,
    "regels": dict,
}
NEEDED = ("standaard", "versie", "regelset")
NAMEN: Mapping[str, str] = {"ijw": "iJw", "iwmo": "iWmo"}
_VERSIE = re.compile(r"[0-9]+\.[0-9]+")
_REGELSET = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")


@dataclass(frozen=True, slots=True)
class Uitgave:
    """One release: `versie` is BerichtVersie and BerichtSubversie, such as 3.2.

    In force from `vanaf` to `tot`, both inclusive; a release without `vanaf` has no earlier one.
    `vorige_tot` is the last day of the release before it, where this one tells.
    `regelset` is the version of its rules (XsltVersie); `regels` what it changes in them, by code.
    """

    standaard: str
    versie: str
    regelset: str
    vanaf: date | None = None
    tot: date | None = None
    vorige_tot: date | None = None
    regels: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, hash=False, compare=False)

    @property
    def naam(self) -> str:
        """The name of its folder, such as ijw-3.2."""
        return f"{self.standaard}-{self.versie}"

    @property
    def titel(self) -> str:
        """What people call it, such as iJw 3.2."""
        return f"{NAMEN[self.standaard]} {self.versie}"

    @property
    def nummers(self) -> tuple[int, int]:
        """BerichtVersie and BerichtSubversie."""
        versie, _, subversie = self.versie.partition(".")
        return int(versie), int(subversie)

    @property
    def vervallen(self) -> frozenset[str]:
        """The rules that it takes away."""
        return frozenset(code for code, one in self.regels.items() if one.get("vervallen"))

    @property
    def retourcodes(self) -> frozenset[str]:
        """The codes that it gives to rules in place of those that they had."""
        given = (one.get("retourcode") for one in self.regels.values())
        return frozenset(code for code in given if code is not None)

    def geldt_op(self, dag: date) -> bool:
        """Whether it is in force on a day."""
        return in_use(self.vanaf, self.tot, dag)

    @property
    def periode(self) -> str:
        """From when until when it is in force, in Dutch."""
        parts = (("vanaf", self.vanaf), ("tot en met", self.tot))
        return " ".join(f"{word} {dag}" for word, dag in parts if dag is not None) or "altijd"


def read_uitgaven(*folders: Path) -> list[tuple[Uitgave, Path]]:
    """Every release below the folders with its own folder; raises WrongUse on a mistake."""
    found: dict[str, tuple[Uitgave, Path]] = {}
    for folder in folders:
        if not folder.is_dir():
            raise WrongUse(f"{folder}: deze map met uitgaven bestaat niet")
        for path in sorted(folder.glob(f"*/{RELEASE}")):
            uitgave = _read(path)
            if uitgave.naam in found:
                raise WrongUse(f"{uitgave.naam} staat in twee mappen met uitgaven")
            found[uitgave.naam] = (uitgave, path.parent)
    ordered = sorted(found.values(), key=lambda one: (one[0].standaard, one[0].nummers))
    return _ended(ordered)


def _ended(ordered: list[tuple[Uitgave, Path]]) -> list[tuple[Uitgave, Path]]:
    """The same, each with the last day that the release after it gives."""
    found = list(ordered)
    for place, (later, _) in enumerate(ordered[1:]):
        uitgave, folder = found[place]
        if later.standaard == uitgave.standaard and later.vorige_tot is not None:
            found[place] = (replace(uitgave, tot=later.vorige_tot), folder)
    return found


def _read(path: Path) -> Uitgave:
    name = f"{path.parent.name}/{path.name}"
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise WrongUse(f"{name}: dit bestand is niet te lezen") from error
    except ValueError as error:
        raise WrongUse(f"{name}: dit is geen geldige TOML in UTF-8") from error
    _check(name, document)
    uitgave = Uitgave(**document)
    if path.parent.name != uitgave.naam:
        raise WrongUse(f"{name}: de map van deze uitgave moet {uitgave.naam} heten")
    return uitgave


def _check(name: str, document: Mapping[str, Any]) -> None:
    for key, value in document.items():
        if key not in KEYS:
            raise WrongUse(f"{name}: onbekende sleutel {key}")
        if type(value) is not KEYS[key]:
            raise WrongUse(f"{name}: {key} heeft de verkeerde vorm")
    for key in NEEDED:
        if key not in document:
            raise WrongUse(f"{name}: {key} ontbreekt")
    for wrong, told in _mistakes(document):
        if wrong:
            raise WrongUse(f"{name}: {told}")


def _mistakes(document: Mapping[str, Any]) -> Iterator[tuple[bool, str]]:
    """What may be wrong with values of the right form, and whether it is."""
    yield document["standaard"] not in NAMEN, "standaard moet ijw of iwmo zijn"
    yield not _VERSIE.fullmatch(document["versie"]), "versie moet een nummer als 3.2 zijn"
    yield not _REGELSET.fullmatch(document["regelset"]), "regelset moet een versie als 1.0.0 zijn"
    vanaf, tot = document.get("vanaf", date.min), document.get("tot", date.max)
    yield tot < vanaf, "tot ligt voor vanaf"
    regels = document.get("regels", {}).values()
    yield any(not isinstance(one, dict) for one in regels), "elke regel onder regels is een tabel"

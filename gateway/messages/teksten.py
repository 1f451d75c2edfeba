"""What a retourcode or check means to its reader, in plain Dutch: what is wrong, what to do."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.errors import WrongUse

KEYS = frozenset({"wat", "doe"})


@dataclass(frozen=True, slots=True)
class Tekst:
    """`wat` is the matter; `doe` is for the sender (retourcode) or for staff (check)."""

    wat: str
    doe: str


@dataclass(frozen=True, slots=True)
class Teksten:
    """All texts by code; the keys of `checks` are the catalogue of checks beyond the standard.

    Those of `niveau1` are of what makes a message unreadable: it has no retourcode.
    """

    retourcodes: Mapping[str, Tekst]
    checks: Mapping[str, Tekst]
    niveau1: Mapping[str, Tekst]

    def of(self, code: str) -> Tekst | None:
        """The text of a retourcode, a check or level 1, None for any other code."""
        return self.retourcodes.get(code) or self.checks.get(code) or self.niveau1.get(code)


def read_teksten(folder: Path) -> Teksten:
    """Read the three files; raises WrongUse that names file and mistake."""
    names = ("retourcodes.toml", "checks.toml", "niveau1.toml")
    return Teksten(*(_read(folder / name) for name in names))


def _read(path: Path) -> dict[str, Tekst]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise WrongUse(f"{path.name}: dit bestand is niet te lezen") from error
    except ValueError as error:
        raise WrongUse(f"{path.name}: dit is geen geldige TOML in UTF-8") from error
    return {code: _tekst(path.name, code, given) for code, given in document.items()}


def _tekst(file: str, code: str, given: Any) -> Tekst:
    if (
        not isinstance(given, dict)
        or given.keys() != KEYS
        or not all(isinstance(text, str) and text.strip() for text in given.values())
    ):
        raise WrongUse(f"{file}: {code} heeft een tekst wat en een tekst doe nodig, en niets meer")
    return Tekst(**given)

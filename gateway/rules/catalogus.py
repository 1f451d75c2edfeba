"""The rules of the standard as facts: at which level, with which codes, in which messages."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.errors import WrongUse

SCHEMA_LEVEL = 1
LEVELS = (2, 3, 4)


@dataclass(frozen=True, slots=True)
class Regelfeit:
    """A rule; `ijw` and `iwmo` are the numbers of the messages that it applies to.

    `statement` is filled for a rule that the XSD keeps (level 1); the others say it in the
    docstring of their function.
    """

    code: str
    level: int
    retourcodes: tuple[str, ...]
    ijw: tuple[str, ...]
    iwmo: tuple[str, ...]
    statement: str = ""

    @property
    def kind(self) -> str:
        """The series of the rule: TR, CD, CS or RS."""
        return self.code[:2]

    def applies_to(self, wet: str, nummer: str) -> bool:
        """Whether it is a rule for this message, such as 323, of this law."""
        return nummer in (self.ijw if wet == "jeugdwet" else self.iwmo)


@dataclass(frozen=True, slots=True)
class Catalogus:
    """All rules by code."""

    feiten: Mapping[str, Regelfeit]

    def level_of(self, code: str) -> int:
        """The control level that a rule belongs to; raises KeyError for an unknown one."""
        return self.feiten[code].level

    @property
    def niveaus(self) -> dict[str, int]:
        """The control level per rule."""
        return {code: one.level for code, one in self.feiten.items()}


def read_catalogus(folder: Path) -> Catalogus:
    """Read `regels.toml` and `regels-schema.toml` of the mappings; raises WrongUse on a mistake."""
    judged = _read(folder / "regels.toml", ("niveau", "retourcodes", "ijw", "iwmo"))
    by_schema = _read(folder / "regels-schema.toml", ("statement", "ijw", "iwmo"))
    twice = sorted(judged.keys() & by_schema.keys())
    if twice:
        raise WrongUse(f"regels-schema.toml: {twice[0]} staat ook in regels.toml")
    feiten = {**judged, **by_schema}
    return Catalogus({code: feiten[code] for code in sorted(feiten)})


def _read(path: Path, keys: tuple[str, ...]) -> dict[str, Regelfeit]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise WrongUse(f"{path.name}: dit bestand is niet te lezen") from error
    except ValueError as error:
        raise WrongUse(f"{path.name}: dit is geen geldige TOML in UTF-8") from error
    return {code: _feit(path.name, code, given, keys) for code, given in document.items()}


def _feit(file: str, code: str, given: Any, keys: tuple[str, ...]) -> Regelfeit:
    if not isinstance(given, dict) or given.keys() != set(keys):
        raise WrongUse(f"{file}: {code} heeft precies deze sleutels nodig: {', '.join(keys)}")
    level = given.get("niveau", SCHEMA_LEVEL)
    if "niveau" in given and level not in LEVELS:
        raise WrongUse(f"{file}: {code} heeft niveau {level}, dat moet 2, 3 of 4 zijn")
    return Regelfeit(
        code=code,
        level=level,
        retourcodes=tuple(given.get("retourcodes", ())),
        ijw=tuple(given["ijw"]),
        iwmo=tuple(given["iwmo"]),
        statement=given.get("statement", ""),
    )

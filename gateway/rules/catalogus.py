"""The rules of the standard as facts: at which level, with which codes, in which messages.

Also those for people and processes (OP, IV, UP): who or what sees to them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Container, Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.errors import WrongUse

SCHEMA_LEVEL = 1
LEVELS = (2, 3, 4)
PROCES_KEYS = {"statement", "ijw", "iwmo"}
SEEN_TO = {"implemented", "klok", "niet_software", "nog_niet"}


@dataclass(frozen=True, slots=True)
class Regelfeit:
    """A rule; `ijw` and `iwmo` are the numbers of the messages that it applies to.

    `statement` is what it asks, as one Dutch sentence for who sends or handles messages; the
    docstring of its function tells a developer more.
    """

    code: str
    level: int
    retourcodes: tuple[str, ...]
    ijw: tuple[str, ...]
    iwmo: tuple[str, ...]
    statement: str

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


@dataclass(frozen=True, slots=True)
class Procesregel:
    """A rule for people and processes; exactly one of the last four is filled.

    `statement` is what it asks, as that of a `Regelfeit`.  `implemented` is a name below `gateway`,
    or "schema"; `klok` the term that the rule sets;
    `niet_software` who does it and why no software does; `nog_niet` what it waits for.
    """

    code: str
    statement: str
    ijw: tuple[str, ...]
    iwmo: tuple[str, ...]
    implemented: str | None = None
    klok: str | None = None
    niet_software: str | None = None
    nog_niet: str | None = None

    @property
    def kind(self) -> str:
        """The series of the rule: OP, IV or UP."""
        return self.code[:2]


def read_processen(folder: Path, termijnen: Container[str]) -> dict[str, Procesregel]:
    """Read `processen.toml` of the mappings; raises WrongUse on a mistake."""
    path = folder / "processen.toml"
    return {
        code: _procesregel(path.name, code, given, termijnen)
        for code, given in sorted(_document(path).items())
    }


def _procesregel(file: str, code: str, given: Any, termijnen: Container[str]) -> Procesregel:
    keys = set(given) if isinstance(given, dict) else set()
    if not keys >= PROCES_KEYS or len(keys & SEEN_TO) != 1 or keys - PROCES_KEYS - SEEN_TO:
        raise WrongUse(
            f"{file}: {code} heeft statement, ijw en iwmo nodig, en precies één van "
            f"{', '.join(sorted(SEEN_TO))}"
        )
    if "klok" in given and given["klok"] not in termijnen:
        raise WrongUse(f"{file}: {code} noemt de termijn {given['klok']}, en die bestaat niet")
    lists = {wet: tuple(given[wet]) for wet in ("ijw", "iwmo")}
    return Procesregel(code=code, **{**given, **lists})


def read_catalogus(folder: Path) -> Catalogus:
    """Read `regels.toml` and `regels-schema.toml` of the mappings; raises WrongUse on a mistake.

    What a rule of `regels.toml` asks stands among the texts: a word more or less decides nothing,
    and leaves the hash of the rule set as it was.
    """
    facts = _document(folder / "regels.toml")
    keys = ("niveau", "retourcodes", "ijw", "iwmo")
    statements = _statements(folder / "teksten" / "regels.toml", facts.keys())
    judged = {
        code: _feit("regels.toml", code, given, keys, statements[code])
        for code, given in facts.items()
    }
    by_schema = {
        code: _feit("regels-schema.toml", code, given, ("statement", "ijw", "iwmo"))
        for code, given in _document(folder / "regels-schema.toml").items()
    }
    twice = sorted(judged.keys() & by_schema.keys())
    if twice:
        raise WrongUse(f"regels-schema.toml: {twice[0]} staat ook in regels.toml")
    feiten = {**judged, **by_schema}
    return Catalogus({code: feiten[code] for code in sorted(feiten)})


def _statements(path: Path, codes: Set[str]) -> dict[str, str]:
    """What every rule asks; raises WrongUse where one has no sentence, or a sentence no rule."""
    found = _document(path)
    odd = sorted(found.keys() ^ codes) + [c for c, s in found.items() if not isinstance(s, str)]
    if odd:
        raise WrongUse(f"teksten/{path.name}: {odd[0]} heeft hier en in regels.toml één zin nodig")
    return found


def _document(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise WrongUse(f"{path.name}: dit bestand is niet te lezen") from error
    except ValueError as error:
        raise WrongUse(f"{path.name}: dit is geen geldige TOML in UTF-8") from error


def _feit(
    file: str, code: str, given: Any, keys: tuple[str, ...], statement: str = ""
) -> Regelfeit:
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
        statement=given.get("statement", statement),
    )

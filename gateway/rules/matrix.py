"""The conformance matrix: every rule on every message of each law, and what shows that it holds."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.rules.catalogus import SCHEMA_LEVEL, Catalogus, Regelfeit
from gateway.rules.registry import Rule

BY_SCHEMA = "schema"
PREFIX = {"jeugdwet": "JW", "wmo": "WMO"}

Gevallen = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Vak:
    """One rule on one message of one law.

    `implemented` is the function, "schema" or None; `positive` and `negative` are the numbers of
    cases without and with an offence.  A rule on an answer has no retourcodes: nothing answers it.
    """

    code: str
    bericht: str
    wet: str
    level: int
    retourcodes: tuple[str, ...]
    implemented: str | None
    positive: int
    negative: int

    @property
    def is_empty(self) -> bool:
        """Whether something is missing that would show that the rule holds."""
        return not (self.implemented and self.positive and self.negative)


def read_gevallen(folder: Path) -> Gevallen:
    """The numbers of cases per rule, as `gevallen.toml` has them."""
    return tomllib.loads((folder / "gevallen.toml").read_text(encoding="utf-8"))


def matrix(
    catalogus: Catalogus, functions: Mapping[str, Rule], gevallen: Gevallen
) -> Iterator[Vak]:
    """Every rule of the catalogue on every message that it is for, in order of message and code."""
    for nummer in sorted({n for one in catalogus.feiten.values() for n in (*one.ijw, *one.iwmo)}):
        for feit in catalogus.feiten.values():
            for wet, prefix in PREFIX.items():
                if feit.applies_to(wet, nummer):
                    counted = gevallen.get(feit.code, {}).get(f"{prefix}{nummer}", (0, 0))
                    yield _vak(feit, (wet, nummer), functions.get(feit.code), counted)


def _vak(
    feit: Regelfeit, where: tuple[str, str], function: Rule | None, counted: tuple[int, int]
) -> Vak:
    wet, nummer = where
    by_schema = BY_SCHEMA if feit.level == SCHEMA_LEVEL else None
    return Vak(
        code=feit.code,
        bericht=nummer,
        wet=wet,
        level=feit.level,
        retourcodes=feit.retourcodes,
        implemented=function.function if function else by_schema,
        positive=counted[0],
        negative=counted[1],
    )

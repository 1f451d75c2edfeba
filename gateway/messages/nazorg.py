"""The words of what is put right afterwards: reasons, grounds and kinds of `nazorg.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from gateway.config import data_folder
from gateway.errors import WrongUse
from gateway.periods.werkdagen import add_working_days

FILE = "nazorg.toml"
EIGEN, VERBORGEN, GEEN = "eigen", "verborgen", "geen"
WERKDAG, DAG = "werkdag", "dag"


@dataclass(frozen=True, slots=True)
class Factuursoort:
    """A kind of invoice outside the traffic, and how its client is known."""

    naam: str
    client: str


@dataclass(frozen=True, slots=True)
class Nazorgwoorden:
    """What may be chosen, by its code; and how long a provider has for a credit request."""

    aantal: int
    eenheid: str
    creditredenen: Mapping[str, str]
    gronden: Mapping[str, str]
    factuursoorten: Mapping[str, Factuursoort]

    def uiterlijk(self, start: date, extra: Collection[date] = ()) -> date:
        """The last day for a credit that is asked for on a day; `extra` are further days off."""
        if self.eenheid == WERKDAG:
            return add_working_days(start, self.aantal, extra)
        return start + timedelta(days=self.aantal)


@cache
def nazorgwoorden() -> Nazorgwoorden:
    """The words that came with the installation."""
    return read_nazorgwoorden(data_folder("mappings"))


def read_nazorgwoorden(folder: Path) -> Nazorgwoorden:
    """Read `nazorg.toml`; raises WrongUse that names the mistake."""
    try:
        document = tomllib.loads((folder / FILE).read_text(encoding="utf-8"))
    except OSError as error:
        raise WrongUse(f"{FILE}: dit bestand is niet te lezen") from error
    except ValueError as error:
        raise WrongUse(f"{FILE}: dit is geen geldige TOML in UTF-8") from error
    try:
        return _woorden(document)
    except (KeyError, TypeError, AttributeError):
        raise WrongUse(
            f"{FILE}: nodig zijn termijn, creditredenen, gronden en factuursoorten"
        ) from None


def _woorden(document: Mapping[str, Any]) -> Nazorgwoorden:
    termijn = document["termijn"]
    if termijn["eenheid"] not in (WERKDAG, DAG) or int(termijn["aantal"]) < 1:
        raise WrongUse(f"{FILE}: de termijn is een aantal van 1 of meer, in werkdag of dag")
    soorten = {code: Factuursoort(**one) for code, one in document["factuursoorten"].items()}
    for code, one in soorten.items():
        if one.client not in (EIGEN, VERBORGEN, GEEN):
            raise WrongUse(f"{FILE}: factuursoort {code} kent de cliënt als {one.client}")
    return Nazorgwoorden(
        aantal=termijn["aantal"],
        eenheid=termijn["eenheid"],
        creditredenen=dict(document["creditredenen"]),
        gronden=dict(document["gronden"]),
        factuursoorten=soorten,
    )

"""Terms: within how many working days, weeks or years something is due, and how that stands."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

from gateway.errors import WrongUse
from gateway.periods.maanden import years_after
from gateway.periods.werkdagen import add_working_days, working_days_before

Stand = Literal["te-laat", "vandaag", "deze-week", "later"]
Volgt = Literal["ja", "vooraf", "nee"]
EENHEDEN = ("werkdag", "week", "jaar")
VOLGT: tuple[Volgt, ...] = ("ja", "vooraf", "nee")
FILE = "termijnen.toml"
DAYS_OF_WEEK = 7
# The terms that code asks for by name, as `termijnen.toml` calls them.
VERZOEK, ONDERZOEK = "antwoord-op-verzoek", "eindbesluit-na-onderzoek"
WOONPLAATS = "woonplaatsbeginsel"
START, STOP = "startbericht", "stopbericht"
NOTHING: frozenset[date] = frozenset()
# How many years back a Prestatie is declared at most (TR335), unless a release says otherwise.
JAREN_TERUG = 5


@dataclass(frozen=True, slots=True)
class Termijn:
    """A term of the standard, as `termijnen.toml` describes its keys; `code` is its name there."""

    code: str
    naam: str
    wie: str
    wetten: tuple[str, ...]
    berichten: tuple[str, ...]
    vanaf: str
    aantal: int
    eenheid: str
    nadert: int
    volgt: Volgt

    def is_about(self, wet: str, nummer: str) -> bool:
        """Whether it is on the clock for a message of this law with this number."""
        return self.volgt != "nee" and wet in self.wetten and nummer in self.berichten

    def shows_on(self, vandaag: date, last_day: date) -> bool:
        """Whether it is shown on a day: one that may never have applied is not afterwards."""
        return self.volgt == "ja" or (self.volgt == "vooraf" and vandaag <= last_day)

    def last_day(self, start: date, extra: Collection[date] = NOTHING) -> date:
        """The last day on which it is in time; `extra` are further days that do not count."""
        if self.eenheid == "werkdag":
            return add_working_days(start, self.aantal, extra)
        if self.eenheid == "week":
            return start + timedelta(weeks=self.aantal)
        return years_after(start, self.aantal)

    def nears_on(self, start: date, extra: Collection[date] = NOTHING) -> date:
        """The day from which on it draws near."""
        return working_days_before(self.last_day(start, extra), self.nadert, extra)


def stand_of(last_day: date, vandaag: date) -> Stand:
    """How a term stands that ends on a day; a week runs until its Sunday."""
    if last_day < vandaag:
        return "te-laat"
    if last_day == vandaag:
        return "vandaag"
    sunday = vandaag + timedelta(days=DAYS_OF_WEEK - vandaag.isoweekday())
    return "deze-week" if last_day <= sunday else "later"


def read_termijnen(folder: Path) -> dict[str, Termijn]:
    """The terms of `termijnen.toml` by their code; raises WrongUse on a mistake."""
    try:
        document = tomllib.loads((folder / FILE).read_text(encoding="utf-8"))
    except OSError as error:
        raise WrongUse(f"{FILE}: dit bestand is niet te lezen") from error
    except ValueError as error:
        raise WrongUse(f"{FILE}: dit is geen geldige TOML in UTF-8") from error
    return {code: _termijn(code, given) for code, given in document.items()}


def _termijn(code: str, given: Any) -> Termijn:
    keys = {one.name for one in fields(Termijn)} - {"code"}
    if not isinstance(given, Mapping) or given.keys() != keys:
        raise WrongUse(
            f"{FILE}: {code} heeft precies deze sleutels nodig: {', '.join(sorted(keys))}"
        )
    if given["eenheid"] not in EENHEDEN:
        raise WrongUse(
            f"{FILE}: {code} heeft eenheid {given['eenheid']}, dat moet werkdag, week of jaar zijn"
        )
    if given["volgt"] not in VOLGT:
        raise WrongUse(
            f"{FILE}: {code} heeft volgt {given['volgt']}, dat moet ja, vooraf of nee zijn"
        )
    lists = {key: tuple(given[key]) for key in ("wetten", "berichten")}
    return Termijn(code=code, **{**given, **lists})

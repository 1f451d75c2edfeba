"""The settings of the year end: days, thresholds and tolerances, per municipality where it differs.

See `mappings/jaareinde.toml`, which says what each is for.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from datetime import date
from typing import Annotated, Any

import msgspec

from gateway.errors import WrongUse
from gateway.ledger.jaareinde.projectie import size_for

_GEMEENTE = re.compile(r"^[0-9]{4}$", re.ASCII)
Promille = Annotated[int, msgspec.Meta(ge=1, le=1000)]
Positive = Annotated[int, msgspec.Meta(ge=1)]
MaandDag = Annotated[str, msgspec.Meta(pattern="^[0-9]{2}-[0-9]{2}$")]


class Instellingen(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings of one municipality.

    `laat_na` and `verantwoording_voor` are a month and a day of the year after.  A difference with
    a provider is small up to `verschil_bedrag` (eurocents) and `verschil_promille` of what was
    granted to it.  `omvang` is how many draws a sample has, absent for as many as the tolerance
    needs.  `duur` is how many days a trajectory is expected to take, by product code.
    """

    laat_na: MaandDag
    verantwoording_voor: MaandDag
    verschil_bedrag: Annotated[int, msgspec.Meta(ge=0)]
    verschil_promille: Annotated[int, msgspec.Meta(ge=0, le=1000)]
    tolerantie_fouten: Promille
    tolerantie_onzeker: Promille
    betrouwbaarheid: Annotated[int, msgspec.Meta(ge=50, le=99)]
    omvang: Positive | None = None
    duur: Mapping[str, Positive] = {}

    def last_day(self, jaar: int) -> date:
        """The last day on which what is granted for a year is in time."""
        return _day(jaar + 1, self.laat_na)

    def statement_day(self, jaar: int) -> date:
        """The last day for the production statement over a year."""
        return _day(jaar + 1, self.verantwoording_voor)

    def last_told(self, vandaag: date) -> int:
        """The last year over which every production statement should have come before a day."""
        last = vandaag.year - 1
        return last if vandaag > self.statement_day(last) else last - 1

    def is_small(self, verschil: int, toegekend: int) -> bool:
        """Whether a difference with a provider is below both thresholds."""
        share = abs(toegekend) * self.verschil_promille // 1000
        return abs(verschil) <= self.verschil_bedrag and abs(verschil) <= share

    @property
    def draws(self) -> int:
        """How many draws a sample has."""
        return self.omvang or size_for(self.tolerantie_fouten, self.betrouwbaarheid)


def read_instellingen(text: bytes, gemeente: str) -> Instellingen:
    """The settings of a municipality; raises WrongUse with what is not right in the file."""
    return read_all(text, [gemeente])[gemeente]


def read_all(text: bytes, gemeenten: Collection[str]) -> Mapping[str, Instellingen]:
    """The same for several municipalities at once."""
    try:
        told = tomllib.loads(text.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WrongUse(f"de instellingen van het jaareinde zijn niet te lezen: {error}") from None
    own: dict[str, Any] = told.pop("gemeente", {})
    for code in own:
        if not _GEMEENTE.match(code):
            raise WrongUse(f"jaareinde: {code} is geen gemeentecode van vier cijfers")
    # Everybody's settings are looked at, so that a mistake shows before its municipality needs it.
    duur = told.get("duur", {})
    found = {
        code: _checked({**told, **changes, "duur": {**duur, **changes.get("duur", {})}}, code)
        for code, changes in own.items()
    }
    if others := set(gemeenten) - found.keys():
        found |= dict.fromkeys(others, _checked(told, None))
    return found


def _checked(told: Mapping[str, Any], gemeente: str | None) -> Instellingen:
    of = "" if gemeente is None else f" van gemeente {gemeente}"
    try:
        found = msgspec.convert(told, Instellingen)
        found.last_day(2000)
        found.statement_day(2000)
    except (msgspec.ValidationError, ValueError) as error:
        raise WrongUse(f"jaareinde: de instellingen{of} zijn niet goed ({error})") from None
    return found


def _day(jaar: int, maand_dag: str) -> date:
    maand, dag = map(int, maand_dag.split("-"))
    return date(jaar, maand, dag)

"""How a municipality pays: from which account, within how many days, and when two people do it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from stdnum import iban as ibannummer

from gateway.errors import WrongUse
from gateway.ledger.geld.bestand import read_bestand
from gateway.periods.werkdagen import add_working_days, latest_start
from gateway.records.rekening import Rekening

Cents = Annotated[int, msgspec.Meta(ge=0)]
Werkdagen = Annotated[int, msgspec.Meta(ge=0, le=260)]
Vanaf = Literal["ontvangst", "antwoord"]
Naam = Annotated[str, msgspec.Meta(min_length=1, max_length=70)]
Bic = Annotated[str, msgspec.Meta(pattern="^[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?$")]
Gemeentecode = Annotated[str, msgspec.Meta(pattern="^[0-9]{4}$")]


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the file; a key that nobody knows is a mistake."""


class Standaard(_Strict, frozen=True, kw_only=True):
    """What holds for every municipality; amounts in eurocents."""

    tweede_persoon_boven: Cents
    termijn: Werkdagen
    termijn_vanaf: Vanaf
    vanaf: date | None = None


class Eigen(_Strict, frozen=True, kw_only=True):
    """What a municipality says itself."""

    naam: Naam
    iban: str
    bic: Bic
    tweede_persoon_boven: Cents | None = None
    termijn: Werkdagen | None = None
    termijn_vanaf: Vanaf | None = None
    vanaf: date | None = None


class _Bestand(_Strict, frozen=True, kw_only=True):
    standaard: Standaard
    gemeente: dict[Gemeentecode, Eigen] = {}


class Betaalbeleid(msgspec.Struct, frozen=True, kw_only=True):
    """The policy of one municipality; `termijn` is in working days, amounts in eurocents.

    What was answered before `vanaf` was paid elsewhere.  `rekening` is what it pays from, None
    where it makes no files; `vrije_dagen` are days off beyond the law's own.
    """

    tweede_persoon_boven: int
    termijn: int
    termijn_vanaf: Vanaf
    vanaf: date | None = None
    rekening: Rekening | None = None
    bic: str | None = None
    vrije_dagen: frozenset[date] = frozenset()

    def vervaldag(self, begin: date) -> date:
        """The last day on which what came in, or was answered, on a day is paid in time."""
        return add_working_days(begin, self.termijn, self.vrije_dagen)

    def begin_voor(self, vervaldag: date) -> date:
        """The last day of which what came in then falls due on this day or before.

        Raises WrongUse for a day at the end of the calendar.
        """
        try:
            return latest_start(vervaldag, self.termijn, self.vrije_dagen)
        except OverflowError:
            raise WrongUse(f"{vervaldag} is te ver weg om een termijn af te tellen") from None

    @property
    def is_ingericht(self) -> bool:
        """Whether the municipality pays here: until it says how, all of its past stands open."""
        return self.rekening is not None or self.vanaf is not None

    @property
    def from_answer(self) -> bool:
        """Whether the term counts from the day on which the 325 left."""
        return self.termijn_vanaf == "antwoord"

    def needs_second(self, bedrag: int, hoogste: int) -> bool:
        """Whether a second person releases a run of this amount with this highest payment."""
        return max(bedrag, hoogste) > self.tweede_persoon_boven


class Betaalinstellingen:
    """The policies of a file, by municipality."""

    def __init__(self, found: _Bestand, vrije_dagen: Collection[date]) -> None:
        self._found = found
        self._vrije_dagen = frozenset(vrije_dagen)

    def of(self, gemeente: str) -> Betaalbeleid:
        """The policy of a municipality, the standard one where it says nothing itself."""
        gewoon, eigen = self._found.standaard, self._found.gemeente.get(gemeente)
        if eigen is None:
            return Betaalbeleid(
                **msgspec.structs.asdict(gewoon), rekening=None, vrije_dagen=self._vrije_dagen
            )
        chosen = {
            name: waarde if (eigene := getattr(eigen, name)) is None else eigene
            for name, waarde in msgspec.structs.asdict(gewoon).items()
        }
        return Betaalbeleid(
            **chosen,
            rekening=Rekening(ibannummer.compact(eigen.iban), eigen.naam),
            bic=eigen.bic,
            vrije_dagen=self._vrije_dagen,
        )


def read_betaalinstellingen(path: Path, vrije_dagen: Collection[date] = ()) -> Betaalinstellingen:
    """The policies of `betalen.toml`; raises WrongUse on a mistake."""
    found = read_bestand(path, _Bestand)
    for gemeente, eigen in found.gemeente.items():
        if not ibannummer.is_valid(eigen.iban):
            raise WrongUse(f"{path.name}: de iban van gemeente {gemeente} klopt niet")
    return Betaalinstellingen(found, vrije_dagen)

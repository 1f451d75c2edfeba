"""How far earlier forecasts would have been off: made by what was known then, held against now."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from gateway.ledger.geld.opname import Sleutel
from gateway.ledger.geld.prognose import Prognose
from gateway.ledger.geld.verplichting import Groep
from gateway.periods.bedragen import half_up

# The days on which a year is forecast, as (month, day).
MOMENTEN = ((4, 1), (7, 1), (10, 1))
# So many months after a year its last lines have come in.
NAKOMEND_MAANDEN = 6


class Uitslag(NamedTuple):
    """A forecast and what came of it, in eurocents."""

    sleutel: Sleutel
    voorspeld: int
    werkelijk: int

    @property
    def fout(self) -> int:
        """The forecast minus what came: above nothing it was too high."""
        return self.voorspeld - self.werkelijk

    @property
    def promille(self) -> int | None:
        """The error in thousandths of what came, half up; None where nothing came."""
        return half_up(1000 * self.fout, self.werkelijk) if self.werkelijk > 0 else None


@dataclass(frozen=True, slots=True)
class Terugblik:
    """A forecast of `jaar` as made on `dag`, and what came of it, by group.

    `opmerking` tells why it is worth less; where `is_bekend` is False, why there is none.
    """

    dag: date
    jaar: int
    groepen: Mapping[Groep, tuple[int, int]]
    opmerking: str = ""
    is_bekend: bool = True

    @property
    def totaal(self) -> Uitslag:
        """Everything together."""
        foreseen = sum(one for one, _ in self.groepen.values())
        return Uitslag((), foreseen, sum(one for _, one in self.groepen.values()))

    def per(self, sleutel: Callable[[Groep], Sleutel]) -> Sequence[Uitslag]:
        """By any key of a group, the largest error first."""
        found: dict[Sleutel, tuple[int, int]] = {}
        for groep, (foreseen, came) in self.groepen.items():
            key = sleutel(groep)
            before = found.get(key, (0, 0))
            found[key] = before[0] + foreseen, before[1] + came
        uitslagen = [Uitslag(key, *both) for key, both in found.items()]
        return sorted(uitslagen, key=lambda one: (-abs(one.fout), one.sleutel))


def days_to_look_back(vandaag: date, jaren: int) -> Sequence[date]:
    """The days of the years before this one from which the forecast is made again."""
    first = vandaag.year - jaren
    return [
        date(year, month, day) for year in range(first, vandaag.year) for month, day in MOMENTEN
    ]


def look_back(prognose: Prognose, werkelijk: Mapping[Groep, int], opmerking: str = "") -> Terugblik:
    """Hold a forecast against what came; groups that only came later were forecast as nothing."""
    foreseen = {one.groep: one.cijfers.prognose for one in prognose.groepen}
    both = {
        groep: (foreseen.get(groep, 0), werkelijk.get(groep, 0))
        for groep in sorted(foreseen.keys() | werkelijk.keys())
    }
    told = {groep: pair for groep, pair in both.items() if any(pair)}
    return Terugblik(prognose.peil.dag, prognose.peil.jaar, told, opmerking)

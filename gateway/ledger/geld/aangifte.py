"""How soon care that was delivered is declared: measured per law and product category.

The lag is in days between the end of the month of delivery and the Dagtekening of the 323.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date
from itertools import accumulate
from typing import NamedTuple

from gateway.periods.bedragen import half_up
from gateway.periods.maandnummers import last_day

# A month counts as declared in full half a year after it; the tempo is measured over the year
# before that.  In a younger store over the months before the last two, as far as they came.
RIJP_DAGEN, MEETMAANDEN, RIJP_MAANDEN, JONG_MAANDEN = 183, 12, 7, 3
# Without any month to measure: a month is declared in the month after it, however short that is.
AANNAME_DAGEN = 28


class Aangifte(NamedTuple):
    """Eurocents of one month of delivery in the 323s of one day, credits subtracted."""

    wet: str
    categorie: str
    maand: int
    dagtekening: date
    bedrag: int


class Deel(NamedTuple):
    """A part of a whole: `teller` of `noemer`."""

    teller: int
    noemer: int

    def of(self, amount: int) -> int:
        """The part of an amount, in whole cents, half up."""
        return half_up(amount * self.teller, self.noemer)

    @property
    def promille(self) -> int:
        """The part in thousandths, half up."""
        return half_up(1000 * self.teller, self.noemer)


class Tempo:
    """Which part of a month was declared so many days after its end, by what was seen."""

    def __init__(self, aangiften: Iterable[Aangifte]) -> None:
        """`aangiften` are those of months that had time to be declared; see `mature`."""
        by_key: dict[tuple[str, ...], dict[int, int]] = {}
        for one in aangiften:
            lag = (one.dagtekening - last_day(one.maand)).days
            for key in ((one.wet, one.categorie), (one.wet,), ()):
                seen = by_key.setdefault(key, {})
                seen[lag] = seen.get(lag, 0) + one.bedrag
        self._known = {key: _Verloop(seen) for key, seen in by_key.items()}

    def deel(self, wet: str, categorie: str, maand: int, dag: date) -> Deel:
        """The part of a month that is declared by a day, that day not included."""
        lag = (dag - last_day(maand)).days - 1
        return self.na_dagen(wet, categorie, lag)

    def na_dagen(self, wet: str, categorie: str, lag: int) -> Deel:
        """The part that is declared up to and including so many days after the month."""
        if lag >= RIJP_DAGEN:
            return Deel(1, 1)
        for key in ((wet, categorie), (wet,), ()):
            verloop = self._known.get(key)
            if verloop is not None and verloop.totaal > 0:
                return verloop.tot(lag)
        return Deel(1, 1) if lag >= AANNAME_DAGEN else Deel(0, 1)

    def is_gemeten(self, wet: str, categorie: str) -> bool:
        """Whether the category itself was seen, so that nothing stands in for it."""
        found = self._known.get((wet, categorie))
        return found is not None and found.totaal > 0

    @property
    def gemeten(self) -> list[tuple[str, str]]:
        """The laws and categories that were seen."""
        pairs = [(key[0], key[1]) for key in self._known if len(key) == len(("wet", "categorie"))]
        return sorted(pair for pair in pairs if self.is_gemeten(*pair))


def measured_months(nu: int) -> range:
    """The months of delivery over which the tempo may be measured, seen from the month `nu`."""
    return range(nu - RIJP_MAANDEN - MEETMAANDEN + 1, nu - JONG_MAANDEN + 1)


def mature(aangiften: Iterable[Aangifte], nu: int) -> list[Aangifte]:
    """Those of months that had half a year; all of them where there are none of those yet."""
    every = list(aangiften)
    return [one for one in every if one.maand <= nu - RIJP_MAANDEN] or every


class _Verloop:
    """Amounts by lag, added up from the first one on."""

    def __init__(self, seen: dict[int, int]) -> None:
        self._lags = sorted(seen)
        self._sums = list(accumulate(seen[lag] for lag in self._lags))
        self.totaal = self._sums[-1]

    def tot(self, lag: int) -> Deel:
        place = bisect_right(self._lags, lag)
        so_far = self._sums[place - 1] if place else 0
        return Deel(max(0, min(so_far, self.totaal)), self.totaal)

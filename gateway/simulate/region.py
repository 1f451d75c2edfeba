"""What there is in the synthetic region: municipalities, providers with their habits, months.

Everything follows from the seed and the size.  Nobody here exists.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from math import ceil
from random import Random

from gateway.config import data_folder
from gateway.errors import WrongUse
from gateway.messages.codelijsten import GEMEENTEN, read_codelijsten
from gateway.simulate.months import month_after, rng_of

EERSTE_MAAND, HALFJAAR, JAAR = date(2026, 1, 1), 6, 12
KLOKDAG = 28  # in the month after the last invoiced one, when every invoice has been sent
JEUGDWET, WMO = "jeugdwet", "wmo"
WETTEN = (JEUGDWET, WMO)
REGELS = 5_000
# A larger region has more municipalities, and only when there are no more of them larger ones.
KLEIN, PER_GEMEENTE, MEESTE_PER_GEMEENTE = 2_000, 9_000, 20_000
REGELS_PER_RONDE = 2_500  # every fault is planted once in so many lines
# These come first; other agreements than our own are made for them.
VOORAAN = ("0193", "0164", "0150", "0153")
KENMERKEN = ("{nummer}-{maand}", "F{maand}.{nummer}", "R{nummer}/{maand}")


@dataclass(frozen=True, slots=True)
class Gemeente:
    """A municipality, with the first digits of the postcodes of its clients."""

    code: str
    naam: str
    postcode: str


@dataclass(frozen=True, slots=True)
class Gewoonten:
    """How a provider goes about its messages.

    `declaratiedag` is the day of the next month that its invoices are dated, `start_na` the most
    days between Ingangsdatum and start, `kenmerk` the form of its ReferentieNummers, `minuten`
    whether it declares hours in minutes.  `correcties` and `nagekomen` are the shares of clients
    of whom it takes back and replaces a line, or declares one a month late.
    """

    declaratiedag: int
    start_na: int
    correcties: float
    nagekomen: float
    kenmerk: str
    minuten: bool


@dataclass(frozen=True, slots=True)
class Markt:
    """One provider in one municipality under one law: what shares an invoice."""

    gemeente: Gemeente
    wet: str
    aanbieder: str
    gewoonten: Gewoonten

    @property
    def standaard(self) -> str:
        """What message names begin with: JW or WMO."""
        return "JW" if self.wet == JEUGDWET else "WMO"

    def declaratiedag(self, maand: date) -> date:
        """The day that the invoice over a month is dated."""
        return month_after(maand).replace(day=self.gewoonten.declaratiedag)


@dataclass(frozen=True)
class Regio:
    """A region of about so many judged lines; never fewer than it takes to plant every fault.

    `aantal_maanden` are invoiced, half a year or a whole one.  `codes` names its municipalities;
    without any the size decides how many there are.  `modellen` names for a municipality the
    agreement that it pays ordinary care by; its lines then come beside those of what is planted.
    Raises WrongUse for more lines than there are municipalities and test BSNs for, and for a code
    that no municipality has.
    """

    seed: int
    regels: int = REGELS
    aantal_maanden: int = HALFJAAR
    codes: tuple[str, ...] = ()
    modellen: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        known = {one.code for one in _alle_gemeenten()}
        for code in self.codes:
            if code not in known:
                raise WrongUse(f"er is geen gemeente {code}")
        if len(set(self.codes)) != len(self.codes):
            raise WrongUse("noem elke gemeente één keer")
        if self.aantal_maanden not in (HALFJAAR, JAAR):
            raise WrongUse(f"een regio heeft {HALFJAAR} of {JAAR} maanden")
        most = MEESTE_PER_GEMEENTE * len(self.codes or known)
        if not 1 <= self.regels <= most:
            raise WrongUse(f"een regio heeft 1 tot en met {most} regels, niet {self.regels}")
        paid = [code for code, _ in self.modellen]
        if len(set(paid)) != len(paid):
            raise WrongUse("noem voor elke gemeente één model")
        if absent := set(paid) - {one.code for one in self.gemeenten}:
            raise WrongUse(f"gemeente {min(absent)} heeft een model, maar is niet in de regio")

    @cached_property
    def gemeenten(self) -> tuple[Gemeente, ...]:
        """The municipalities: two in a small region, four in a plain one, at most all there are."""
        if self.codes:
            return tuple(one for one in _alle_gemeenten() if one.code in self.codes)
        if self.regels < KLEIN:
            return _alle_gemeenten()[:2]
        return _alle_gemeenten()[: max(len(VOORAAN), ceil(self.regels / PER_GEMEENTE))]

    @property
    def maanden(self) -> tuple[date, ...]:
        """The first day of every month that is invoiced."""
        return tuple(month_after(EERSTE_MAAND, n) for n in range(self.aantal_maanden))

    @property
    def klok(self) -> date:
        """A day after the last message, on which all of them can be handled."""
        return month_after(EERSTE_MAAND, self.aantal_maanden).replace(day=KLOKDAG)

    @property
    def ronden(self) -> int:
        """How many times each fault is planted."""
        return max(1, self.regels // REGELS_PER_RONDE)

    def regels_in(self, place: int) -> int:
        """How many lines the municipality in this place has at least."""
        whole, rest = divmod(self.regels, len(self.gemeenten))
        return whole + (place < rest)

    def model(self, gemeente: Gemeente) -> str | None:
        """The agreement that a municipality pays ordinary care by; None where it is all of them."""
        return dict(self.modellen).get(gemeente.code)

    def times(self, item: int, place: int) -> int:
        """How often the fault with this number is planted in the municipality in this place."""
        return self._spread(self.ronden, item, place)

    def wrong_times(self, item: int, place: int) -> int:
        """The same for a fault in a whole message: each of them in half of the municipalities."""
        return self._spread(min(self.ronden, len(self.gemeenten) // 2), item, place)

    def _spread(self, ronden: int, item: int, place: int) -> int:
        """Rounds go to the municipalities in turn, and each fault begins with another one."""
        count = len(self.gemeenten)
        return len(range((place - item) % count, ronden, count))

    def gewoonten(self, aanbieder: str) -> Gewoonten:
        """The habits of a provider, the same everywhere."""
        return _gewoonten(rng_of(self.seed, "aanbieder", aanbieder), aanbieder)


@lru_cache(maxsize=1)
def _alle_gemeenten() -> tuple[Gemeente, ...]:
    codes = read_codelijsten(data_folder("mappings") / "codelijsten").lijsten[GEMEENTEN].codes
    order = [*VOORAAN, *(code for code in sorted(codes) if code not in VOORAAN)]
    return tuple(
        Gemeente(code, codes[code].label, str(100 + place % 900))
        for place, code in enumerate(order)
    )


def _gewoonten(rng: Random, aanbieder: str) -> Gewoonten:
    return Gewoonten(
        declaratiedag=rng.randint(5, 12),
        start_na=rng.randint(0, 5),
        correcties=rng.uniform(0.04, 0.10),
        nagekomen=rng.uniform(0.02, 0.06),
        kenmerk=KENMERKEN[int(aanbieder) % len(KENMERKEN)],
        minuten=rng.random() < 0.3,
    )

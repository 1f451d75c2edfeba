"""The forecast of a year: what was granted, what is still to come, and how each part was found.

For each group (law, category, provider, municipality), in eurocents:

1. granted so far;
2. delivered, not declared: the obligation of past months, times the part of a month that is
   usually declared later than today, times the use;
3. to be delivered: what is left of the assignments, times the use;
4. inflow: assignments that still have to begin, at the pace of the last twelve months (see
   `instroom`), times the use.  It is shown apart.

The use is what was granted of what was obliged in the last twelve full months, as far as it is
declared by now.  It is never above the whole: TR321, TR322 and TR369 reject what is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from gateway.ledger.geld.aangifte import Deel
from gateway.ledger.geld.instroom import Instroom, measured
from gateway.ledger.geld.opname import Gegevens, Opname, Sleutel, Som
from gateway.ledger.geld.verplichting import Groep, Peil
from gateway.periods.verdelen import in_parts

# Over fewer months of assignments a group says too little, and the one above it speaks.
MINSTE = 12
AANBIEDER, CATEGORIE, WET, AANNAME = "aanbieder", "categorie", "wet", "aanname"


class Maandprognose(NamedTuple):
    """A month of the year, in eurocents."""

    maand: int
    gerealiseerd: int
    geleverd: int
    komend: int
    instroom: int

    @property
    def prognose(self) -> int:
        """What the month will come to."""
        return self.gerealiseerd + self.geleverd + self.komend + self.instroom


@dataclass(frozen=True, slots=True)
class Benutting:
    """Which part of what is obliged is granted, and on what that is measured."""

    deel: Deel
    niveau: str


@dataclass(frozen=True, slots=True)
class Groepsprognose:
    """The forecast of a group, by month, with the figures behind it.

    `mogelijk_geleverd` and `mogelijk_komend` are the same parts before the use; `begonnen` is how
    many assignments began in the last twelve months.
    """

    groep: Groep
    som: Som
    maanden: Sequence[Maandprognose]
    benutting: Benutting
    mogelijk_geleverd: int
    mogelijk_komend: int
    begonnen: int

    @property
    def cijfers(self) -> Cijfers:
        """The forecast without its months."""
        parts = zip(*(one[1:] for one in self.maanden), strict=True)
        return Cijfers(*map(sum, parts))


class Cijfers(NamedTuple):
    """The parts of a forecast, in eurocents."""

    gerealiseerd: int = 0
    geleverd: int = 0
    komend: int = 0
    instroom: int = 0

    @property
    def prognose(self) -> int:
        """What the year will come to."""
        return sum(self)

    def plus(self, other: Cijfers) -> Cijfers:
        """Both together."""
        return Cijfers(*(one + two for one, two in zip(self, other, strict=True)))


@dataclass(frozen=True, slots=True)
class Prognose:
    """The forecast of all groups, largest first; `instroom` is over which months it is measured."""

    peil: Peil
    groepen: Sequence[Groepsprognose]
    instroom: Instroom

    @property
    def totaal(self) -> Cijfers:
        """Everything together: the sum of the groups."""
        return _sum(one.cijfers for one in self.groepen)

    @property
    def maanden(self) -> Sequence[Maandprognose]:
        """The months of all groups together."""
        by_month = zip(*(one.maanden for one in self.groepen), strict=True)
        return [
            Maandprognose(same[0].maand, *map(sum, zip(*(one[1:] for one in same), strict=True)))
            for same in by_month
        ]

    def alleen(self, **wanted: str) -> Prognose:
        """The groups with these values, such as wet="wmo"."""
        kept = [
            one
            for one in self.groepen
            if all(getattr(one.groep, name) == value for name, value in wanted.items())
        ]
        return Prognose(self.peil, kept, self.instroom)

    @property
    def som(self) -> Som:
        """The obligations of all groups together."""
        found = Som()
        for one in self.groepen:
            found.plus(one.som)
        return found

    def per(self, sleutel: Callable[[Groep], Sleutel]) -> Mapping[Sleutel, tuple[Som, Cijfers]]:
        """Obligations and forecast by any key of a group, in order of the key."""
        found: dict[Sleutel, tuple[Som, Cijfers]] = {}
        for one in self.groepen:
            som, cijfers = found.get(sleutel(one.groep), (Som(), Cijfers()))
            som.plus(one.som)
            found[sleutel(one.groep)] = som, cijfers.plus(one.cijfers)
        return dict(sorted(found.items()))


def forecast(opname: Opname) -> Prognose:
    """What the year will come to, by what is known on the day of the count."""
    uses, peil = _uses(opname), opname.peil
    since = peil.meetmaanden[0] if opname.sinds is None else opname.sinds
    instroom = measured(opname.begonnen, [one for one in peil.meetmaanden if one >= since])
    groups = [
        _of_group(peil, groep, gegevens, _use_of(groep, uses), instroom)
        for groep, gegevens in opname.groepen.items()
    ]
    groups.sort(key=lambda one: (-one.cijfers.prognose, one.groep))
    return Prognose(peil, groups, instroom)


def _of_group(
    peil: Peil, groep: Groep, gegevens: Gegevens, benutting: Benutting, instroom: Instroom
) -> Groepsprognose:
    teller, noemer = benutting.deel
    months = list(peil.maanden)

    def used(amounts: Mapping[int, int]) -> Sequence[int]:
        return in_parts((amounts.get(one, 0) * teller for one in months), noemer)

    begun = instroom.expected(gegevens.instroom, peil.nu, months)
    inflow = in_parts((one * teller for one in begun), noemer * len(instroom.gewoon))
    parts = (used(gegevens.geleverd), used(gegevens.komend), inflow)
    realised = [gegevens.gerealiseerd.get(one, 0) for one in months]
    return Groepsprognose(
        groep=groep,
        som=gegevens.som,
        maanden=[Maandprognose(*one) for one in zip(months, realised, *parts, strict=True)],
        benutting=benutting,
        mogelijk_geleverd=sum(gegevens.geleverd.values()),
        mogelijk_komend=sum(gegevens.komend.values()),
        begonnen=gegevens.begonnen,
    )


def _levels(groep: Groep) -> Sequence[tuple[str, Sleutel]]:
    """By what the use of a group is measured: the closest first."""
    return (
        (AANBIEDER, (groep.wet, groep.categorie, groep.aanbieder)),
        (CATEGORIE, (groep.wet, groep.categorie)),
        (WET, (groep.wet,)),
    )


def _uses(opname: Opname) -> Mapping[Sleutel, tuple[int, int, int]]:
    """Granted, obliged and months of assignments, by every key that may speak for a group."""
    found: dict[Sleutel, tuple[int, int, int]] = {}
    for groep, own in opname.groepen.items():
        for _, key in _levels(groep):
            granted, obliged, months = found.get(key, (0, 0, 0))
            found[key] = (
                granted + own.gebruikt,
                obliged + own.blootgesteld,
                months + own.toewijzingsmaanden,
            )
    return found


def _use_of(groep: Groep, uses: Mapping[Sleutel, tuple[int, int, int]]) -> Benutting:
    for niveau, key in _levels(groep):
        granted, obliged, months = uses[key]
        if obliged > 0 and months >= MINSTE:
            return Benutting(Deel(max(0, min(granted, obliged)), obliged), niveau)
    return Benutting(Deel(1, 1), AANNAME)


def _sum(cijfers: Iterable[Cijfers]) -> Cijfers:
    total = Cijfers()
    for one in cijfers:
        total = total.plus(one)
    return total

"""A chart of amounts per month, laid out here and drawn by a template: no script, no style."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.periods.bedragen import euros

BREED, HOOG, ONDER, LINKS = 480, 210, 40, 84
LINES = 4
STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Staaf:
    """A month: two parts on top of each other, from the bottom; places in the drawing."""

    naam: str
    x: float
    breed: float
    midden: float
    toegekend_y: float
    toegekend_hoog: float
    afgewezen_y: float
    afgewezen_hoog: float
    toegekend: int
    afgewezen: int


@dataclass(frozen=True, slots=True)
class Grafiek:
    """Bars with their scale; `plafond_y` is where the notional ceiling of a month is, if drawn."""

    titel: str
    breed: int
    hoog: int
    links: int
    bodem: int
    staven: Sequence[Staaf]
    lijnen: Sequence[tuple[float, str]]
    plafond: int | None
    plafond_y: float | None


def grafiek(
    titel: str, maanden: Sequence[tuple[str, int, int]], plafond: int | None = None
) -> Grafiek:
    """A chart of (name, granted, rejected) in eurocents; amounts below nothing are not drawn."""
    highest = max([max(one, 0) + max(other, 0) for _, one, other in maanden], default=0)
    # A ceiling far above everything would leave nothing to see of the bars.
    drawn = plafond is not None and 0 < plafond <= 4 * highest
    step = _step(max(highest, plafond if drawn and plafond else 0, 100))
    top = step * LINES
    bodem = HOOG - ONDER
    room = (BREED - LINKS) / max(len(maanden), 1)

    def height(cents: int) -> float:
        return round(max(cents, 0) / top * (bodem - 12), 1)

    staven = []
    for place, (naam, toegekend, afgewezen) in enumerate(maanden):
        width = min(room * 0.6, 64.0)
        x = LINKS + room * place + (room - width) / 2
        green, red = height(toegekend), height(afgewezen)
        staven.append(
            Staaf(
                naam,
                round(x, 1),
                round(width, 1),
                round(x + width / 2, 1),
                round(bodem - green, 1),
                green,
                round(bodem - green - red, 1),
                red,
                toegekend,
                afgewezen,
            )
        )
    lijnen = [(round(bodem - height(step * n), 1), _short(step * n)) for n in range(LINES + 1)]
    at = round(bodem - height(plafond), 1) if drawn and plafond else None
    return Grafiek(titel, BREED, HOOG, LINKS, bodem, staven, lijnen, plafond, at)


def _step(highest: int) -> int:
    """A round amount of which a few are just enough."""
    power = 1
    while True:
        for one in STEPS:
            if one * power * LINES >= highest:
                return one * power
        power *= 10


def _short(cents: int) -> str:
    return euros(cents).removesuffix(",00")

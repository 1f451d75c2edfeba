"""A chart of bars from left to right, laid out here and drawn by a template."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gateway.ledger.regio.lijst import Lijst, Waarde

BREED, RIJHOOG, LINKS, RECHTS = 560, 24, 230, 90
MOST, NAME = 12, 30


@dataclass(frozen=True, slots=True)
class Balk:
    """One bar: from `x` so wide, with its name and what it comes to; `is_min` is below nothing."""

    naam: str
    y: int
    x: float
    breed: float
    waarde: int
    is_min: bool


@dataclass(frozen=True, slots=True)
class Balken:
    """The bars of a list; `nul` is where nothing is, `meer` how many rows are not drawn.

    Names end at `links`.
    """

    titel: str
    soort: str
    breed: int
    hoog: int
    links: int
    nul: float
    balken: Sequence[Balk]
    meer: int


def balken_of(lijst: Lijst, naam_of: Callable[[str], str]) -> Balken | None:
    """The chart of the column that a list shows one of, None where there is nothing to draw.

    `naam_of` gives what people call a municipality by its code.
    """
    if lijst.beeld is None:
        return None
    place = lijst.beeld
    shown = naam_of if lijst.kolommen[0].soort == "gemeente" else str
    found = [
        (shown(str(rij[0])), value)
        for rij in lijst.rijen
        if (value := _number(rij[place])) is not None
    ]
    drawn = sorted(found, key=lambda one: (-abs(one[1]), one[0]))[:MOST]
    if not any(value for _, value in drawn):
        return None
    lowest, highest = min(0, *(v for _, v in drawn)), max(0, *(v for _, v in drawn))
    scale = (BREED - LINKS - RECHTS) / (highest - lowest)
    nul = LINKS - lowest * scale
    made = [
        Balk(
            naam=_short(naam),
            y=RIJHOOG * number + 4,
            x=round(nul + min(value, 0) * scale, 1),
            breed=round(max(1.0, abs(value) * scale), 1),
            waarde=value,
            is_min=value < 0,
        )
        for number, (naam, value) in enumerate(drawn)
    ]
    kolom = lijst.kolommen[place]
    titel = f"{lijst.titel}: {kolom.naam[0].lower()}{kolom.naam[1:]}"
    hoog = RIJHOOG * len(made) + 8
    meer = len(found) - len(made)
    return Balken(titel, kolom.soort, BREED, hoog, LINKS - 6, round(nul, 1), made, meer)


def _number(value: Waarde) -> int | None:
    return value if isinstance(value, int) else None


def _short(naam: str) -> str:
    """The end of a name says most: an agreement stands before its cell."""
    return naam if len(naam) <= NAME else f"…{naam[1 - NAME :]}"

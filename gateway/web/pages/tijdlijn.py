"""Lays out a timeline: bars for periods and marks for moments, on one scale of days."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from gateway.periods.datums import KORT

BREED, LINKS, RIJ = 900, 210, 30
MOST_TICKS = 8


@dataclass(frozen=True, slots=True)
class Strook:
    """Something that lasted or happened: without `tot` it goes on, on one day it is a mark.

    `soort` is the look: toewijzing, oud, start, stop, regel or bericht.
    """

    naam: str
    van: date
    tot: date | None
    soort: str
    uitleg: str = ""


@dataclass(frozen=True, slots=True)
class Getekend:
    """The same with its place in the drawing; `loopt_door` beyond the end of it."""

    strook: Strook
    x: float
    breed: float
    y: int
    loopt_door: bool

    @property
    def is_moment(self) -> bool:
        """Whether it is a mark."""
        return self.strook.van == self.strook.tot


@dataclass(frozen=True, slots=True)
class Tijdlijn:
    """The drawing: its rows, and where months begin."""

    breed: int
    hoog: int
    links: int
    stroken: Sequence[Getekend]
    maanden: Sequence[tuple[float, str]]


def tijdlijn(stroken: Sequence[Strook]) -> Tijdlijn:
    """Lay rows out, in their order, from the first day to some days behind the last."""
    first = min(one.van for one in stroken)
    last = max([one.tot or one.van for one in stroken]) + timedelta(days=14)
    first -= timedelta(days=7)
    whole = max((last - first).days, 1)

    def x(day: date) -> float:
        part = min(max((day - first).days, 0), whole) / whole
        return round(LINKS + part * (BREED - LINKS - 10), 1)

    drawn = []
    for row, one in enumerate(stroken):
        end = last if one.tot is None else one.tot + timedelta(days=1)
        width = max(x(end) - x(one.van), 3.0)
        drawn.append(Getekend(one, x(one.van), round(width, 1), row * RIJ, one.tot is None))
    return Tijdlijn(BREED, len(drawn) * RIJ + 26, LINKS, drawn, _months(first, last, x))


def _months(first: date, last: date, x: Callable[[date], float]) -> list[tuple[float, str]]:
    """Where months begin, as many as can be read beside each other."""
    found = []
    day = first.replace(day=1)
    while day <= last:
        if day >= first:
            found.append((x(day), f"{KORT[day.month - 1]} {day.year}"))
        day = (day + timedelta(days=32)).replace(day=1)
    every = -(-len(found) // MOST_TICKS)
    return found[:: max(every, 1)]

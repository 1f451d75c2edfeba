"""Settlement between municipalities: who paid for care that another one is responsible for.

An item is one client in one calendar year.  `van` paid, `aan` should have; both say what they think
of it.  Amounts are eurocents.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

# What the municipality that paid says, and what the other one does.
VOORGESTELD, BEVESTIGD, INGETROKKEN = "voorgesteld", "bevestigd", "ingetrokken"
OPEN, AKKOORD, BETWIST = "open", "akkoord", "betwist"
EENS = "eens"


class Post(NamedTuple):
    """What an item comes to between two municipalities."""

    van: str
    aan: str
    jaar: int
    bedrag: int
    stand: str


class Paar(NamedTuple):
    """What stands between two municipalities in a year, seen from the first.

    Above zero it gets money, below zero it pays.  `bedrag` is what was not disputed or withdrawn,
    `eens` the part that both agree on, `betwist` stands beside it.
    """

    gemeente: str
    ander: str
    jaar: int
    bedrag: int
    eens: int
    betwist: int


def stand_van(van_staat: str, aan_staat: str) -> str:
    """How an item stands by what both sides say."""
    if van_staat != BEVESTIGD:
        return van_staat
    return EENS if aan_staat == AKKOORD else aan_staat


def paren(posten: Iterable[Post]) -> list[Paar]:
    """Per year what stands between each two municipalities: once from each side.

    Both sides are the same amounts with opposite signs.
    """
    sums: dict[tuple[str, str, int], list[int]] = {}
    for one in posten:
        for sleutel, bedrag in _sides(one):
            _add(sums.setdefault(sleutel, [0, 0, 0]), one.stand, bedrag)
    return [Paar(*sleutel, *found) for sleutel, found in sorted(sums.items())]


def _sides(one: Post) -> Iterable[tuple[tuple[str, str, int], int]]:
    yield (one.van, one.aan, one.jaar), one.bedrag
    yield (one.aan, one.van, one.jaar), -one.bedrag


def _add(sums: list[int], stand: str, bedrag: int) -> None:
    parts: Mapping[str, tuple[int, int, int]] = {
        EENS: (bedrag, bedrag, 0),
        OPEN: (bedrag, 0, 0),
        BETWIST: (0, 0, bedrag),
    }
    for place, part in enumerate(parts.get(stand, (0, 0, 0))):
        sums[place] += part

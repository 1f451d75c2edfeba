"""Decides which trajectories of a year are in its tables, and which only in one sum beside them.

Who provides what where is no secret: contracts and price lists tell it.  With that, sums of
municipalities, providers, cells and intensities follow from each other in more ways than anybody
can list.  So nothing of those is hidden beside its sum.  What has too few clients is taken out of
every table of the year, and comes back in one figure only: the rest.  Whatever is subtracted from
whatever, nothing but figures about enough clients comes out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from gateway.ledger.regio.verborgen import Clienten, enough

Lijn = tuple[str, ...]


class Plek(NamedTuple):
    """Who gives what care where: what contracts and price lists tell of a trajectory."""

    gemeente: str
    aanbieder: str
    cel: str
    intensiteit: str

    @property
    def lijnen(self) -> Iterator[tuple[int, Lijn]]:
        """The figures that it counts in: those of tables by these dimensions, and their sums."""
        gemeente, aanbieder, cel, intensiteit = self
        yield 0, (gemeente,)
        yield 1, (aanbieder,)
        yield 2, (cel,)
        yield 3, (intensiteit,)
        yield 4, (gemeente, intensiteit)
        yield 5, (aanbieder, intensiteit)


@dataclass(slots=True)
class Aanwezig:
    """The clients of a year by place, and those who were granted anything beside a trajectory."""

    plekken: dict[Plek, Clienten] = field(default_factory=dict)
    los: Clienten = field(default_factory=Clienten)

    @property
    def cellen(self) -> set[str]:
        """Every cell that somebody used."""
        return {one.cel for one in self.plekken}


@dataclass(frozen=True, slots=True)
class Indeling:
    """The places that are in the tables, and the markets that they make.

    `los_apart` tells that what was granted beside trajectories is a figure by itself, and no part
    of the rest.  A market holds the providers that are connected by what they provide: `markten`
    by cells, `zwaartemarkten` by intensities, each by the name of a provider.
    """

    plekken: frozenset[Plek]
    los_apart: bool
    markten: Mapping[str, str]
    zwaartemarkten: Mapping[str, str]


def divide(aanwezig: Aanwezig) -> Indeling:
    """Take out what is about too few clients, until nothing is left that is."""
    kept, apart = dict(aanwezig.plekken), enough([aanwezig.los])
    while True:
        lines = _by_line(kept)
        small = {line for line, some in lines.items() if not enough(some)}
        if not small and _may_be_told(_rest(aanwezig, kept, apart=apart)):
            break
        if not small and lines:
            # The rest is too small to be told by itself: the smallest figure goes with it.
            small = {min(lines, key=lambda line: (_size(lines[line]), line))}
        elif not small:
            if not apart:
                break
            apart = False
        kept = {plek: some for plek, some in kept.items() if small.isdisjoint(plek.lijnen)}
    return Indeling(
        frozenset(kept),
        apart,
        _markets((one.aanbieder, one.cel) for one in kept),
        _markets((one.aanbieder, one.intensiteit) for one in kept),
    )


def _by_line(plekken: Mapping[Plek, Clienten]) -> Mapping[tuple[int, Lijn], Sequence[Clienten]]:
    found: dict[tuple[int, Lijn], list[Clienten]] = {}
    for plek, some in plekken.items():
        for line in plek.lijnen:
            found.setdefault(line, []).append(some)
    return found


def _rest(aanwezig: Aanwezig, kept: Collection[Plek], *, apart: bool) -> Sequence[Clienten]:
    """The clients of what is in no table."""
    found = [some for plek, some in aanwezig.plekken.items() if plek not in kept]
    return found if apart else [*found, aanwezig.los]


def _may_be_told(some: Sequence[Clienten]) -> bool:
    return not _size(some) or enough(some)


def _size(some: Iterable[Clienten]) -> int:
    """How large a figure is; who is in two places counts twice."""
    return sum(one.clienten for one in some)


def _markets(pairs: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """The market of each provider: the first of all that it is connected to by what they share."""
    shared: dict[str, set[str]] = {}
    for aanbieder, what in pairs:
        shared.setdefault(what, set()).add(aanbieder)
    found: dict[str, set[str]] = {}
    for some in shared.values():
        market = set(some).union(*(found.get(one, set()) for one in some))
        found |= dict.fromkeys(market, market)
    return {aanbieder: min(market) for aanbieder, market in found.items()}

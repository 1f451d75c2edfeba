"""Decides which figures are not told, so that nothing can be told of a few clients.

A figure about fewer than KLEINSTE different clients is hidden, and with it as many others as it
takes that it cannot be computed from the sums that are told.  How that is certain:

* Of the values of a dimension at least two are hidden, if any is, about KLEINSTE clients together.
  What has a hidden sum is hidden everywhere, the whole row.
* Inside a table the hidden cells are seen as lines between their row and their column.  A cell can
  be computed exactly when its line is a bridge: when nothing else connects its two ends.  So cells
  are hidden until there is no bridge.  Rows without a sum are one end together, for only what they
  come to together is known; so are such columns.

Clients are counted as different people: who is in two cells is one client of them together.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol, TypeVar

KLEINSTE = 5

Naam = TypeVar("Naam", str, tuple[str, ...])
Cel = tuple[str, str]
Knoop = tuple[int, str | None]
RIJ, KOLOM = 0, 1


class Geteld(Protocol):
    """A figure, as far as it matters here: how many clients it is about, and the first of them.

    `eersten` are all of them, or KLEINSTE.
    """

    @property
    def clienten(self) -> int:
        """How many clients it is about."""

    @property
    def eersten(self) -> AbstractSet[Hashable]:
        """As many of them as it takes to see whether there are enough."""


@dataclass(slots=True)
class Clienten:
    """Different clients, who come one after another: each has a number of his own."""

    clienten: int = 0
    eersten: set[int] = field(default_factory=set, compare=False)
    _laatste: int = field(default=-1, compare=False, repr=False)

    def add(self, client: int) -> None:
        """Count a client, once."""
        if client != self._laatste:
            self._laatste = client
            self.clienten += 1
            if len(self.eersten) < KLEINSTE:
                self.eersten.add(client)


class Bekend(NamedTuple):
    """Clients who are all known."""

    eersten: AbstractSet[Hashable]

    @property
    def clienten(self) -> int:
        """How many they are."""
        return len(self.eersten)


def is_small(clienten: int) -> bool:
    """Whether a figure is about somebody, and about too few."""
    return 0 < clienten < KLEINSTE


def enough(some: Iterable[Geteld]) -> bool:
    """Whether some figures are about enough different clients together."""
    seen: set[Hashable] = set()
    for one in some:
        seen |= one.eersten
        if len(seen) >= KLEINSTE:
            return True
    return False


def hidden_sums(sommen: Mapping[Naam, Geteld]) -> frozenset[Naam]:
    """Which of the values of a dimension are hidden beside their sum.

    Where the smallest are not enough together, the next smallest go with them.
    """
    small = {name for name, som in sommen.items() if is_small(som.clienten)}
    for name in sorted(sommen, key=lambda name: (sommen[name].clienten, name)) if small else ():
        if len(small) > 1 and enough(sommen[one] for one in small):
            break
        if sommen[name].clienten:
            small.add(name)
    return frozenset(small)


@dataclass(slots=True)
class Tabelvorm:
    """What a table looks like before anything in it is hidden.

    `velden` are the cells that have any clients; `zonder_som` are the rows and the columns whose
    sum is hidden.  `apart`: every row is a sum that another table tells or hides by itself, so
    rows without a sum do not stand for each other.
    """

    rijen: Sequence[str]
    kolommen: Sequence[str]
    velden: Mapping[Cel, Geteld]
    zonder_som: tuple[Collection[str], Collection[str]] = ((), ())
    apart: bool = False


def hidden_cells(vorm: Tabelvorm) -> frozenset[Cel]:
    """Which cells of a table are hidden, those in rows and columns without a sum included."""
    return _Verberger(vorm).run()


@dataclass(slots=True)
class _Verberger:
    vorm: Tabelvorm
    hidden: set[Cel] = field(default_factory=set)

    def run(self) -> frozenset[Cel]:
        vorm = self.vorm
        rows, columns = vorm.zonder_som
        self.hidden = {
            (rij, kolom)
            for rij in vorm.rijen
            for kolom in vorm.kolommen
            if rij in rows or kolom in columns or is_small(self._count((rij, kolom)))
        }
        while self._widen() or self._close():
            pass
        return frozenset(self.hidden)

    def _count(self, cel: Cel) -> int:
        veld = self.vorm.velden.get(cel)
        return 0 if veld is None else veld.clienten

    def _widen(self) -> bool:
        """In each line that has a sum, hide at least two cells about enough clients together."""
        before = len(self.hidden)
        for line in self._lines():
            gone = [cel for cel in line if cel in self.hidden]
            rest = sorted(set(line) - self.hidden, key=self._cost)
            while gone and rest and (len(gone) < 2 or not enough(self._filled(gone))):
                gone.append(rest.pop(0))
            self.hidden.update(gone)
        return len(self.hidden) > before

    def _filled(self, cells: Iterable[Cel]) -> Iterator[Geteld]:
        return (self.vorm.velden[cel] for cel in cells if cel in self.vorm.velden)

    def _lines(self) -> Iterator[list[Cel]]:
        rijen, kolommen = self.vorm.rijen, self.vorm.kolommen
        rows, columns = self.vorm.zonder_som
        for rij in rijen:
            if rij not in rows and len(kolommen) > 1:
                yield [(rij, kolom) for kolom in kolommen]
        for kolom in kolommen:
            if kolom not in columns and len(rijen) > 1:
                yield [(rij, kolom) for rij in rijen]

    def _cost(self, cel: Cel) -> tuple[bool, int, Cel]:
        """The smallest first; a nought hides little, and goes last."""
        count = self._count(cel)
        return count == 0, count, cel

    def _close(self) -> bool:
        """Give one bridge another way round: the cheapest rectangle that it is a corner of."""
        bridge = next(iter(sorted(bridges({cel: self._ends(cel) for cel in self.hidden}))), None)
        if bridge is None:
            return False
        found = min(self._rectangles(bridge), key=self._price, default=None)
        # A table without a rectangle says no more than its sums do.
        added = set(self._all() if found is None else found) - self.hidden
        self.hidden |= added
        return bool(added)

    def _rectangles(self, cel: Cel) -> Iterator[tuple[Cel, ...]]:
        rij, kolom = cel
        for other in self.vorm.rijen:
            for more in self.vorm.kolommen:
                if other != rij and more != kolom:
                    yield (rij, more), (other, kolom), (other, more)

    def _price(self, cells: tuple[Cel, ...]) -> tuple[int, int, tuple[Cel, ...]]:
        fresh = [cel for cel in cells if cel not in self.hidden]
        noughts = sum(1 for cel in fresh if not self._count(cel))
        return noughts, sum(map(self._count, fresh)), cells

    def _all(self) -> Iterator[Cel]:
        return ((rij, kolom) for rij in self.vorm.rijen for kolom in self.vorm.kolommen)

    def _ends(self, cel: Cel) -> tuple[Knoop, Knoop]:
        rij, kolom = cel
        rows, columns = self.vorm.zonder_som
        together = rij in rows and not self.vorm.apart
        return (RIJ, None if together else rij), (KOLOM, None if kolom in columns else kolom)


def bridges(lines: Mapping[Cel, tuple[Hashable, Hashable]]) -> set[Cel]:
    """The lines that alone connect their two ends; several lines may have the same ends."""
    around: dict[Hashable, list[tuple[Cel, Hashable]]] = {}
    for name, (one, other) in lines.items():
        around.setdefault(one, []).append((name, other))
        around.setdefault(other, []).append((name, one))
    seen: dict[Hashable, int] = {}
    low: dict[Hashable, int] = {}
    found: set[Cel] = set()
    for root in around:
        if root in seen:
            continue
        seen[root] = low[root] = len(seen)
        path: list[tuple[Hashable, Cel | None, Iterator[tuple[Cel, Hashable]]]]
        path = [(root, None, iter(around[root]))]
        while path:
            node, came_by, rest = path[-1]
            step = next(rest, None)
            if step is None:
                path.pop()
                if path:
                    above = path[-1][0]
                    low[above] = min(low[above], low[node])
                    if low[node] > seen[above] and came_by is not None:
                        found.add(came_by)
                continue
            name, other = step
            if name == came_by:
                continue
            if other in seen:
                low[node] = min(low[node], seen[other])
            else:
                seen[other] = low[other] = len(seen)
                path.append((other, name, iter(around[other])))
    return found

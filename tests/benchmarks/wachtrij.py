"""Simulates a queue with workers: who offers when, and how long everything takes then.

It follows the gateway in what decides on waiting: messages become known when the relay looks at the
outbox, a worker takes a handful of what waits, and messages between the same two parties are never
in two hands.  All times are seconds.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import ceil


@dataclass(frozen=True, slots=True)
class Bericht:
    """A message: when it is offered, between whom it goes, and what it takes a worker."""

    moment: float
    paar: int
    werk: float


@dataclass(frozen=True, slots=True)
class Bezetting:
    """From a moment on so many workers take up new work."""

    moment: float
    workers: int


@dataclass(frozen=True, slots=True)
class Regels:
    """How workers go about it: a handful, what it costs beside its messages, the relay's tick."""

    handvol: int = 1
    vast: float = 0.0
    tik: float = 0.0


@dataclass(slots=True)
class Verloop:
    """What came of it: seconds per message from offering to its end, the longest queue, work."""

    tijden: list[float] = field(default_factory=list)
    langste_rij: int = 0
    gewerkt: float = 0.0
    einde: float = 0.0


# What happens at the same moment happens in this order: who ends makes room first.
_ENDS, _CHANGES, _ARRIVES = range(3)


def simulate(
    berichten: Iterable[Bericht], bezetting: Sequence[Bezetting], regels: Regels | None = None
) -> Verloop:
    """Let messages, in order of offering, go through the queue."""
    return _Rij(bezetting, regels or Regels()).run(berichten)


class _Rij:
    """The queue while it is simulated."""

    def __init__(self, bezetting: Sequence[Bezetting], regels: Regels) -> None:
        self._regels = regels
        self._bezetting = bezetting
        self._workers = 0
        self._busy = 0
        self._ready: deque[Bericht] = deque()
        # What waits for another message between the same parties; a pair in hand has a place here.
        self._behind: dict[int, list[Bericht]] = {}
        self._waiting = 0
        self._ends: list[tuple[float, int, list[Bericht]]] = []
        self._number = 0
        self._verloop = Verloop()

    def run(self, berichten: Iterable[Bericht]) -> Verloop:
        """Until nothing is left."""
        changes = ((one.moment, _CHANGES, one) for one in self._bezetting)
        arrivals = ((self._known(one.moment), _ARRIVES, one) for one in berichten)
        for moment, _, what in heapq.merge(changes, arrivals, key=lambda one: one[:2]):
            self._end_until(moment)
            if isinstance(what, Bezetting):
                self._workers = what.workers
            else:
                self._ready.append(what)
                self._waiting += 1
                self._verloop.langste_rij = max(self._verloop.langste_rij, self._waiting)
            self._hand_out(moment)
        self._end_until(float("inf"))
        return self._verloop

    def _known(self, moment: float) -> float:
        """When the relay tells of a message."""
        tik = self._regels.tik
        return moment if tik == 0 else ceil(moment / tik) * tik

    def _end_until(self, moment: float) -> None:
        while self._ends and self._ends[0][0] <= moment:
            now, _, hand = heapq.heappop(self._ends)
            self._busy -= 1
            for bericht in hand:
                self._verloop.tijden.append(now - bericht.moment)
                # The word that they can go on comes behind what waits already.
                self._ready.extend(self._behind.pop(bericht.paar, ()))
            self._verloop.einde = now
            self._hand_out(now)

    def _hand_out(self, now: float) -> None:
        while self._busy < self._workers and (hand := list(self._handful())):
            self._busy += 1
            self._number += 1
            took = self._regels.vast + sum(one.werk for one in hand)
            self._verloop.gewerkt += took
            heapq.heappush(self._ends, (now + took, self._number, hand))

    def _handful(self) -> Iterator[Bericht]:
        """The first that may be taken up together; those of a pair in other hands step aside."""
        own: set[int] = set()
        left = self._regels.handvol
        while self._ready and left:
            bericht = self._ready.popleft()
            if bericht.paar in self._behind and bericht.paar not in own:
                self._behind[bericht.paar].append(bericht)
                continue
            own.add(bericht.paar)
            self._behind.setdefault(bericht.paar, [])
            self._waiting -= 1
            left -= 1
            yield bericht

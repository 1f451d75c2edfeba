"""How often somebody may ask: a bucket per user, key or address that fills up by itself.

Each process keeps its own, which costs nothing and stops a flood; where several processes serve one
store, what passes it is counted together in the database.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from gateway.errors import VerzoekGeweigerd

Budget = Literal["gewoon", "inloggen", "zoeken", "export", "meldingen"]
# Who asks from so many places at once is not remembered one by one.
REMEMBERED = 10_000
_TOO_OFTEN = "u vraagt te veel in korte tijd; wacht even en probeer het opnieuw"


@dataclass(frozen=True, slots=True)
class Emmer:
    """At most `ineens` requests at once, and after that `per_minuut` in a minute."""

    per_minuut: float
    ineens: float

    @property
    def tussen(self) -> float:
        """Seconds until one that was taken is there again."""
        return 60 / self.per_minuut

    @property
    def vult(self) -> float:
        """Seconds in which an empty one is full again."""
        return self.ineens * self.tussen


# A login costs a second of a core, a search or an export the time of many pages.  What browsers
# tell by themselves takes nothing from who looks at pages.
BUDGETTEN: Mapping[Budget, Emmer] = {
    "gewoon": Emmer(600, 200),
    "inloggen": Emmer(20, 20),
    "zoeken": Emmer(60, 30),
    "export": Emmer(10, 10),
    "meldingen": Emmer(60, 30),
}


class Gedeeld(Protocol):
    """The buckets of all processes together."""

    def take(self, budget: str, wie: str, tussen: float, vult: float) -> bool:
        """Take one, when there is one."""


@dataclass(slots=True)
class Grenzen:
    """The buckets of one process, and those that it shares: each by when it is full again."""

    budgetten: Mapping[Budget, Emmer] = field(default_factory=lambda: BUDGETTEN)
    monotonic: Callable[[], float] = time.monotonic
    gedeeld: Gedeeld | None = None
    _full_at: OrderedDict[tuple[Budget, str], float] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, budget: Budget, wie: str) -> None:
        """Take one; raises VerzoekGeweigerd (429) that says after how many seconds to come back."""
        emmer = self.budgetten[budget]
        wait = self._take(emmer, budget, wie)
        if not wait and self.gedeeld is not None:
            # Who is refused by all together is so for no longer than one takes to come back.
            given = self.gedeeld.take(budget, wie, emmer.tussen, emmer.vult)
            wait = 0.0 if given else emmer.tussen
        if wait:
            raise VerzoekGeweigerd(429, _TOO_OFTEN, retry_after=math.ceil(wait))

    def _take(self, emmer: Emmer, budget: Budget, wie: str) -> float:
        """Take one of this process; returns how many seconds to wait for it."""
        now = self.monotonic()
        with self._lock:
            before = max(self._full_at.pop((budget, wie), now), now)
            wait = max(before + emmer.tussen - now - emmer.vult, 0.0)
            self._full_at[budget, wie] = before if wait > _ROUNDING else before + emmer.tussen
            if len(self._full_at) > REMEMBERED:
                self._full_at.popitem(last=False)
        return wait if wait > _ROUNDING else 0.0


# Sums of parts of seconds are not exact.
_ROUNDING = 1e-6

"""How often somebody may ask: a bucket per user, key or address that fills up by itself."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from gateway.errors import VerzoekGeweigerd

Budget = Literal["gewoon", "inloggen", "zoeken", "export"]
# Who asks from so many places at once is not remembered one by one.
REMEMBERED = 10_000
_TOO_OFTEN = "u vraagt te veel in korte tijd; wacht even en probeer het opnieuw"


@dataclass(frozen=True, slots=True)
class Emmer:
    """At most `ineens` requests at once, and after that `per_minuut` in a minute."""

    per_minuut: float
    ineens: float


# A login costs a second of a core, a search or an export the time of many pages.
BUDGETTEN: Mapping[Budget, Emmer] = {
    "gewoon": Emmer(600, 200),
    "inloggen": Emmer(20, 20),
    "zoeken": Emmer(60, 30),
    "export": Emmer(10, 10),
}


@dataclass(slots=True)
class Grenzen:
    """The buckets of one process."""

    budgetten: Mapping[Budget, Emmer] = field(default_factory=lambda: BUDGETTEN)
    monotonic: Callable[[], float] = time.monotonic
    _levels: OrderedDict[tuple[Budget, str], tuple[float, float]] = field(
        default_factory=OrderedDict
    )
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, budget: Budget, wie: str) -> None:
        """Take one; raises VerzoekGeweigerd (429) that says after how many seconds to come back."""
        emmer, now = self.budgetten[budget], self.monotonic()
        per_second = emmer.per_minuut / 60
        with self._lock:
            level, since = self._levels.pop((budget, wie), (emmer.ineens, now))
            level = min(emmer.ineens, level + (now - since) * per_second)
            enough = level >= 1
            self._levels[budget, wie] = (level - 1 if enough else level), now
            if len(self._levels) > REMEMBERED:
                self._levels.popitem(last=False)
        if not enough:
            wait = math.ceil((1 - level) / per_second)
            raise VerzoekGeweigerd(429, _TOO_OFTEN, retry_after=wait)

"""What a process counts while it works: how long each step takes, and what had to be done again.

Counting is an addition to a number that one thread owns; whoever tells of it only reads.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import perf_counter

# The upper bounds in seconds of the classes that a duration falls in: 1 ms, 2 ms, up to 8 minutes.
GRENZEN: tuple[float, ...] = tuple(2.0**power / 1000 for power in range(20))
_LAST = len(GRENZEN)

BERICHT, VERZENDING = "bericht", "verzending"


@dataclass(slots=True)
class Duur:
    """How often something was done, how many seconds that took, and how many per class.

    The last class has what took longer than the last of GRENZEN.
    """

    seconden: float = 0.0
    klassen: list[int] = field(default_factory=lambda: [0] * (_LAST + 1))

    def add(self, seconds: float) -> None:
        """Count one that took so long."""
        self.seconden += seconds
        # The bounds double, so that the length of the number tells the class.
        self.klassen[min(int(seconds * 1000).bit_length(), _LAST)] += 1

    @property
    def aantal(self) -> int:
        """How often it was done."""
        return sum(self.klassen)


class Watch:
    """Times one step after another."""

    __slots__ = ("_at", "_seconds")

    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds
        self._at = seconds()

    def lap(self, duur: Duur) -> None:
        """A step ended here: count how long it took since the one before."""
        now = self._seconds()
        duur.add(now - self._at)
        self._at = now


@dataclass(slots=True)
class Fasen:
    """The steps of the work, each of a handful of messages or items at a time.

    `oppakken` is taking them in hand, `beoordelen` reading and judging, `vastleggen` writing and
    committing, with judging again what another one of the handful overtook; `verzenden` is
    delivering what has to leave.
    """

    oppakken: Duur = field(default_factory=Duur)
    beoordelen: Duur = field(default_factory=Duur)
    vastleggen: Duur = field(default_factory=Duur)
    verzenden: Duur = field(default_factory=Duur)


@dataclass(frozen=True, slots=True)
class Termijnstand:
    """How many of our own terms of one kind run by how they stand, and how late the worst is.

    `dagen` is zero where none is late.
    """

    standen: Mapping[str, int]
    dagen: int


@dataclass(slots=True)
class Tellers:
    """Everything that one process counts.

    `herkansingen` counts by kind what failed for the moment and is tried again, `lussen` the loops
    that fell over and were set up again.  `termijnen` are those of the last look at the clock, by
    code; None as long as this process did not look.  `seconds` is the clock that steps go by.
    """

    fasen: Fasen = field(default_factory=Fasen)
    herkansingen: Counter[str] = field(default_factory=Counter)
    lussen: int = 0
    termijnen: Mapping[str, Termijnstand] | None = None
    seconds: Callable[[], float] = perf_counter

    def watch(self) -> Watch:
        """What times steps that begin now."""
        return Watch(self.seconds)

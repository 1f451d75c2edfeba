"""Which faults the network has, and how often."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Annotated, Protocol

import msgspec

Deel = Annotated[float, msgspec.Meta(ge=0, le=1)]
Seconden = Annotated[float, msgspec.Meta(ge=0)]
Code = Annotated[str, msgspec.Meta(pattern=r"^(StUF|IB|CC|BRS|RIN)[0-9]{2,3}$")]


class Kans(Protocol):
    """Decides by chance; a test decides by itself."""

    def treft(self, kans: float) -> bool:
        """Whether something happens that does so in this part of all cases."""

    def wachttijd(self, most: float) -> float:
        """How many seconds something takes, of so many at most."""


class Dobbelsteen:
    """Chance by a seed."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311 - nothing secret depends on it

    def treft(self, kans: float) -> bool:
        """See `Kans`."""
        return self._random.random() < kans

    def wachttijd(self, most: float) -> float:
        """See `Kans`."""
        return self._random.uniform(0, most)


class Storingen(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often each fault happens, of 1.

    `weg`: nothing is kept; `kwijt`: it is kept, and the sender is told nothing; `dubbel`: it is
    brought twice; `bevriezing`: its berichttype is not taken for `bevroren` seconds; `codes`: it is
    sent back with that code.  Bringing takes `vertraging` seconds at most, so that messages
    overtake each other.
    """

    weg: Deel = 0.0
    kwijt: Deel = 0.0
    dubbel: Deel = 0.0
    bevriezing: Deel = 0.0
    codes: Mapping[Code, Deel] = msgspec.field(default_factory=dict)
    vertraging: Seconden = 0.0
    bevroren: Seconden = 5.0

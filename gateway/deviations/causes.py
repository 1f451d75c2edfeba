"""Groups open findings by what lies behind them, so that people settle a cause and not a line."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

DIGITS = 8


@dataclass(frozen=True, slots=True, order=True)
class Oorzaak:
    """What findings of one cause share: the same check, cell or product, and provider.

    `rule` is a rule of the standard or a check; `product` the cell of the agreement, else the
    product code of the line or assignment, else nothing.
    """

    gemeente: str
    wet: str
    rule: str
    retourcode: str
    product: str
    aanbieder: str

    @property
    def kenmerk(self) -> str:
        """A short name that stays the same for as long as the cause exists."""
        parts = (self.gemeente, self.wet, self.rule, self.retourcode, self.product, self.aanbieder)
        return hashlib.sha256("|".join(parts).encode()).hexdigest()[:DIGITS]


@dataclass(frozen=True, slots=True)
class Omvang:
    """How much an open cause comes to.

    `belang` is the amount at stake in eurocents over all findings, `aangehouden` how many of the
    `berichten` wait for a person, `toewijzingen` how many assignments it is about.
    """

    bevindingen: int
    belang: int
    berichten: int
    toewijzingen: int
    aangehouden: int


@dataclass(frozen=True, slots=True)
class OpenOorzaak:
    """A cause with what it comes to, and one finding of it in words."""

    oorzaak: Oorzaak
    omvang: Omvang
    voorbeeld: str

"""What figures for a region rest on: how a stop is read, how long to look on, and the districts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

# How a trajectory stands, or ended; in this order on every page.
LOOPT, PLAN, UITVAL, ANDERS, ZONDER_STOP = UITKOMSTEN = (
    "loopt nog",
    "volgens plan klaar",
    "voortijdig gestopt",
    "anders gestopt",
    "afgelopen zonder stopbericht",
)
# As `mappings/regio.toml` names them.
SOORTEN: Mapping[str, str] = {"plan": PLAN, "uitval": UITVAL, "anders": ANDERS}
GEEN_WIJK = "wijk niet bekend"


@dataclass(frozen=True, slots=True)
class Wijken:
    """The districts of municipalities: which postcodes (four digits) they have, how many residents.

    Where nobody gave them, a district is a municipality with a postcode.  `namen` are those of
    municipalities: two of them may both have a centre.
    """

    namen: Mapping[str, str] = field(default_factory=dict)
    van_postcode: Mapping[tuple[str, str], str] = field(default_factory=dict)
    inwoners: Mapping[str, int] = field(default_factory=dict)

    def of(self, gemeente: str, postcode: str | None) -> str:
        """The district of a client; also one that is not known is of a municipality."""
        if postcode is not None and not self.van_postcode:
            return wijknaam(self.namen, gemeente, postcode)
        known = self.van_postcode.get((gemeente, postcode or ""))
        return known or wijknaam(self.namen, gemeente, GEEN_WIJK)


def wijknaam(namen: Mapping[str, str], gemeente: str, wijk: str) -> str:
    """What a district is called among those of all municipalities."""
    return f"{namen.get(gemeente, gemeente)}: {wijk}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """The choices of `mappings/regio.toml`, with the districts.

    `uitkomst` gives per law how a RedenBeeindiging is read, `redenen` and `verwijzers` what the
    codes are called.  `terugkeer_maanden` are a short and a long term after the end of care.
    """

    aansluitend_dagen: int = 7
    terugkeer_maanden: tuple[int, int] = (6, 12)
    zwaarder_maanden: int = 6
    uitkomst: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    redenen: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    verwijzers: Mapping[str, str] = field(default_factory=dict)
    wijken: Wijken = field(default_factory=Wijken)

    def uitkomst_of(self, wet: str, reden: str) -> str:
        """How care that stopped for a reason ended."""
        return self.uitkomst.get(wet, {}).get(reden, ANDERS)

    def reden_of(self, wet: str, reden: str) -> str:
        """What a reason is called; the laws use some of the codes for different things."""
        return f"{reden} {self.redenen.get(wet, {}).get(reden, 'onbekende reden')} ({wet})"

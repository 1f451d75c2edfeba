"""What a coming release would say otherwise of a message, as far as it would."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

EVENT = "schaduw-verschil"
BERICHT = "Bericht"


@dataclass(frozen=True, slots=True)
class Oordeel:
    """What is said of a message, or of one class in it; `level` is the one that decided."""

    verdict: str
    level: int | None = None
    rules: tuple[str, ...] = ()
    retourcodes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verschil:
    """A class with another verdict, or with other rules or retourcodes; without a BSN."""

    klasse: str
    pad: str
    reference: str | None
    nu: Oordeel
    straks: Oordeel


@dataclass(frozen=True, slots=True)
class Schaduw:
    """How the verdict on a message differs in one coming release, such as ijw-3.3.

    `straks` is None where judging it failed; `reden` tells by what then.
    """

    uitgave: str
    nu: Oordeel
    straks: Oordeel | None
    verschillen: Sequence[Verschil] = ()
    reden: str | None = None

    @property
    def differs(self) -> bool:
        """Whether there is anything to tell."""
        return self.nu != self.straks or bool(self.verschillen)

    def summary(self) -> dict[str, object]:
        """How it differs in short, for the backoffice: per rule how often it comes and goes."""
        erbij: Counter[str] = Counter()
        weg: Counter[str] = Counter()
        for one in self.verschillen:
            erbij.update(set(one.straks.rules) - set(one.nu.rules))
            weg.update(set(one.nu.rules) - set(one.straks.rules))
        return {
            "uitgave": self.uitgave,
            "verdict": None if self.straks is None else self.straks.verdict,
            "level": None if self.straks is None else self.straks.level,
            "verschillen": len(self.verschillen),
            "erbij": dict(sorted(erbij.items())),
            "weg": dict(sorted(weg.items())),
            "reden": self.reden,
        }

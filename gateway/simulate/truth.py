"""What a judge has to say, as it is known to who planted it: rules, retourcodes and checks.

It follows from what was planted, never from asking the judge.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

Verdict = Literal["accepted", "partly", "rejected", "invalid", "duplicate"]

BINNEN = "0001"  # what every rule inside the message gives
# The retourcodes of the rules that hold a message against earlier ones or an external source.
RETOURCODES: Mapping[str, str] = {
    "TR019": "9019", "TR056": "9056", "TR135": "8848", "TR378": "S300", "TR333": "9333",
    "TR318": "8214", "TR304": "8187", "TR307": "9307", "TR308": "9308", "TR314": "8021",
    "TR319": "9319", "TR321": "9321", "TR322": "9322", "TR323": "8017", "TR338": "9338",
    "TR339": "9339", "TR340": "9340", "TR341": "9341", "TR346": "9346", "TR369": "9369",
    "TR381": "S329", "TR384": "9384", "TR387": "9387", "TR388": "9388", "TR389": "9389",
    "TR390": "9390", "TR418": "0611",
}  # fmt: skip
XSD = "XSD"  # not a rule but the schema: it has no retourcode, because nothing is answered


@dataclass(frozen=True, slots=True)
class Oordeel:
    """What is to be said of one class: the rules that reject it, or the checks that signal it."""

    rules: tuple[str, ...] = ()
    signals: tuple[str, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """The retourcodes of the rules, each once and in ascending order."""
        found = {RETOURCODES.get(rule, BINNEN) for rule in self.rules if rule != XSD}
        return tuple(sorted(found))

    @property
    def is_good(self) -> bool:
        """Whether nobody has anything to say."""
        return not self.rules and not self.signals

    def also(self, *signals: str) -> Oordeel:
        """The same with more checks that signal; what is rejected cannot be signalled as well."""
        if self.rules:
            return self
        return replace(self, signals=tuple(sorted({*self.signals, *signals})))


GOED = Oordeel()


def rejected(*rules: str) -> Oordeel:
    """What these rules reject."""
    return Oordeel(rules=tuple(sorted(rules)))


def signalled(*signals: str) -> Oordeel:
    """What these checks signal."""
    return Oordeel(signals=tuple(sorted(signals)))


@dataclass(frozen=True, slots=True)
class Label:
    """What is to be said of a class of a message.

    `reference` is the ReferentieNummer or ToewijzingNummer of the class; None is the message as a
    whole, or a Client, which is known by a Bsn only.  Labels stand in document order; a class that
    is not judged has none.
    """

    reference: str | None
    oordeel: Oordeel = GOED


def verdict_of(labels: Sequence[Label]) -> Verdict:
    """What becomes of a message with these classes."""
    refused = sum(1 for label in labels if label.oordeel.rules)
    if not refused:
        return "accepted"
    return "rejected" if refused == len(labels) else "partly"


def truth_line(file: str, label: Label) -> dict[str, Any]:
    """A line of `truth.jsonl`."""
    oordeel = label.oordeel
    return {
        "file": file,
        "reference": label.reference,
        "codes": list(oordeel.codes),
        "signals": list(oordeel.signals),
        "rules": list(oordeel.rules),
    }

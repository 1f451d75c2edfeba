"""What a retour says of one class of the message that it answers."""

from __future__ import annotations

from dataclasses import dataclass

# Codes that refuse nothing: no remark, and not judged.
NO_REMARK = frozenset(("0200", "0233"))


@dataclass(frozen=True, slots=True)
class Retourklasse:
    """A class with RetourCodes; `kenmerk` is its ToewijzingNummer or ReferentieAanbieder."""

    pad: str
    kenmerk: str | None
    retourcodes: tuple[str, ...]

    @property
    def reference(self) -> str | None:
        """What sender and receiver know the class by."""
        return self.kenmerk

    @property
    def klasse(self) -> str:
        """The name of the class."""
        return self.pad.rsplit("/", 1)[-1].split("[", 1)[0]

    @property
    def afkeurend(self) -> tuple[str, ...]:
        """The codes that refuse something."""
        return tuple(code for code in self.retourcodes if code not in NO_REMARK)

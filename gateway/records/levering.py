"""The classes of a 305 and a 307: Client, StartProduct and StopProduct.

Records of which a message has many, or that are fetched per line, are named tuples: they are as
immutable as the frozen dataclasses beside them and ten times cheaper to make.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from gateway.records.extra import NO_EXTRA, Extra


@dataclass(frozen=True, slots=True)
class LeveringClient:
    """The Client of a start or stop message."""

    pad: str
    bsn: str
    geboortedatum: date
    datum_gebruik: str | None
    geslacht: str
    achternaam: str
    voorvoegsel: str | None
    voornamen: str | None
    voorletters: str | None
    extra: Extra = NO_EXTRA

    @property
    def reference(self) -> str | None:
        """A Client is known by its Bsn, which may not leave the records."""
        return None


class StartProduct(NamedTuple):
    """A start of care; StatusAanlevering 1 delivers it, 3 takes it back."""

    pad: str
    bsn: str
    toewijzingnummer: int | None
    productcategorie: str | None
    productcode: str | None
    toewijzing_ingangsdatum: date | None
    begindatum: date
    status_aanlevering: str
    extra: Extra = NO_EXTRA

    @property
    def reference(self) -> str | None:
        """The ToewijzingNummer, absent for task-oriented care."""
        return None if self.toewijzingnummer is None else str(self.toewijzingnummer)

    @property
    def sleutel(self) -> tuple[object, ...]:
        """The logical key of a start (keys of TR063, TR074 and TR101)."""
        return (
            self.bsn,
            self.toewijzingnummer,
            self.productcategorie,
            self.productcode,
            self.begindatum,
        )


class StopProduct(NamedTuple):
    """A stop of care, temporary (RedenBeeindiging 20) or definitive (all others)."""

    pad: str
    bsn: str
    toewijzingnummer: int | None
    productcategorie: str | None
    productcode: str | None
    toewijzing_ingangsdatum: date | None
    begindatum: date
    reden_beeindiging: str
    einddatum: date
    status_aanlevering: str
    extra: Extra = NO_EXTRA

    @property
    def reference(self) -> str | None:
        """The ToewijzingNummer, absent for task-oriented care."""
        return None if self.toewijzingnummer is None else str(self.toewijzingnummer)

    @property
    def startsleutel(self) -> tuple[object, ...]:
        """The key of the start that this stop ends (TR382)."""
        return (
            self.bsn,
            self.toewijzingnummer,
            self.productcategorie,
            self.productcode,
            self.begindatum,
        )

    @property
    def sleutel(self) -> tuple[object, ...]:
        """The logical key of a stop (TR063, TR074, TR101)."""
        return (*self.startsleutel, self.reden_beeindiging, self.einddatum)

    @property
    def is_tijdelijk(self) -> bool:
        """Whether delivery is only interrupted."""
        return self.reden_beeindiging == "20"

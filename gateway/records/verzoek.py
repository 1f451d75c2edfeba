"""The classes of a request and its answer: 315 (VOT), 317 (VOW) and 319.

Of every product that is asked for `ingangsdatum` and `einddatum` are the first and last day of what
is wanted, whatever the standard calls them in its message; both days are included.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from gateway.records.extra import NO_EXTRA, Extra
from gateway.records.omvang import Omvang, omvang_of

Verzoekstaat = Literal["open", "in onderzoek", "toegekend", "afgewezen"]


@dataclass(frozen=True, slots=True)
class AanvraagClient:
    """The Client of a 315; GezagsdragerBekend exists under the Jeugdwet only."""

    pad: str
    bsn: str
    geboortedatum: date
    datum_gebruik: str | None
    geslacht: str
    achternaam: str
    voorvoegsel: str | None
    voornamen: str | None
    voorletters: str | None
    gezagsdrager_bekend: str | None
    commentaar: str | None
    extra: Extra = NO_EXTRA

    @property
    def reference(self) -> str | None:
        """A Client is known by its Bsn, which may not leave the records."""
        return None


class AangevraagdProduct(NamedTuple):
    """One product of a VOT, which is decided by itself; budget in eurocents."""

    pad: str
    bsn: str
    referentie_aanbieder: str
    beschikkingnummer: int | None
    productcategorie: str | None
    productcode: str | None
    beschikking_ingangsdatum: date | None
    ingangsdatum: date
    einddatum: date | None
    volume: int | None
    eenheid: str | None
    frequentie: str | None
    budget: int | None
    verwijzer_type: str
    verwijzer_naam: str | None
    verwijzer_zorgverlenercode: str | None
    raamcontract: str | None
    commentaar: str | None
    extra: Extra = NO_EXTRA

    @property
    def reference(self) -> str | None:
        """The ReferentieAanbieder."""
        return self.referentie_aanbieder

    @property
    def omvang(self) -> Omvang | None:
        """The Omvang that is asked for, None where it is left open."""
        return omvang_of(self.volume, self.eenheid, self.frequentie)


@dataclass(frozen=True, slots=True)
class WijzigingClient:
    """The Client of a 317: only a Bsn."""

    pad: str
    bsn: str
    extra: Extra = NO_EXTRA

    @property
    def reference(self) -> str | None:
        """A Client is known by its Bsn, which may not leave the records."""
        return None


@dataclass(frozen=True, slots=True)
class Wijzigingsverzoek:
    """The Verzoek of a 317: one request for the whole situation that is wanted."""

    pad: str
    bsn: str
    referentie_aanbieder: str
    reden_verzoek: str
    extra: Extra = NO_EXTRA

    @property
    def reference(self) -> str | None:
        """The ReferentieAanbieder."""
        return self.referentie_aanbieder


class OngewijzigdProduct(NamedTuple):
    """An assignment that stays as it is."""

    pad: str
    toewijzingnummer: int
    extra: Extra = NO_EXTRA

    @property
    def reference(self) -> str | None:
        """The ToewijzingNummer."""
        return str(self.toewijzingnummer)


class TeWijzigenProduct(NamedTuple):
    """An assignment with everything that it should become; budget in eurocents."""

    pad: str
    toewijzingnummer: int
    ingangsdatum: date
    einddatum: date | None
    volume: int | None
    eenheid: str | None
    frequentie: str | None
    budget: int | None
    extra: Extra = NO_EXTRA

    @property
    def reference(self) -> str | None:
        """The ToewijzingNummer."""
        return str(self.toewijzingnummer)

    @property
    def omvang(self) -> Omvang | None:
        """The Omvang that is asked for, None where it is left open."""
        return omvang_of(self.volume, self.eenheid, self.frequentie)


class NieuwProduct(NamedTuple):
    """A product that is wanted beside the present assignments; budget in eurocents."""

    pad: str
    productcategorie: str | None
    productcode: str | None
    ingangsdatum: date
    einddatum: date | None
    volume: int | None
    eenheid: str | None
    frequentie: str | None
    budget: int | None
    extra: Extra = NO_EXTRA

    @property
    def reference(self) -> str | None:
        """A product that is not there yet has no number."""
        return None

    @property
    def omvang(self) -> Omvang | None:
        """The Omvang that is asked for, None where it is left open."""
        return omvang_of(self.volume, self.eenheid, self.frequentie)


@dataclass(frozen=True, slots=True)
class Verzoekantwoord:
    """The Antwoord of a 319: VerzoekAntwoord 1 rejects, 2 tells that the request is looked into."""

    pad: str
    referentie_aanbieder: str
    verzoek_antwoord: str
    reden_afwijzing: str | None
    extra: Extra = NO_EXTRA

    @property
    def reference(self) -> str | None:
        """The ReferentieAanbieder of the request."""
        return self.referentie_aanbieder

    @property
    def is_afwijzing(self) -> bool:
        """Whether the request is rejected for good."""
        return self.verzoek_antwoord == "1"


@dataclass(frozen=True, slots=True)
class Woonplaatsbeginsel:
    """The municipality that is responsible instead (Jeugdwet only)."""

    pad: str
    gemeente: str
    extra: Extra = NO_EXTRA

    @property
    def reference(self) -> str | None:
        """It has no reference of its own."""
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verzoek:
    """A request that the municipality has to decide on.

    `soort` is the number of its message, 315 or 317.  `termijn` is the last day for a 301 or 319.
    `toewijzingnummers` are the present assignments that it is about, `verwijzer` the Verwijzer.Type
    of a 315: a kind of referrer, never who it was.
    """

    soort: str
    referentie_aanbieder: str
    bsn: str
    dagtekening: date
    ontvangen_op: date
    termijn: date
    toewijzingnummers: tuple[int, ...] = ()
    verwijzer: str | None = None


@dataclass(frozen=True, slots=True)
class Verzoekstand:
    """How far a request is; `onderzocht` tells that a 319 with VerzoekAntwoord 2 was sent.

    `inbox_id` is where its message is kept.
    """

    soort: str
    referentie_aanbieder: str
    staat: Verzoekstaat
    onderzocht: bool = False
    inbox_id: int = 0

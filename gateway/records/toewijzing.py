"""The classes of a 301: Client, Relatie, Contact and ToegewezenProduct.

Records of which a message has many, or that are fetched per line, are named tuples: they are as
immutable as the frozen dataclasses beside them and ten times cheaper to make.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from gateway.records.extra import NO_EXTRA, Extra
from gateway.records.omvang import Omvang, omvang_of

DIGITS = 4
# Contact.Soort: the address that the BRP has, where somebody stays, where he stays for a while.
LIVES_AT = ("01", "03", "04")
AIDS = ("11", "12", "13", "14")  # iWmo: wheelchairs, transport, home adaptations, other aids


def may_stack(wet: str, productcategorie: str | None) -> bool:
    """Whether a product may be assigned twice for one day (TR302): one can need two aids."""
    return wet == "wmo" and productcategorie in AIDS


@dataclass(frozen=True, slots=True)
class ToewijzingClient:
    """The Client of a 301; the names are kept as the message has them."""

    pad: str
    bsn: str
    geboortedatum: date
    datum_gebruik: str | None
    geslacht: str
    achternaam: str
    voorvoegsel: str | None
    partnernaam: str | None
    partner_voorvoegsel: str | None
    voornamen: str | None
    voorletters: str | None
    naam_gebruik: str
    communicatie_vorm: str | None
    communicatie_taal: str | None
    juridische_status: str | None
    wettelijke_vertegenwoordiging: str | None
    commentaar: str | None
    extra: Extra = NO_EXTRA

    @property
    def reference(self) -> str | None:
        """A Client is known by its Bsn, which may not leave the records."""
        return None


@dataclass(frozen=True, slots=True)
class Relatie:
    """Someone around the client; `contact` classes of relations point back by `nummer`."""

    pad: str
    nummer: str
    volgorde: int | None
    soort: str
    geboortedatum: date | None
    datum_gebruik: str | None
    geslacht: str | None
    achternaam: str
    voorvoegsel: str | None
    partnernaam: str | None
    partner_voorvoegsel: str | None
    voornamen: str | None
    voorletters: str | None
    naam_gebruik: str
    extra: Extra = NO_EXTRA

    @property
    def reference(self) -> str | None:
        """A Relatie has no line reference."""
        return None


@dataclass(frozen=True, slots=True)
class Contact:
    """How to reach the client (`relatie` is None) or a Relatie (`relatie` is its Nummer)."""

    pad: str
    relatie: str | None
    soort: str
    huisnummer: int | None
    huisletter: str | None
    huisnummer_toevoeging: str | None
    aanduiding_woonadres: str | None
    postcode: str | None
    straatnaam: str | None
    plaatsnaam: str | None
    landcode: str | None
    organisatie: str | None
    telefoonnummer: str | None
    landnummer: str | None
    telefoonnummer2: str | None
    landnummer2: str | None
    emailadres: str | None
    begindatum: date | None
    einddatum: date | None
    extra: Extra = NO_EXTRA

    @property
    def reference(self) -> str | None:
        """A Contact has no line reference."""
        return None


def postcode_of(contacten: Iterable[Contact], dag: date) -> str | None:
    """The four digits of the Dutch postcode where a client lives on a day, None where none is told.

    The address that the BRP has goes before where the client stays; a postal address is neither.
    """
    found = {
        one.soort: one.postcode[:DIGITS]
        for one in contacten
        if one.relatie is None
        and one.postcode is not None
        and one.postcode[:DIGITS].isdecimal()
        and (one.begindatum is None or one.begindatum <= dag)
        and (one.einddatum is None or dag <= one.einddatum)
    }
    return next((found[soort] for soort in LIVES_AT if soort in found), None)


class ToegewezenProduct(NamedTuple):
    """One assignment version as a 301 carries it; dates inclusive, budget in eurocents.

    The latest version is that with the highest (toewijzingsdatum, toewijzingstijd), whatever the
    order of arrival (IV013).  `bekend_op`, `bsn` and `aanbieder` come from the message around it:
    its Header Dagtekening, its Client and its Ontvanger.  `gezin` is the family that the
    Commentaar names, where an agreement says how.
    """

    pad: str
    bsn: str
    aanbieder: str
    bekend_op: date
    toewijzingnummer: int
    referentie_aanbieder: str | None
    productcategorie: str | None
    productcode: str | None
    toewijzingsdatum: date
    toewijzingstijd: str
    ingangsdatum: date
    einddatum: date | None
    reden_wijziging: str | None
    volume: int | None
    eenheid: str | None
    frequentie: str | None
    budget: int | None
    commentaar: str | None
    gezin: str | None = None
    extra: Extra = NO_EXTRA

    @property
    def reference(self) -> str | None:
        """The ToewijzingNummer."""
        return str(self.toewijzingnummer)

    @property
    def omvang(self) -> Omvang | None:
        """The Omvang, None for an aspecific or generic assignment."""
        return omvang_of(self.volume, self.eenheid, self.frequentie)

    @property
    def versie(self) -> tuple[date, str]:
        """What orders the versions of one number (IV013)."""
        return (self.toewijzingsdatum, self.toewijzingstijd)

    @property
    def is_verwijderd(self) -> bool:
        """Deleted by RedenWijziging 13: as if it was never sent."""
        return self.reden_wijziging == "13"

    @property
    def is_ingetrokken(self) -> bool:
        """Taken back whole: RedenWijziging 13, or the expired 01, with no length left."""
        return self.reden_wijziging in ("13", "01") and self.einddatum == self.ingangsdatum

    def is_actueel(self, dag: date) -> bool:
        """Whether it is in force on this day or will be later."""
        return not self.is_ingetrokken and (self.einddatum is None or self.einddatum >= dag)

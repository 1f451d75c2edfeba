"""Mutaties: many assignments changed at once, how they stand and what they come to."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

import msgspec

from gateway.api.eindpunt import Eindpunt, Oproep, Uitkomst, Vorm
from gateway.api.lijst import Bladvraag, Lijst, blad_uitkomst
from gateway.api.woorden import MUTATIE, Wet, adres, kenmerk, nummer_van
from gateway.store.mutaties.inzage import AANDACHT
from gateway.store.mutaties.mutatie import Mutatie
from gateway.toegang.rechten import Recht
from gateway.werk.mutatievraag import uitleg
from gateway.werk.retourdag import answered_before

GROEP = "mutaties"
ZIEN = (Recht.WERK_ZIEN,)
Soort = Literal["indexatie", "contractwijziging", "verlenging", "herindeling"]


class Mutatiejaar(Vorm, frozen=True, kw_only=True):
    """Wat de toewijzingen in een jaar waard zijn, in eurocenten."""

    jaar: int
    voor: int
    na: int


class Berichtstand(Vorm, frozen=True, kw_only=True):
    """Hoeveel berichten van een partij zo staan."""

    stand: str
    aantal: int
    let_op: Annotated[bool, msgspec.Meta(description="Of iemand ernaar moet kijken.")]


class Mutatieregel(Vorm, frozen=True, kw_only=True):
    """Een partij in de lijst. Bedragen in eurocenten, van wat niet is geweigerd."""

    id: str
    gemeente: str
    wet: Wet
    naam: str
    soort: Soort
    uitleg: str
    staat: Annotated[
        str,
        msgspec.Meta(description="opmaak, concept, voorgesteld, loopt, gestopt of klaar."),
    ]
    door: str
    gemaakt_op: datetime
    toewijzingen: int
    geweigerd: int
    clienten: int
    berichten: int
    voor: int
    na: int
    zonder_bedrag: Annotated[
        int,
        msgspec.Meta(
            description="Van hoeveel toewijzingen van een of meer maanden de prijs niet bekend is; "
            "die maanden tellen niet mee."
        ),
    ]
    adres: str


class Mutatiedetail(Mutatieregel, frozen=True, kw_only=True):
    """Een partij met haar bedragen per jaar en wat er van haar berichten werd."""

    jaren: list[Mutatiejaar]
    zonder_einde: Annotated[
        int,
        msgspec.Meta(description="Hoeveel toewijzingen geen einddatum hebben; zie geteldTot."),
    ]
    geteld_tot: Annotated[
        date, msgspec.Meta(description="Tot en met wanneer een toewijzing zonder einddatum telt.")
    ]
    voortgang: list[Berichtstand]


class Mutaties(Lijst, frozen=True, kw_only=True):
    """Een blad met partijen, de nieuwste vooraan."""

    resultaten: list[Mutatieregel]


def lijst(oproep: Oproep) -> Uitkomst:
    """The batches."""
    vraag: Bladvraag = oproep.zoek
    inzage = oproep.verzoek.omgeving.store.mutatieinzage
    blad = inzage.lijst(oproep.bereik, vraag.omvang, vraag.vanaf)
    shown = [Mutatieregel(**_told(oproep, one)) for one in blad.rijen]
    return blad_uitkomst(oproep, Mutaties, shown, blad)


def toon(oproep: Oproep) -> Uitkomst:
    """One batch; its ETag is what a step with it has to name."""
    return Uitkomst(detail_of(oproep, mutatie_van(oproep)))


def mutatie_van(oproep: Oproep) -> Mutatie:
    """The batch that is asked for."""
    nummer, _ = nummer_van(oproep, MUTATIE)
    return oproep.verzoek.omgeving.store.mutatieinzage.een(oproep.bereik, nummer)


def late_before(oproep: Oproep, one: Mutatie) -> float:
    """Before which moment a message that has no answer yet is late."""
    omgeving = oproep.verzoek.omgeving
    return answered_before(omgeving.kennis, one.vraag.wet, omgeving.clock())


def _told(oproep: Oproep, one: Mutatie) -> dict[str, Any]:
    own = kenmerk(oproep.verzoek.omgeving, MUTATIE, one.nummer)
    return {
        "id": own,
        "gemeente": one.gemeente,
        "wet": one.vraag.wet,
        "naam": one.naam,
        "soort": one.soort,
        "uitleg": uitleg(one.vraag.wijze),
        "staat": one.staat,
        "door": one.door,
        "gemaakt_op": one.gemaakt,
        "toewijzingen": one.toewijzingen,
        "geweigerd": one.geweigerd,
        "clienten": one.clienten,
        "berichten": one.berichten,
        "voor": one.voor,
        "na": one.na,
        "zonder_bedrag": one.zonder_bedrag,
        "adres": adres("mutaties", own),
    }


def detail_of(oproep: Oproep, one: Mutatie) -> Mutatiedetail:
    """A batch as it is shown; its version is what a step has to name."""
    inzage = oproep.verzoek.omgeving.store.mutatieinzage
    counts = inzage.voortgang(oproep.bereik, one.nummer, late_before(oproep, one))
    return Mutatiedetail(
        **_told(oproep, one),
        jaren=[Mutatiejaar(jaar=jaar, voor=voor, na=na) for jaar, voor, na in one.jaren],
        zonder_einde=one.zonder_einde,
        geteld_tot=one.geteld_tot,
        voortgang=[
            Berichtstand(stand=stand, aantal=count, let_op=stand in AANDACHT)
            for stand, count in counts.items()
        ],
    )


EINDPUNTEN = (
    Eindpunt(
        methode="GET",
        pad="/mutaties",
        naam="geefMutaties",
        groep=GROEP,
        titel="Partijen toewijzingen die tegelijk wijzigen",
        rechten=ZIEN,
        doe=lijst,
        zoek=Bladvraag,
        antwoord=Mutaties,
    ),
    Eindpunt(
        methode="GET",
        pad="/mutaties/{kenmerk}",
        naam="toonMutatie",
        groep=GROEP,
        titel="Een partij",
        uitleg="Geef de ETag mee als If-Match om een stap te zetten.",
        rechten=ZIEN,
        doe=toon,
        antwoord=Mutatiedetail,
    ),
)

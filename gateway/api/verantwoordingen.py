"""Verantwoordingen: what a provider tells of a year, why it differs, and what was decided on it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from gateway.api.eindpunt import Eindpunt, Invoer, Oproep, Uitkomst, Vorm
from gateway.api.lijst import Bladvraag, Lijst, blad_uitkomst
from gateway.api.nazorg import BEHEREN, WOORDEN, ZIEN
from gateway.api.versie import refuse_other_version
from gateway.api.wijzigen import Wijzigingsbewijs, bewijs_van
from gateway.api.woorden import adres, kenmerk, nummer_van
from gateway.http.omgeving import Omgeving
from gateway.store.jaareinde.verantwoordingen import Verantwoording, Verschilrij

GROEP, SOORTEN, SOORT = "jaarafsluitingen", "verantwoordingen", "verantwoording"


class Verschilsom(Vorm, frozen=True, kw_only=True):
    """De verschillen met dezelfde verklaring. Bedrag in eurocenten."""

    verklaring: str
    aantal: int
    bedrag: int


class Productieverantwoording(Vorm, frozen=True, kw_only=True):
    """Een verantwoording naast het grootboek. Bedragen in eurocenten."""

    id: str
    gemeente: str
    jaar: int
    aanbieder: str
    ontvangen_op: datetime
    regels: int
    bedrag: int
    vergeleken_op: datetime | None
    toegekend: Annotated[int | None, msgspec.Meta(description="Leeg tot zij is vergeleken.")]
    verschil: int | None
    verklaringen: list[Verschilsom]
    staat: Literal["ontvangen", "akkoord", "betwist"]
    toelichting: str
    beoordeeld_door: str | None
    adres: str


class Verantwoordingsverschil(Vorm, frozen=True, kw_only=True):
    """Een deel van het verschil met zijn verklaring. Bedragen in eurocenten."""

    sleutel: Annotated[str, msgspec.Meta(description="De regel of de toewijzing.")]
    verklaring: str
    retourcodes: list[str]
    verschil: int
    opgegeven: int
    toegekend: int


class Verantwoordingsverschillen(Lijst, frozen=True, kw_only=True):
    """Een blad met verschillen; samen zijn zij het hele verschil."""

    resultaten: list[Verantwoordingsverschil]


class Verantwoordingsoordeel(Invoer, frozen=True, kw_only=True):
    """Wat de gemeente van een verantwoording vindt."""

    oordeel: Literal["akkoord", "betwist"]
    toelichting: Annotated[
        WOORDEN, msgspec.Meta(description="Nodig als iets verschilt of u betwist. Zonder BSN.")
    ] = ""


def toon(oproep: Oproep) -> Uitkomst:
    """One statement; its ETag is what a decision has to name."""
    return Uitkomst(_shown(oproep, _gevraagd(oproep)))


def verschillen(oproep: Oproep) -> Uitkomst:
    """What differs, in the order of the comparison."""
    vraag: Bladvraag = oproep.zoek
    store = oproep.verzoek.omgeving.store.verantwoordingen
    blad = store.verschillen(oproep.bereik, _gevraagd(oproep).nummer, vraag.omvang, vraag.vanaf)
    shown = list(map(_verschil, blad.rijen))
    return blad_uitkomst(oproep, Verantwoordingsverschillen, shown, blad)


def beoordeel(oproep: Oproep) -> Uitkomst:
    """Agree with a statement or dispute it, as it was shown."""
    given: Verantwoordingsoordeel = oproep.inhoud
    one = _gevraagd(oproep)
    refuse_other_version(oproep, _shown(oproep, one))
    uitkomst = bewijs_van(oproep, SOORTEN, SOORT, one.nummer)
    noteer = oproep.vastlegging(uitkomst, one.gemeente)
    oproep.verzoek.omgeving.store.verantwoordingen.judge(
        oproep.bereik, oproep.verzoek.wie, one.nummer, given.oordeel, given.toelichting, noteer
    )
    return uitkomst


def verantwoordingsadres(omgeving: Omgeving, nummer: int) -> str:
    """Where a statement is."""
    return adres(SOORTEN, kenmerk(omgeving, SOORT, nummer))


def _gevraagd(oproep: Oproep) -> Verantwoording:
    nummer, _ = nummer_van(oproep, SOORT)
    found = oproep.verzoek.omgeving.store.verantwoordingen.get(oproep.bereik, nummer)
    oproep.verzoek.toont(found.gemeente, [], f"{SOORT} {nummer}")
    return found


def _shown(oproep: Oproep, one: Verantwoording) -> Productieverantwoording:
    omgeving = oproep.verzoek.omgeving
    sums = omgeving.store.verantwoordingen.soorten(oproep.bereik, one.nummer)
    return Productieverantwoording(
        id=kenmerk(omgeving, SOORT, one.nummer),
        gemeente=one.gemeente,
        jaar=one.jaar,
        aanbieder=one.aanbieder,
        ontvangen_op=one.ontvangen,
        regels=one.regels,
        bedrag=one.bedrag,
        vergeleken_op=one.vergeleken,
        toegekend=one.toegekend,
        verschil=one.verschil,
        verklaringen=[
            Verschilsom(verklaring=each.soort, aantal=each.aantal, bedrag=each.bedrag)
            for each in sums
        ],
        staat=one.staat,  # type: ignore[arg-type]
        toelichting=one.toelichting,
        beoordeeld_door=one.beoordeeld_door,
        adres=verantwoordingsadres(omgeving, one.nummer),
    )


def _verschil(one: Verschilrij) -> Verantwoordingsverschil:
    verschil = one.verschil
    return Verantwoordingsverschil(
        sleutel=str(verschil.sleutel),
        verklaring=str(verschil.soort),
        retourcodes=list(verschil.codes),
        verschil=verschil.bedrag,
        opgegeven=verschil.opgegeven,
        toegekend=verschil.toegekend,
    )


EINDPUNTEN = (
    Eindpunt(
        methode="GET",
        pad="/verantwoordingen/{kenmerk}",
        naam="toonVerantwoording",
        groep=GROEP,
        titel="Een verantwoording naast het grootboek",
        rechten=ZIEN,
        doe=toon,
        antwoord=Productieverantwoording,
        handeling="verantwoording bekijken",
    ),
    Eindpunt(
        methode="GET",
        pad="/verantwoordingen/{kenmerk}/verschillen",
        naam="geefVerschillenVanVerantwoording",
        groep=GROEP,
        titel="Wat er verschilt, met waarom",
        rechten=ZIEN,
        doe=verschillen,
        zoek=Bladvraag,
        antwoord=Verantwoordingsverschillen,
        handeling="verantwoording bekijken",
    ),
    Eindpunt(
        methode="POST",
        pad="/verantwoordingen/{kenmerk}/oordeel",
        naam="beoordeelVerantwoording",
        groep=GROEP,
        titel="Akkoord gaan met een verantwoording, of haar betwisten",
        rechten=BEHEREN,
        doe=beoordeel,
        inhoud=Verantwoordingsoordeel,
        antwoord=Wijzigingsbewijs,
        status=201,
        handeling="verantwoording beoordelen",
        soort="U",
        herhaalbaar=True,
        met_versie=True,
    ),
)

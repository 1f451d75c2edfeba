"""Handtoewijzingen: assignments outside the message traffic, which invoices are held against."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import msgspec

from gateway.api.eindpunt import BASIS, Eindpunt, Invoer, Oproep, Uitkomst, Vorm
from gateway.api.facturen import BEDRAG, GROEP
from gateway.api.lijst import Bladvraag, Lijst, blad_uitkomst
from gateway.api.nazorg import AGB, BEHEREN, CODE, GEMEENTE, ZIEN
from gateway.api.woorden import Wet
from gateway.errors import WrongUse
from gateway.store.geld.nazorg.factuuropgave import LONGEST, Handopgave
from gateway.store.geld.nazorg.factuurrijen import Handrij

SOORTEN = "handtoewijzingen"


class Handtoewijzing(Vorm, frozen=True, kw_only=True):
    """Een toewijzing die niet in een 301 staat. Bedrag in eurocenten; leeg is zonder grens."""

    nummer: Annotated[int, msgspec.Meta(description="Noem dit bij een factuur.")]
    gemeente: str
    wet: Wet
    aanbieder: str
    soort: str
    referentie: Annotated[str, msgspec.Meta(description="Leeg bij een afgeschermde cliënt.")]
    productcode: str
    eenheid: str
    begindatum: date
    einddatum: date | None
    volume: int | None
    bedrag: int | None


class Handtoewijzingen(Lijst, frozen=True, kw_only=True):
    """Een blad met toewijzingen met de hand, de nieuwste vooraan."""

    resultaten: list[Handtoewijzing]


class NieuweHandtoewijzing(Invoer, frozen=True, kw_only=True):
    """Een toewijzing die u met de hand vastlegt."""

    gemeente: GEMEENTE
    wet: Wet
    aanbieder: AGB
    soort: Annotated[CODE, msgspec.Meta(description="Een code, zoals geen-bsn of afgeschermd.")]
    referentie: Annotated[
        str, msgspec.Meta(max_length=LONGEST, description="Eigen, zonder BSN of naam.")
    ] = ""
    productcode: Annotated[str, msgspec.Meta(pattern="^[0-9A-Z]{2,10}$")]
    eenheid: Annotated[str, msgspec.Meta(pattern="^[0-9]{2}$")]
    begindatum: date
    einddatum: date | None = None
    volume: Annotated[int, msgspec.Meta(ge=1, le=10**9)] | None = None
    bedrag: BEDRAG | None = None


class Handtoewijzingsbewijs(Vorm, frozen=True, kw_only=True):
    """De toewijzing is vastgelegd; zij staat in de lijst onder dit nummer."""

    nummer: int


def lijst(oproep: Oproep) -> Uitkomst:
    """Assignments outside the traffic."""
    vraag: Bladvraag = oproep.zoek
    store = oproep.verzoek.omgeving.store.facturen
    blad = store.toewijzingen(oproep.bereik, vraag.vanaf, vraag.omvang)
    return blad_uitkomst(oproep, Handtoewijzingen, list(map(_shown, blad.rijen)), blad)


def leg_vast(oproep: Oproep) -> Uitkomst:
    """Put an assignment outside the traffic down."""
    given: NieuweHandtoewijzing = oproep.inhoud
    omgeving = oproep.verzoek.omgeving
    if given.eenheid not in omgeving.eenheden:
        raise WrongUse(f"eenheid {given.eenheid} bestaat niet")
    opgave = Handopgave(**{name: getattr(given, name) for name in given.__struct_fields__})
    noteer = oproep.vastlegging(_bewijs, given.gemeente)
    return _bewijs(
        omgeving.store.facturen.assign(oproep.bereik, oproep.verzoek.wie, opgave, noteer)
    )


def _bewijs(nummer: int) -> Uitkomst:
    return Uitkomst(Handtoewijzingsbewijs(nummer=nummer), {"Location": f"{BASIS}/{SOORTEN}"})


def _shown(one: Handrij) -> Handtoewijzing:
    toewijzing = one.toewijzing
    return Handtoewijzing(
        nummer=toewijzing.nummer,
        gemeente=one.gemeente,
        wet=one.wet,  # type: ignore[arg-type]
        aanbieder=one.aanbieder,
        soort=one.soort,
        referentie=one.referentie,
        productcode=toewijzing.productcode,
        eenheid=toewijzing.eenheid,
        begindatum=toewijzing.begindatum,
        einddatum=toewijzing.einddatum,
        volume=toewijzing.volume,
        bedrag=toewijzing.bedrag,
    )


EINDPUNTEN = (
    Eindpunt(
        methode="GET",
        pad="/handtoewijzingen",
        naam="geefHandtoewijzingen",
        groep=GROEP,
        titel="Toewijzingen buiten het berichtenverkeer",
        rechten=ZIEN,
        doe=lijst,
        zoek=Bladvraag,
        antwoord=Handtoewijzingen,
    ),
    Eindpunt(
        methode="POST",
        pad="/handtoewijzingen",
        naam="legHandtoewijzingVast",
        groep=GROEP,
        titel="Een toewijzing met de hand vastleggen",
        rechten=BEHEREN,
        doe=leg_vast,
        inhoud=NieuweHandtoewijzing,
        antwoord=Handtoewijzingsbewijs,
        status=201,
        fouten=(403,),
        handeling="toewijzing met de hand vastleggen",
        soort="C",
        herhaalbaar=True,
    ),
)

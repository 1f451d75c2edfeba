"""Aanbieders: who the providers of the region are, by which codes they declare, who works for whom.

Nothing here is about a person, and no account is given: those have their own calls.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, TypeVar

import msgspec

from gateway.api.eindpunt import Eindpunt, Oproep, Uitkomst, Vorm
from gateway.api.lijst import Bladvraag, Lijst, blad_uitkomst
from gateway.api.woorden import adres
from gateway.errors import NietGevonden
from gateway.records.aanbieder import Aanbieder
from gateway.store.inzage.blad import Blad, place_of, write_place
from gateway.store.register.register import Dossier
from gateway.toegang.rechten import Recht

GROEP = "aanbieders"
ZIEN = (Recht.GELD_ZIEN,)
LONGEST = 9
V = TypeVar("V", bound=Vorm)


class Aanbiedervraag(Bladvraag, frozen=True, kw_only=True):
    """Welke aanbieders."""

    zoek: Annotated[
        Annotated[str, msgspec.Meta(max_length=120)] | None,
        msgspec.Meta(description="Deel van een naam, KvK-nummer of AGB-code."),
    ] = None


class Naam(Vorm, frozen=True, kw_only=True):
    """Hoe een aanbieder vanaf een dag heet."""

    naam: str
    vanaf: date


class AgbCode(Vorm, frozen=True, kw_only=True):
    """Een code waaronder een aanbieder declareert; beide dagen tellen mee."""

    code: str
    vanaf: date
    tot: date | None


class Registeraanbieder(Vorm, frozen=True, kw_only=True):
    """Een aanbieder in het register."""

    nummer: int
    naam: str
    kvk: str | None
    vanaf: date
    tot: date | None
    agbs: list[AgbCode]
    adres: str


class Registeraanbieders(Lijst, frozen=True, kw_only=True):
    """Een blad van het register, op nummer."""

    resultaten: list[Registeraanbieder]


class Aanbiederovergang(Vorm, frozen=True, kw_only=True):
    """Een fusie, overname of splitsing; vanaf `dag` gaat `naar` verder met wat `van` deed."""

    soort: str
    van: int
    naar: int
    dag: date
    agbs: Annotated[list[str], msgspec.Meta(description="De codes die meegaan.")]


class Aanbiederonderaanneming(Vorm, frozen=True, kw_only=True):
    """Wie voor wie mag werken; een leeg veld is alle."""

    nummer: int
    hoofd: int
    onder: int
    wet: str | None
    productcategorie: str | None
    vanaf: date
    tot: date | None
    goedgekeurd_door: str


class Aanbiedercontract(Vorm, frozen=True, kw_only=True):
    """Welk document bij een overeenkomst hoort."""

    nummer: int
    overeenkomst: str
    documentnummer: str
    vanaf: date
    tot: date | None
    opmerking: str


class Crediteurnummer(Vorm, frozen=True, kw_only=True):
    """Onder welk nummer een gemeente de aanbieder vanaf een dag in haar boeken heeft."""

    gemeente: str
    crediteurnummer: str
    vanaf: date


class Aanbiederdetail(Registeraanbieder, frozen=True, kw_only=True):
    """Alles van een aanbieder in het register."""

    contact: str
    namen: list[Naam]
    alle_agbs: Annotated[
        list[str],
        msgspec.Meta(
            description="Ook codes van voor een fusie of overname: de aanbieder als geheel."
        ),
    ]
    overgangen: list[Aanbiederovergang]
    onderaannemingen: list[Aanbiederonderaanneming]
    contracten: list[Aanbiedercontract]
    crediteuren: Annotated[
        list[Crediteurnummer], msgspec.Meta(description="Alleen van uw gemeenten.")
    ]


def lijst(oproep: Oproep) -> Uitkomst:
    """The register."""
    vraag: Aanbiedervraag = oproep.zoek
    alle = oproep.verzoek.omgeving.store.register.stand().aanbieders.values()
    found = [one for one in alle if one.matches(vraag.zoek or "")]
    if vraag.vanaf is not None:
        (last,) = place_of(vraag.vanaf, int)
        found = [one for one in found if one.nummer > int(last or 0)]
    shown = found[: vraag.omvang]
    volgende = write_place((shown[-1].nummer,)) if len(found) > len(shown) else None
    rows = [Registeraanbieder(**_velden(one)) for one in shown]
    return blad_uitkomst(oproep, Registeraanbieders, rows, Blad(shown, volgende))


def toon(oproep: Oproep) -> Uitkomst:
    """One provider; its ETag is what a change of it has to name."""
    return Uitkomst(detail_of(dossier_van(oproep)))


def dossier_van(oproep: Oproep) -> Dossier:
    """All of the provider whose number is in the address; raises NietGevonden."""
    nummer = oproep.verzoek.vraag.delen["nummer"]
    dossier = None
    if nummer.isascii() and nummer.isdecimal() and len(nummer) <= LONGEST:
        register = oproep.verzoek.omgeving.store.register
        dossier = register.dossier(oproep.bereik, int(nummer))
    if dossier is None:
        raise NietGevonden
    return dossier


def detail_of(dossier: Dossier) -> Aanbiederdetail:
    """A provider as it is shown."""
    return Aanbiederdetail(
        **_velden(dossier.een),
        contact=dossier.een.contact,
        namen=[Naam(naam=one.naam, vanaf=one.vanaf) for one in dossier.een.namen],
        alle_agbs=sorted(dossier.geheel),
        overgangen=[
            Aanbiederovergang(
                soort=one.soort, van=one.van, naar=one.naar, dag=one.dag, agbs=list(one.agbs)
            )
            for one in dossier.overgangen
        ],
        onderaannemingen=[_same(Aanbiederonderaanneming, one) for one in dossier.onderaannemingen],
        contracten=[_same(Aanbiedercontract, one) for one in dossier.contracten],
        crediteuren=[_same(Crediteurnummer, one) for one in dossier.crediteuren],
    )


def _same(soort: type[V], one: object) -> V:
    """What has the same fields outside as in the register."""
    return soort(**{name: getattr(one, name) for name in soort.__struct_fields__})


def _velden(one: Aanbieder) -> dict[str, Any]:
    return {
        "nummer": one.nummer,
        "naam": one.naam,
        "kvk": one.kvk,
        "vanaf": one.vanaf,
        "tot": one.tot,
        "agbs": [AgbCode(code=c.code, vanaf=c.vanaf, tot=c.tot) for c in one.agbs],
        "adres": adres("aanbieders", str(one.nummer)),
    }


EINDPUNTEN = (
    Eindpunt(
        methode="GET",
        pad="/aanbieders",
        naam="geefAanbieders",
        groep=GROEP,
        titel="Het aanbiedersregister",
        uitleg="Wie de aanbieders zijn, met hun codes. Geen personen en geen rekeningen.",
        rechten=ZIEN,
        doe=lijst,
        zoek=Aanbiedervraag,
        antwoord=Registeraanbieders,
    ),
    Eindpunt(
        methode="GET",
        pad="/aanbieders/{nummer}",
        naam="toonAanbieder",
        groep=GROEP,
        titel="Een aanbieder",
        uitleg="Geef de ETag mee als If-Match om iets te wijzigen.",
        rechten=ZIEN,
        doe=toon,
        antwoord=Aanbiederdetail,
    ),
)

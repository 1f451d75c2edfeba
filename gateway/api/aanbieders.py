"""Aanbieders: who the providers of the region are, by which codes they declare, who works for whom.

Nothing here is about a person, and no account is given.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import msgspec

from gateway.api.eindpunt import Eindpunt, Oproep, Uitkomst, Vorm
from gateway.api.lijst import Bladvraag, Lijst, blad_uitkomst
from gateway.api.woorden import adres
from gateway.errors import NietGevonden
from gateway.records.aanbieder import Aanbieder
from gateway.store.inzage.blad import Blad, place_of, write_place
from gateway.toegang.rechten import Recht

ZIEN = (Recht.GELD_ZIEN,)
LONGEST = 9


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

    hoofd: int
    onder: int
    wet: str | None
    productcategorie: str | None
    vanaf: date
    tot: date | None


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
    """One provider."""
    nummer = oproep.verzoek.vraag.delen["nummer"]
    dossier = None
    if nummer.isascii() and nummer.isdecimal() and len(nummer) <= LONGEST:
        register = oproep.verzoek.omgeving.store.register
        dossier = register.dossier(oproep.bereik, int(nummer))
    if dossier is None:
        raise NietGevonden
    detail = Aanbiederdetail(
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
        onderaannemingen=[
            Aanbiederonderaanneming(
                hoofd=one.hoofd,
                onder=one.onder,
                wet=one.wet,
                productcategorie=one.productcategorie,
                vanaf=one.vanaf,
                tot=one.tot,
            )
            for one in dossier.onderaannemingen
        ],
    )
    return Uitkomst(detail)


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


_GROEP = "aanbieders"
EINDPUNTEN = (
    Eindpunt(
        methode="GET",
        pad="/aanbieders",
        naam="geefAanbieders",
        groep=_GROEP,
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
        groep=_GROEP,
        titel="Een aanbieder",
        rechten=ZIEN,
        doe=toon,
        antwoord=Aanbiederdetail,
    ),
)

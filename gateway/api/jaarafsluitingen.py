"""Jaarafsluitingen: what a year came to, how far providers are, and what samples say."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec

from gateway.api.eindpunt import ZIP, Eindpunt, Invoer, Oproep, Uitkomst, Vorm
from gateway.api.lijst import Bladvraag, Lijst, blad_uitkomst
from gateway.api.nazorg import AGB, BEHEREN, GEMEENTE, LEVERJAAR
from gateway.api.steekproeven import Getrokken, getrokken
from gateway.api.verantwoordingen import verantwoordingsadres
from gateway.api.woorden import Wet, adres, kenmerk, nummer_van
from gateway.http.bestand import attachment
from gateway.http.jaareinde import instellingen_van, pack_of
from gateway.http.omgeving import Omgeving
from gateway.ledger.jaareinde.stand import Jaarstand
from gateway.pipeline.kennis import dag_van
from gateway.store.jaareinde.afsluitingen import Afsluiting, Productstand
from gateway.store.jaareinde.overzicht import Aanbiederjaar, overview_of
from gateway.toegang.rechten import Recht

ZIEN = (Recht.GELD_ZIEN,)
SOORT = "jaarafsluiting"


class Bedragen(Vorm, frozen=True, kw_only=True):
    """Wat zorg in een jaar van levering is, in eurocenten."""

    regels: int
    toegekend: Annotated[int, msgspec.Meta(description="Aan debetregels.")]
    gecrediteerd: int
    netto: Annotated[int, msgspec.Meta(description="Toegekend, met credits eraf.")]
    laat: Annotated[int, msgspec.Meta(description="Wat van netto na de grens is toegekend.")]
    afgewezen: int
    open: Annotated[int, msgspec.Meta(description="Ingediend en nog niet beantwoord.")]
    vooruit: Annotated[int, msgspec.Meta(description="Betaald, en van latere jaren.")]
    overgenomen: Annotated[int, msgspec.Meta(description="Eerder betaald, en van dit jaar.")]
    facturen: Annotated[
        int, msgspec.Meta(description="Goedgekeurd buiten het berichtenverkeer, credits eraf.")
    ]
    facturen_open: Annotated[int, msgspec.Meta(description="Facturen die op goedkeuring wachten.")]
    lasten: Annotated[
        int, msgspec.Meta(description="Netto, min vooruit, plus overgenomen en facturen.")
    ]


class Jaarafsluiting(Vorm, frozen=True, kw_only=True):
    """Een pakket dat is gemaakt, met wat het jaar daarin is."""

    kenmerk: str
    gemeente: str
    jaar: int
    gemaakt_op: datetime
    klopt: Annotated[bool, msgspec.Meta(description="Of het grootboek toen klopte.")]
    manifest: Annotated[str, msgspec.Meta(description="De sha-256 van het manifest.")]
    bedragen: Bedragen
    adres: str


class Jaarafsluitingen(Lijst, frozen=True, kw_only=True):
    """Pakketten, het nieuwste voorop."""

    resultaten: list[Jaarafsluiting]


class Productjaar(Vorm, frozen=True, kw_only=True):
    """Een product van een aanbieder in het jaar."""

    aanbieder: str
    wet: Wet
    productcode: str
    bedragen: Bedragen


class Productjaren(Lijst, frozen=True, kw_only=True):
    """Alle producten van een pakket, op volgorde van aanbieder."""

    resultaten: list[Productjaar]


class Verantwoord(Vorm, frozen=True, kw_only=True):
    """Een aanbieder in het jaar, met hoe ver zijn verantwoording is. In eurocenten."""

    aanbieder: str
    netto: int
    verantwoord: int | None
    verschil: Annotated[int | None, msgspec.Meta(description="Leeg zolang er niet is vergeleken.")]
    staat: Literal["ontbreekt", "ontvangen", "akkoord", "betwist"]
    te_laat: bool
    adres: Annotated[str | None, msgspec.Meta(description="Waar de verantwoording staat.")]


class Verantwoordingsstand(Vorm, frozen=True, kw_only=True):
    """Hoe ver de verantwoordingen over een jaar zijn."""

    uiterlijk: date
    resultaten: list[Verantwoord]


class Steekproeven(Vorm, frozen=True, kw_only=True):
    """De steekproeven van een jaar, de nieuwste voorop."""

    resultaten: list[Getrokken]


class Jaarvraag(Bladvraag, frozen=True, kw_only=True):
    """Welke pakketten."""

    jaar: LEVERJAAR | None = None


class Productvraag(Bladvraag, frozen=True, kw_only=True):
    """Welke producten."""

    aanbieder: AGB | None = None


class Pakketopdracht(Invoer, frozen=True, kw_only=True):
    """Van welk jaar u een pakket wilt."""

    gemeente: GEMEENTE
    jaar: LEVERJAAR


def maak(oproep: Oproep) -> Uitkomst:
    """The pack for the accountant as it is made now, in a zip."""
    given: Pakketopdracht = oproep.inhoud
    made = pack_of(oproep.verzoek, oproep.bereik, given.gemeente, given.jaar)
    own = kenmerk(oproep.verzoek.omgeving, SOORT, made.nummer)
    koppen = attachment(made.naam, made.grootte)
    return Uitkomst(b"", {**koppen, "Location": adres("jaarafsluitingen", own)}, made.inhoud)


def lijst(oproep: Oproep) -> Uitkomst:
    """The packs."""
    vraag: Jaarvraag = oproep.zoek
    store = oproep.verzoek.omgeving.store.jaarafsluitingen
    blad = store.list(oproep.bereik, vraag.omvang, vraag.vanaf, vraag.jaar)
    return blad_uitkomst(
        oproep, Jaarafsluitingen, [_afsluiting(oproep, one) for one in blad.rijen], blad
    )


def een(oproep: Oproep) -> Uitkomst:
    """One pack."""
    return Uitkomst(_afsluiting(oproep, _gevraagd(oproep)))


def standen(oproep: Oproep) -> Uitkomst:
    """What a pack says of every product."""
    vraag: Productvraag = oproep.zoek
    store, nummer = oproep.verzoek.omgeving.store.jaarafsluitingen, _gevraagd(oproep).nummer
    blad = store.blad(oproep.bereik, nummer, vraag.omvang, vraag.vanaf, vraag.aanbieder)
    return blad_uitkomst(oproep, Productjaren, list(map(_product, blad.rijen)), blad)


def verantwoordingen(oproep: Oproep) -> Uitkomst:
    """How far the providers of the year are."""
    one, omgeving = _gevraagd(oproep), oproep.verzoek.omgeving
    overzicht = overview_of(
        omgeving.store,
        oproep.bereik,
        one.gemeente,
        one.jaar,
        instellingen_van(omgeving, one.gemeente),
        dag_van(omgeving.clock()),
    )
    found = [_verantwoord(omgeving, each) for each in overzicht.aanbieders]
    return Uitkomst(Verantwoordingsstand(uiterlijk=overzicht.uiterlijk, resultaten=found))


def steekproeven(oproep: Oproep) -> Uitkomst:
    """What the samples of the year say."""
    one, store = _gevraagd(oproep), oproep.verzoek.omgeving.store.steekproeven
    found = store.with_lines(oproep.bereik, one.gemeente, one.jaar)
    shown = [getrokken(oproep, sample, posten) for sample, posten in found]
    return Uitkomst(Steekproeven(resultaten=shown))


def _gevraagd(oproep: Oproep) -> Afsluiting:
    nummer, _ = nummer_van(oproep, SOORT)
    return oproep.verzoek.omgeving.store.jaarafsluitingen.get(oproep.bereik, nummer)


def _bedragen(stand: Jaarstand) -> Bedragen:
    return Bedragen(**stand._asdict(), netto=stand.netto, lasten=stand.lasten)


def _afsluiting(oproep: Oproep, one: Afsluiting) -> Jaarafsluiting:
    own = kenmerk(oproep.verzoek.omgeving, SOORT, one.nummer)
    return Jaarafsluiting(
        kenmerk=own,
        gemeente=one.gemeente,
        jaar=one.jaar,
        gemaakt_op=one.gemaakt,
        klopt=one.klopt,
        manifest=one.manifest,
        bedragen=_bedragen(one.stand),
        adres=adres("jaarafsluitingen", own),
    )


def _product(one: Productstand) -> Productjaar:
    return Productjaar(
        aanbieder=one.aanbieder,
        wet=one.wet,  # type: ignore[arg-type]
        productcode=one.productcode,
        bedragen=_bedragen(one.stand),
    )


def _verantwoord(omgeving: Omgeving, one: Aanbiederjaar) -> Verantwoord:
    told = one.verantwoording
    return Verantwoord(
        aanbieder=one.aanbieder,
        netto=one.stand.netto,
        verantwoord=None if told is None else told.bedrag,
        verschil=None if told is None else told.verschil,
        staat=one.staat,  # type: ignore[arg-type]
        te_laat=one.is_te_laat,
        adres=None if told is None else verantwoordingsadres(omgeving, told.nummer),
    )


_GROEP = "jaarafsluitingen"
EINDPUNTEN = (
    Eindpunt(
        methode="GET",
        pad="/jaarafsluitingen",
        naam="geefJaarafsluitingen",
        groep=_GROEP,
        titel="De pakketten die zijn gemaakt",
        uitleg="Zorg hoort bij het jaar waarin zij is geleverd, naar de dagen van de periode.",
        rechten=ZIEN,
        doe=lijst,
        zoek=Jaarvraag,
        antwoord=Jaarafsluitingen,
    ),
    Eindpunt(
        methode="POST",
        pad="/jaarafsluitingen",
        naam="maakJaarafsluiting",
        groep=_GROEP,
        titel="Het pakket voor de accountant maken",
        uitleg=(
            "Een zip met alle lijsten van dit moment en hun controlegetallen. Het grootboek wordt "
            "erbij nagerekend: bij een grote gemeente duurt dat minuten. Er wordt er één tegelijk "
            "gemaakt; op het adres in Location staat wat het jaar daarin is."
        ),
        rechten=BEHEREN,
        doe=maak,
        inhoud=Pakketopdracht,
        media_uit=ZIP,
        status=201,
        fouten=(404,),
        handeling="jaarafsluiting maken",
        budget="export",
    ),
    Eindpunt(
        methode="GET",
        pad="/jaarafsluitingen/{kenmerk}",
        naam="toonJaarafsluiting",
        groep=_GROEP,
        titel="Een pakket",
        rechten=ZIEN,
        doe=een,
        antwoord=Jaarafsluiting,
    ),
    Eindpunt(
        methode="GET",
        pad="/jaarafsluitingen/{kenmerk}/standen",
        naam="geefStandenVanJaar",
        groep=_GROEP,
        titel="De standen per aanbieder en product",
        rechten=ZIEN,
        doe=standen,
        zoek=Productvraag,
        antwoord=Productjaren,
    ),
    Eindpunt(
        methode="GET",
        pad="/jaarafsluitingen/{kenmerk}/verantwoordingen",
        naam="geefVerantwoordingenVanJaar",
        groep=_GROEP,
        titel="Hoe ver de verantwoordingen van aanbieders zijn",
        rechten=ZIEN,
        doe=verantwoordingen,
        antwoord=Verantwoordingsstand,
    ),
    Eindpunt(
        methode="GET",
        pad="/jaarafsluitingen/{kenmerk}/steekproeven",
        naam="geefSteekproevenVanJaar",
        groep=_GROEP,
        titel="Wat steekproeven over de rechtmatigheid zeggen",
        rechten=ZIEN,
        doe=steekproeven,
        antwoord=Steekproeven,
    ),
)

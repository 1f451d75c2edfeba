"""Jaarafsluiting: a year by provider, what each tells of it, and the samples for legality."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from starlette.responses import Response

from gateway.errors import NietGevonden
from gateway.http.jaareinde import instellingen_van
from gateway.http.pad import Kop, Pad
from gateway.http.verzoek import Verzoek
from gateway.ledger.jaareinde.instellingen import Instellingen
from gateway.pipeline.kennis import dag_van
from gateway.store.jaareinde.overzicht import (
    ONTBREEKT,
    Aanbiederjaar,
    Jaaroverzicht,
    overview_of,
)
from gateway.store.jaareinde.verantwoordingen import AKKOORD, BETWIST, ONTVANGEN
from gateway.toegang.rechten import Recht
from gateway.web.opmaak import gemeentekeuzes, toon
from gateway.web.pages import woorden
from gateway.web.pages.berichten import here_from
from gateway.web.pages.exportdoel import KEUZES
from gateway.web.pages.geld.begin import PATH as GELD
from gateway.web.pages.uitvoer import bestand_van, uitvoerpad
from gateway.web.uitvoer import Bedrag, Cel

PATH = f"{GELD}/jaarafsluiting"
STATEN = {
    ONTBREEKT: ("ontbreekt", "neutraal"),
    ONTVANGEN: ("ontvangen", "bezig"),
    AKKOORD: ("akkoord", "goed"),
    BETWIST: ("betwist", "fout"),
}
YEARS, LINES = 6, 100
KOPPEN = (
    *("aanbieder", "toegekend", "gecrediteerd", "netto", "waarvan laat", "afgewezen", "open"),
    *("vooruitbetaald", "overgenomen", "facturen", "facturen open", "lasten"),
    *("verantwoord", "verschil", "stand"),
)
VERANTWOORDING, STEEKPROEF = "verantwoording", "steekproef"


def _pagina(verzoek: Verzoek) -> Response:
    store, zoek, bereik = verzoek.omgeving.store, verzoek.vraag.zoek, verzoek.bereik
    vandaag = dag_van(verzoek.omgeving.clock())
    overzicht, instellingen = _overzicht(verzoek, zoek.get("gemeente", ""), zoek.get("jaar", ""))
    gemeente, jaar = overzicht.gemeente, overzicht.jaar
    context = {
        "gemeenten": gemeentekeuzes(verzoek, bereik.gemeenten),
        "gekozen": gemeente,
        "jaar": jaar,
        "jaren": years_before(vandaag),
        "overzicht": overzicht,
        "aanbieders": _aanbieders(verzoek, overzicht),
        "pakketten": store.jaarafsluitingen.of_year(bereik, gemeente, jaar),
        "steekproeven": [
            (one, adres_van(verzoek, STEEKPROEF, one.nummer))
            for one in store.steekproeven.list(bereik, gemeente, jaar)
        ],
        "laat_na": instellingen.last_day(jaar),
        "staten": STATEN,
        "exportdoelen": KEUZES,
    }
    return toon(verzoek, "geld/jaarafsluiting.html", context)


def _uitvoer(verzoek: Verzoek) -> Response:
    overzicht, _ = _overzicht(verzoek, verzoek.veld("gemeente"), verzoek.veld("jaar"))
    rijen = map(_rij, overzicht.aanbieders)
    return bestand_van(verzoek, f"jaarafsluiting-{overzicht.jaar}", KOPPEN, rijen)


def _rij(one: Aanbiederjaar) -> Sequence[Cel]:
    stand, told = one.stand, one.verantwoording
    verschil = None if told is None else told.verschil
    return (
        one.aanbieder,
        *map(Bedrag, (stand.toegekend, stand.gecrediteerd, stand.netto, stand.laat)),
        *map(Bedrag, (stand.afgewezen, stand.open, stand.vooruit, stand.overgenomen)),
        *map(Bedrag, (stand.facturen, stand.facturen_open, stand.lasten)),
        None if told is None else Bedrag(told.bedrag),
        None if verschil is None else Bedrag(verschil),
        "te laat" if one.is_te_laat else one.staat,
    )


def _overzicht(verzoek: Verzoek, gemeente: str, jaar: str) -> tuple[Jaaroverzicht, Instellingen]:
    """The year that is asked for, of a municipality that may be seen."""
    omgeving, bereik = verzoek.omgeving, verzoek.bereik
    vandaag, chosen = dag_van(omgeving.clock()), gemeente or min(bereik.gemeenten)
    if chosen not in bereik.gemeenten:
        raise NietGevonden
    instellingen = instellingen_van(omgeving, chosen)
    asked = year_of(jaar, vandaag)
    found = overview_of(omgeving.store, bereik, chosen, asked, instellingen, vandaag)
    return found, instellingen


def _producten(verzoek: Verzoek) -> Response:
    """What the last pack says of every product of one provider."""
    store, bereik = verzoek.omgeving.store, verzoek.bereik
    found = verzoek.kenmerk("jaarafsluiting")
    if found is None:
        raise NietGevonden
    een = store.jaarafsluitingen.get(bereik, found[0])
    aanbieder, na = verzoek.vraag.zoek.get("aanbieder"), verzoek.vraag.zoek.get("na")
    path = f"{PATH}/pakketten/{verzoek.vraag.delen['kenmerk']}"
    asked = {} if aanbieder is None else {"aanbieder": aanbieder}
    blad = store.jaarafsluitingen.blad(bereik, een.nummer, LINES, na, aanbieder)
    context = {
        "een": een,
        "aanbieder": aanbieder,
        "standen": blad.rijen,
        "volgende": here_from(path, asked, blad.volgende),
        "begin": here_from(path, asked) if na else None,
        "terug": jaaradres(een.gemeente, een.jaar),
        "wetten": woorden.WETTEN,
    }
    return toon(verzoek, "geld/jaarproducten.html", context)


def jaaradres(gemeente: str, jaar: int) -> str:
    """Where the year of a municipality is."""
    return f"{PATH}?gemeente={gemeente}&jaar={jaar}"


def adres_van(verzoek: Verzoek, soort: str, nummer: int) -> str:
    """Where a statement or a sample is."""
    meervoud = {VERANTWOORDING: "verantwoordingen", STEEKPROEF: "steekproeven"}[soort]
    return f"{PATH}/{meervoud}/{verzoek.omgeving.kenmerken.of(soort, nummer)}"


def _aanbieders(verzoek: Verzoek, overzicht: Jaaroverzicht) -> list[tuple[object, ...]]:
    """The providers, each with where its products and its statement are."""
    kenmerken, afsluiting = verzoek.omgeving.kenmerken, overzicht.afsluiting
    pakket = None if afsluiting is None else kenmerken.of("jaarafsluiting", afsluiting.nummer)
    return [
        (
            one,
            None if pakket is None else f"{PATH}/pakketten/{pakket}?aanbieder={one.aanbieder}",
            None
            if one.verantwoording is None
            else adres_van(verzoek, VERANTWOORDING, one.verantwoording.nummer),
        )
        for one in overzicht.aanbieders
    ]


def years_before(vandaag: date) -> list[tuple[str, str]]:
    """The years that may be chosen, this one in front."""
    return [(str(one), str(one)) for one in range(vandaag.year, vandaag.year - YEARS, -1)]


def year_of(text: str, vandaag: date) -> int:
    """The year that is asked for, else the last one that is over."""
    asked = int(text) if text.isascii() and text.isdecimal() and len(text) == 4 else None
    if asked is None or not vandaag.year - YEARS < asked <= vandaag.year:
        return vandaag.year - 1
    return asked


PADEN = (
    Pad(
        path=PATH,
        method="GET",
        handler=_pagina,
        recht=Recht.GELD_ZIEN,
        kop=Kop("Jaarafsluiting", "Het jaar per aanbieder, naast wat zij zelf verantwoorden."),
    ),
    uitvoerpad(f"{PATH}/uitvoer", _uitvoer, "jaarafsluiting uitvoeren"),
    Pad(
        path=PATH + "/pakketten/{kenmerk}", method="GET", handler=_producten, recht=Recht.GELD_ZIEN
    ),
)

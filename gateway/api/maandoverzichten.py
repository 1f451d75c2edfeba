"""Maandoverzichten: what an aanbieder asked for per month, and what became of every cent."""

from __future__ import annotations

from typing import Annotated

import msgspec

from gateway.api.eindpunt import Eindpunt, Oproep, Uitkomst, Vorm
from gateway.api.lijst import blad_uitkomst
from gateway.api.regels import Declaratieregels, Oordeelkeuze, Regel, regel_velden
from gateway.api.woorden import Wet, adres
from gateway.periods.maanden import month_before
from gateway.pipeline.kennis import dag_van
from gateway.store.inzage.maandoverzicht import Maandoverzicht
from gateway.store.inzage.overzicht import Overzichtvraag
from gateway.toegang.rechten import Recht

ZIEN = (Recht.EIGEN_ZIEN,)
MONTHS = 12


class Maand(Vorm, frozen=True, kw_only=True):
    """Een maand onder een wet. Bedragen in eurocenten, credits afgetrokken."""

    maand: str
    wet: Wet
    ingediend: int
    toegekend: int
    adres: str


class Maanden(Vorm, frozen=True, kw_only=True):
    """De maanden van het afgelopen jaar waarin u iets declareerde."""

    resultaten: list[Maand]


class Afwijzing(Vorm, frozen=True, kw_only=True):
    """Wat om dezelfde reden is afgewezen. Bedrag in eurocenten, credits afgetrokken."""

    retourcodes: list[str]
    redenen: Annotated[list[str], msgspec.Meta(description="Wat er bij elke code aan de hand is.")]
    regels: int
    bedrag: int


class Overzicht(Vorm, frozen=True, kw_only=True):
    """Een maand op de cent: ingediend is toegekend, afgewezen en wacht samen. In eurocenten."""

    maand: str
    declaraties: int
    regels: int
    ingediend: int
    toegekend: Annotated[int, msgspec.Meta(description="Credits zijn er al van afgetrokken.")]
    gecrediteerd: Annotated[int, msgspec.Meta(description="Hoeveel er is afgetrokken.")]
    afgewezen: int
    wacht: int
    betaald: Annotated[int, msgspec.Meta(description="Wat de bank betaalde, of is verrekend.")]
    afwijzingen: list[Afwijzing]
    regels_adres: Annotated[str, msgspec.Meta(description="Waar de regels staan.")]


def maanden(oproep: Oproep) -> Uitkomst:
    """The months of a year."""
    omgeving = oproep.verzoek.omgeving
    since = month_before(dag_van(omgeving.clock()), MONTHS - 1)
    found = [
        Maand(
            maand=one.maand,
            wet=one.wet,  # type: ignore[arg-type]
            ingediend=one.ingediend,
            toegekend=one.toegekend,
            adres=adres("maandoverzichten", one.maand),
        )
        for one in omgeving.store.vandaag.maanden(oproep.bereik, since)
    ]
    return Uitkomst(Maanden(resultaten=found))


def overzicht(oproep: Oproep) -> Uitkomst:
    """One month."""
    store, maand = oproep.verzoek.omgeving.store, _maand(oproep)
    betaald = store.overzichten.betaald(Overzichtvraag.of(oproep.bereik, (), maand))
    return Uitkomst(_shown(oproep, store.maandoverzichten.van(oproep.bereik, maand), betaald))


def regels(oproep: Oproep) -> Uitkomst:
    """The lines of a month."""
    vraag: Oordeelkeuze = oproep.zoek
    blad = oproep.verzoek.omgeving.store.maandoverzichten.regels(
        oproep.bereik,
        _maand(oproep),
        vraag.omvang,
        vraag.vanaf,
        toegekend=None if vraag.oordeel is None else vraag.oordeel == "toegekend",
    )
    for one in blad.rijen:
        oproep.verzoek.toont(one.partijen.gemeente, [one.client])
    shown = [Regel(**regel_velden(oproep, one)) for one in blad.rijen]
    return blad_uitkomst(oproep, Declaratieregels, shown, blad)


def _maand(oproep: Oproep) -> str:
    return oproep.verzoek.vraag.delen["maand"]


def _shown(oproep: Oproep, one: Maandoverzicht, betaald: int) -> Overzicht:
    teksten, saldo = oproep.verzoek.omgeving.teksten, one.saldo
    return Overzicht(
        maand=one.maand,
        declaraties=one.declaraties,
        regels=saldo.regels,
        ingediend=saldo.ingediend,
        toegekend=saldo.toegekend,
        gecrediteerd=saldo.credit,
        afgewezen=saldo.afgewezen,
        wacht=saldo.wacht,
        betaald=betaald,
        afwijzingen=[
            Afwijzing(
                retourcodes=list(afwijzing.retourcodes),
                redenen=[
                    tekst.wat for code in afwijzing.retourcodes if (tekst := teksten.of(code))
                ],
                regels=afwijzing.regels,
                bedrag=afwijzing.bedrag,
            )
            for afwijzing in one.afwijzingen
        ],
        regels_adres=adres("maandoverzichten", one.maand, "/regels"),
    )


_GROEP = "maandoverzichten"
EINDPUNTEN = (
    Eindpunt(
        methode="GET",
        pad="/maandoverzichten",
        naam="geefMaanden",
        groep=_GROEP,
        titel="De maanden waarin u declareerde",
        rechten=ZIEN,
        doe=maanden,
        antwoord=Maanden,
    ),
    Eindpunt(
        methode="GET",
        pad="/maandoverzichten/{maand}",
        naam="toonMaandoverzicht",
        groep=_GROEP,
        titel="Een maand op de cent",
        uitleg=(
            "Een declaratie hoort bij de maand waarin haar periode begint. Wat als geheel is "
            "afgewezen, telt als niet verstuurd."
        ),
        rechten=ZIEN,
        doe=overzicht,
        antwoord=Overzicht,
    ),
    Eindpunt(
        methode="GET",
        pad="/maandoverzichten/{maand}/regels",
        naam="geefRegelsVanMaand",
        groep=_GROEP,
        titel="De regels van een maand",
        rechten=ZIEN,
        doe=regels,
        zoek=Oordeelkeuze,
        antwoord=Declaratieregels,
        handeling="regels ingezien",
    ),
)

"""What is asked of a batch of assignments: to be made, released, stopped or gone on with."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Annotated, Any, Literal

import msgspec

from gateway.api.eindpunt import Eindpunt, Invoer, Oproep, Uitkomst, Vorm
from gateway.api.mutaties import GROEP, Soort, detail_of, mutatie_van
from gateway.api.nazorg import GEMEENTE
from gateway.api.versie import refuse_other_version
from gateway.api.woorden import MUTATIE, Wet, adres, kenmerk
from gateway.store.mutaties.keuze import Keuze
from gateway.store.mutaties.mutatie import FASTEST, PER_MINUUT, SLOWEST, Vraag
from gateway.toegang.rechten import Recht
from gateway.werk.mutatievraag import made_of

DOEN = (Recht.BEOORDELEN,)
_AGB = Annotated[str, msgspec.Meta(pattern="^[0-9]{8}$")]
_CODE = Annotated[str, msgspec.Meta(pattern="^[0-9A-Za-z]{1,5}$")]


class Toewijzingkeuze(Invoer, frozen=True, kw_only=True):
    """Welke toewijzingen; wat u weglaat, doet er niet toe. Datums tellen zelf mee."""

    aanbieder: _AGB | None = None
    productcategorie: _CODE | None = None
    productcode: _CODE | None = None
    eenheid: _CODE | None = None
    overeenkomst: Annotated[str, msgspec.Meta(max_length=80)] | None = None
    ingang_vanaf: date | None = None
    ingang_tot: date | None = None
    einde_vanaf: date | None = None
    einde_tot: date | None = None
    nummers: Annotated[
        tuple[int, ...],
        msgspec.Meta(max_length=1_000, description="Alleen deze toewijzingnummers."),
    ] = ()


class Toewijzingwijziging(Invoer, frozen=True, kw_only=True):
    """Wat er verandert. Welke velden nodig zijn, hangt af van de soort."""

    soort: Soort
    vanaf: Annotated[
        date | None, msgspec.Meta(description="De eerste dag; nodig, behalve bij een verlenging.")
    ] = None
    tot: Annotated[date | None, msgspec.Meta(description="Verlenging: de nieuwe einddatum.")] = None
    basispunten: Annotated[
        Annotated[int, msgspec.Meta(ge=-5_000, le=5_000)] | None,
        msgspec.Meta(description="Indexatie: honderdsten van een procent; 350 is 3,5%."),
    ] = None
    afronding: Annotated[
        Annotated[int, msgspec.Meta(ge=1, le=100_000)] | None,
        msgspec.Meta(description="Indexatie: op hoeveel eurocent wordt afgerond."),
    ] = None
    reden: Annotated[
        Literal["03", "04", "10", "11", "14"] | None,
        msgspec.Meta(description="De RedenWijziging."),
    ] = None
    naar_rato: Annotated[
        bool | None, msgspec.Meta(description="Verlenging: verhoog volume en budget naar rato.")
    ] = None
    naar: Annotated[
        GEMEENTE | None, msgspec.Meta(description="Herindeling: de nieuwe gemeente.")
    ] = None
    aanbieder: Annotated[
        _AGB | None, msgspec.Meta(description="Contractwijziging: de nieuwe aanbieder.")
    ] = None
    productcategorie: _CODE | None = None
    productcode: _CODE | None = None
    eenheid: _CODE | None = None
    frequentie: _CODE | None = None
    teller: Annotated[
        Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] | None,
        msgspec.Meta(description="Contractwijziging: het nieuwe volume is het oude maal dit ..."),
    ] = None
    noemer: Annotated[
        Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] | None,
        msgspec.Meta(description="... en gedeeld door dit."),
    ] = None
    verlaag: Annotated[
        bool | None,
        msgspec.Meta(
            description="Haal van wat eindigt af wat doorgaat; vraagt instemming van de aanbieder."
        ),
    ] = None


class Mutatievraag(Invoer, frozen=True, kw_only=True):
    """Een partij toewijzingen met één wijziging."""

    gemeente: GEMEENTE
    wet: Wet
    naam: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    wijziging: Toewijzingwijziging
    keuze: Toewijzingkeuze = Toewijzingkeuze()
    per_minuut: Annotated[
        int,
        msgspec.Meta(
            ge=SLOWEST, le=FASTEST, description="Hoeveel berichten er per minuut worden aangeboden."
        ),
    ] = PER_MINUUT


class Mutatiestap(Invoer, frozen=True, kw_only=True):
    """Wat u met een partij doet."""

    stap: Annotated[
        Literal["vrijgeven", "stoppen", "hervatten"],
        msgspec.Meta(description="Vrijgeven boven een bedrag wacht op een tweede persoon."),
    ]


class Mutatiebewijs(Vorm, frozen=True, kw_only=True):
    """De partij is vastgelegd; op het adres staat hoe zij nu staat."""

    id: str
    adres: str


def maak(oproep: Oproep) -> Uitkomst:
    """Freeze what is chosen; nothing leaves by it."""
    asked: Mutatievraag = oproep.inhoud
    vraag = Vraag(
        gemeente=asked.gemeente,
        wet=asked.wet,
        naam=asked.naam,
        wijze=made_of(asked.wijziging.soort, _given(asked.wijziging)),
        keuze=msgspec.convert(_given(asked.keuze), Keuze),
        per_minuut=asked.per_minuut,
    )
    omgeving = oproep.verzoek.omgeving
    noteer = oproep.vastlegging(partial(_bewijs, oproep), asked.gemeente)
    nummer = omgeving.store.mutatiemaker.make(
        oproep.bereik, oproep.verzoek.wie, vraag, omgeving.kennis.overeenkomsten, noteer
    )
    return _bewijs(oproep, nummer)


def zet_stap(oproep: Oproep) -> Uitkomst:
    """Release, stop or go on with a batch, as it was shown."""
    stap: Mutatiestap = oproep.inhoud
    one = mutatie_van(oproep)
    refuse_other_version(oproep, detail_of(oproep, one))
    omgeving, wie, bereik = oproep.verzoek.omgeving, oproep.verzoek.wie, oproep.bereik
    verloop = omgeving.store.mutatieverloop
    uitkomst = _bewijs(oproep, one.nummer)
    noteer = oproep.vastlegging(uitkomst, one.gemeente)
    match stap.stap:
        case "vrijgeven":
            boven = omgeving.kennis.beleid_of(one.gemeente).tweede_persoon_boven
            verloop.release(bereik, wie, one.nummer, boven, noteer)
        case "stoppen":
            verloop.stop(bereik, one.nummer, noteer)
        case "hervatten":
            verloop.resume(bereik, one.nummer, noteer)
    return uitkomst


def _given(asked: msgspec.Struct) -> dict[str, Any]:
    """The fields that were given, by the names that they have outside."""
    told: dict[str, Any] = msgspec.to_builtins(asked)
    return {naam: value for naam, value in told.items() if value is not None}


def _bewijs(oproep: Oproep, nummer: int) -> Uitkomst:
    own = kenmerk(oproep.verzoek.omgeving, MUTATIE, nummer)
    where = adres("mutaties", own)
    return Uitkomst(Mutatiebewijs(id=own, adres=where), {"Location": where})


EINDPUNTEN = (
    Eindpunt(
        methode="POST",
        pad="/mutaties",
        naam="maakMutatie",
        groep=GROEP,
        titel="Een partij maken",
        uitleg="Er gaat nog niets weg. Kijk op het adres in Location wat de partij doet.",
        rechten=DOEN,
        doe=maak,
        inhoud=Mutatievraag,
        antwoord=Mutatiebewijs,
        status=201,
        fouten=(422,),
        handeling="partij toewijzingen maken",
        soort="C",
        budget="zoeken",
        herhaalbaar=True,
    ),
    Eindpunt(
        methode="POST",
        pad="/mutaties/{kenmerk}/stappen",
        naam="zetMutatiestap",
        groep=GROEP,
        titel="Een partij vrijgeven, stoppen of hervatten",
        rechten=DOEN,
        doe=zet_stap,
        inhoud=Mutatiestap,
        antwoord=Mutatiebewijs,
        status=201,
        fouten=(409, 422),
        handeling="partij toewijzingen vrijgeven",
        soort="U",
        herhaalbaar=True,
        met_versie=True,
    ),
)

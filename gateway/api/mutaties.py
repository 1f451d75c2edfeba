"""Mutaties: many assignments changed at once, shown first, released, and followed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

import msgspec

from gateway.api.eindpunt import Eindpunt, Invoer, Oproep, Uitkomst, Vorm
from gateway.api.lijst import Bladvraag, Lijst, blad_uitkomst
from gateway.api.versie import refuse_other_version
from gateway.api.woorden import BERICHT, MUTATIE, Wet, adres, kenmerk, nummer_van
from gateway.store.mutaties.inzage import AANDACHT, Bericht, Regel
from gateway.store.mutaties.keuze import Keuze
from gateway.store.mutaties.mutatie import FASTEST, PER_MINUUT, SLOWEST, Mutatie, Vraag
from gateway.toegang.rechten import Recht
from gateway.werk.mutatievraag import made_of, uitleg
from gateway.werk.retourdag import answered_before

ZIEN, DOEN = (Recht.WERK_ZIEN,), (Recht.BEOORDELEN,)
Soort = Literal["indexatie", "contractwijziging", "verlenging", "herindeling"]
GEMEENTE = Annotated[str, msgspec.Meta(pattern="^[0-9]{4}$", description="De gemeentecode.")]
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
        int, msgspec.Meta(description="Van hoeveel toewijzingen het bedrag niet te berekenen is.")
    ]
    adres: str


class Mutatiedetail(Mutatieregel, frozen=True, kw_only=True):
    """Een partij met haar bedragen per jaar en wat er van haar berichten werd."""

    jaren: list[Mutatiejaar]
    voortgang: list[Berichtstand]


class Mutaties(Lijst, frozen=True, kw_only=True):
    """Een blad met partijen, de nieuwste vooraan."""

    resultaten: list[Mutatieregel]


class Mutatiebewijs(Vorm, frozen=True, kw_only=True):
    """De partij is vastgelegd; op het adres staat hoe zij nu staat."""

    id: str
    adres: str


class Gewijzigd(Vorm, frozen=True, kw_only=True):
    """Een toewijzing van een partij, met de reden als zij is geweigerd. Bedragen in eurocenten."""

    toewijzingnummer: int
    gemeente: str
    aanbieder: str
    voor: int | None
    na: int | None
    regel: str | None
    weigering: str | None


class Gewijzigden(Lijst, frozen=True, kw_only=True):
    """Een blad met toewijzingen van een partij."""

    resultaten: list[Gewijzigd]


class Gewijzigdenvraag(Bladvraag, frozen=True, kw_only=True):
    """Which of them."""

    geweigerd: Annotated[bool, msgspec.Meta(description="Alleen wat is geweigerd.")] = False


class Mutatiebericht(Vorm, frozen=True, kw_only=True):
    """Een bericht van een partij waar iemand naar moet kijken, met waarom."""

    gemeente: str
    aanbieder: str
    stand: str
    redenen: list[str]
    bericht: Annotated[str | None, msgspec.Meta(description="Het adres, als het er is.")]


class Mutatieberichten(Lijst, frozen=True, kw_only=True):
    """Een blad met berichten van een partij."""

    resultaten: list[Mutatiebericht]


def lijst(oproep: Oproep) -> Uitkomst:
    """The batches."""
    vraag: Bladvraag = oproep.zoek
    inzage = oproep.verzoek.omgeving.store.mutatieinzage
    blad = inzage.lijst(oproep.bereik, vraag.omvang, vraag.vanaf)
    shown = [Mutatieregel(**_told(oproep, one)) for one in blad.rijen]
    return blad_uitkomst(oproep, Mutaties, shown, blad)


def toon(oproep: Oproep) -> Uitkomst:
    """One batch; its ETag is what a step with it has to name."""
    return Uitkomst(_detail(oproep, _een(oproep)))


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
    nummer = omgeving.store.mutatiemaker.make(
        oproep.bereik, oproep.verzoek.wie, vraag, omgeving.kennis.overeenkomsten
    )
    return _bewijs(oproep, nummer)


def zet_stap(oproep: Oproep) -> Uitkomst:
    """Release, stop or go on with a batch, as it was shown."""
    stap: Mutatiestap = oproep.inhoud
    one = _een(oproep)
    refuse_other_version(oproep, _detail(oproep, one))
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


def regels(oproep: Oproep) -> Uitkomst:
    """The assignments of a batch."""
    vraag: Gewijzigdenvraag = oproep.zoek
    inzage, nummer = oproep.verzoek.omgeving.store.mutatieinzage, _een(oproep).nummer
    blad = inzage.regels(
        oproep.bereik, nummer, vraag.omvang, vraag.vanaf, geweigerd=vraag.geweigerd
    )
    for one in blad.rijen:
        oproep.verzoek.toont(one.gemeente, [one.client])
    return blad_uitkomst(oproep, Gewijzigden, [_gewijzigd(one) for one in blad.rijen], blad)


def berichten(oproep: Oproep) -> Uitkomst:
    """The messages of a batch that somebody has to look at."""
    vraag: Bladvraag = oproep.zoek
    one = _een(oproep)
    inzage = oproep.verzoek.omgeving.store.mutatieinzage
    blad = inzage.berichten(
        oproep.bereik, one.nummer, _te_laat(oproep, one), vraag.omvang, vraag.vanaf
    )
    for found in blad.rijen:
        oproep.verzoek.toont(found.gemeente, [found.client])
    shown = [_bericht(oproep, found) for found in blad.rijen]
    return blad_uitkomst(oproep, Mutatieberichten, shown, blad)


def _given(asked: msgspec.Struct) -> dict[str, Any]:
    """The fields that were given, by the names that they have outside."""
    told: dict[str, Any] = msgspec.to_builtins(asked)
    return {naam: value for naam, value in told.items() if value is not None}


def _een(oproep: Oproep) -> Mutatie:
    nummer, _ = nummer_van(oproep, MUTATIE)
    return oproep.verzoek.omgeving.store.mutatieinzage.een(oproep.bereik, nummer)


def _te_laat(oproep: Oproep, one: Mutatie) -> float:
    omgeving = oproep.verzoek.omgeving
    return answered_before(omgeving.kennis, one.vraag.wet, omgeving.clock())


def _bewijs(oproep: Oproep, nummer: int) -> Uitkomst:
    own = kenmerk(oproep.verzoek.omgeving, MUTATIE, nummer)
    where = adres("mutaties", own)
    return Uitkomst(Mutatiebewijs(id=own, adres=where), {"Location": where})


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


def _detail(oproep: Oproep, one: Mutatie) -> Mutatiedetail:
    inzage = oproep.verzoek.omgeving.store.mutatieinzage
    counts = inzage.voortgang(oproep.bereik, one.nummer, _te_laat(oproep, one))
    return Mutatiedetail(
        **_told(oproep, one),
        jaren=[Mutatiejaar(jaar=jaar, voor=voor, na=na) for jaar, voor, na in one.jaren],
        voortgang=[
            Berichtstand(stand=stand, aantal=count, let_op=stand in AANDACHT)
            for stand, count in counts.items()
        ],
    )


def _gewijzigd(one: Regel) -> Gewijzigd:
    return Gewijzigd(
        toewijzingnummer=one.toewijzingnummer,
        gemeente=one.gemeente,
        aanbieder=one.aanbieder,
        voor=one.voor,
        na=one.na,
        regel=one.regel or None,
        weigering=one.weigering,
    )


def _bericht(oproep: Oproep, one: Bericht) -> Mutatiebericht:
    where = None
    if one.inbox_id is not None:
        where = adres("berichten", kenmerk(oproep.verzoek.omgeving, BERICHT, one.inbox_id))
    return Mutatiebericht(
        gemeente=one.gemeente,
        aanbieder=one.aanbieder,
        stand=one.stand,
        redenen=list(one.redenen),
        bericht=where,
    )


_GROEP = "mutaties"
EINDPUNTEN = (
    Eindpunt(
        methode="GET",
        pad="/mutaties",
        naam="geefMutaties",
        groep=_GROEP,
        titel="Partijen toewijzingen die tegelijk wijzigen",
        rechten=ZIEN,
        doe=lijst,
        zoek=Bladvraag,
        antwoord=Mutaties,
    ),
    Eindpunt(
        methode="POST",
        pad="/mutaties",
        naam="maakMutatie",
        groep=_GROEP,
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
        methode="GET",
        pad="/mutaties/{kenmerk}",
        naam="toonMutatie",
        groep=_GROEP,
        titel="Een partij",
        uitleg="Geef de ETag mee als If-Match om een stap te zetten.",
        rechten=ZIEN,
        doe=toon,
        antwoord=Mutatiedetail,
    ),
    Eindpunt(
        methode="POST",
        pad="/mutaties/{kenmerk}/stappen",
        naam="zetMutatiestap",
        groep=_GROEP,
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
    Eindpunt(
        methode="GET",
        pad="/mutaties/{kenmerk}/toewijzingen",
        naam="geefMutatietoewijzingen",
        groep=_GROEP,
        titel="De toewijzingen van een partij, of wat ervan is geweigerd",
        rechten=ZIEN,
        doe=regels,
        zoek=Gewijzigdenvraag,
        antwoord=Gewijzigden,
        handeling="partij toewijzingen bekijken",
    ),
    Eindpunt(
        methode="GET",
        pad="/mutaties/{kenmerk}/berichten",
        naam="geefMutatieberichten",
        groep=_GROEP,
        titel="De berichten van een partij waar iemand naar moet kijken",
        rechten=ZIEN,
        doe=berichten,
        zoek=Bladvraag,
        antwoord=Mutatieberichten,
        handeling="partij toewijzingen bekijken",
    ),
)

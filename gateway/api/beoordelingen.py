"""Beoordelingen: decide on a finding or on a cause, approve what another proposed, and undo."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Annotated, Literal

import msgspec

from gateway.api.eindpunt import Eindpunt, Invoer, Oproep, Uitkomst, Vorm
from gateway.api.lijst import Bladvraag, Lijst, blad_uitkomst
from gateway.api.oorzaken import Bekeken, bekeken_van, bevinding_detail, oorzaak_van
from gateway.api.versie import refuse_other_version
from gateway.api.woorden import BESLUIT, OORZAAK, adres, kenmerk, nummer_van
from gateway.errors import AlBeoordeeld, NietGevonden, VerzoekGeweigerd, WrongUse
from gateway.store.werk.besluiten import NO_REASON, Besluit, Besluiten, Keuze
from gateway.store.werk.soorten import Soort
from gateway.store.werk.tables import GELDT, GEWEIGERD, INGETROKKEN
from gateway.toegang.rechten import Recht

ZIEN = (Recht.WERK_ZIEN,)
DOEN = (Recht.BEOORDELEN,)
_DECIDED = "over deze bevinding is al beslist, of zij staat niet meer open"
Soortnaam = Literal[
    "toekennen",
    "afgehandeld",
    "terecht afgewezen",
    "opnieuw indienen gevraagd",
    "hersteld, opnieuw indienen gevraagd",
    "opnieuw beoordelen",
]
_SOORT = Annotated[
    Soortnaam,
    msgspec.Meta(description="Wat u besluit; wat kan, hangt af van het effect van de bevinding."),
]
_REDEN = Annotated[str, msgspec.Meta(min_length=1, max_length=2000, description="Waarom.")]


class Beoordeling(Vorm, frozen=True, kw_only=True):
    """Een besluit over een of meer bevindingen. Bedrag in eurocenten."""

    id: str
    gemeente: str
    soort: Soortnaam
    staat: Annotated[
        str,
        msgspec.Meta(
            description="concept, voorgesteld (wacht op een tweede persoon), geldt, geweigerd of "
            "ingetrokken."
        ),
    ]
    door: str
    reden: str
    aantal: int
    bedrag: int
    gemaakt_op: datetime
    terug_te_draaien_tot: datetime | None
    oorzaak: str | None
    adres: str


class Beoordelingen(Lijst, frozen=True, kw_only=True):
    """Een blad met beoordelingen, de nieuwste vooraan."""

    resultaten: list[Beoordeling]


class Beoordelingsbewijs(Vorm, frozen=True, kw_only=True):
    """Het besluit is vastgelegd; op het adres staat hoe het nu staat."""

    id: str
    adres: str


class Oordeelsvraag(Invoer, frozen=True, kw_only=True):
    """Wat u over een bevinding besluit."""

    soort: _SOORT
    reden: _REDEN


class Lijstvraag(Invoer, frozen=True, kw_only=True):
    """Wat u over alle open bevindingen van een oorzaak wilt besluiten."""

    soort: _SOORT


class Stap(Invoer, frozen=True, kw_only=True):
    """Wat u met een beoordeling doet."""

    stap: Annotated[
        Literal["nemen", "goedkeuren", "weigeren", "terugdraaien"],
        msgspec.Meta(
            description="nemen kan wie de lijst maakte; goedkeuren juist een andere persoon."
        ),
    ]
    reden: Annotated[
        str,
        msgspec.Meta(
            max_length=2000,
            description="Waarom; nodig bij nemen en weigeren, en bij terugdraaien van een besluit "
            "dat geldt.",
        ),
    ] = ""


def lijst(oproep: Oproep) -> Uitkomst:
    """What was decided or proposed."""
    vraag: Bladvraag = oproep.zoek
    inzage = oproep.verzoek.omgeving.store.besluiteninzage
    blad = inzage.besluiten(oproep.bereik, na=vraag.vanaf, omvang=vraag.omvang)
    shown = [_beoordeling(oproep, one) for one in blad.rijen]
    return blad_uitkomst(oproep, Beoordelingen, shown, blad)


def toon(oproep: Oproep) -> Uitkomst:
    """One decision; its ETag is what a step with it has to name."""
    return Uitkomst(_beoordeling(oproep, _besluit(oproep)))


def beoordeel(oproep: Oproep) -> Uitkomst:
    """Decide on one finding, as it was shown to who decides."""
    vraag: Oordeelsvraag = oproep.inhoud
    bekeken = _open(oproep)
    refuse_other_version(oproep, bevinding_detail(oproep, bekeken))
    keuze = Keuze(Soort(vraag.soort), bevindingen=[bekeken.gevonden.nummer])
    try:
        made = _besluiten(oproep).freeze(oproep.bereik, oproep.verzoek.wie, keuze)
    except WrongUse:
        # Somebody else may have decided since.
        _open(oproep)
        raise
    uitkomst = _bewijs(oproep, made.nummer)
    noteer = oproep.vastlegging(uitkomst, made.gemeente)
    _besluiten(oproep).take(oproep.bereik, oproep.verzoek.wie, made.nummer, vraag.reden, noteer)
    return uitkomst


def _open(oproep: Oproep) -> Bekeken:
    """The finding as it stands; raises AlBeoordeeld when it is no longer open."""
    bekeken = bekeken_van(oproep)
    if bekeken.post is None or bekeken.post.besluit is not None:
        raise AlBeoordeeld(_DECIDED)
    return bekeken


def leg_voor(oproep: Oproep) -> Uitkomst:
    """Freeze what stands open of a cause, to see how much it is before it is decided on."""
    vraag: Lijstvraag = oproep.inhoud
    oorzaak = oorzaak_van(oproep)
    keuze = Keuze(Soort(vraag.soort), oorzaak.nummer)
    noteer = oproep.vastlegging(partial(_bewijs, oproep), oorzaak.oorzaak.gemeente)
    made = _besluiten(oproep).freeze(oproep.bereik, oproep.verzoek.wie, keuze, noteer)
    return _bewijs(oproep, made.nummer)


def zet_stap(oproep: Oproep) -> Uitkomst:
    """Take, approve, refuse or undo a decision, as it was shown."""
    vraag: Stap = oproep.inhoud
    one = _besluit(oproep)
    refuse_other_version(oproep, _beoordeling(oproep, one))
    _refuse_without_reason(vraag, one)
    for gemeente, client in oproep.verzoek.omgeving.store.besluiteninzage.clienten_in(
        oproep.bereik, one.nummer
    ):
        oproep.verzoek.toont(gemeente, [client])
    uitkomst = _bewijs(oproep, one.nummer)
    noteer = oproep.vastlegging(uitkomst, one.gemeente)
    besluiten, bereik, wie = _besluiten(oproep), oproep.bereik, oproep.verzoek.wie
    match vraag.stap:
        case "nemen":
            besluiten.take(bereik, wie, one.nummer, vraag.reden, noteer)
        case "goedkeuren":
            besluiten.approve(bereik, wie, one.nummer, noteer)
        case "weigeren":
            besluiten.refuse(bereik, wie, one.nummer, vraag.reden, noteer)
        case "terugdraaien":
            besluiten.undo(bereik, wie, one.nummer, vraag.reden, noteer)
    return uitkomst


def _refuse_without_reason(vraag: Stap, one: Besluit) -> None:
    """What is missing in the body is told as such."""
    if vraag.reden.strip():
        return
    if vraag.stap == "weigeren":
        raise VerzoekGeweigerd(422, NO_REASON[GEWEIGERD])
    if vraag.stap == "terugdraaien" and one.staat == GELDT:
        raise VerzoekGeweigerd(422, NO_REASON[INGETROKKEN])


def _besluiten(oproep: Oproep) -> Besluiten:
    omgeving = oproep.verzoek.omgeving
    return omgeving.store.besluiten(omgeving.kennis.beleid_of)


def _besluit(oproep: Oproep) -> Besluit:
    nummer, _ = nummer_van(oproep, BESLUIT)
    found = oproep.verzoek.omgeving.store.besluiteninzage.besluit(oproep.bereik, nummer)
    if found is None:
        raise NietGevonden
    return found


def _bewijs(oproep: Oproep, nummer: int) -> Uitkomst:
    own = kenmerk(oproep.verzoek.omgeving, BESLUIT, nummer)
    where = adres("beoordelingen", own)
    return Uitkomst(Beoordelingsbewijs(id=own, adres=where), {"Location": where})


def _beoordeling(oproep: Oproep, one: Besluit) -> Beoordeling:
    omgeving = oproep.verzoek.omgeving
    own = kenmerk(omgeving, BESLUIT, one.nummer)
    return Beoordeling(
        id=own,
        gemeente=one.gemeente,
        soort=one.soort.value,
        staat=one.staat,
        door=one.naam,
        reden=one.reden,
        aantal=one.aantal,
        bedrag=one.bedrag,
        gemaakt_op=one.gemaakt,
        terug_te_draaien_tot=one.tot,
        oorzaak=None
        if one.oorzaak_id is None
        else adres("oorzaken", kenmerk(omgeving, OORZAAK, one.oorzaak_id)),
        adres=adres("beoordelingen", own),
    )


_GROEP = "beoordelingen"
EINDPUNTEN = (
    Eindpunt(
        methode="POST",
        pad="/bevindingen/{kenmerk}/beoordelingen",
        naam="beoordeelBevinding",
        groep=_GROEP,
        titel="Over een bevinding besluiten",
        uitleg=(
            "Boven een bedrag dat de gemeente kiest, geldt een besluit pas als een tweede persoon "
            "het goedkeurt. Een controle eindigt nooit in een afwijzing."
        ),
        rechten=DOEN,
        doe=beoordeel,
        inhoud=Oordeelsvraag,
        antwoord=Beoordelingsbewijs,
        status=201,
        fouten=(409, 422),
        handeling="besluiten over bevindingen",
        soort="U",
        herhaalbaar=True,
        met_versie=True,
    ),
    Eindpunt(
        methode="POST",
        pad="/oorzaken/{kenmerk}/beoordelingen",
        naam="legOorzaakVoor",
        groep=_GROEP,
        titel="Een lijst maken om in één keer over te besluiten",
        uitleg=(
            "De lijst staat vast zoals zij nu is. Kijk op het adres in Location hoeveel "
            "bevindingen en euro's het zijn, en neem het besluit daarna met een stap."
        ),
        rechten=DOEN,
        doe=leg_voor,
        inhoud=Lijstvraag,
        antwoord=Beoordelingsbewijs,
        status=201,
        fouten=(422,),
        handeling="besluit voorbereiden",
        soort="C",
        herhaalbaar=True,
    ),
    Eindpunt(
        methode="GET",
        pad="/beoordelingen",
        naam="geefBeoordelingen",
        groep=_GROEP,
        titel="Wat er is besloten",
        rechten=ZIEN,
        doe=lijst,
        zoek=Bladvraag,
        antwoord=Beoordelingen,
        handeling="besluiten bekijken",
    ),
    Eindpunt(
        methode="GET",
        pad="/beoordelingen/{kenmerk}",
        naam="toonBeoordeling",
        groep=_GROEP,
        titel="Een beoordeling",
        uitleg="Geef de ETag mee als If-Match om een stap te zetten.",
        rechten=ZIEN,
        doe=toon,
        antwoord=Beoordeling,
        handeling="besluit bekijken",
    ),
    Eindpunt(
        methode="POST",
        pad="/beoordelingen/{kenmerk}/stappen",
        naam="zetStap",
        groep=_GROEP,
        titel="Een beoordeling nemen, goedkeuren, weigeren of terugdraaien",
        rechten=DOEN,
        doe=zet_stap,
        inhoud=Stap,
        antwoord=Beoordelingsbewijs,
        status=201,
        fouten=(409, 422),
        handeling="besluiten over bevindingen",
        soort="U",
        herhaalbaar=True,
        met_versie=True,
    ),
)

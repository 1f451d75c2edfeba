"""Creditverzoeken: what a municipality asks a provider to credit, for both sides."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec

from gateway.api.eindpunt import Eindpunt, Invoer, Oproep, Uitkomst, Vorm
from gateway.api.lijst import Bladvraag, Lijst, blad_uitkomst
from gateway.api.nazorg import (
    BEHEREN,
    CODE,
    WOORDEN,
    ZIEN,
    Gezet,
    Vastgelegd,
    gezet,
    vastgelegd,
)
from gateway.api.woorden import DECLARATIE, OORZAAK, REGEL, Wet, adres, kenmerk, nummer_van
from gateway.errors import NietGevonden, WrongUse
from gateway.ledger.geld.creditverzoek import LOOPT
from gateway.messages.nazorg import nazorgwoorden
from gateway.pipeline.kennis import dag_van
from gateway.store.geld.nazorg.creditrijen import Creditverzoek as Rij
from gateway.store.geld.nazorg.creditverzoeken import MOST_LINES, SOORT, Aanvraag, Creditverzoeken
from gateway.store.geld.nazorg.keuze import Keuze, Regels, VanDeclaratie, VanOorzaak
from gateway.toegang.rechten import Recht

GROEP = "creditverzoeken"
BEIDE = (*ZIEN, Recht.EIGEN_ZIEN)
Stand = Literal[
    "open", "toegezegd", "deels voldaan", "verlopen", "voldaan", "geweigerd", "ingetrokken"
]
UUID = Annotated[str, msgspec.Meta(pattern="^[0-9a-f-]{36}$")]


class Creditverzoek(Vorm, frozen=True, kw_only=True):
    """Wat een aanbieder wordt gevraagd te crediteren. Bedragen in eurocenten."""

    id: str
    gemeente: str
    wet: Wet
    aanbieder: str
    reden: str
    reden_woorden: str
    toelichting: str
    gevraagd_op: date
    uiterlijk_op: date
    stand: Stand
    regels: int
    bedrag: int
    gecrediteerd_regels: int
    gecrediteerd: int
    antwoord: Annotated[str, msgspec.Meta(description="Wat de aanbieder erbij schreef.")]
    antwoord_op: datetime | None
    regels_adres: str
    adres: str


class Creditverzoekenblad(Lijst, frozen=True, kw_only=True):
    """Een blad met creditverzoeken, het nieuwste vooraan."""

    resultaten: list[Creditverzoek]


class Creditregel(Vorm, frozen=True, kw_only=True):
    """Een regel van een creditverzoek. Bedrag in eurocenten."""

    regel: str
    declaratienummer: str
    referentienummer: str
    productcode: str
    begindatum: date
    einddatum: date
    bedrag: int
    gecrediteerd: bool


class Creditregels(Lijst, frozen=True, kw_only=True):
    """Een blad met regels van een creditverzoek."""

    resultaten: list[Creditregel]


class Creditlijstvraag(Bladvraag, frozen=True, kw_only=True):
    """Which requests are looked for."""

    stand: Annotated[
        Literal["loopt", "voldaan", "geweigerd", "ingetrokken", "alle"],
        msgspec.Meta(description="Welke; zonder dit wat nog loopt."),
    ] = "loopt"


class Creditvraag(Invoer, frozen=True, kw_only=True):
    """Waarvoor u een credit vraagt: regels, óf een declaratie, óf een oorzaak, met hun id."""

    regels: Annotated[tuple[UUID, ...], msgspec.Meta(max_length=MOST_LINES)] = ()
    declaratie: UUID | None = None
    oorzaak: UUID | None = None
    reden: Annotated[CODE, msgspec.Meta(description="Een code, zoals dubbel of tarief.")]
    toelichting: WOORDEN = ""
    uiterlijk_op: Annotated[
        date | None, msgspec.Meta(description="Zonder deze dag geldt de termijn van de gateway.")
    ] = None


class Creditantwoord(Invoer, frozen=True, kw_only=True):
    """Wat de aanbieder antwoordt. Crediteren zelf gaat met een 323."""

    antwoord: Literal["toegezegd", "geweigerd"]
    reden: Annotated[WOORDEN, msgspec.Meta(description="Nodig bij weigeren. Zonder BSN.")] = ""


class Creditintrekking(Invoer, frozen=True, kw_only=True):
    """Waarom de gemeente een creditverzoek intrekt."""

    reden: Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]


def lijst(oproep: Oproep) -> Uitkomst:
    """Requests of both sides."""
    vraag: Creditlijstvraag = oproep.zoek
    staten = {"loopt": LOOPT, "alle": ()}.get(vraag.stand, (vraag.stand,))
    blad = _store(oproep).list(oproep.bereik, staten, vraag.vanaf, vraag.omvang)
    shown = [_shown(oproep, one) for one in blad.rijen]
    return blad_uitkomst(oproep, Creditverzoekenblad, shown, blad)


def toon(oproep: Oproep) -> Uitkomst:
    """One request."""
    return Uitkomst(_shown(oproep, _een(oproep)))


def regels(oproep: Oproep) -> Uitkomst:
    """The lines of a request."""
    vraag, one = oproep.zoek, _een(oproep)
    blad = _store(oproep).regels(oproep.bereik, one.nummer, vraag.vanaf, vraag.omvang)
    oproep.verzoek.toont(one.gemeente, {regel.client for regel in blad.rijen})
    omgeving = oproep.verzoek.omgeving
    shown = [
        Creditregel(
            regel=adres("regels", kenmerk(omgeving, REGEL, regel.inbox_id, regel.regelnr)),
            declaratienummer=regel.declaratienummer,
            referentienummer=regel.referentienummer,
            productcode=regel.productcode,
            begindatum=regel.begindatum,
            einddatum=regel.einddatum,
            bedrag=regel.bedrag,
            gecrediteerd=regel.credit_id is not None,
        )
        for regel in blad.rijen
    ]
    return blad_uitkomst(oproep, Creditregels, shown, blad)


def vraag_credit(oproep: Oproep) -> Uitkomst:
    """Ask for credits: a request per provider and law."""
    vraag: Creditvraag = oproep.inhoud
    store, omgeving = _store(oproep), oproep.verzoek.omgeving
    keuze = _keuze(oproep, vraag)
    found = store.candidates(oproep.bereik, keuze)
    for one in found:
        oproep.verzoek.toont(one.gemeente, [one.bsn_hash])
    vandaag = dag_van(omgeving.clock())
    standaard = nazorgwoorden().uiterlijk(vandaag, omgeving.settings.vrije_dagen)
    aanvraag = Aanvraag(
        keuze=keuze,
        reden=vraag.reden,
        toelichting=vraag.toelichting,
        uiterlijk=vraag.uiterlijk_op or standaard,
    )

    def uitkomst(*nummers: int) -> Uitkomst:
        return vastgelegd(oproep, GROEP, SOORT, nummers)

    noteer = oproep.vastlegging(uitkomst, found[0].gemeente if found else None)
    return uitkomst(*store.request(oproep.bereik, oproep.verzoek.wie, aanvraag, noteer))


def antwoord(oproep: Oproep) -> Uitkomst:
    """The provider promises or refuses."""
    given: Creditantwoord = oproep.inhoud
    one = _een(oproep)
    uitkomst = gezet(oproep, GROEP, SOORT, one.nummer)
    noteer = oproep.vastlegging(uitkomst, one.gemeente)
    _store(oproep).answer(
        oproep.bereik, oproep.verzoek.wie, one.nummer, given.antwoord, given.reden, noteer
    )
    return uitkomst


def trek_in(oproep: Oproep) -> Uitkomst:
    """The municipality withdraws a request."""
    one = _een(oproep)
    uitkomst = gezet(oproep, GROEP, SOORT, one.nummer)
    noteer = oproep.vastlegging(uitkomst, one.gemeente)
    _store(oproep).withdraw(oproep.bereik, one.nummer, oproep.inhoud.reden, noteer)
    return uitkomst


def _keuze(oproep: Oproep, vraag: Creditvraag) -> Keuze:
    if sum(map(bool, (vraag.regels, vraag.declaratie, vraag.oorzaak))) != 1:
        raise WrongUse("geef regels, of een declaratie, of een oorzaak")
    if vraag.declaratie is not None:
        return VanDeclaratie(_gelezen(oproep, DECLARATIE, vraag.declaratie)[0])
    if vraag.oorzaak is not None:
        return VanOorzaak(_gelezen(oproep, OORZAAK, vraag.oorzaak)[0])
    return Regels([_gelezen(oproep, REGEL, one) for one in vraag.regels])


def _gelezen(oproep: Oproep, soort: str, given: str) -> tuple[int, int]:
    found = oproep.verzoek.omgeving.kenmerken.read(soort, given)
    if found is None:
        raise NietGevonden
    return found


def _een(oproep: Oproep) -> Rij:
    nummer, _ = nummer_van(oproep, SOORT)
    return _store(oproep).get(oproep.bereik, nummer)


def _store(oproep: Oproep) -> Creditverzoeken:
    return oproep.verzoek.omgeving.store.creditverzoeken


def _shown(oproep: Oproep, one: Rij) -> Creditverzoek:
    own = kenmerk(oproep.verzoek.omgeving, SOORT, one.nummer)
    return Creditverzoek(
        id=own,
        gemeente=one.gemeente,
        wet=one.wet,  # type: ignore[arg-type]
        aanbieder=one.aanbieder,
        reden=one.reden,
        reden_woorden=nazorgwoorden().creditredenen.get(one.reden, one.reden),
        toelichting=one.toelichting,
        gevraagd_op=one.gevraagd_op,
        uiterlijk_op=one.uiterlijk,
        stand=one.stand,  # type: ignore[arg-type]
        regels=one.regels,
        bedrag=one.bedrag,
        gecrediteerd_regels=one.gecrediteerd,
        gecrediteerd=one.gecrediteerd_bedrag,
        antwoord=one.antwoord_reden,
        antwoord_op=one.antwoord_op,
        regels_adres=adres(GROEP, own, "/regels"),
        adres=adres(GROEP, own),
    )


EINDPUNTEN = (
    Eindpunt(
        methode="GET",
        pad="/creditverzoeken",
        naam="zoekCreditverzoeken",
        groep=GROEP,
        titel="Creditverzoeken",
        uitleg="Een aanbieder ziet wat aan hem is gevraagd.",
        rechten=BEIDE,
        doe=lijst,
        zoek=Creditlijstvraag,
        antwoord=Creditverzoekenblad,
    ),
    Eindpunt(
        methode="POST",
        pad="/creditverzoeken",
        naam="vraagCredit",
        groep=GROEP,
        titel="Een credit vragen",
        uitleg=(
            "Voor toegekende regels die nog niet zijn gecrediteerd en waarvoor geen verzoek loopt. "
            "Per aanbieder en wet komt er een verzoek."
        ),
        rechten=BEHEREN,
        doe=vraag_credit,
        inhoud=Creditvraag,
        antwoord=Vastgelegd,
        status=201,
        fouten=(404, 422),
        handeling="credit vragen",
        soort="C",
        herhaalbaar=True,
    ),
    Eindpunt(
        methode="GET",
        pad="/creditverzoeken/{kenmerk}",
        naam="toonCreditverzoek",
        groep=GROEP,
        titel="Een creditverzoek",
        rechten=BEIDE,
        doe=toon,
        antwoord=Creditverzoek,
    ),
    Eindpunt(
        methode="GET",
        pad="/creditverzoeken/{kenmerk}/regels",
        naam="geefRegelsVanCreditverzoek",
        groep=GROEP,
        titel="De regels van een creditverzoek",
        rechten=BEIDE,
        doe=regels,
        zoek=Bladvraag,
        antwoord=Creditregels,
        handeling="creditverzoek bekijken",
    ),
    Eindpunt(
        methode="POST",
        pad="/creditverzoeken/{kenmerk}/antwoord",
        naam="beantwoordCreditverzoek",
        groep=GROEP,
        titel="Een creditverzoek toezeggen of weigeren",
        rechten=(Recht.EIGEN_ZIEN,),
        doe=antwoord,
        inhoud=Creditantwoord,
        antwoord=Gezet,
        fouten=(409, 422),
        handeling="creditverzoek beantwoorden",
        soort="U",
        herhaalbaar=True,
    ),
    Eindpunt(
        methode="POST",
        pad="/creditverzoeken/{kenmerk}/intrekking",
        naam="trekCreditverzoekIn",
        groep=GROEP,
        titel="Een creditverzoek intrekken",
        rechten=BEHEREN,
        doe=trek_in,
        inhoud=Creditintrekking,
        antwoord=Gezet,
        fouten=(409, 422),
        handeling="creditverzoek intrekken",
        soort="U",
        herhaalbaar=True,
    ),
)

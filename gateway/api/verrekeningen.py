"""Verrekeningen: what municipalities settle with each other after a client moved."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import msgspec

from gateway.api.eindpunt import Eindpunt, Invoer, Oproep, Uitkomst, Vorm
from gateway.api.lijst import Bladvraag, Lijst, blad_uitkomst
from gateway.api.nazorg import (
    BEHEREN,
    CODE,
    GEMEENTE,
    JAAR,
    TOEWIJZINGNUMMER,
    WOORDEN,
    ZIEN,
    Gezet,
    Vastgelegd,
    gezet,
    vastgelegd,
)
from gateway.api.versie import refuse_other_version
from gateway.api.woorden import Wet, adres, kenmerk, nummer_van
from gateway.errors import WrongUse
from gateway.http.verrekeningen import propose_found
from gateway.store.geld.nazorg.verrekeningen import Verrekeningen
from gateway.store.geld.nazorg.verrekeningopgave import Aanleiding
from gateway.store.geld.nazorg.verrekeningrijen import Verrekening as Rij

GROEP, SOORT = "verrekeningen", "verrekening"
Stand = Literal["voorgesteld", "open", "eens", "betwist", "ingetrokken"]


class Verrekening(Vorm, frozen=True, kw_only=True):
    """Wat de ene gemeente in een jaar betaalde voor een cliënt van een andere. In eurocenten."""

    id: str
    van: Annotated[str, msgspec.Meta(description="De gemeente die betaalde.")]
    aan: Annotated[str, msgspec.Meta(description="De gemeente die had moeten betalen.")]
    wet: Wet
    client: Annotated[str, msgspec.Meta(description="Een kenmerk, geen BSN.")]
    jaar: int
    begindatum: date
    einddatum: date
    regels: int
    bedrag: int
    grond: str
    toelichting: str
    stand: Stand
    antwoord: Annotated[str, msgspec.Meta(description="Wat de andere gemeente erbij schreef.")]
    buiten: Annotated[
        bool, msgspec.Meta(description="De andere gemeente werkt niet met deze gateway.")
    ]
    gecrediteerd: Annotated[
        int,
        msgspec.Meta(
            description="Wat hiervan sindsdien is gecrediteerd, en nog in geen tegenpost staat."
        ),
    ]
    tegen: Annotated[
        str | None,
        msgspec.Meta(
            description="De verrekening waarvan deze terugneemt wat is gecrediteerd; het bedrag is "
            "dan onder nul."
        ),
    ]
    adres: str


class Verrekeningenblad(Lijst, frozen=True, kw_only=True):
    """Een blad met verrekeningen, de nieuwste vooraan."""

    resultaten: list[Verrekening]


class Gemeentesaldo(Vorm, frozen=True, kw_only=True):
    """Wat er in een jaar tussen twee gemeenten staat; onder nul betaalt `gemeente`."""

    gemeente: str
    ander: str
    jaar: int
    bedrag: int
    eens: Annotated[int, msgspec.Meta(description="Het deel waarover beide akkoord zijn.")]
    betwist: Annotated[int, msgspec.Meta(description="Telt niet mee in bedrag.")]


class Gemeentesaldi(Vorm, frozen=True, kw_only=True):
    """De saldi tussen gemeenten, van de kanten die u ziet."""

    resultaten: list[Gemeentesaldo]


class Verrekeningvraag(Bladvraag, frozen=True, kw_only=True):
    """Which items are looked for."""

    jaar: Annotated[JAAR | None, msgspec.Meta(description="Het jaar van de zorg.")] = None
    ander: Annotated[GEMEENTE | None, msgspec.Meta(description="Een van beide gemeenten.")] = None


class Saldovraag(Invoer, frozen=True, kw_only=True):
    """Over which year."""

    jaar: Annotated[JAAR | None, msgspec.Meta(description="Het jaar van de zorg.")] = None


class Verrekeningzoek(Invoer, frozen=True, kw_only=True):
    """Er is niets bij te vertellen: stuur een leeg object."""


class Verrekeningvondst(Vorm, frozen=True, kw_only=True):
    """Wat er is voorgesteld; wie betaalde, bevestigt het of trekt het in."""

    adressen: list[str]


class Opvoering(Invoer, frozen=True, kw_only=True):
    """Welke zorg een andere gemeente had moeten betalen. Per kalenderjaar komt er een post."""

    van: GEMEENTE
    aan: GEMEENTE
    toewijzingnummer: Annotated[
        TOEWIJZINGNUMMER, msgspec.Meta(description="Een toewijzing van de cliënt bij van.")
    ]
    wet: Wet | None = None
    vanaf: Annotated[date, msgspec.Meta(description="Zorg die op of na deze dag begon.")]
    tot_en_met: date | None = None
    grond: Annotated[CODE, msgspec.Meta(description="Een code, zoals woonplaats of verhuizing.")]
    toelichting: WOORDEN = ""


class Verrekeningstap(Invoer, frozen=True, kw_only=True):
    """Wat u met een verrekening doet."""

    stap: Annotated[
        Literal["bevestigen", "intrekken", "tegenboeken", "akkoord", "betwist"],
        msgspec.Meta(
            description="bevestigen, intrekken en tegenboeken kan wie betaalde; akkoord en betwist "
            "de ander. Wie voor de ene kant sprak, doet dat niet voor de andere. Tegenboeken voert "
            "een post op van wat sinds het akkoord is gecrediteerd; het antwoord is die nieuwe "
            "post."
        ),
    ]
    reden: WOORDEN = ""


def lijst(oproep: Oproep) -> Uitkomst:
    """Items of both sides."""
    vraag: Verrekeningvraag = oproep.zoek
    blad = _store(oproep).list(oproep.bereik, vraag.jaar, vraag.ander, vraag.vanaf, vraag.omvang)
    shown = [_shown(oproep, one) for one in blad.rijen]
    return blad_uitkomst(oproep, Verrekeningenblad, shown, blad)


def saldi(oproep: Oproep) -> Uitkomst:
    """What stands between municipalities."""
    found = _store(oproep).paren(oproep.bereik, oproep.zoek.jaar)
    return Uitkomst(Gemeentesaldi(resultaten=[Gemeentesaldo(**one._asdict()) for one in found]))


def toon(oproep: Oproep) -> Uitkomst:
    """One item."""
    return Uitkomst(_shown(oproep, _een(oproep)))


def voer_op(oproep: Oproep) -> Uitkomst:
    """Put items down."""
    given: Opvoering = oproep.inhoud
    omgeving = oproep.verzoek.omgeving
    if given.aan not in omgeving.kennis.gemeentecodes:
        raise WrongUse(f"gemeente {given.aan} bestaat niet")
    vraag = Aanleiding(
        van=given.van,
        aan=given.aan,
        toewijzingnummer=given.toewijzingnummer,
        wet=given.wet,
        vanaf=given.vanaf,
        tot=given.tot_en_met,
        grond=given.grond,
        toelichting=given.toelichting,
        buiten=given.aan not in omgeving.bediend,
    )

    def uitkomst(*nummers: int) -> Uitkomst:
        return vastgelegd(oproep, GROEP, SOORT, nummers)

    noteer = oproep.vastlegging(uitkomst, given.van)
    return uitkomst(*_store(oproep).add(oproep.bereik, oproep.verzoek.wie, vraag, noteer))


def vind(oproep: Oproep) -> Uitkomst:
    """Propose what the 319 messages of a year tell."""

    def uitkomst(*nummers: int) -> Uitkomst:
        found = [adres(GROEP, kenmerk(oproep.verzoek.omgeving, SOORT, one)) for one in nummers]
        return Uitkomst(Verrekeningvondst(adressen=found))

    return uitkomst(*propose_found(oproep.verzoek, oproep.bereik, oproep.bewaring(uitkomst)))


def zet_stap(oproep: Oproep) -> Uitkomst:
    """Confirm, withdraw, take back, agree or dispute, as it was shown."""
    given: Verrekeningstap = oproep.inhoud
    one, store, bereik, wie = _een(oproep), _store(oproep), oproep.bereik, oproep.verzoek.wie
    refuse_other_version(oproep, _shown(oproep, one))
    nummer = one.nummer

    def uitkomst(nieuw: int = nummer) -> Uitkomst:
        return gezet(oproep, GROEP, SOORT, nieuw)

    noteer = oproep.vastlegging(uitkomst, _own(oproep, one))
    match given.stap:
        case "bevestigen":
            store.confirm(bereik, wie, nummer, noteer)
        case "intrekken":
            store.withdraw(bereik, wie, nummer, noteer)
        case "tegenboeken":
            (nieuw,) = store.counter(bereik, wie, nummer, noteer)
            return uitkomst(nieuw)
        case _:
            store.answer(bereik, wie, nummer, given.stap, given.reden, noteer)
    return uitkomst()


def _een(oproep: Oproep) -> Rij:
    nummer, _ = nummer_van(oproep, SOORT)
    return _store(oproep).get(oproep.bereik, nummer)


def _store(oproep: Oproep) -> Verrekeningen:
    return oproep.verzoek.omgeving.store.verrekeningen


def _own(oproep: Oproep, one: Rij) -> str:
    return one.van if one.van in oproep.bereik.gemeenten else one.aan


def _toont(oproep: Oproep, one: Rij) -> None:
    oproep.verzoek.toont(_own(oproep, one), [one.client], f"{SOORT} {one.nummer}")


def _shown(oproep: Oproep, one: Rij) -> Verrekening:
    _toont(oproep, one)
    omgeving = oproep.verzoek.omgeving
    own = kenmerk(omgeving, SOORT, one.nummer)
    return Verrekening(
        id=own,
        van=one.van,
        aan=one.aan,
        wet=one.wet,  # type: ignore[arg-type]
        client=omgeving.kenmerken.of_client(one.client),
        jaar=one.jaar,
        begindatum=one.begindatum,
        einddatum=one.einddatum,
        regels=one.regels,
        bedrag=one.bedrag,
        grond=one.grond,
        toelichting=one.toelichting,
        stand=one.stand,  # type: ignore[arg-type]
        antwoord=one.aan_reden,
        buiten=one.is_buiten,
        gecrediteerd=one.gecrediteerd,
        tegen=None if one.tegen is None else kenmerk(omgeving, SOORT, one.tegen),
        adres=adres(GROEP, own),
    )


EINDPUNTEN = (
    Eindpunt(
        methode="GET",
        pad="/verrekeningen",
        naam="zoekVerrekeningen",
        groep=GROEP,
        titel="Verrekeningen tussen gemeenten",
        rechten=ZIEN,
        doe=lijst,
        zoek=Verrekeningvraag,
        antwoord=Verrekeningenblad,
        handeling="verrekeningen bekijken",
    ),
    Eindpunt(
        methode="GET",
        pad="/verrekeningen/saldi",
        naam="geefSaldiTussenGemeenten",
        groep=GROEP,
        titel="Wat er tussen gemeenten staat",
        uitleg="Beide kanten zijn hetzelfde bedrag, met een ander teken.",
        rechten=ZIEN,
        doe=saldi,
        zoek=Saldovraag,
        antwoord=Gemeentesaldi,
    ),
    Eindpunt(
        methode="POST",
        pad="/verrekeningen",
        naam="voerVerrekeningOp",
        groep=GROEP,
        titel="Een verrekening opvoeren",
        rechten=BEHEREN,
        doe=voer_op,
        inhoud=Opvoering,
        antwoord=Vastgelegd,
        status=201,
        fouten=(403, 422),
        handeling="verrekening opvoeren",
        soort="C",
        herhaalbaar=True,
    ),
    Eindpunt(
        methode="POST",
        pad="/verrekeningen/_vind",
        naam="vindVerrekeningen",
        groep=GROEP,
        titel="Verrekeningen zoeken in 319-berichten",
        uitleg="Wat een 319 van het afgelopen jaar zegt, wordt één keer voorgesteld.",
        rechten=BEHEREN,
        doe=vind,
        inhoud=Verrekeningzoek,
        antwoord=Verrekeningvondst,
        handeling="verrekeningen zoeken in 319-berichten",
        soort="C",
        budget="zoeken",
        herhaalbaar=True,
    ),
    Eindpunt(
        methode="GET",
        pad="/verrekeningen/{kenmerk}",
        naam="toonVerrekening",
        groep=GROEP,
        titel="Een verrekening",
        rechten=ZIEN,
        doe=toon,
        antwoord=Verrekening,
        handeling="verrekening bekijken",
    ),
    Eindpunt(
        methode="POST",
        pad="/verrekeningen/{kenmerk}/stappen",
        naam="zetStapMetVerrekening",
        groep=GROEP,
        titel="Een verrekening bevestigen, intrekken, tegenboeken of beantwoorden",
        rechten=BEHEREN,
        doe=zet_stap,
        inhoud=Verrekeningstap,
        antwoord=Gezet,
        fouten=(403, 409, 422),
        handeling="beslissen over een verrekening",
        soort="U",
        herhaalbaar=True,
        met_versie=True,
    ),
)

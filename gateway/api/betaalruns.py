"""Betaalruns: what is paid at once, from concept until the bank paid it, with file and journal."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Annotated, Literal

import msgspec

from gateway.api.betalingen import GROEP, Runstand
from gateway.api.eindpunt import XML, Eindpunt, Invoer, Oproep, Uitkomst, Vorm
from gateway.api.lijst import Bladvraag, Lijst, blad_uitkomst
from gateway.api.nazorg import BEHEREN, GEMEENTE, ZIEN, noteer_van
from gateway.api.versie import refuse_other_version
from gateway.api.voorstellen import voorsteladres
from gateway.api.wijzigen import Wijzigingsbewijs, bewijs_van
from gateway.api.woorden import adres, kenmerk, nummer_van
from gateway.errors import AlBeoordeeld, NietToegestaan, WrongUse
from gateway.http.betalen import boekingen_van, file_of, release, runvraag
from gateway.store.geld.betalen import inzage

SOORTEN, BETAALRUN = "betaalruns", "betaalrun"


class Buiten(Vorm, frozen=True, kw_only=True):
    """Een aanbieder die niet meeging. Bedrag in eurocenten."""

    aanbieder: str
    reden: str
    bedrag: int


class Betaalrun(Vorm, frozen=True, kw_only=True):
    """Een betaalrun. Bedragen in eurocenten."""

    id: str
    nummer: int
    gemeente: str
    stand: Runstand
    beantwoord_tot: date
    vervalt_tot: date | None
    betaaldag: date
    betalingen: int
    regels: int
    bedrag: int
    buiten: list[Buiten]
    bericht: Annotated[str | None, msgspec.Meta(description="Het nummer van het betaalbestand.")]
    sha256: Annotated[str | None, msgspec.Meta(description="Van het betaalbestand.")]
    betaald_op: date | None
    voorstel_adres: Annotated[
        str | None, msgspec.Meta(description="Wat een tweede persoon goedkeurt, als dat moet.")
    ]
    adres: str


class Betaalruns(Lijst, frozen=True, kw_only=True):
    """Een blad met betaalruns, de nieuwste vooraan."""

    resultaten: list[Betaalrun]


class Nieuwerun(Invoer, frozen=True, kw_only=True):
    """Een run van alles wat in een gemeente mag worden betaald."""

    gemeente: GEMEENTE
    beantwoord_tot: Annotated[
        date | None, msgspec.Meta(description="Wat tot en met deze dag is beantwoord; of vandaag.")
    ] = None
    betaaldag: Annotated[
        date | None, msgspec.Meta(description="Zonder deze dag: de volgende werkdag.")
    ] = None
    vervalt_tot: Annotated[
        date | None, msgspec.Meta(description="Alleen wat uiterlijk op deze dag betaald moet zijn.")
    ] = None


class Runstap(Invoer, frozen=True, kw_only=True):
    """Wat u met een run doet. Vrijgeven boven een bedrag wacht op een tweede persoon."""

    stap: Annotated[
        Literal["vrijgeven", "vervallen", "bestand", "betaald"],
        msgspec.Meta(description="bestand maakt het betaalbestand; haal het daarna op."),
    ]
    op: Annotated[
        date | None, msgspec.Meta(description="Bij betaald: de dag waarop de bank betaalde.")
    ] = None


class Boekingsregel(Vorm, frozen=True, kw_only=True):
    """Een regel van het journaal; debet of credit is nul. Bedragen in eurocenten."""

    boekdatum: date
    boekjaar: int
    rekening: str
    taakveld: str
    kostenplaats: str
    crediteur: str
    aanbieder: str
    btwcode: str
    debet: int
    credit: int
    omschrijving: str


class Runjournaal(Vorm, frozen=True, kw_only=True):
    """Alle journaalposten van een run; samen is debet gelijk aan credit."""

    resultaten: list[Boekingsregel]


def lijst(oproep: Oproep) -> Uitkomst:
    """Runs."""
    vraag: Bladvraag = oproep.zoek
    store = oproep.verzoek.omgeving.store.betalingen
    blad = store.runs(oproep.bereik, vraag.vanaf, vraag.omvang)
    return blad_uitkomst(oproep, Betaalruns, [_run(oproep, one) for one in blad.rijen], blad)


def toon(oproep: Oproep) -> Uitkomst:
    """One run."""
    return Uitkomst(_run(oproep, _gevraagd(oproep)))


def maak(oproep: Oproep) -> Uitkomst:
    """A run in concept."""
    given: Nieuwerun = oproep.inhoud
    if given.gemeente not in oproep.bereik.gemeenten:
        raise NietToegestaan
    omgeving = oproep.verzoek.omgeving
    vraag = runvraag(
        omgeving,
        given.gemeente,
        tot=given.beantwoord_tot,
        uitvoering=given.betaaldag,
        vervalt=given.vervalt_tot,
    )
    noteer = oproep.vastlegging(partial(_bewijs, oproep), given.gemeente)
    return _bewijs(oproep, omgeving.store.betaalruns.make(oproep.verzoek.wie, vraag, noteer))


def zet_stap(oproep: Oproep) -> Uitkomst:
    """Take a run on, as it was shown."""
    given: Runstap = oproep.inhoud
    one = _gevraagd(oproep)
    refuse_other_version(oproep, _run(oproep, one))
    omgeving, bereik = oproep.verzoek.omgeving, oproep.bereik
    uitkomst = _bewijs(oproep, one.nummer)
    noteer = oproep.vastlegging(uitkomst, one.gemeente)
    match given.stap:
        case "vrijgeven":
            release(omgeving, bereik, oproep.verzoek.wie, one, noteer)
        case "vervallen":
            omgeving.store.betaalruns.drop(bereik, one.nummer, noteer)
        case "bestand":
            file_of(omgeving, bereik, one, noteer)
        case "betaald":
            if given.op is None:
                raise WrongUse("geef in op de dag waarop de bank betaalde")
            omgeving.store.betaalruns.paid(bereik, one.nummer, given.op, noteer)
    return uitkomst


def bestand(oproep: Oproep) -> Uitkomst:
    """The payment file that was made, the same to the byte every time."""
    one = _gevraagd(oproep)
    if one.sha256 is None:
        raise AlBeoordeeld("er is nog geen betaalbestand gemaakt; zet eerst de stap bestand")
    noteer = noteer_van(oproep, one.gemeente)
    _, made = file_of(oproep.verzoek.omgeving, oproep.bereik, one, noteer)
    return Uitkomst(made)


def journaalposten(oproep: Oproep) -> Uitkomst:
    """The journal of a run."""
    found = boekingen_van(oproep.verzoek.omgeving, oproep.bereik, _gevraagd(oproep))
    return Uitkomst(Runjournaal(resultaten=[Boekingsregel(**one._asdict()) for one in found]))


def _bewijs(oproep: Oproep, nummer: int) -> Uitkomst:
    return bewijs_van(oproep, SOORTEN, BETAALRUN, nummer)


def _gevraagd(oproep: Oproep) -> inzage.Run:
    nummer, _ = nummer_van(oproep, BETAALRUN)
    return oproep.verzoek.omgeving.store.betalingen.run(oproep.bereik, nummer)


def _run(oproep: Oproep, one: inzage.Run) -> Betaalrun:
    own = kenmerk(oproep.verzoek.omgeving, BETAALRUN, one.nummer)
    return Betaalrun(
        id=own,
        nummer=one.nummer,
        gemeente=one.gemeente,
        stand=one.staat,  # type: ignore[arg-type]
        beantwoord_tot=one.tot,
        vervalt_tot=one.vervalt_tot,
        betaaldag=one.uitvoering,
        betalingen=one.betalingen,
        regels=one.regels,
        bedrag=one.bedrag,
        buiten=[
            Buiten(aanbieder=left.aanbieder, reden=left.reden, bedrag=left.bedrag)
            for left in one.buiten
        ],
        bericht=one.bericht_id,
        sha256=one.sha256,
        betaald_op=one.betaald_op,
        voorstel_adres=None if one.voorstel is None else voorsteladres(oproep, one.voorstel),
        adres=adres(SOORTEN, own),
    )


EINDPUNTEN = (
    Eindpunt(
        methode="GET",
        pad="/betaalruns",
        naam="geefBetaalruns",
        groep=GROEP,
        titel="Betaalruns",
        rechten=ZIEN,
        doe=lijst,
        zoek=Bladvraag,
        antwoord=Betaalruns,
    ),
    Eindpunt(
        methode="GET",
        pad="/betaalruns/{kenmerk}",
        naam="toonBetaalrun",
        groep=GROEP,
        titel="Een betaalrun",
        rechten=ZIEN,
        doe=toon,
        antwoord=Betaalrun,
    ),
    Eindpunt(
        methode="POST",
        pad="/betaalruns",
        naam="maakBetaalrun",
        groep=GROEP,
        titel="Een betaalrun maken",
        uitleg="Er wordt nog niets betaald. Kijk op het adres in Location wie niet meegaat.",
        rechten=BEHEREN,
        doe=maak,
        inhoud=Nieuwerun,
        antwoord=Wijzigingsbewijs,
        status=201,
        handeling="betaalrun maken",
        soort="C",
        budget="zoeken",
        herhaalbaar=True,
    ),
    Eindpunt(
        methode="POST",
        pad="/betaalruns/{kenmerk}/stappen",
        naam="zetStapMetBetaalrun",
        groep=GROEP,
        titel="Een betaalrun vrijgeven, laten vervallen, naar de bank sturen of betaald melden",
        rechten=BEHEREN,
        doe=zet_stap,
        inhoud=Runstap,
        antwoord=Wijzigingsbewijs,
        status=201,
        handeling="betaalrun verder zetten",
        soort="U",
        herhaalbaar=True,
        met_versie=True,
    ),
    Eindpunt(
        methode="GET",
        pad="/betaalruns/{kenmerk}/bestand",
        naam="geefBetaalbestand",
        groep=GROEP,
        titel="Het betaalbestand (SEPA pain.001)",
        uitleg="Elke keer hetzelfde tot op de byte. Lees het één keer in bij de bank.",
        rechten=BEHEREN,
        doe=bestand,
        media_uit=XML,
        fouten=(409,),
        handeling="betaalbestand ophalen",
        budget="export",
    ),
    Eindpunt(
        methode="GET",
        pad="/betaalruns/{kenmerk}/journaal",
        naam="geefJournaal",
        groep=GROEP,
        titel="De journaalposten van een betaalrun",
        uitleg="Alleen van een run die is vrijgegeven: wat vervalt, gaat in een andere run.",
        rechten=ZIEN,
        doe=journaalposten,
        antwoord=Runjournaal,
    ),
)

"""Betalingen: what was paid to whom, which lines are in it, and what came back."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

import msgspec

from gateway.api.eindpunt import Eindpunt, Invoer, Oproep, Uitkomst, Vorm
from gateway.api.lijst import Bladvraag, Lijst, blad_uitkomst
from gateway.api.versie import refuse_other_version
from gateway.api.wijzigen import Wijzigingsbewijs, bewijs_van
from gateway.api.woorden import REGEL, Wet, adres, kenmerk, nummer_van
from gateway.http.betalen import instellingen_van
from gateway.ledger.geld.specificatie import DECLARATIE, Bron, Specificatieregel
from gateway.pipeline.kennis import dag_van
from gateway.store.geld.betalen import inzage
from gateway.store.geld.betalen.openstaand import laat_van, openstaand
from gateway.toegang.rechten import Recht

ZIEN = (Recht.GELD_ZIEN, Recht.EIGEN_ZIEN)
BETALING, GROEP = "betaling", "betalingen"
Runstand = Literal["concept", "voorgesteld", "vrijgegeven", "bestand", "betaald", "vervallen"]
Stand = Runstand | Literal["verrekend", "teruggekomen"]


class Betaling(Vorm, frozen=True, kw_only=True):
    """Wat een run aan één aanbieder betaalt. Bedragen in eurocenten.

    Debet min credit plus wat is meegenomen, is het bedrag. Onder nul is het doorgeschoven.
    """

    id: str
    kenmerk: Annotated[str, msgspec.Meta(description="Staat op het bankafschrift.")]
    gemeente: str
    aanbieder: str
    stand: Stand
    regels: int
    debet: int
    credit: int
    meegenomen: Annotated[int, msgspec.Meta(description="Van eerdere betalingen.")]
    bedrag: int
    doorgeschoven: int
    betaaldag: date
    betaald_op: date | None
    teruggekomen_op: date | None
    regels_adres: Annotated[str, msgspec.Meta(description="Waar de regels staan.")]
    adres: str


class Betalingen(Lijst, frozen=True, kw_only=True):
    """Een blad met betalingen, de nieuwste vooraan."""

    resultaten: list[Betaling]


class Meegenomen(Vorm, frozen=True, kw_only=True):
    """Een eerder saldo dat meeging. Bedrag in eurocenten."""

    soort: Literal["negatief", "teruggekomen"]
    bedrag: int
    kenmerk: Annotated[str, msgspec.Meta(description="Van welke betaling het overbleef.")]


class Betalingdetail(Betaling, frozen=True, kw_only=True):
    """Een betaling, met de eerdere saldi die meegingen."""

    saldi: list[Meegenomen]


class Betaalregel(Vorm, frozen=True, kw_only=True):
    """Een regel in een betaling. Bedrag in eurocenten; een credit is onder nul.

    Een regel staat in een declaratie, of in een factuur buiten het berichtenverkeer.
    """

    soort: Bron
    declaratienummer: str | None
    factuurnummer: str | None
    bericht: Annotated[str | None, msgspec.Meta(description="De Identificatie van de 323.")]
    wet: Wet
    referentienummer: Annotated[
        str, msgspec.Meta(description="Van de regel; in een factuur het volgnummer.")
    ]
    toewijzingnummer: int | None
    productcategorie: str
    productcode: str
    begindatum: date
    einddatum: date
    bedrag: int
    regel_adres: Annotated[
        str | None, msgspec.Meta(description="Alleen van een regel in een declaratie.")
    ]


class Betaalregels(Lijst, frozen=True, kw_only=True):
    """Een blad met de regels van een betaling, per declaratie en factuur."""

    resultaten: list[Betaalregel]


class Openstaandbedrag(Vorm, frozen=True, kw_only=True):
    """Wat een aanbieder nog krijgt. Bedragen in eurocenten."""

    gemeente: str
    aanbieder: str
    stukken: Annotated[int, msgspec.Meta(description="Declaraties en facturen.")]
    regels: int
    bedrag: Annotated[int, msgspec.Meta(description="Toegekend, en nog in geen betaling.")]
    saldo: Annotated[int, msgspec.Meta(description="Van eerdere betalingen; gaat mee.")]
    te_laat: Annotated[int, msgspec.Meta(description="Het deel van bedrag dat betaald had moeten.")]
    oudste: Annotated[
        datetime | None, msgspec.Meta(description="Wanneer het eerste ervan binnenkwam.")
    ]


class Openstaandebedragen(Vorm, frozen=True, kw_only=True):
    """Wat alle aanbieders nog krijgen; wie het meest te laat krijgt, staat vooraan."""

    resultaten: list[Openstaandbedrag]


class Terugboeking(Invoer, frozen=True, kw_only=True):
    """Dat de bank een betaling terugstuurde; haar bedrag staat daarna weer open."""

    op: Annotated[date, msgspec.Meta(description="De dag waarop zij terugkwam.")]
    reden: Annotated[str, msgspec.Meta(min_length=1, max_length=2000, description="Zonder BSN.")]


def lijst(oproep: Oproep) -> Uitkomst:
    """Payments."""
    vraag: Bladvraag = oproep.zoek
    store = oproep.verzoek.omgeving.store.betalingen
    blad = store.betalingen(oproep.bereik, na=vraag.vanaf, omvang=vraag.omvang)
    shown = [Betaling(**_velden(oproep, one)) for one in blad.rijen]
    return blad_uitkomst(oproep, Betalingen, shown, blad)


def een(oproep: Oproep) -> Uitkomst:
    """One payment."""
    return Uitkomst(_detail(oproep, _gevraagd(oproep)))


def openstaande(oproep: Oproep) -> Uitkomst:
    """What every provider still gets."""
    omgeving, bereik = oproep.verzoek.omgeving, oproep.bereik
    instellingen, vandaag = instellingen_van(omgeving), dag_van(omgeving.clock())
    laat = {one: laat_van(instellingen.of(one), vandaag) for one in bereik.gemeenten}
    names = Openstaandbedrag.__struct_fields__
    shown = [
        Openstaandbedrag(**{name: getattr(one, name) for name in names})
        for one in openstaand(omgeving.store.database, bereik, laat)
    ]
    return Uitkomst(Openstaandebedragen(resultaten=shown))


def kwam_terug(oproep: Oproep) -> Uitkomst:
    """A payment came back from the bank."""
    given: Terugboeking = oproep.inhoud
    one = _gevraagd(oproep)
    refuse_other_version(oproep, _detail(oproep, one))
    uitkomst = bewijs_van(oproep, GROEP, BETALING, one.nummer)
    noteer = oproep.vastlegging(uitkomst, one.gemeente)
    runs = oproep.verzoek.omgeving.store.betaalruns
    runs.bounced(oproep.bereik, one.nummer, given.op, given.reden, noteer)
    return uitkomst


def _gevraagd(oproep: Oproep) -> inzage.Betaling:
    nummer, _ = nummer_van(oproep, BETALING)
    return oproep.verzoek.omgeving.store.betalingen.betaling(oproep.bereik, nummer)


def _detail(oproep: Oproep, found: inzage.Betaling) -> Betalingdetail:
    store = oproep.verzoek.omgeving.store.betalingen
    saldi = [
        Meegenomen(soort=one.soort, bedrag=one.bedrag, kenmerk=one.uit_kenmerk)  # type: ignore[arg-type]
        for one in store.meegenomen(oproep.bereik, found.nummer)
    ]
    return Betalingdetail(**_velden(oproep, found), saldi=saldi)


def regels(oproep: Oproep) -> Uitkomst:
    """The lines of a payment."""
    vraag: Bladvraag = oproep.zoek
    store, found = oproep.verzoek.omgeving.store.betalingen, _gevraagd(oproep)
    blad = store.regels(oproep.bereik, found.nummer, vraag.omvang, vraag.vanaf)
    oproep.verzoek.toont(found.gemeente, [one.client for one in blad.rijen if one.client])
    shown = [_regel(oproep, one) for one in blad.rijen]
    return blad_uitkomst(oproep, Betaalregels, shown, blad)


def _velden(oproep: Oproep, one: inzage.Betaling) -> dict[str, Any]:
    own = kenmerk(oproep.verzoek.omgeving, BETALING, one.nummer)
    return {
        "id": own,
        "kenmerk": one.kenmerk,
        "gemeente": one.gemeente,
        "aanbieder": one.aanbieder,
        "stand": one.stand,
        "regels": one.regels,
        "debet": one.debet,
        "credit": one.credit,
        "meegenomen": one.meegenomen,
        "bedrag": one.bedrag,
        "doorgeschoven": one.doorgeschoven,
        "betaaldag": one.uitvoering,
        "betaald_op": one.betaald_op,
        "teruggekomen_op": one.teruggekomen_op,
        "regels_adres": adres("betalingen", own, "/regels"),
        "adres": adres("betalingen", own),
    }


def _regel(oproep: Oproep, one: Specificatieregel) -> Betaalregel:
    omgeving, declared = oproep.verzoek.omgeving, one.bron == DECLARATIE
    line = kenmerk(omgeving, REGEL, one.stuk_id, one.regelnr)
    return Betaalregel(
        soort=one.bron,
        declaratienummer=one.nummer if declared else None,
        factuurnummer=None if declared else one.nummer,
        bericht=one.bericht or None,
        wet=one.wet,  # type: ignore[arg-type]
        referentienummer=one.referentienummer,
        toewijzingnummer=one.toewijzingnummer,
        productcategorie=one.productcategorie,
        productcode=one.productcode,
        begindatum=one.begindatum,
        einddatum=one.einddatum,
        bedrag=one.bedrag,
        regel_adres=adres("regels", line) if declared else None,
    )


EINDPUNTEN = (
    Eindpunt(
        methode="GET",
        pad="/betalingen",
        naam="geefBetalingen",
        groep=GROEP,
        titel="Betalingen",
        uitleg="Een aanbieder ziet zijn eigen betalingen, zodra de gemeente ze vrijgaf.",
        rechten=ZIEN,
        doe=lijst,
        zoek=Bladvraag,
        antwoord=Betalingen,
    ),
    Eindpunt(
        methode="GET",
        pad="/betalingen/openstaand",
        naam="geefOpenstaandeBedragen",
        groep=GROEP,
        titel="Wat aanbieders nog krijgen",
        uitleg="Wat is toegekend en in geen betaling zit, met wat te laat is.",
        rechten=(Recht.GELD_ZIEN,),
        doe=openstaande,
        antwoord=Openstaandebedragen,
    ),
    Eindpunt(
        methode="GET",
        pad="/betalingen/{kenmerk}",
        naam="toonBetaling",
        groep=GROEP,
        titel="Een betaling",
        rechten=ZIEN,
        doe=een,
        antwoord=Betalingdetail,
    ),
    Eindpunt(
        methode="GET",
        pad="/betalingen/{kenmerk}/regels",
        naam="geefRegelsVanBetaling",
        groep=GROEP,
        titel="De regels van een betaling",
        uitleg="Samen met de saldi die meegingen, zijn de regels het bedrag van de betaling.",
        rechten=ZIEN,
        doe=regels,
        zoek=Bladvraag,
        antwoord=Betaalregels,
        handeling="regels van betaling ingezien",
    ),
    Eindpunt(
        methode="POST",
        pad="/betalingen/{kenmerk}/terugboeking",
        naam="legTerugboekingVast",
        groep=GROEP,
        titel="Een betaling kwam terug",
        uitleg="Haar bedrag gaat mee in een volgende betaling.",
        rechten=(Recht.GELD_BEHEREN,),
        doe=kwam_terug,
        inhoud=Terugboeking,
        antwoord=Wijzigingsbewijs,
        status=201,
        handeling="betaling teruggekomen",
        soort="U",
        herhaalbaar=True,
        met_versie=True,
    ),
)

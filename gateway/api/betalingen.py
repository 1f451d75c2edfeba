"""Betalingen: what was paid to whom, by which run, and which lines are in it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

import msgspec

from gateway.api.eindpunt import Eindpunt, Oproep, Uitkomst, Vorm
from gateway.api.lijst import Bladvraag, Lijst, blad_uitkomst
from gateway.api.woorden import REGEL, Wet, adres, kenmerk, nummer_van
from gateway.ledger.geld.specificatie import DECLARATIE, Bron, Specificatieregel
from gateway.store.geld.betalen import inzage
from gateway.toegang.rechten import Recht

ZIEN = (Recht.GELD_ZIEN, Recht.EIGEN_ZIEN)
BETALING, BETAALRUN = "betaling", "betaalrun"
GROEP = "betalingen"
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
    adres: str


class Betaalruns(Lijst, frozen=True, kw_only=True):
    """Een blad met betaalruns, de nieuwste vooraan."""

    resultaten: list[Betaalrun]


def lijst(oproep: Oproep) -> Uitkomst:
    """Payments."""
    vraag: Bladvraag = oproep.zoek
    store = oproep.verzoek.omgeving.store.betalingen
    blad = store.betalingen(oproep.bereik, na=vraag.vanaf, omvang=vraag.omvang)
    shown = [Betaling(**_velden(oproep, one)) for one in blad.rijen]
    return blad_uitkomst(oproep, Betalingen, shown, blad)


def een(oproep: Oproep) -> Uitkomst:
    """One payment."""
    store, nummer = oproep.verzoek.omgeving.store.betalingen, nummer_van(oproep, BETALING)[0]
    found = store.betaling(oproep.bereik, nummer)
    saldi = [
        Meegenomen(soort=one.soort, bedrag=one.bedrag, kenmerk=one.uit_kenmerk)  # type: ignore[arg-type]
        for one in store.meegenomen(oproep.bereik, nummer)
    ]
    return Uitkomst(Betalingdetail(**_velden(oproep, found), saldi=saldi))


def regels(oproep: Oproep) -> Uitkomst:
    """The lines of a payment."""
    vraag: Bladvraag = oproep.zoek
    store, nummer = oproep.verzoek.omgeving.store.betalingen, nummer_van(oproep, BETALING)[0]
    found = store.betaling(oproep.bereik, nummer)
    blad = store.regels(oproep.bereik, nummer, vraag.omvang, vraag.vanaf)
    oproep.verzoek.toont(found.gemeente, [one.client for one in blad.rijen if one.client])
    shown = [_regel(oproep, one) for one in blad.rijen]
    return blad_uitkomst(oproep, Betaalregels, shown, blad)


def runs(oproep: Oproep) -> Uitkomst:
    """Runs."""
    vraag: Bladvraag = oproep.zoek
    store = oproep.verzoek.omgeving.store.betalingen
    blad = store.runs(oproep.bereik, vraag.vanaf, vraag.omvang)
    return blad_uitkomst(oproep, Betaalruns, [_run(oproep, one) for one in blad.rijen], blad)


def run(oproep: Oproep) -> Uitkomst:
    """One run."""
    store = oproep.verzoek.omgeving.store.betalingen
    return Uitkomst(_run(oproep, store.run(oproep.bereik, nummer_van(oproep, BETAALRUN)[0])))


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
        adres=adres("betaalruns", own),
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
        methode="GET",
        pad="/betaalruns",
        naam="geefBetaalruns",
        groep=GROEP,
        titel="Betaalruns",
        rechten=(Recht.GELD_ZIEN,),
        doe=runs,
        zoek=Bladvraag,
        antwoord=Betaalruns,
    ),
    Eindpunt(
        methode="GET",
        pad="/betaalruns/{kenmerk}",
        naam="toonBetaalrun",
        groep=GROEP,
        titel="Een betaalrun",
        rechten=(Recht.GELD_ZIEN,),
        doe=run,
        antwoord=Betaalrun,
    ),
)

"""Overzichten: a month of an aanbieder line by line, with what happened to each line afterwards."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import msgspec

from gateway.api.eindpunt import Eindpunt, Oproep, Uitkomst, Vorm
from gateway.api.lijst import Bladvraag, Lijst, blad_uitkomst
from gateway.api.woorden import REGEL, Wet, adres, kenmerk
from gateway.errors import VerzoekGeweigerd
from gateway.ledger.overzicht import Overzichtregel
from gateway.ledger.verhaal import Boekregel
from gateway.store.inzage.overzicht import Overzichtvraag
from gateway.toegang.rechten import Recht

ZIEN = (Recht.EIGEN_ZIEN, Recht.WERK_ZIEN)


class Overzichtbladvraag(Bladvraag, frozen=True, kw_only=True):
    """Van welke aanbieder; een aanbieder vraagt altijd naar zichzelf."""

    aanbieder: Annotated[
        Annotated[str, msgspec.Meta(pattern=r"^[0-9]{8}$")] | None,
        msgspec.Meta(description="AGB-code. Nodig voor wie geen aanbieder is."),
    ] = None


class Andereregel(Vorm, frozen=True, kw_only=True):
    """Een regel waar een regel mee te maken heeft."""

    declaratie: str
    regel: str


class Regelbetaling(Vorm, frozen=True, kw_only=True):
    """De betaling waar een regel in zit. Bedrag in eurocenten; een credit trekt af.

    Kwam zij terug, dan is `teruggekomenOp` de laatste keer en `opnieuw` de betaling waarin het
    bedrag daarna meeging.
    """

    kenmerk: str
    bedrag: int
    stand: Annotated[str, msgspec.Meta(description="onderweg, betaald, verrekend of teruggekomen")]
    betaald_op: date | None
    teruggekomen_op: date | None
    opnieuw: Annotated[str | None, msgspec.Meta(description="Het kenmerk van die betaling.")]


class Overzichtsregel(Vorm, frozen=True, kw_only=True):
    """Een regel met alles wat ervan werd. Bedragen in eurocenten; een credit is negatief."""

    declaratie: str
    regel: str
    aanbieder: str
    gemeente: str
    wet: Wet
    toewijzingnummer: int
    productcategorie: str
    productcode: str
    begindatum: date
    einddatum: date
    ingediend: int
    toegekend: int
    afgewezen: int
    wacht: int
    gecrediteerd: Annotated[int, msgspec.Meta(description="Wat een latere credit terugnam.")]
    betaald: int
    retourcodes: list[str]
    redenen: Annotated[list[str], msgspec.Meta(description="Wat er bij elke code aan de hand is.")]
    stand: Annotated[str, msgspec.Meta(description="Wat er nu van de regel is.")]
    crediteert: Andereregel | None
    gecrediteerd_door: Andereregel | None
    vervangen_door: Andereregel | None
    betaling: Regelbetaling | None
    bericht323: str
    dagtekening323: date
    bericht325: str | None
    datum325: date | None
    adres: str


class Overzichtsregels(Lijst, frozen=True, kw_only=True):
    """Een blad van de regels van een maand, zoals zij zijn beoordeeld."""

    resultaten: list[Overzichtsregel]


def regels(oproep: Oproep) -> Uitkomst:
    """The lines of a month with their stories."""
    zoek: Overzichtbladvraag = oproep.zoek
    if not oproep.is_aanbieder and zoek.aanbieder is None:
        raise VerzoekGeweigerd(400, "noem van welke aanbieder: aanbieder=12345678")
    maand = oproep.verzoek.vraag.delen["maand"]
    vraag = Overzichtvraag.of(oproep.bereik, [zoek.aanbieder or ""], maand)
    blad = oproep.verzoek.omgeving.store.overzichten.regels(vraag, zoek.omvang, zoek.vanaf)
    for one in blad.rijen:
        oproep.verzoek.toont(one.regel.inzending.gemeente, [one.regel.client])
    shown = [_shown(oproep, one) for one in blad.rijen]
    return blad_uitkomst(oproep, Overzichtsregels, shown, blad)


def _shown(oproep: Oproep, one: Overzichtregel) -> Overzichtsregel:
    line, inzending, verhaal = one.regel.prestatie, one.regel.inzending, one.verhaal
    omgeving = oproep.verzoek.omgeving
    own = kenmerk(omgeving, REGEL, inzending.inbox_id, line.volgnr)
    return Overzichtsregel(
        declaratie=inzending.declaratienummer,
        regel=line.referentienummer,
        aanbieder=inzending.aanbieder,
        gemeente=inzending.gemeente,
        wet=inzending.wet,  # type: ignore[arg-type]
        toewijzingnummer=line.toewijzingnummer,
        productcategorie=line.productcategorie,
        productcode=line.productcode,
        begindatum=line.begindatum,
        einddatum=line.einddatum,
        ingediend=one.ingediend,
        toegekend=one.toegekend,
        afgewezen=one.afgewezen,
        wacht=one.wacht,
        gecrediteerd=one.gecrediteerd,
        betaald=one.betaald,
        retourcodes=list(line.retourcodes),
        redenen=[t.wat for code in line.retourcodes if (t := omgeving.teksten.of(code))],
        stand=verhaal.stand,
        crediteert=_andere(verhaal.crediteert),
        gecrediteerd_door=_andere(verhaal.gecrediteerd_door),
        vervangen_door=_andere(verhaal.vervangen_door),
        betaling=_betaling(one),
        bericht323=inzending.identificatie,
        dagtekening323=inzending.dagtekening,
        bericht325=inzending.antwoord,
        datum325=inzending.beantwoord_op,
        adres=adres("regels", own),
    )


def _andere(regel: Boekregel | None) -> Andereregel | None:
    if regel is None:
        return None
    inzending, line = regel.inzending, regel.prestatie
    return Andereregel(declaratie=inzending.declaratienummer, regel=line.referentienummer)


def _betaling(one: Overzichtregel) -> Regelbetaling | None:
    if one.betaling is None:
        return None
    return Regelbetaling(
        kenmerk=one.betaling.kenmerk,
        bedrag=one.betaling.bedrag,
        stand=one.betaling.stand,
        betaald_op=one.betaling.betaald_op,
        teruggekomen_op=one.betaling.teruggekomen_op,
        opnieuw=one.betaling.opnieuw,
    )


EINDPUNTEN = (
    Eindpunt(
        methode="GET",
        pad="/maandoverzichten/{maand}/overzicht",
        naam="geefOverzichtVanMaand",
        groep="maandoverzichten",
        titel="Een maand regel voor regel, met wat ervan werd",
        uitleg=(
            "Wat is ingediend, toegekend, gecrediteerd en betaald, waarom niet, en in welke "
            "berichten. Samen is het op de cent het maandoverzicht."
        ),
        rechten=ZIEN,
        doe=regels,
        zoek=Overzichtbladvraag,
        antwoord=Overzichtsregels,
        handeling="overzicht ingezien",
    ),
)

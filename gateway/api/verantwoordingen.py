"""Verantwoordingen: what a provider tells of a year, why it differs, and what was decided on it."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal

import msgspec

from gateway.api.eindpunt import CSV, XLSX, Eindpunt, Invoer, Oproep, Uitkomst, Vorm
from gateway.api.lijst import Bladvraag, Lijst, blad_uitkomst
from gateway.api.nazorg import (
    AGB,
    BEHEREN,
    GEMEENTE,
    LEVERJAAR,
    WOORDEN,
    ZIEN,
    Jaarlijstvraag,
)
from gateway.api.versie import refuse_other_version
from gateway.api.wijzigen import Wijzigingsbewijs, bewijs_van
from gateway.api.woorden import adres, kenmerk, nummer_van
from gateway.errors import NietToegestaan
from gateway.http.jaareinde import (
    LARGEST_SHEET,
    LONGEST_NAME,
    Ingestuurd,
    compare,
    take_in,
)
from gateway.http.omgeving import Omgeving
from gateway.ledger.jaareinde.opgave import KOLOMMEN
from gateway.store.jaareinde.rekenblad import BY_HTTP, Vertaling
from gateway.store.jaareinde.verantwoordingen import Verantwoording, Verschilrij

GROEP, SOORTEN, SOORT = "jaarafsluitingen", "verantwoordingen", "verantwoording"
_KOP = Annotated[
    str,
    msgspec.Meta(min_length=1, max_length=120, description="Hoe deze kolom bij u heet."),
]


class Verschilsom(Vorm, frozen=True, kw_only=True):
    """De verschillen met dezelfde verklaring. Bedrag in eurocenten."""

    verklaring: str
    aantal: int
    bedrag: int


class Verantwoordingskop(Vorm, frozen=True, kw_only=True):
    """Een verantwoording naast het grootboek. Bedragen in eurocenten."""

    id: str
    gemeente: str
    jaar: int
    aanbieder: str
    ontvangen_op: datetime
    regels: int
    bedrag: int
    vergeleken_op: datetime | None
    toegekend: Annotated[int | None, msgspec.Meta(description="Leeg tot zij is vergeleken.")]
    verschil: int | None
    staat: Literal["ontvangen", "akkoord", "betwist"]
    toelichting: str
    beoordeeld_door: str | None
    adres: str


class Productieverantwoording(Verantwoordingskop, frozen=True, kw_only=True):
    """Een verantwoording naast het grootboek, met waarom zij verschilt. In eurocenten."""

    verklaringen: list[Verschilsom]


class Verantwoordingenblad(Lijst, frozen=True, kw_only=True):
    """Verantwoordingen, de nieuwste voorop."""

    resultaten: list[Verantwoordingskop]


class Inleesvraag(Invoer, frozen=True, kw_only=True):
    """Van wie het bestand is, en hoe het wordt gelezen."""

    gemeente: GEMEENTE
    jaar: LEVERJAAR
    aanbieder: AGB
    bestandsnaam: Annotated[
        str, msgspec.Meta(max_length=LONGEST_NAME, description="Zoals u het bewaart. Zonder BSN.")
    ] = ""
    koprij: Annotated[
        int, msgspec.Meta(ge=1, le=1_000, description="In welke rij de koppen staan.")
    ] = 1
    blad: Annotated[
        _KOP | None, msgspec.Meta(description="Het blad van de werkmap; zonder dit het eerste.")
    ] = None
    kop_referentienummer: _KOP | None = None
    kop_toewijzingnummer: _KOP | None = None
    kop_productcode: _KOP | None = None
    kop_bedrag: _KOP | None = None


class Verantwoordingsverschil(Vorm, frozen=True, kw_only=True):
    """Een deel van het verschil met zijn verklaring. Bedragen in eurocenten."""

    sleutel: Annotated[str, msgspec.Meta(description="De regel of de toewijzing.")]
    verklaring: str
    retourcodes: list[str]
    verschil: int
    opgegeven: int
    toegekend: int


class Verantwoordingsverschillen(Lijst, frozen=True, kw_only=True):
    """Een blad met verschillen; samen zijn zij het hele verschil."""

    resultaten: list[Verantwoordingsverschil]


class Vergelijkopdracht(Invoer, frozen=True, kw_only=True):
    """Niets: het gaat om het grootboek van nu."""


class Verantwoordingsoordeel(Invoer, frozen=True, kw_only=True):
    """Wat de gemeente van een verantwoording vindt."""

    oordeel: Literal["akkoord", "betwist"]
    toelichting: Annotated[
        WOORDEN, msgspec.Meta(description="Nodig als iets verschilt of u betwist. Zonder BSN.")
    ] = ""


def lijst(oproep: Oproep) -> Uitkomst:
    """The statements that count."""
    vraag: Jaarlijstvraag = oproep.zoek
    store, omgeving = oproep.verzoek.omgeving.store.verantwoordingen, oproep.verzoek.omgeving
    blad = store.blad(oproep.bereik, vraag.omvang, vraag.vanaf, vraag.gemeente, vraag.jaar)
    shown = [Verantwoordingskop(**_kop(omgeving, one)) for one in blad.rijen]
    return blad_uitkomst(oproep, Verantwoordingenblad, shown, blad)


def lees_in(oproep: Oproep) -> Uitkomst:
    """Keep a statement, in the place of an earlier one, and lay it beside the ledger."""
    vraag: Inleesvraag = oproep.zoek
    if vraag.gemeente not in oproep.bereik.gemeenten:
        raise NietToegestaan
    koppen = {one: getattr(vraag, f"kop_{one}") for one in KOLOMMEN}
    een = Ingestuurd(
        gemeente=vraag.gemeente,
        jaar=vraag.jaar,
        aanbieder=vraag.aanbieder,
        naam=vraag.bestandsnaam,
        inhoud=oproep.inhoud,
        vertaling=Vertaling(
            kolommen={one: kop for one, kop in koppen.items() if kop},
            blad=vraag.blad,
            koprij=vraag.koprij,
        ),
    )
    over = f"{vraag.aanbieder}, {vraag.jaar}"
    noteer = oproep.vastlegging(partial(_bewijs, oproep), vraag.gemeente, over=over)
    return _bewijs(oproep, take_in(oproep.verzoek, oproep.bereik, een, noteer))


def vergelijk(oproep: Oproep) -> Uitkomst:
    """Lay a statement beside the ledger as it is now."""
    one = _gevraagd(oproep)
    uitkomst = _bewijs(oproep, one.nummer)
    noteer = oproep.vastlegging(uitkomst, one.gemeente)
    compare(oproep.verzoek.omgeving, oproep.bereik, one.nummer, noteer)
    return uitkomst


def toon(oproep: Oproep) -> Uitkomst:
    """One statement; its ETag is what a decision has to name."""
    return Uitkomst(_shown(oproep, _gevraagd(oproep)))


def verschillen(oproep: Oproep) -> Uitkomst:
    """What differs, in the order of the comparison."""
    vraag: Bladvraag = oproep.zoek
    store = oproep.verzoek.omgeving.store.verantwoordingen
    blad = store.verschillen(oproep.bereik, _gevraagd(oproep).nummer, vraag.omvang, vraag.vanaf)
    shown = list(map(_verschil, blad.rijen))
    return blad_uitkomst(oproep, Verantwoordingsverschillen, shown, blad)


def beoordeel(oproep: Oproep) -> Uitkomst:
    """Agree with a statement or dispute it, as it was shown."""
    given: Verantwoordingsoordeel = oproep.inhoud
    one = _gevraagd(oproep)
    refuse_other_version(oproep, _shown(oproep, one))
    uitkomst = _bewijs(oproep, one.nummer)
    noteer = oproep.vastlegging(uitkomst, one.gemeente)
    oproep.verzoek.omgeving.store.verantwoordingen.judge(
        oproep.bereik, oproep.verzoek.wie, one.nummer, given.oordeel, given.toelichting, noteer
    )
    return uitkomst


def verantwoordingsadres(omgeving: Omgeving, nummer: int) -> str:
    """Where a statement is."""
    return adres(SOORTEN, kenmerk(omgeving, SOORT, nummer))


def _gevraagd(oproep: Oproep) -> Verantwoording:
    nummer, _ = nummer_van(oproep, SOORT)
    found = oproep.verzoek.omgeving.store.verantwoordingen.get(oproep.bereik, nummer)
    oproep.verzoek.toont(found.gemeente, [], f"{SOORT} {nummer}")
    return found


def _bewijs(oproep: Oproep, nummer: int) -> Uitkomst:
    return bewijs_van(oproep, SOORTEN, SOORT, nummer)


def _shown(oproep: Oproep, one: Verantwoording) -> Productieverantwoording:
    omgeving = oproep.verzoek.omgeving
    sums = omgeving.store.verantwoordingen.soorten(oproep.bereik, one.nummer)
    return Productieverantwoording(
        **_kop(omgeving, one),
        verklaringen=[
            Verschilsom(verklaring=each.soort, aantal=each.aantal, bedrag=each.bedrag)
            for each in sums
        ],
    )


def _kop(omgeving: Omgeving, one: Verantwoording) -> dict[str, Any]:
    return {
        "id": kenmerk(omgeving, SOORT, one.nummer),
        **{name: getattr(one, name) for name in _SAME},
        "ontvangen_op": one.ontvangen,
        "vergeleken_op": one.vergeleken,
        "adres": verantwoordingsadres(omgeving, one.nummer),
    }


_SAME = (
    *("gemeente", "jaar", "aanbieder", "regels", "bedrag", "toegekend", "verschil"),
    *("staat", "toelichting", "beoordeeld_door"),
)


def _verschil(one: Verschilrij) -> Verantwoordingsverschil:
    verschil = one.verschil
    return Verantwoordingsverschil(
        sleutel=str(verschil.sleutel),
        verklaring=str(verschil.soort),
        retourcodes=list(verschil.codes),
        verschil=verschil.bedrag,
        opgegeven=verschil.opgegeven,
        toegekend=verschil.toegekend,
    )


EINDPUNTEN = (
    Eindpunt(
        methode="GET",
        pad="/verantwoordingen",
        naam="geefVerantwoordingen",
        groep=GROEP,
        titel="De verantwoordingen die gelden",
        rechten=ZIEN,
        doe=lijst,
        zoek=Jaarlijstvraag,
        antwoord=Verantwoordingenblad,
    ),
    Eindpunt(
        methode="POST",
        pad="/verantwoordingen",
        naam="leesVerantwoordingIn",
        groep=GROEP,
        titel="Een verantwoording inlezen en vergelijken",
        uitleg=(
            "Het bestand van de aanbieder, als CSV of werkmap van Excel, tot 25 MB en "
            f"{BY_HTTP.rijen} rijen. Het komt in de plaats van een eerder bestand en wordt meteen "
            "naast het grootboek gelegd; op het adres in Location staat wat verschilt. Staat daar "
            "geen vergelekenOp, vraag de vergelijking dan nog eens."
        ),
        rechten=BEHEREN,
        doe=lees_in,
        zoek=Inleesvraag,
        media_in=CSV,
        media_ook=(XLSX,),
        antwoord=Wijzigingsbewijs,
        status=201,
        handeling="verantwoording inlezen",
        soort="C",
        budget="export",
        bytecap=LARGEST_SHEET,
        herhaalbaar=True,
    ),
    Eindpunt(
        methode="GET",
        pad="/verantwoordingen/{kenmerk}",
        naam="toonVerantwoording",
        groep=GROEP,
        titel="Een verantwoording naast het grootboek",
        rechten=ZIEN,
        doe=toon,
        antwoord=Productieverantwoording,
        handeling="verantwoording bekijken",
    ),
    Eindpunt(
        methode="GET",
        pad="/verantwoordingen/{kenmerk}/verschillen",
        naam="geefVerschillenVanVerantwoording",
        groep=GROEP,
        titel="Wat er verschilt, met waarom",
        rechten=ZIEN,
        doe=verschillen,
        zoek=Bladvraag,
        antwoord=Verantwoordingsverschillen,
        handeling="verantwoording bekijken",
    ),
    Eindpunt(
        methode="POST",
        pad="/verantwoordingen/{kenmerk}/vergelijking",
        naam="vergelijkVerantwoording",
        groep=GROEP,
        titel="Een verantwoording opnieuw naast het grootboek leggen",
        uitleg="Komt er een ander bedrag uit, dan staat zij weer op ontvangen.",
        rechten=BEHEREN,
        doe=vergelijk,
        inhoud=Vergelijkopdracht,
        antwoord=Wijzigingsbewijs,
        status=201,
        handeling="verantwoording vergelijken",
        soort="U",
        budget="export",
        herhaalbaar=True,
    ),
    Eindpunt(
        methode="POST",
        pad="/verantwoordingen/{kenmerk}/oordeel",
        naam="beoordeelVerantwoording",
        groep=GROEP,
        titel="Akkoord gaan met een verantwoording, of haar betwisten",
        rechten=BEHEREN,
        doe=beoordeel,
        inhoud=Verantwoordingsoordeel,
        antwoord=Wijzigingsbewijs,
        status=201,
        handeling="verantwoording beoordelen",
        soort="U",
        herhaalbaar=True,
        met_versie=True,
    ),
)

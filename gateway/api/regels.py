"""Declaraties and their regels: how each line was judged, with the receipt of the decision."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

import msgspec

from gateway.api.berichten import VERDICTS, Berichtbevinding, berichtbevinding, ontvangen_in
from gateway.api.eindpunt import Eindpunt, Oproep, Uitkomst, Vorm
from gateway.api.lijst import Bladvraag, Lijst, blad_uitkomst
from gateway.api.woorden import (
    BERICHT,
    DECLARATIE,
    OORDELEN,
    REGEL,
    Oordeel,
    Wet,
    adres,
    kenmerk,
    nummer_van,
)
from gateway.deviations.receipt import printed
from gateway.errors import NietGevonden
from gateway.http.bewijs import bewijs_van
from gateway.pipeline.ports import Outcome, Partijen
from gateway.records.masker import mask_own
from gateway.store.inzage.berichten import Berichtfilter, Berichtrij
from gateway.store.inzage.declaratieregels import Regelfilter, Regelrij
from gateway.store.tables import KLAAR
from gateway.toegang.rechten import Recht

ZIEN = (Recht.WERK_ZIEN, Recht.EIGEN_ZIEN)


class Regel(Vorm, frozen=True, kw_only=True):
    """Een declaratieregel. Bedragen in eurocenten; een credit telt negatief."""

    id: str
    regelnummer: int
    referentienummer: str
    vorig_referentienummer: str | None
    toewijzingnummer: int
    productcategorie: str
    productcode: str
    begindatum: date
    einddatum: date
    geleverd_volume: int
    eenheid: str
    producttarief: int | None
    ingediend_bedrag: int
    oordeel: Literal["toegekend", "afgewezen"] | None
    retourcodes: list[str]
    declaratienummer: str
    declaratie: Annotated[str, msgspec.Meta(description="Het adres van de declaratie.")]
    bewijs: Annotated[str, msgspec.Meta(description="Waar het bewijs van de beslissing staat.")]
    adres: str


class Regeldetail(Regel, frozen=True, kw_only=True):
    """Een declaratieregel met wat erop is gevonden."""

    bevindingen: list[Berichtbevinding]


class Declaratieregels(Lijst, frozen=True, kw_only=True):
    """Een blad met de regels van een declaratie, in hun volgorde in het bericht."""

    resultaten: list[Regel]


class Declaratie(Vorm, frozen=True, kw_only=True):
    """Een declaratie (323) en wat ervan is toegekend. Bedragen in eurocenten."""

    id: str
    declaratienummer: str | None
    gemeente: str
    wet: Wet
    aanbieder: str
    identificatie: str
    oordeel: Oordeel | None
    regels: int | None
    regels_toegekend: int | None
    regels_afgekeurd: int | None
    ingediend: int | None
    toegekend: int | None
    ontvangen_op: datetime
    bericht: Annotated[str, msgspec.Meta(description="Het adres van het bericht.")]
    adres: str


class Declaraties(Lijst, frozen=True, kw_only=True):
    """Een blad met declaraties, de laatst ontvangene vooraan."""

    resultaten: list[Declaratie]


class Oordeelkeuze(Bladvraag, frozen=True, kw_only=True):
    """Which lines are looked for, by how they were judged."""

    oordeel: Annotated[
        Literal["toegekend", "afgewezen"] | None, msgspec.Meta(description="Wat ervan werd.")
    ] = None


class Regelvraag(Oordeelkeuze, frozen=True, kw_only=True):
    """Which lines are looked for."""

    begindatum: Annotated[
        date | None, msgspec.Meta(description="De eerste dag waarop een regel mag beginnen.")
    ] = None
    einddatum: Annotated[
        date | None, msgspec.Meta(description="De laatste dag waarop een regel mag beginnen.")
    ] = None


class Declaratievraag(Bladvraag, frozen=True, kw_only=True):
    """Which Declaraties are looked for."""

    declaratienummer: Annotated[
        Annotated[str, msgspec.Meta(min_length=1, max_length=40)] | None,
        msgspec.Meta(description="Het nummer van de declaratie."),
    ] = None
    aanbieder: Annotated[
        Annotated[str, msgspec.Meta(pattern="^[0-9]{8}$")] | None,
        msgspec.Meta(description="De AGB-code."),
    ] = None
    gemeente: Annotated[
        Annotated[str, msgspec.Meta(pattern="^[0-9]{4}$")] | None,
        msgspec.Meta(description="De gemeentecode."),
    ] = None
    wet: Annotated[Wet | None, msgspec.Meta(description="Onder welke wet.")] = None
    oordeel: Annotated[Oordeel | None, msgspec.Meta(description="Wat ervan werd.")] = None
    begindatum: Annotated[
        date | None, msgspec.Meta(description="De eerste dag van ontvangst die meetelt.")
    ] = None
    einddatum: Annotated[
        date | None, msgspec.Meta(description="De laatste dag van ontvangst die meetelt.")
    ] = None


class Bewijs(Vorm, frozen=True, kw_only=True):
    """Het bewijs van een beslissing, stap voor stap; zie docs/afwijkingen.md voor alle velden."""

    soort: str
    vorm: int


def declaraties(oproep: Oproep) -> Uitkomst:
    """Declaraties by number or party."""
    vraag: Declaratievraag = oproep.zoek
    omgeving = oproep.verzoek.omgeving
    vanaf, tot = ontvangen_in(vraag.begindatum, vraag.einddatum)
    filter_ = Berichtfilter(
        nummer=vraag.declaratienummer,
        aanbieder=vraag.aanbieder,
        gemeente=vraag.gemeente,
        berichtcodes=[
            one.code
            for one in omgeving.kennis.types.all()
            if one.nummer == "323" and vraag.wet in (None, one.wet)
        ],
        verdict=VERDICTS.get(vraag.oordeel or ""),
        vanaf=vanaf,
        tot=tot,
    )
    blad = omgeving.store.berichten.zoek(oproep.bereik, filter_, vraag.omvang, vraag.vanaf)
    shown = [Declaratie(**_velden(oproep, one)) for one in blad.rijen]
    return blad_uitkomst(oproep, Declaraties, shown, blad)


def declaratie(oproep: Oproep) -> Uitkomst:
    """One Declaratie."""
    return Uitkomst(Declaratie(**_velden(oproep, _declaratie(oproep))))


def regels(oproep: Oproep) -> Uitkomst:
    """The lines of a Declaratie."""
    rij = _declaratie(oproep)
    vraag: Regelvraag = oproep.zoek
    blad = oproep.verzoek.omgeving.store.regels.van_declaratie(
        oproep.bereik,
        rij.inbox_id,
        vraag.omvang,
        vraag.vanaf,
        regelfilter(vraag),
    )
    for one in blad.rijen:
        oproep.verzoek.toont(one.partijen.gemeente, [one.client])
    shown = [Regel(**regel_velden(oproep, one)) for one in blad.rijen]
    return blad_uitkomst(oproep, Declaratieregels, shown, blad)


def regelfilter(vraag: Regelvraag) -> Regelfilter:
    """What a question about lines looks for."""
    return Regelfilter(
        toegekend=None if vraag.oordeel is None else vraag.oordeel == "toegekend",
        van=vraag.begindatum,
        tot=vraag.einddatum,
    )


def regel(oproep: Oproep) -> Uitkomst:
    """One line with what was found on it."""
    rij = _regel(oproep)
    store = oproep.verzoek.omgeving.store.regels
    found = store.bevindingen(oproep.bereik, rij.inbox_id, rij.regelnr)
    bevindingen = [berichtbevinding(oproep, one) for one in found]
    return Uitkomst(Regeldetail(**regel_velden(oproep, rij), bevindingen=bevindingen))


def bewijs(oproep: Oproep) -> Uitkomst:
    """The receipt of the decision on a line, kept or made again."""
    rij = _regel(oproep)
    document = bewijs_van(oproep.verzoek.omgeving, oproep.bereik, rij.inbox_id, rij.regelnr)
    if document is None:
        raise NietGevonden("deze regel is met deze versie niet meer te beoordelen")
    return Uitkomst(printed(document))


def regel_velden(oproep: Oproep, rij: Regelrij) -> dict[str, Any]:
    """The fields of a line."""
    omgeving, line = oproep.verzoek.omgeving, rij.prestatie
    own = kenmerk(omgeving, REGEL, rij.inbox_id, rij.regelnr)
    where = adres("regels", own)
    return {
        "id": own,
        "regelnummer": rij.regelnr,
        "referentienummer": mask_own(line.referentienummer, line.bsn),
        "vorig_referentienummer": None
        if line.vorig_referentienummer is None
        else mask_own(line.vorig_referentienummer, line.bsn),
        "toewijzingnummer": line.toewijzingnummer,
        "productcategorie": line.productcategorie,
        "productcode": line.productcode,
        "begindatum": line.begindatum,
        "einddatum": line.einddatum,
        "geleverd_volume": line.geleverd_volume,
        "eenheid": line.eenheid,
        "producttarief": line.producttarief,
        "ingediend_bedrag": line.ondertekend,
        "oordeel": {True: "toegekend", False: "afgewezen", None: None}[rij.toegekend],
        "retourcodes": list(line.retourcodes),
        "declaratienummer": rij.declaratienummer,
        "declaratie": adres("declaraties", kenmerk(omgeving, DECLARATIE, rij.inbox_id)),
        "bewijs": f"{where}/bewijs",
        "adres": where,
    }


def _declaratie(oproep: Oproep) -> Berichtrij:
    inbox_id, _ = nummer_van(oproep, DECLARATIE)
    rij = oproep.verzoek.omgeving.store.berichten.een(oproep.bereik, inbox_id)
    if rij is None or rij.outcome is None or rij.outcome.partijen is None:
        raise NietGevonden
    return rij


def _velden(oproep: Oproep, rij: Berichtrij) -> dict[str, Any]:
    omgeving, found = oproep.verzoek.omgeving, rij.outcome or Outcome("parked")
    partijen = found.partijen or Partijen(found.gemeente, found.wet or "", found.afzender)
    own = kenmerk(omgeving, DECLARATIE, rij.inbox_id)
    is_answered = rij.staat == KLAAR or not oproep.is_aanbieder
    telling = found.telling if is_answered else {}
    return {
        "id": own,
        "declaratienummer": found.declaratie,
        "gemeente": partijen.gemeente,
        "wet": partijen.wet,
        "aanbieder": partijen.aanbieder,
        "identificatie": found.identificatie,
        "oordeel": OORDELEN.get(rij.verdict or "") if is_answered else None,
        "regels": found.telling.get("regels"),
        "regels_toegekend": telling.get("regels_toegekend"),
        "regels_afgekeurd": telling.get("regels_afgekeurd"),
        "ingediend": found.telling.get("ingediend"),
        "toegekend": telling.get("toegekend"),
        "ontvangen_op": rij.ontvangen_at,
        "bericht": adres("berichten", kenmerk(omgeving, BERICHT, rij.inbox_id)),
        "adres": adres("declaraties", own),
    }


def _regel(oproep: Oproep) -> Regelrij:
    inbox_id, regelnr = nummer_van(oproep, REGEL)
    rij = oproep.verzoek.omgeving.store.regels.een(oproep.bereik, inbox_id, regelnr)
    if rij is None:
        raise NietGevonden
    own = kenmerk(oproep.verzoek.omgeving, REGEL, inbox_id, regelnr)
    oproep.verzoek.toont(rij.partijen.gemeente, [rij.client], own)
    return rij


_GROEP = "declaraties"
EINDPUNTEN = (
    Eindpunt(
        methode="GET",
        pad="/declaraties",
        naam="zoekDeclaraties",
        groep=_GROEP,
        titel="Declaraties zoeken",
        rechten=ZIEN,
        doe=declaraties,
        zoek=Declaratievraag,
        antwoord=Declaraties,
        handeling="declaraties gezocht",
    ),
    Eindpunt(
        methode="GET",
        pad="/declaraties/{kenmerk}",
        naam="toonDeclaratie",
        groep=_GROEP,
        titel="Een declaratie",
        rechten=ZIEN,
        doe=declaratie,
        antwoord=Declaratie,
        handeling="declaratie ingezien",
    ),
    Eindpunt(
        methode="GET",
        pad="/declaraties/{kenmerk}/regels",
        naam="geefRegelsVanDeclaratie",
        groep=_GROEP,
        titel="De regels van een declaratie",
        uitleg=(
            "Van een declaratie die als geheel is afgewezen, of die nog wacht, zijn er geen regels "
            "die tellen."
        ),
        rechten=ZIEN,
        doe=regels,
        zoek=Regelvraag,
        antwoord=Declaratieregels,
        handeling="regels ingezien",
    ),
    Eindpunt(
        methode="GET",
        pad="/regels/{kenmerk}",
        naam="toonRegel",
        groep=_GROEP,
        titel="Een declaratieregel met wat erop is gevonden",
        rechten=ZIEN,
        doe=regel,
        antwoord=Regeldetail,
        handeling="regel ingezien",
    ),
    Eindpunt(
        methode="GET",
        pad="/regels/{kenmerk}/bewijs",
        naam="geefBewijs",
        groep=_GROEP,
        titel="Het bewijs van de beslissing op een regel",
        uitleg=(
            "Elke stap van de beoordeling, met de versies en bedragen waar zij op rust. Een "
            "aanbieder krijgt het zonder de eigen controles van de gemeente."
        ),
        rechten=ZIEN,
        doe=bewijs,
        antwoord=Bewijs,
        handeling="bewijs opgehaald",
    ),
)

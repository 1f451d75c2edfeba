"""Toewijzingen: look them up, and see what was used of one."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

import msgspec

from gateway.api.eindpunt import Eindpunt, Oproep, Uitkomst, Vorm
from gateway.api.lijst import Bladvraag, Lijst, blad_uitkomst
from gateway.api.regels import Regel, Regelvraag, regel_velden, regelfilter
from gateway.api.woorden import BERICHT, TOEWIJZING, Wet, adres, kenmerk, nummer_van
from gateway.errors import NietGevonden
from gateway.periods.volume import in_minutes, total_limit
from gateway.records.levering import StartProduct, StopProduct
from gateway.records.masker import mask_own
from gateway.records.toewijzing import ToegewezenProduct
from gateway.store.inzage.toewijzingen import Toewijzingfilter, Toewijzingrij, Toewijzingverhaal
from gateway.toegang.rechten import Recht

ZIEN = (Recht.WERK_ZIEN, Recht.EIGEN_ZIEN)
TIJD = ("01", "04")
_SHOWN = 4  # digits of a Bsn


class Omvang(Vorm, frozen=True, kw_only=True):
    """Hoeveel er is toegewezen: een volume per frequentie."""

    volume: int
    eenheid: str
    frequentie: str


class Toewijzing(Vorm, frozen=True, kw_only=True):
    """Een toewijzing, volgens haar laatste versie; budget in eurocenten."""

    id: str
    toewijzingnummer: int
    gemeente: str
    wet: Wet
    aanbieder: str
    bsn: Annotated[str, msgspec.Meta(description="Alleen de laatste vier cijfers.")]
    productcategorie: str | None
    productcode: str | None
    toewijzingsdatum: date
    toewijzingstijd: str
    ingangsdatum: date
    einddatum: date | None
    reden_wijziging: str | None
    omvang: Omvang | None
    budget: int | None
    referentie_aanbieder: str | None
    adres: str


class Toewijzingversie(Vorm, frozen=True, kw_only=True):
    """Een versie van een toewijzing, en of die nog telt."""

    toewijzingsdatum: date
    toewijzingstijd: str
    bekend_op: date
    ingangsdatum: date
    einddatum: date | None
    reden_wijziging: str | None
    productcategorie: str | None
    productcode: str | None
    omvang: Omvang | None
    budget: int | None
    telt: bool
    bericht: Annotated[str | None, msgspec.Meta(description="Het adres van het bericht (301).")]


class Levering(Vorm, frozen=True, kw_only=True):
    """Een start of een stop van de zorg."""

    soort: Literal["start", "stop"]
    begindatum: date
    einddatum: date | None
    reden_beeindiging: str | None
    status_aanlevering: str


class Gebruik(Vorm, frozen=True, kw_only=True):
    """Wat er is toegekend, credits afgetrokken; bedragen in eurocenten, tijd in minuten."""

    volume: int
    eenheid: str | None
    bedrag: int
    volume_toegestaan: Annotated[
        int | None, msgspec.Meta(description="In dezelfde eenheid; leeg als er geen grens is.")
    ]


class Toewijzingdetail(Toewijzing, frozen=True, kw_only=True):
    """Een toewijzing met haar verhaal."""

    versies: list[Toewijzingversie]
    leveringen: list[Levering]
    gebruik: Gebruik
    regels: Annotated[str, msgspec.Meta(description="Waar de declaratieregels erop staan.")]


class Toewijzingen(Lijst, frozen=True, kw_only=True):
    """Een blad met toewijzingen, de laatst ontvangene vooraan."""

    resultaten: list[Toewijzing]


class Regels(Lijst, frozen=True, kw_only=True):
    """Een blad met declaratieregels, de laatst beoordeelde vooraan."""

    resultaten: list[Regel]


class Toewijzingvraag(Bladvraag, frozen=True, kw_only=True):
    """Which assignments are looked for."""

    toewijzingnummer: Annotated[
        Annotated[int, msgspec.Meta(ge=0, le=999_999_999_999)] | None,
        msgspec.Meta(description="Het nummer van de toewijzing."),
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
    productcode: Annotated[
        Annotated[str, msgspec.Meta(min_length=1, max_length=10)] | None,
        msgspec.Meta(description="De productcode."),
    ] = None
    op: Annotated[date | None, msgspec.Meta(description="Een dag waarop zij loopt.")] = None


class Toewijzingzoekvraag(Toewijzingvraag, frozen=True, kw_only=True):
    """The same in a body, where a client may be looked for."""

    doel: Annotated[
        str, msgspec.Meta(min_length=3, max_length=200, description="Waarom u dit zoekt.")
    ]
    bsn: Annotated[
        Annotated[str, msgspec.Meta(pattern="^[0-9]{9}$")] | None,
        msgspec.Meta(description="Het BSN van de cliënt."),
    ] = None


def masked(bsn: str) -> str:
    """A Bsn as it is shown: its last digits."""
    return "*" * (len(bsn) - _SHOWN) + bsn[-_SHOWN:]


def zoek(oproep: Oproep) -> Uitkomst:
    """Assignments by number, party, product or day."""
    return _found(oproep, oproep.zoek, None)


def zoek_met_doel(oproep: Oproep) -> Uitkomst:
    """The same, and those of a client."""
    oproep.verzoek.doel = oproep.inhoud.doel
    return _found(oproep, oproep.inhoud, oproep.inhoud.bsn)


def toon(oproep: Oproep) -> Uitkomst:
    """One assignment with its versions, starts and stops, and what was used of it."""
    verhaal = _verhaal(oproep)
    rij = verhaal.rij
    own = _kenmerk(oproep, rij)
    oproep.verzoek.toont(rij.partijen.gemeente, [rij.client], own)
    detail = Toewijzingdetail(
        **_velden(oproep, rij),
        versies=[_versie(oproep, one.product, one.inbox_id, one.staat) for one in verhaal.versies],
        leveringen=_leveringen(verhaal),
        gebruik=_gebruik(verhaal),
        regels=adres("toewijzingen", own, "/regels"),
    )
    return Uitkomst(detail)


def regels(oproep: Oproep) -> Uitkomst:
    """The invoice lines on one assignment."""
    toewijzing, vraag = nummer_van(oproep, TOEWIJZING), oproep.zoek
    _verhaal(oproep)
    store = oproep.verzoek.omgeving.store.regels
    filter_ = regelfilter(vraag)
    blad = store.van_toewijzing(oproep.bereik, toewijzing, vraag.omvang, vraag.vanaf, filter_)
    for one in blad.rijen:
        oproep.verzoek.toont(one.partijen.gemeente, [one.client])
    shown = [Regel(**regel_velden(oproep, one)) for one in blad.rijen]
    return blad_uitkomst(oproep, Regels, shown, blad)


def _found(oproep: Oproep, vraag: Toewijzingvraag, bsn: str | None) -> Uitkomst:
    filter_ = Toewijzingfilter(
        toewijzingnummer=vraag.toewijzingnummer,
        bsn=bsn,
        aanbieder=vraag.aanbieder,
        gemeente=vraag.gemeente,
        wet=vraag.wet,
        productcode=vraag.productcode,
        op=vraag.op,
    )
    store = oproep.verzoek.omgeving.store.toewijzingen
    blad = store.zoek(oproep.bereik, filter_, vraag.omvang, vraag.vanaf)
    for one in blad.rijen:
        oproep.verzoek.toont(one.partijen.gemeente, [one.client])
    shown = [Toewijzing(**_velden(oproep, one)) for one in blad.rijen]
    return blad_uitkomst(oproep, Toewijzingen, shown, blad)


def _verhaal(oproep: Oproep) -> Toewijzingverhaal:
    nummer, partij = nummer_van(oproep, TOEWIJZING)
    found = oproep.verzoek.omgeving.store.toewijzingen.een(oproep.bereik, nummer, partij)
    if found is None:
        raise NietGevonden
    return found


def _kenmerk(oproep: Oproep, rij: Toewijzingrij) -> str:
    nummer = rij.product.toewijzingnummer
    return kenmerk(oproep.verzoek.omgeving, TOEWIJZING, nummer, rij.partij)


def _velden(oproep: Oproep, rij: Toewijzingrij) -> dict[str, Any]:
    product, own = rij.product, _kenmerk(oproep, rij)
    return {
        "id": own,
        "toewijzingnummer": product.toewijzingnummer,
        "gemeente": rij.partijen.gemeente,
        "wet": rij.partijen.wet,
        "aanbieder": rij.partijen.aanbieder,
        "bsn": masked(product.bsn),
        "productcategorie": product.productcategorie,
        "productcode": product.productcode,
        "toewijzingsdatum": product.toewijzingsdatum,
        "toewijzingstijd": product.toewijzingstijd,
        "ingangsdatum": product.ingangsdatum,
        "einddatum": product.einddatum,
        "reden_wijziging": product.reden_wijziging,
        "omvang": _omvang(product),
        "budget": product.budget,
        "referentie_aanbieder": None
        if product.referentie_aanbieder is None
        else mask_own(product.referentie_aanbieder, product.bsn),
        "adres": adres("toewijzingen", own),
    }


def _omvang(product: ToegewezenProduct) -> Omvang | None:
    found = product.omvang
    if found is None:
        return None
    return Omvang(volume=found.volume, eenheid=found.eenheid, frequentie=found.frequentie)


def _versie(
    oproep: Oproep, product: ToegewezenProduct, inbox_id: int | None, telt: bool
) -> Toewijzingversie:
    omgeving = oproep.verzoek.omgeving
    bericht = None
    if inbox_id is not None:
        bericht = adres("berichten", kenmerk(omgeving, BERICHT, inbox_id))
    return Toewijzingversie(
        toewijzingsdatum=product.toewijzingsdatum,
        toewijzingstijd=product.toewijzingstijd,
        bekend_op=product.bekend_op,
        ingangsdatum=product.ingangsdatum,
        einddatum=product.einddatum,
        reden_wijziging=product.reden_wijziging,
        productcategorie=product.productcategorie,
        productcode=product.productcode,
        omvang=_omvang(product),
        budget=product.budget,
        telt=telt,
        bericht=bericht,
    )


def _leveringen(verhaal: Toewijzingverhaal) -> list[Levering]:
    found = verhaal.leveringen
    starts = [_start(one) for many in found.starts.values() for one in many]
    stops = [_stop(one) for many in found.stops.values() for one in many]
    return [*starts, *stops]


def _start(one: StartProduct) -> Levering:
    return Levering(
        soort="start",
        begindatum=one.begindatum,
        einddatum=None,
        reden_beeindiging=None,
        status_aanlevering=one.status_aanlevering,
    )


def _stop(one: StopProduct) -> Levering:
    return Levering(
        soort="stop",
        begindatum=one.begindatum,
        einddatum=one.einddatum,
        reden_beeindiging=one.reden_beeindiging,
        status_aanlevering=one.status_aanlevering,
    )


def _gebruik(verhaal: Toewijzingverhaal) -> Gebruik:
    product, stand = verhaal.rij.product, verhaal.stand
    omvang = product.omvang
    if omvang is None:
        return Gebruik(
            volume=stand.volume, eenheid=None, bedrag=stand.bedrag, volume_toegestaan=None
        )
    limit = total_limit(omvang, product.ingangsdatum, product.einddatum)
    is_time = omvang.eenheid in TIJD
    if limit is not None and is_time:
        limit = in_minutes(limit, omvang.eenheid)
    return Gebruik(
        volume=stand.volume,
        eenheid="01" if is_time else omvang.eenheid,
        bedrag=stand.bedrag,
        volume_toegestaan=limit,
    )


_GROEP = "toewijzingen"
EINDPUNTEN = (
    Eindpunt(
        methode="GET",
        pad="/toewijzingen",
        naam="zoekToewijzingen",
        groep=_GROEP,
        titel="Toewijzingen zoeken",
        rechten=ZIEN,
        doe=zoek,
        zoek=Toewijzingvraag,
        antwoord=Toewijzingen,
        handeling="toewijzingen gezocht",
    ),
    Eindpunt(
        methode="POST",
        pad="/toewijzingen/_zoek",
        naam="zoekToewijzingenMetDoel",
        groep=_GROEP,
        titel="Toewijzingen van een cliënt zoeken",
        uitleg="Het BSN staat in het verzoek, nooit in het adres. Uw doel komt in het logboek.",
        rechten=(Recht.BSN_ZIEN, Recht.EIGEN_ZIEN),
        doe=zoek_met_doel,
        inhoud=Toewijzingzoekvraag,
        antwoord=Toewijzingen,
        fouten=(422,),
        handeling="toewijzingen van een client gezocht",
        budget="zoeken",
    ),
    Eindpunt(
        methode="GET",
        pad="/toewijzingen/{kenmerk}",
        naam="toonToewijzing",
        groep=_GROEP,
        titel="Een toewijzing met versies, starts, stops en gebruik",
        rechten=ZIEN,
        doe=toon,
        antwoord=Toewijzingdetail,
        handeling="toewijzing ingezien",
    ),
    Eindpunt(
        methode="GET",
        pad="/toewijzingen/{kenmerk}/regels",
        naam="geefRegelsVanToewijzing",
        groep=_GROEP,
        titel="De declaratieregels op een toewijzing",
        rechten=ZIEN,
        doe=regels,
        zoek=Regelvraag,
        antwoord=Regels,
        handeling="regels ingezien",
    ),
)

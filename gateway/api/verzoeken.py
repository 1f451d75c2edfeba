"""Verzoeken: what aanbieders asked for, how far each is, and until when it may wait."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

import msgspec

from gateway.api.eindpunt import Eindpunt, Oproep, Uitkomst, Vorm
from gateway.api.lijst import Bladvraag, Lijst, blad_uitkomst
from gateway.api.toewijzingen import masked
from gateway.api.woorden import BERICHT, VERZOEK, Wet, adres, kenmerk, nummer_van
from gateway.errors import NietGevonden
from gateway.records.masker import mask_own
from gateway.store.inzage.verzoeken import Verzoekfilter, Verzoekrij
from gateway.toegang.rechten import Recht

ZIEN = (Recht.WERK_ZIEN, Recht.EIGEN_ZIEN)
Verzoekstaat = Literal["open", "in onderzoek", "toegekend", "afgewezen"]
_SOORTEN = {"315": "toewijzing", "317": "wijziging"}


class Verzoek(Vorm, frozen=True, kw_only=True):
    """Een verzoek om toewijzing (VOT) of om wijziging (VOW)."""

    id: str
    soort: Literal["toewijzing", "wijziging"]
    gemeente: str
    wet: Wet
    aanbieder: str
    referentie_aanbieder: str
    bsn: Annotated[str, msgspec.Meta(description="Alleen de laatste vier cijfers.")]
    toewijzingnummers: Annotated[
        list[int], msgspec.Meta(description="Waar een verzoek om wijziging over gaat.")
    ]
    dagtekening: date
    ontvangen_op: date
    staat: Verzoekstaat
    onderzocht: Annotated[
        bool, msgspec.Meta(description="Of de gemeente liet weten dat zij het onderzoekt (319).")
    ]
    uiterlijk_op: Annotated[
        date, msgspec.Meta(description="De laatste dag waarop de gemeente antwoordt.")
    ]
    bericht: Annotated[str, msgspec.Meta(description="Het adres van het bericht (315 of 317).")]
    adres: str


class Verzoeken(Lijst, frozen=True, kw_only=True):
    """Een blad met verzoeken, wat het eerst moet vooraan."""

    resultaten: list[Verzoek]


class Verzoekvraag(Bladvraag, frozen=True, kw_only=True):
    """Which requests are looked for."""

    staat: Annotated[Verzoekstaat | None, msgspec.Meta(description="Hoe ver het is.")] = None
    aanbieder: Annotated[
        Annotated[str, msgspec.Meta(pattern="^[0-9]{8}$")] | None,
        msgspec.Meta(description="De AGB-code."),
    ] = None
    gemeente: Annotated[
        Annotated[str, msgspec.Meta(pattern="^[0-9]{4}$")] | None,
        msgspec.Meta(description="De gemeentecode."),
    ] = None


class Verzoekzoekvraag(Verzoekvraag, frozen=True, kw_only=True):
    """The same in a body, where a client may be looked for."""

    doel: Annotated[
        str, msgspec.Meta(min_length=3, max_length=200, description="Waarom u dit zoekt.")
    ]
    bsn: Annotated[
        Annotated[str, msgspec.Meta(pattern="^[0-9]{9}$")] | None,
        msgspec.Meta(description="Het BSN van de cliënt."),
    ] = None
    referentie: Annotated[
        Annotated[str, msgspec.Meta(min_length=1, max_length=40)] | None,
        msgspec.Meta(description="De referentie van de aanbieder."),
    ] = None


def zoek(oproep: Oproep) -> Uitkomst:
    """Requests by state or party."""
    vraag: Verzoekvraag = oproep.zoek
    return _found(oproep, vraag, _filter(vraag))


def zoek_met_doel(oproep: Oproep) -> Uitkomst:
    """The same, and those of a client or by a reference."""
    vraag: Verzoekzoekvraag = oproep.inhoud
    oproep.verzoek.doel = vraag.doel
    return _found(oproep, vraag, _filter(vraag, bsn=vraag.bsn, referentie=vraag.referentie))


def toon(oproep: Oproep) -> Uitkomst:
    """One request."""
    nummer, _ = nummer_van(oproep, VERZOEK)
    rij = oproep.verzoek.omgeving.store.verzoeken.een(oproep.bereik, nummer)
    if rij is None:
        raise NietGevonden
    oproep.verzoek.toont(rij.partijen.gemeente, [rij.client])
    return Uitkomst(_verzoek(oproep, rij))


def _filter(vraag: Verzoekvraag, **more: Any) -> Verzoekfilter:
    staten = () if vraag.staat is None else (vraag.staat,)
    return Verzoekfilter(staten=staten, aanbieder=vraag.aanbieder, gemeente=vraag.gemeente, **more)


def _found(oproep: Oproep, vraag: Bladvraag, filter_: Verzoekfilter) -> Uitkomst:
    store = oproep.verzoek.omgeving.store.verzoeken
    blad = store.zoek(oproep.bereik, filter_, vraag.omvang, vraag.vanaf)
    for one in blad.rijen:
        oproep.verzoek.toont(one.partijen.gemeente, [one.client])
    return blad_uitkomst(oproep, Verzoeken, [_verzoek(oproep, one) for one in blad.rijen], blad)


def _verzoek(oproep: Oproep, rij: Verzoekrij) -> Verzoek:
    omgeving = oproep.verzoek.omgeving
    own = kenmerk(omgeving, VERZOEK, rij.nummer)
    return Verzoek(
        id=own,
        soort=_SOORTEN[rij.soort],  # type: ignore[arg-type]
        gemeente=rij.partijen.gemeente,
        wet=rij.partijen.wet,  # type: ignore[arg-type]
        aanbieder=rij.partijen.aanbieder,
        referentie_aanbieder=mask_own(rij.referentie_aanbieder, rij.bsn),
        bsn=masked(rij.bsn),
        toewijzingnummers=list(rij.toewijzingnummers),
        dagtekening=rij.dagtekening,
        ontvangen_op=rij.ontvangen_op,
        staat=rij.staat,  # type: ignore[arg-type]
        onderzocht=rij.onderzocht,
        uiterlijk_op=rij.termijn,
        bericht=adres("berichten", kenmerk(omgeving, BERICHT, rij.inbox_id)),
        adres=adres("verzoeken", own),
    )


_GROEP = "verzoeken"
EINDPUNTEN = (
    Eindpunt(
        methode="GET",
        pad="/verzoeken",
        naam="zoekVerzoeken",
        groep=_GROEP,
        titel="Verzoeken zoeken",
        rechten=ZIEN,
        doe=zoek,
        zoek=Verzoekvraag,
        antwoord=Verzoeken,
        handeling="verzoeken gezocht",
    ),
    Eindpunt(
        methode="POST",
        pad="/verzoeken/_zoek",
        naam="zoekVerzoekenMetDoel",
        groep=_GROEP,
        titel="Verzoeken van een cliënt of met een referentie zoeken",
        uitleg="Het BSN staat in het verzoek, nooit in het adres. Uw doel komt in het logboek.",
        rechten=(Recht.BSN_ZIEN, Recht.EIGEN_ZIEN),
        doe=zoek_met_doel,
        inhoud=Verzoekzoekvraag,
        antwoord=Verzoeken,
        fouten=(422,),
        handeling="verzoeken van een client gezocht",
        budget="zoeken",
    ),
    Eindpunt(
        methode="GET",
        pad="/verzoeken/{kenmerk}",
        naam="toonVerzoek",
        groep=_GROEP,
        titel="Een verzoek",
        rechten=ZIEN,
        doe=toon,
        antwoord=Verzoek,
        handeling="verzoek ingezien",
    ),
)

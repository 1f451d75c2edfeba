"""Oorzaken en bevindingen: what stands open, by what is behind it, and each finding by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal

import msgspec

from gateway.api.berichten import Bevinding, bevinding_velden, referentie_van
from gateway.api.eindpunt import Eindpunt, Oproep, Uitkomst, Vorm
from gateway.api.lijst import Bladvraag, Lijst, blad_uitkomst
from gateway.api.woorden import (
    BERICHT,
    BESLUIT,
    BEVINDING,
    EFFECTEN,
    OORZAAK,
    REGEL,
    Effect,
    Wet,
    adres,
    kenmerk,
    nummer_van,
)
from gateway.errors import NietGevonden
from gateway.store.inzage.berichten import Gevonden
from gateway.store.werk.soorten import soorten_bij
from gateway.store.werk.voorraad import Filter, Oorzaakrij, Post, Postfilter
from gateway.toegang.rechten import Recht

ZIEN = (Recht.WERK_ZIEN,)


class Oorzaak(Vorm, frozen=True, kw_only=True):
    """Waar open bevindingen vandaan komen: dezelfde regel, prijs en aanbieder."""

    id: str
    gemeente: str
    wet: Wet | None
    aanbieder: str
    regel: str
    retourcode: str | None
    product: str
    overeenkomst: str | None
    wat: str | None
    doe: str | None
    voorbeeld: str
    aantal: Annotated[int, msgspec.Meta(description="Open bevindingen.")]
    belang: Annotated[int, msgspec.Meta(description="Wat ervan afhangt, in eurocenten.")]
    berichten: int
    aangehouden: Annotated[int, msgspec.Meta(description="Berichten die op iemand wachten.")]
    uiterlijk_op: Annotated[
        date | None, msgspec.Meta(description="De laatste dag waarop is beslist.")
    ]
    oudste: datetime
    bij: Annotated[str | None, msgspec.Meta(description="Wie eraan werkt.")]
    adres: str


class Oorzaken(Lijst, frozen=True, kw_only=True):
    """Een blad met oorzaken die open staan."""

    resultaten: list[Oorzaak]


class OpenBevinding(Vorm, frozen=True, kw_only=True):
    """Een open bevinding in de lijst van haar oorzaak."""

    id: str
    effect: Effect
    referentie: str | None
    declaratienummer: str | None
    toewijzingnummer: int | None
    begindatum: date | None
    belang: Annotated[int, msgspec.Meta(description="Wat ervan afhangt, in eurocenten.")]
    tekst: str
    aangehouden: bool
    uiterlijk_op: date | None
    ontvangen_op: datetime
    voorstel: Annotated[
        str | None, msgspec.Meta(description="Een beoordeling die op een tweede persoon wacht.")
    ]
    adres: str


class OpenBevindingen(Lijst, frozen=True, kw_only=True):
    """Een blad met open bevindingen."""

    resultaten: list[OpenBevinding]


class Bevindingdetail(Bevinding, frozen=True, kw_only=True):
    """Een bevinding, of zij open staat, en wat erover kan worden besloten."""

    id: str
    open: bool
    belang: int | None
    mogelijk: Annotated[
        list[str], msgspec.Meta(description="Wat er nu over kan worden besloten (soort).")
    ]
    voorstel: str | None
    bericht: str
    regel_adres: Annotated[str | None, msgspec.Meta(description="Waar de declaratieregel staat.")]
    beoordelingen: Annotated[list[str], msgspec.Meta(description="Wat erover is besloten.")]


class Oorzaakvraag(Bladvraag, frozen=True, kw_only=True):
    """Which causes are looked for."""

    gemeente: Annotated[
        Annotated[str, msgspec.Meta(pattern="^[0-9]{4}$")] | None,
        msgspec.Meta(description="De gemeentecode."),
    ] = None
    aanbieder: Annotated[
        Annotated[str, msgspec.Meta(pattern="^[0-9]{8}$")] | None,
        msgspec.Meta(description="De AGB-code."),
    ] = None
    wet: Annotated[Wet | None, msgspec.Meta(description="Onder welke wet.")] = None
    regel: Annotated[
        Annotated[str, msgspec.Meta(min_length=1, max_length=12)] | None,
        msgspec.Meta(description="De regel of controle, zoals TR418."),
    ] = None
    retourcode: Annotated[
        Annotated[str, msgspec.Meta(pattern="^[0-9A-Z]{4}$")] | None,
        msgspec.Meta(description="De retourcode."),
    ] = None
    overeenkomst: Annotated[
        Annotated[str, msgspec.Meta(min_length=1, max_length=80)] | None,
        msgspec.Meta(description="Het id van de overeenkomst."),
    ] = None
    aangehouden: Annotated[bool, msgspec.Meta(description="Alleen waar iets op iemand wacht.")] = (
        False
    )
    volgorde: Annotated[
        Literal["bedrag", "termijn", "leeftijd"],
        msgspec.Meta(description="Waarop de lijst is gesorteerd."),
    ] = "bedrag"


class OpenBevindingvraag(Bladvraag, frozen=True, kw_only=True):
    """Which open findings of a cause are looked for."""

    effect: Annotated[Effect | None, msgspec.Meta(description="Wat de bevinding doet.")] = None
    begindatum: Annotated[
        date | None,
        msgspec.Meta(description="De eerste dag waarop de zorg van een bevinding mag beginnen."),
    ] = None
    einddatum: Annotated[
        date | None,
        msgspec.Meta(description="De laatste dag waarop de zorg van een bevinding mag beginnen."),
    ] = None


@dataclass(frozen=True, slots=True)
class Bekeken:
    """A finding with what stands open of it."""

    gevonden: Gevonden
    post: Post | None


def oorzaken(oproep: Oproep) -> Uitkomst:
    """The causes that stand open."""
    vraag: Oorzaakvraag = oproep.zoek
    filter_ = Filter(
        gemeente=vraag.gemeente,
        wet=vraag.wet,
        aanbieder=vraag.aanbieder,
        overeenkomst=vraag.overeenkomst,
        rule=vraag.regel,
        retourcode=vraag.retourcode,
        aangehouden=vraag.aangehouden,
    )
    store = oproep.verzoek.omgeving.store.werkvoorraad
    blad = store.oorzaken(oproep.bereik, filter_, vraag.volgorde, vraag.vanaf, vraag.omvang)
    return blad_uitkomst(oproep, Oorzaken, [_oorzaak(oproep, one) for one in blad.rijen], blad)


def oorzaak(oproep: Oproep) -> Uitkomst:
    """One cause."""
    return Uitkomst(_oorzaak(oproep, oorzaak_van(oproep)))


def bevindingen(oproep: Oproep) -> Uitkomst:
    """What stands open of a cause."""
    rij, vraag = oorzaak_van(oproep), oproep.zoek
    store = oproep.verzoek.omgeving.store.werkvoorraad
    wanted = next((code for code, word in EFFECTEN.items() if word == vraag.effect), None)
    filter_ = Postfilter(wanted, vraag.begindatum, vraag.einddatum)
    blad = store.posten(
        oproep.bereik, rij.nummer, na=vraag.vanaf, omvang=vraag.omvang, filter_=filter_
    )
    for gemeente, client in store.clienten(oproep.bereik, [one.bevinding_id for one in blad.rijen]):
        oproep.verzoek.toont(gemeente, [client])
    shown = [_open(oproep, one) for one in blad.rijen]
    return blad_uitkomst(oproep, OpenBevindingen, shown, blad)


def bevinding(oproep: Oproep) -> Uitkomst:
    """One finding; its ETag is what a decision on it has to name."""
    return Uitkomst(bevinding_detail(oproep, bekeken_van(oproep)))


def oorzaak_van(oproep: Oproep) -> Oorzaakrij:
    """The cause in the address; raises NietGevonden for none that may be seen."""
    nummer, _ = nummer_van(oproep, OORZAAK)
    found = oproep.verzoek.omgeving.store.werkvoorraad.oorzaak(oproep.bereik, nummer)
    if found is None:
        raise NietGevonden
    return found


def bekeken_van(oproep: Oproep) -> Bekeken:
    """The finding in the address; raises NietGevonden for none that may be seen."""
    nummer, _ = nummer_van(oproep, BEVINDING)
    store = oproep.verzoek.omgeving.store
    found = store.berichten.bevinding(oproep.bereik, nummer)
    if found is None:
        raise NietGevonden
    for gemeente, client in store.werkvoorraad.clienten(oproep.bereik, [nummer]):
        oproep.verzoek.toont(gemeente, [client])
    posten = store.werkvoorraad.posten_van(oproep.bereik, found.inbox_id, found.finding.regelnr)
    return Bekeken(found, next((one for one in posten if one.bevinding_id == nummer), None))


def bevinding_detail(oproep: Oproep, bekeken: Bekeken) -> Bevindingdetail:
    """A finding as it is shown."""
    omgeving, found, post = oproep.verzoek.omgeving, bekeken.gevonden, bekeken.post
    regelnr = found.finding.regelnr
    besluiten = omgeving.store.besluiteninzage.besluiten_over(
        oproep.bereik, found.inbox_id, regelnr
    )
    return Bevindingdetail(
        **bevinding_velden(oproep, found),
        id=kenmerk(omgeving, BEVINDING, found.nummer),
        open=post is not None,
        belang=None if post is None else post.belang,
        mogelijk=[] if post is None else [one.value for one in soorten_bij(post.effect)],
        voorstel=_voorstel(oproep, post),
        bericht=adres("berichten", kenmerk(omgeving, BERICHT, found.inbox_id)),
        regel_adres=None
        if regelnr is None
        else adres("regels", kenmerk(omgeving, REGEL, found.inbox_id, regelnr)),
        beoordelingen=[
            adres("beoordelingen", kenmerk(omgeving, BESLUIT, one.nummer)) for one in besluiten
        ],
    )


def _voorstel(oproep: Oproep, post: Post | None) -> str | None:
    if post is None or post.besluit is None:
        return None
    return adres("beoordelingen", kenmerk(oproep.verzoek.omgeving, BESLUIT, post.besluit))


def _oorzaak(oproep: Oproep, rij: Oorzaakrij) -> Oorzaak:
    omgeving, found = oproep.verzoek.omgeving, rij.oorzaak
    own = kenmerk(omgeving, OORZAAK, rij.nummer)
    tekst = omgeving.teksten.of(found.retourcode or found.rule)
    wet: Any = found.wet or None
    return Oorzaak(
        id=own,
        gemeente=found.gemeente,
        wet=wet,
        aanbieder=found.aanbieder,
        regel=found.rule,
        retourcode=found.retourcode or None,
        product=found.product,
        overeenkomst=rij.overeenkomst,
        wat=None if tekst is None else tekst.wat,
        doe=None if tekst is None else tekst.doe,
        voorbeeld=rij.voorbeeld,
        aantal=rij.omvang.bevindingen,
        belang=rij.omvang.belang,
        berichten=rij.omvang.berichten,
        aangehouden=rij.omvang.aangehouden,
        uiterlijk_op=rij.termijn,
        oudste=rij.oudste,
        bij=rij.eigenaar_naam,
        adres=adres("oorzaken", own),
    )


def _open(oproep: Oproep, post: Post) -> OpenBevinding:
    own = kenmerk(oproep.verzoek.omgeving, BEVINDING, post.bevinding_id)
    return OpenBevinding(
        id=own,
        effect=EFFECTEN[post.effect],
        referentie=referentie_van(oproep, post.reference),
        declaratienummer=post.declaratienummer,
        toewijzingnummer=post.toewijzingnummer,
        begindatum=post.begindatum,
        belang=post.belang,
        tekst=post.text,
        aangehouden=post.is_aangehouden,
        uiterlijk_op=post.termijn,
        ontvangen_op=post.ontvangen,
        voorstel=_voorstel(oproep, post),
        adres=adres("bevindingen", own),
    )


_GROEP = "beoordelingen"
EINDPUNTEN = (
    Eindpunt(
        methode="GET",
        pad="/oorzaken",
        naam="zoekOorzaken",
        groep=_GROEP,
        titel="De oorzaken van open bevindingen",
        rechten=ZIEN,
        doe=oorzaken,
        zoek=Oorzaakvraag,
        antwoord=Oorzaken,
        handeling="werkvoorraad bekijken",
    ),
    Eindpunt(
        methode="GET",
        pad="/oorzaken/{kenmerk}",
        naam="toonOorzaak",
        groep=_GROEP,
        titel="Een oorzaak",
        rechten=ZIEN,
        doe=oorzaak,
        antwoord=Oorzaak,
        handeling="oorzaak bekijken",
    ),
    Eindpunt(
        methode="GET",
        pad="/oorzaken/{kenmerk}/bevindingen",
        naam="geefOpenBevindingen",
        groep=_GROEP,
        titel="De open bevindingen van een oorzaak",
        rechten=ZIEN,
        doe=bevindingen,
        zoek=OpenBevindingvraag,
        antwoord=OpenBevindingen,
        handeling="oorzaak bekijken",
    ),
    Eindpunt(
        methode="GET",
        pad="/bevindingen/{kenmerk}",
        naam="toonBevinding",
        groep=_GROEP,
        titel="Een bevinding",
        uitleg="Geef de ETag mee als If-Match om over deze bevinding te besluiten.",
        rechten=ZIEN,
        doe=bevinding,
        antwoord=Bevindingdetail,
        handeling="bevinding bekijken",
    ),
)

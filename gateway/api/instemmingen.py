"""Instemmingen: what aanbieders agreed to, as the guard of a 301 asks for it."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from typing import Annotated, Literal

import msgspec

from gateway.api.eindpunt import Eindpunt, Invoer, Oproep, Uitkomst, Vorm
from gateway.api.lijst import Bladvraag, Lijst, blad_uitkomst
from gateway.api.mutatieopdrachten import DOEN
from gateway.api.mutaties import ZIEN
from gateway.api.nazorg import GEMEENTE
from gateway.api.woorden import INSTEMMING, Wet, adres, kenmerk, nummer_van
from gateway.store.mutaties.instemmingen import Rij, Vraag

Wat = Literal["volume", "budget", "einddatum", "verwijderen"]
_NUMMER = Annotated[int, msgspec.Meta(ge=1, le=999_999_999)]


class Instemmingsvraag(Invoer, frozen=True, kw_only=True):
    """Waarmee een aanbieder instemt, wie dat zei en waar dat is na te lezen."""

    gemeente: GEMEENTE
    wet: Wet
    toewijzingnummer: _NUMMER
    wat: Wat
    op: Annotated[date, msgspec.Meta(description="De dag waarop de aanbieder instemde.")]
    door: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    bron: Annotated[
        str, msgspec.Meta(min_length=1, max_length=200, description="Zoals een zaaknummer.")
    ]
    tot: Annotated[
        date | None, msgspec.Meta(description="Tot en met wanneer de instemming geldt.")
    ] = None
    niet_onder: Annotated[
        Annotated[int, msgspec.Meta(ge=0, le=10**13)] | None,
        msgspec.Meta(description="Hoe laag het mag: eenheden, of bij een budget eurocenten."),
    ] = None
    niet_voor: Annotated[
        date | None, msgspec.Meta(description="Hoe vroeg de toewijzing mag eindigen.")
    ] = None


class Instemming(Vorm, frozen=True, kw_only=True):
    """Een instemming, zoals zij is vastgelegd."""

    id: str
    gemeente: str
    wet: Wet
    aanbieder: str
    toewijzingnummer: int
    wat: Wat
    op: date
    tot: date | None
    door: str
    bron: str
    niet_onder: int | None
    niet_voor: date | None
    vastgelegd_op: datetime
    ingetrokken: bool
    adres: str


class Instemmingenlijst(Lijst, frozen=True, kw_only=True):
    """Een blad met instemmingen, de nieuwste vooraan."""

    resultaten: list[Instemming]


class Instemmingsbewijs(Vorm, frozen=True, kw_only=True):
    """De instemming is vastgelegd of ingetrokken."""

    id: str
    adres: str


class Instemmingintrekking(Invoer, frozen=True, kw_only=True):
    """Waarom de instemming niet meer geldt."""

    reden: Annotated[str, msgspec.Meta(min_length=1, max_length=2_000)]


class Instemmingenvraag(Bladvraag, frozen=True, kw_only=True):
    """Of which assignment."""

    toewijzingnummer: Annotated[
        _NUMMER | None, msgspec.Meta(description="Alleen van deze toewijzing.")
    ] = None


def lijst(oproep: Oproep) -> Uitkomst:
    """The consents."""
    vraag: Instemmingenvraag = oproep.zoek
    store = oproep.verzoek.omgeving.store.instemmingen
    blad = store.lijst(oproep.bereik, vraag.omvang, vraag.vanaf, vraag.toewijzingnummer)
    for one in blad.rijen:
        oproep.verzoek.toont(one.vraag.gemeente, [one.client])
    shown = [_instemming(oproep, one) for one in blad.rijen]
    return blad_uitkomst(oproep, Instemmingenlijst, shown, blad)


def leg_vast(oproep: Oproep) -> Uitkomst:
    """Put a consent down."""
    asked: Instemmingsvraag = oproep.inhoud
    vraag = Vraag(**{naam: getattr(asked, naam) for naam in asked.__struct_fields__})
    over = _object(asked.toewijzingnummer)
    noteer = oproep.vastlegging(partial(_bewijs, oproep), asked.gemeente, over=over)
    store = oproep.verzoek.omgeving.store.instemmingen
    return _bewijs(oproep, store.add(oproep.bereik, oproep.verzoek.wie, vraag, noteer))


def trek_in(oproep: Oproep) -> Uitkomst:
    """Have a consent count no longer."""
    nummer, _ = nummer_van(oproep, INSTEMMING)
    intrekking: Instemmingintrekking = oproep.inhoud
    oproep.verzoek.doel = intrekking.reden
    uitkomst = _bewijs(oproep, nummer)
    noteer = oproep.vastlegging(uitkomst, None, over=f"instemming {nummer}")
    oproep.verzoek.omgeving.store.instemmingen.withdraw(oproep.bereik, nummer, noteer)
    return uitkomst


def _object(nummer: int) -> str:
    return f"toewijzing {nummer}"


def _bewijs(oproep: Oproep, nummer: int) -> Uitkomst:
    own = kenmerk(oproep.verzoek.omgeving, INSTEMMING, nummer)
    where = adres("instemmingen", own)
    return Uitkomst(Instemmingsbewijs(id=own, adres=where), {"Location": where})


def _instemming(oproep: Oproep, one: Rij) -> Instemming:
    own, vraag = kenmerk(oproep.verzoek.omgeving, INSTEMMING, one.nummer), one.vraag
    return Instemming(
        id=own,
        gemeente=vraag.gemeente,
        wet=vraag.wet,  # type: ignore[arg-type]
        aanbieder=one.aanbieder,
        toewijzingnummer=vraag.toewijzingnummer,
        wat=vraag.wat,  # type: ignore[arg-type]
        op=vraag.op,
        tot=vraag.tot,
        door=vraag.door,
        bron=vraag.bron,
        niet_onder=vraag.niet_onder,
        niet_voor=vraag.niet_voor,
        vastgelegd_op=one.gemaakt,
        ingetrokken=one.is_ingetrokken,
        adres=adres("instemmingen", own),
    )


def toon(oproep: Oproep) -> Uitkomst:
    """One consent."""
    nummer, _ = nummer_van(oproep, INSTEMMING)
    one = oproep.verzoek.omgeving.store.instemmingen.een(oproep.bereik, nummer)
    oproep.verzoek.toont(one.vraag.gemeente, [one.client])
    return Uitkomst(_instemming(oproep, one))


_GROEP = "mutaties"
EINDPUNTEN = (
    Eindpunt(
        methode="GET",
        pad="/instemmingen",
        naam="geefInstemmingen",
        groep=_GROEP,
        titel="Waarmee aanbieders hebben ingestemd",
        rechten=ZIEN,
        doe=lijst,
        zoek=Instemmingenvraag,
        antwoord=Instemmingenlijst,
        handeling="instemmingen bekijken",
    ),
    Eindpunt(
        methode="POST",
        pad="/instemmingen",
        naam="legInstemmingVast",
        groep=_GROEP,
        titel="Een instemming vastleggen",
        uitleg="Zonder instemming gaat een verlaging of een einde in het verleden niet weg.",
        rechten=DOEN,
        doe=leg_vast,
        inhoud=Instemmingsvraag,
        antwoord=Instemmingsbewijs,
        status=201,
        fouten=(422,),
        handeling="instemming vastleggen",
        soort="C",
        herhaalbaar=True,
    ),
    Eindpunt(
        methode="GET",
        pad="/instemmingen/{kenmerk}",
        naam="toonInstemming",
        groep=_GROEP,
        titel="Een instemming",
        rechten=ZIEN,
        doe=toon,
        antwoord=Instemming,
        handeling="instemmingen bekijken",
    ),
    Eindpunt(
        methode="POST",
        pad="/instemmingen/{kenmerk}/intrekking",
        naam="trekInstemmingIn",
        groep=_GROEP,
        titel="Een instemming intrekken",
        rechten=DOEN,
        doe=trek_in,
        inhoud=Instemmingintrekking,
        antwoord=Instemmingsbewijs,
        status=201,
        fouten=(422,),
        handeling="instemming intrekken",
        soort="D",
        herhaalbaar=True,
    ),
)

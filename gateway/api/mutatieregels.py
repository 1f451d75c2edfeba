"""What is in a batch of assignments: each of them, and the messages to look at."""

from __future__ import annotations

from typing import Annotated

import msgspec

from gateway.api.eindpunt import Eindpunt, Oproep, Uitkomst, Vorm
from gateway.api.lijst import Bladvraag, Lijst, blad_uitkomst
from gateway.api.mutaties import GROEP, ZIEN, late_before, mutatie_van
from gateway.api.woorden import BERICHT, adres, kenmerk
from gateway.store.mutaties.inzage import Bericht, Regel


class Gewijzigd(Vorm, frozen=True, kw_only=True):
    """Een toewijzing van een partij, met de reden als zij is geweigerd. Bedragen in eurocenten."""

    toewijzingnummer: int
    gemeente: str
    aanbieder: str
    voor: int | None
    na: int | None
    regel: str | None
    weigering: str | None


class Gewijzigden(Lijst, frozen=True, kw_only=True):
    """Een blad met toewijzingen van een partij."""

    resultaten: list[Gewijzigd]


class Gewijzigdenvraag(Bladvraag, frozen=True, kw_only=True):
    """Which of them."""

    geweigerd: Annotated[bool, msgspec.Meta(description="Alleen wat is geweigerd.")] = False


class Mutatiebericht(Vorm, frozen=True, kw_only=True):
    """Een bericht van een partij waar iemand naar moet kijken, met waarom."""

    gemeente: str
    aanbieder: str
    stand: str
    redenen: list[str]
    bericht: Annotated[str | None, msgspec.Meta(description="Het adres, als het er is.")]


class Mutatieberichten(Lijst, frozen=True, kw_only=True):
    """Een blad met berichten van een partij."""

    resultaten: list[Mutatiebericht]


def regels(oproep: Oproep) -> Uitkomst:
    """The assignments of a batch."""
    vraag: Gewijzigdenvraag = oproep.zoek
    inzage, nummer = oproep.verzoek.omgeving.store.mutatieinzage, mutatie_van(oproep).nummer
    blad = inzage.regels(
        oproep.bereik, nummer, vraag.omvang, vraag.vanaf, geweigerd=vraag.geweigerd
    )
    for one in blad.rijen:
        oproep.verzoek.toont(one.gemeente, [one.client])
    return blad_uitkomst(oproep, Gewijzigden, [_gewijzigd(one) for one in blad.rijen], blad)


def berichten(oproep: Oproep) -> Uitkomst:
    """The messages of a batch that somebody has to look at."""
    vraag: Bladvraag = oproep.zoek
    one = mutatie_van(oproep)
    inzage = oproep.verzoek.omgeving.store.mutatieinzage
    blad = inzage.berichten(
        oproep.bereik, one.nummer, late_before(oproep, one), vraag.omvang, vraag.vanaf
    )
    for found in blad.rijen:
        oproep.verzoek.toont(found.gemeente, [found.client])
    shown = [_bericht(oproep, found) for found in blad.rijen]
    return blad_uitkomst(oproep, Mutatieberichten, shown, blad)


def _gewijzigd(one: Regel) -> Gewijzigd:
    return Gewijzigd(
        toewijzingnummer=one.toewijzingnummer,
        gemeente=one.gemeente,
        aanbieder=one.aanbieder,
        voor=one.voor,
        na=one.na,
        regel=one.regel or None,
        weigering=one.weigering,
    )


def _bericht(oproep: Oproep, one: Bericht) -> Mutatiebericht:
    where = None
    if one.inbox_id is not None:
        where = adres("berichten", kenmerk(oproep.verzoek.omgeving, BERICHT, one.inbox_id))
    return Mutatiebericht(
        gemeente=one.gemeente,
        aanbieder=one.aanbieder,
        stand=one.stand,
        redenen=list(one.redenen),
        bericht=where,
    )


EINDPUNTEN = (
    Eindpunt(
        methode="GET",
        pad="/mutaties/{kenmerk}/toewijzingen",
        naam="geefMutatietoewijzingen",
        groep=GROEP,
        titel="De toewijzingen van een partij, of wat ervan is geweigerd",
        rechten=ZIEN,
        doe=regels,
        zoek=Gewijzigdenvraag,
        antwoord=Gewijzigden,
        handeling="partij toewijzingen bekijken",
    ),
    Eindpunt(
        methode="GET",
        pad="/mutaties/{kenmerk}/berichten",
        naam="geefMutatieberichten",
        groep=GROEP,
        titel="De berichten van een partij waar iemand naar moet kijken",
        rechten=ZIEN,
        doe=berichten,
        zoek=Bladvraag,
        antwoord=Mutatieberichten,
        handeling="partij toewijzingen bekijken",
    ),
)

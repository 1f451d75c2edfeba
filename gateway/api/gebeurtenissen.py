"""Gebeurtenissen: what happened, as CloudEvents, to be read on from where one was."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec

from gateway.api.eindpunt import Eindpunt, Oproep, Uitkomst, Vorm
from gateway.api.lijst import Bladvraag
from gateway.api.woorden import BERICHT, adres, kenmerk
from gateway.store.events import cloudevent
from gateway.store.inzage.gebeurtenissen import Gebeurtenis as Gemeld
from gateway.toegang.rechten import Recht


class Gebeurtenis(msgspec.Struct, frozen=True, kw_only=True):
    """Wat er gebeurde, volgens NL GOV profile for CloudEvents 1.1."""

    specversion: str
    id: str
    source: str
    type: str
    datacontenttype: str
    time: datetime | None
    dataref: Annotated[str, msgspec.Meta(description="Het adres van het bericht.")]
    data: dict[str, Any]
    traceparent: Annotated[
        str | msgspec.UnsetType,
        msgspec.Meta(description="Het spoor (W3C Trace Context) waarin het gebeurde."),
    ] = msgspec.UNSET


class Gebeurtenissen(Vorm, frozen=True, kw_only=True):
    """Een blad met gebeurtenissen, de oudste vooraan, en waar u straks verder leest."""

    resultaten: list[Gebeurtenis]
    vanaf: Annotated[
        str, msgspec.Meta(description="Geef dit de volgende keer mee; wat nieuw is komt dan.")
    ]


def lees(oproep: Oproep) -> Uitkomst:
    """Events after a place, in the order in which they came true."""
    vraag: Bladvraag = oproep.zoek
    omgeving = oproep.verzoek.omgeving
    blad = omgeving.store.gebeurtenissen.vanaf(oproep.bereik, vraag.omvang, vraag.vanaf)
    shown = [_gebeurtenis(oproep, one) for one in blad.rijen]
    return Uitkomst(Gebeurtenissen(resultaten=shown, vanaf=blad.volgende or ""))


def _gebeurtenis(oproep: Oproep, one: Gemeld) -> Gebeurtenis:
    omgeving = oproep.verzoek.omgeving
    event = cloudevent(one.naam, omgeving.settings.bron, one.document)
    own = kenmerk(omgeving, BERICHT, one.inbox_id)
    data = {name: value for name, value in event["data"].items() if name != "inbox"}
    fields = {**event, "data": data, "dataref": adres("berichten", own), "time": one.gemaakt_at}
    return Gebeurtenis(**fields)


EINDPUNTEN = (
    Eindpunt(
        methode="GET",
        pad="/gebeurtenissen",
        naam="leesGebeurtenissen",
        groep="gebeurtenissen",
        titel="Gebeurtenissen lezen vanaf waar u was",
        uitleg="Dezelfde gebeurtenissen als op de wachtrij backoffice.uit, met dezelfde id.",
        rechten=(Recht.WERK_ZIEN,),
        doe=lees,
        zoek=Bladvraag,
        antwoord=Gebeurtenissen,
    ),
)

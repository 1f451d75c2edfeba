"""Verschillen: what providers did not get of what they asked for in a month, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from starlette.responses import Response

from gateway.errors import NietGevonden
from gateway.http.pad import Pad
from gateway.http.verzoek import Verzoek
from gateway.periods.maanden import month_before
from gateway.pipeline.kennis import dag_van
from gateway.pipeline.ports import Partijen
from gateway.store.inzage.afwijzingen import LOTEN, Afgewezenregel, Afwijzingfilter
from gateway.store.inzage.blad import Blad
from gateway.store.inzage.vandaag import Uitsplitsing, Verschil, Verschilfilter
from gateway.toegang.rechten import Recht
from gateway.web.opmaak import toon
from gateway.web.pages import adressen, woorden

PATH = "/verschillen"
MOST, MONTHS = 100, 24
SLEUTEL = ("gemeente", "wet", "aanbieder", "maand")
# What became of a rejected line: the word for it, and the kind of badge.
STANDEN = {
    "open": ("nog open", "let-op"),
    "later": ("later toegekend", "goed"),
    "afgehandeld": ("afgehandeld", "neutraal"),
    "vervallen": ("niet meer gevraagd", "neutraal"),
}


def met_adres(verschillen: Sequence[Verschil]) -> list[tuple[Verschil, str]]:
    """Gaps with where they are explained."""
    return [
        (one, f"{PATH}?{urlencode({name: getattr(one, name) for name in SLEUTEL})}")
        for one in verschillen
    ]


def _pagina(verzoek: Verzoek) -> Response:
    """Why a provider got less than it asked for in a month, or without one all of them."""
    return _een(verzoek) if verzoek.vraag.zoek.get("maand") else _alle(verzoek)


def _alle(verzoek: Verzoek) -> Response:
    store, bereik, sinds = verzoek.omgeving.store.vandaag, verzoek.bereik, sinds_van(verzoek)
    minder, meer = (
        store.verschillen(bereik, Verschilfilter(vanaf=sinds, meer=meer), MOST).rijen
        for meer in (False, True)
    )
    context = {
        "minder": met_adres(minder),
        "meer": met_adres(meer),
        "sinds": sinds,
        "woorden": woorden,
    }
    return toon(verzoek, "verschillen.html", context)


def sinds_van(verzoek: Verzoek) -> str:
    """The first month (`YYYY-MM`) of which gaps are told."""
    return month_before(dag_van(verzoek.omgeving.clock()), MONTHS - 1)


def uitsplitsing_van(verzoek: Verzoek, velden: Mapping[str, str]) -> Uitsplitsing:
    """The gap that fields are about; raises NietGevonden for none that may be seen."""
    partijen = Partijen(*(velden.get(name, "") for name in ("gemeente", "wet", "aanbieder")))
    store = verzoek.omgeving.store.vandaag
    found = store.uitsplitsing(verzoek.bereik, partijen, velden.get("maand", ""))
    if found is None:
        raise NietGevonden
    return found


def afgewezen_van(
    verzoek: Verzoek, verschil: Verschil, stand: str, omvang: int, na: str | None = None
) -> Blad[Afgewezenregel]:
    """A page of the rejected lines behind a gap, of one kind or of all; they show their clients."""
    filter_ = Afwijzingfilter(next((one for one in LOTEN if one == stand), None))
    store = verzoek.omgeving.store.vandaag
    blad = store.afgewezen(verzoek.bereik, verschil, filter_, omvang, na)
    for one in blad.rijen:
        verzoek.toont(verschil.gemeente, [one.client])
    return blad


def _een(verzoek: Verzoek) -> Response:
    zoek, teksten = verzoek.vraag.zoek, verzoek.omgeving.teksten
    found, stand = uitsplitsing_van(verzoek, zoek), zoek.get("stand", "")
    blad = afgewezen_van(verzoek, found.verschil, stand, MOST)
    ((_, path),) = met_adres([found.verschil])
    context = {
        "een": found,
        "gronden": [
            (
                one,
                [(code, teksten.of(code)) for code in one.retourcodes],
                adressen.van(verzoek, "oorzaak", one.oorzaak_id) if one.oorzaak_id else None,
            )
            for one in found.gronden
        ],
        "samen": {
            "later": sum(one.later for one in found.gronden),
            "vervallen": sum(one.vervallen for one in found.gronden),
            "afgehandeld": sum(one.afgehandeld for one in found.gronden),
            "open": sum(one.open_bedrag for one in found.gronden),
        },
        "regels": [(one, *_adressen(verzoek, one)) for one in blad.rijen],
        "is_meer": blad.volgende is not None,
        "declaraties": [
            (one, adressen.van(verzoek, "declaratie", one.inbox_id)) for one in found.declaraties
        ],
        "stand": stand if stand in LOTEN else "",
        "velden": {name: getattr(found.verschil, name) for name in SLEUTEL},
        "standen": STANDEN,
        "path": path,
        "woorden": woorden,
    }
    return toon(verzoek, "verschil.html", context)


def _adressen(verzoek: Verzoek, one: Afgewezenregel) -> tuple[str, str | None, str | None]:
    """Where a rejected line is, where to act on it or see what was decided, and the later line."""
    later = one.latere
    return (
        adressen.regel(verzoek, one.inbox_id, one.regelnr),
        _follow(verzoek, one),
        None if later is None else adressen.regel(verzoek, later.inbox_id, later.regelnr),
    )


def _follow(verzoek: Verzoek, one: Afgewezenregel) -> str | None:
    if one.oorzaak_id is not None:
        return adressen.van(verzoek, "oorzaak", one.oorzaak_id)
    if one.besluit_id is not None:
        return adressen.van(verzoek, "besluit", one.besluit_id)
    return None


PADEN = (
    Pad(
        path=PATH,
        method="GET",
        handler=_pagina,
        recht=Recht.WERK_ZIEN,
        handeling="verschil per maand bekijken",
    ),
)

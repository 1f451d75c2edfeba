"""Declaratie: an invoice from its receipt to its 325, with its lines."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from gateway.errors import NietGevonden
from gateway.http.pad import Pad
from gateway.http.verzoek import Verzoek
from gateway.store.inzage.declaratieregels import Regelfilter, Regelrij
from gateway.toegang.rechten import Recht
from gateway.web.opmaak import toon
from gateway.web.pages import adressen, woorden

LINES = 50
KEUZES = {"afgewezen": False, "toegekend": True}


@dataclass(frozen=True, slots=True)
class _Regel:
    rij: Regelrij
    naar: str


def _pagina(verzoek: Verzoek) -> Response:
    store, bereik = verzoek.omgeving.store, verzoek.bereik
    inbox_id, _ = adressen.nummer_van(verzoek, "declaratie")
    found = store.declaratiebladen.een(bereik, inbox_id)
    if found is None:
        raise NietGevonden
    path = adressen.van(verzoek, "declaratie", inbox_id)
    welke, na = verzoek.vraag.zoek.get("regels", ""), verzoek.vraag.zoek.get("na")
    filter_ = Regelfilter(toegekend=KEUZES.get(welke))
    blad = store.regels.van_declaratie(bereik, inbox_id, LINES, na, filter_)
    posten = store.werkvoorraad.posten_van(bereik, inbox_id)
    gemeente = found.bericht.outcome.gemeente if found.bericht.outcome else ""
    verzoek.toont(gemeente, {one.client for one in blad.rijen}, f"declaratie {inbox_id}")
    for waar, client in store.werkvoorraad.clienten(bereik, [one.bevinding_id for one in posten]):
        verzoek.toont(waar, [client], f"declaratie {inbox_id}")
    here = f"{path}?regels={welke}" if welke in KEUZES else path
    context = {
        "een": found,
        "uitkomst": found.bericht.outcome,
        "oordeel": woorden.oordeel_van(found.bericht),
        "regels": [
            _Regel(one, adressen.van(verzoek, "regel", inbox_id, one.regelnr)) for one in blad.rijen
        ],
        "bericht": adressen.bericht(verzoek, inbox_id),
        "is_besloten": found.bericht.besluit_op is not None
        and store.besluiteninzage.is_besloten(bereik, inbox_id),
        "betalingen": [(one, adressen.betaling(verzoek, one)) for one in found.betalingen],
        "posten": [adressen.postregel(verzoek, one) for one in posten],
        "soorten": [
            (one, woorden.tekst_van(verzoek.omgeving.teksten, one.rule, one.retourcode))
            for one in found.soorten
        ],
        "besluiten": [
            (one, adressen.besluit(verzoek, one))
            for one in store.besluiteninzage.besluiten_over(bereik, inbox_id)
        ],
        "welke": welke,
        "path": path,
        "volgende": f"{here}{'&' if '?' in here else '?'}na={blad.volgende}"
        if blad.volgende
        else None,
        "begin": here if na else None,
        "woorden": woorden,
    }
    return toon(verzoek, "declaratie.html", context)


PADEN = (
    Pad(
        path="/declaraties/{kenmerk}",
        method="GET",
        handler=_pagina,
        recht=Recht.WERK_ZIEN,
        handeling="declaratie bekijken",
    ),
)

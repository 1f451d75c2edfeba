"""Vandaag: what has to be done today and this week, and what the months came to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.responses import Response

from gateway.errors import NietGevonden
from gateway.http.pad import Pad
from gateway.http.verzoek import Verzoek
from gateway.periods.maanden import month_before
from gateway.pipeline.kennis import dag_van
from gateway.pipeline.klok import Lopend
from gateway.pipeline.ports import Partijen
from gateway.store.inzage.vandaag import Maand, Verschil
from gateway.toegang.rechten import Recht
from gateway.toegang.wie import Bereik
from gateway.web.opmaak import toon
from gateway.web.pages import adressen, cijfers, woorden
from gateway.web.pages.geld.vandaag import geldblok
from gateway.web.pages.grafiek import Grafiek, grafiek

VERSCHIL = "/verschillen"
GAPS, MONTHS_OF_LIST = 100, 24
SHOWN, CAUSES, MONTHS = 10, 6, 6


@dataclass(frozen=True, slots=True)
class _Termijnen:
    """What is owed: how many by how they stand, the first of ours, and what others owe.

    `telt_nog` while it is not known yet what others owe.
    """

    aantallen: Counter[str]
    eigen: Sequence[tuple[Lopend, str]]
    anderen: Sequence[tuple[str, str, int]]
    telt_nog: bool


def _pagina(verzoek: Verzoek) -> Response:
    store, bereik = verzoek.omgeving.store, verzoek.bereik
    vandaag = dag_van(verzoek.omgeving.clock())
    sinds = month_before(vandaag, MONTHS - 1)
    oorzaken = store.werkvoorraad.oorzaken(bereik, omvang=CAUSES).rijen
    context = {
        "vandaag": vandaag,
        "drukte": store.vandaag.drukte(bereik, vandaag),
        "termijnen": _termijnen(verzoek, bereik),
        "geld": geldblok(verzoek),
        "voorstellen": len(store.besluiteninzage.voorstellen(bereik)),
        "oorzaken": [adressen.oorzaakregel(verzoek, one) for one in oorzaken],
        "verschillen": _met_adres(store.vandaag.verschillen(bereik, sinds)),
        "grafieken": _grafieken(verzoek, bereik, store.vandaag.maanden(bereik, sinds)),
        "bericht": lambda nummer: adressen.van(verzoek, "declaratie", nummer),
        "woorden": woorden,
    }
    return toon(verzoek, "vandaag.html", context)


def _met_adres(verschillen: Sequence[Verschil]) -> list[tuple[Verschil, str]]:
    names = ("gemeente", "wet", "aanbieder", "maand")
    return [
        (one, f"{VERSCHIL}?{urlencode({name: getattr(one, name) for name in names})}")
        for one in verschillen
    ]


def _verschillen(verzoek: Verzoek) -> Response:
    sinds = month_before(dag_van(verzoek.omgeving.clock()), MONTHS_OF_LIST - 1)
    found = verzoek.omgeving.store.vandaag.verschillen(verzoek.bereik, sinds, GAPS)
    context = {"verschillen": _met_adres(found), "sinds": sinds, "woorden": woorden}
    return toon(verzoek, "verschillen.html", context)


def _verschil(verzoek: Verzoek) -> Response:
    """Why a provider got less than it asked for in a month, or without one all of them."""
    zoek = verzoek.vraag.zoek
    if not zoek.get("maand"):
        return _verschillen(verzoek)
    partijen = Partijen(*(zoek.get(name, "") for name in ("gemeente", "wet", "aanbieder")))
    store, teksten = verzoek.omgeving.store, verzoek.omgeving.teksten
    found = store.vandaag.uitsplitsing(verzoek.bereik, partijen, zoek.get("maand", ""))
    if found is None:
        raise NietGevonden
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
        "declaraties": [
            (one, adressen.van(verzoek, "declaratie", one.inbox_id)) for one in found.declaraties
        ],
        "woorden": woorden,
    }
    return toon(verzoek, "verschil.html", context)


def _termijnen(verzoek: Verzoek, bereik: Bereik) -> _Termijnen:
    omgeving = verzoek.omgeving
    vandaag = dag_van(omgeving.clock())
    running = cijfers.klok_van(omgeving).in_handen(omgeving.store.termijnen.within(bereik), vandaag)
    awaited = cijfers.uitgebleven(verzoek, bereik)
    own = [one for one in running if one.is_eigen]
    missing = Counter((one.naam, one.van) for one in awaited or ())
    return _Termijnen(
        Counter(one.stand(vandaag) for one in own) + Counter({"ontbreekt": missing.total()}),
        [(one, one.stand(vandaag)) for one in own[:SHOWN]],
        [(naam, van, count) for (naam, van), count in missing.most_common(SHOWN)],
        telt_nog=awaited is None,
    )


def _grafieken(verzoek: Verzoek, bereik: Bereik, maanden: Sequence[Maand]) -> Sequence[Grafiek]:
    """One for each law, against what the agreements reckon with for a month."""
    plafonds = plafond_per_maand(verzoek, bereik)
    wetten = sorted({one.wet for one in maanden})
    return [
        grafiek(
            woorden.WETTEN.get(wet, wet),
            [
                (woorden.maandnaam(one.maand), one.toegekend, one.afgewezen)
                for one in maanden
                if one.wet == wet
            ],
            plafonds.get(wet),
        )
        for wet in wetten
    ]


def plafond_per_maand(verzoek: Verzoek, bereik: Bereik) -> dict[str, int]:
    """Per law a twelfth of the notional ceilings of the municipalities that are seen."""
    found: Counter[str] = Counter()
    for one in verzoek.omgeving.kennis.overeenkomsten.alle:
        for wet in one.wetten if len(one.wetten) == 1 else ():
            for gemeente, plafond in one.drempels.plafond.items():
                if gemeente in bereik.gemeenten:
                    found[wet] += plafond // 12
    return dict(found)


PADEN = (
    Pad(
        path="/vandaag",
        method="GET",
        handler=_pagina,
        recht=Recht.WERK_ZIEN,
        handeling="vandaag bekijken",
        menu="Vandaag",
    ),
    Pad(
        path=VERSCHIL,
        method="GET",
        handler=_verschil,
        recht=Recht.WERK_ZIEN,
        handeling="verschil per maand bekijken",
    ),
)

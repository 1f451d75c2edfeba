"""Vandaag: what has to be done today and this week, and what the months came to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from starlette.responses import Response

from gateway.http.pad import Pad
from gateway.http.verzoek import Verzoek
from gateway.periods.maanden import month_before
from gateway.pipeline.kennis import dag_van
from gateway.store.inzage.vandaag import Verschilfilter
from gateway.toegang.rechten import Recht
from gateway.toegang.wie import Bereik
from gateway.web.opmaak import toon
from gateway.web.pages import adressen, woorden
from gateway.web.pages.geld.vandaag import geldblok
from gateway.web.pages.grafiek import Grafiek, grafiek
from gateway.web.pages.termijnen import PATH as TERMIJNEN
from gateway.web.pages.termijnen import adres_van, termijnen_van
from gateway.web.pages.verschillen import met_adres

SHOWN, CAUSES, GAPS, MONTHS = 10, 6, 8, 6


def _pagina(verzoek: Verzoek) -> Response:
    store, bereik = verzoek.omgeving.store, verzoek.bereik
    vandaag = dag_van(verzoek.omgeving.clock())
    sinds = month_before(vandaag, MONTHS - 1)
    oorzaken = store.werkvoorraad.oorzaken(bereik, omvang=CAUSES).rijen
    minder = Verschilfilter(vanaf=sinds, meer=False)
    termijnen = termijnen_van(verzoek)
    context = {
        "vandaag": vandaag,
        "drukte": store.vandaag.drukte(bereik, vandaag),
        "aantallen": termijnen.aantallen,
        "telt_nog": termijnen.gemist is None,
        "termijnen": [(one, its, adres_van(verzoek, one)) for one, its in termijnen.eigen[:SHOWN]],
        "gemist": termijnen.per_aanbieder(SHOWN),
        "termijnpad": TERMIJNEN,
        "geld": geldblok(verzoek),
        "voorstellen": len(store.besluiteninzage.voorstellen(bereik)),
        "oorzaken": [adressen.oorzaakregel(verzoek, one) for one in oorzaken],
        "verschillen": met_adres(store.vandaag.verschillen(bereik, minder, GAPS).rijen),
        "grafieken": _grafieken(verzoek, bereik, sinds),
        "woorden": woorden,
    }
    return toon(verzoek, "vandaag.html", context)


def _grafieken(verzoek: Verzoek, bereik: Bereik, sinds: str) -> Sequence[Grafiek]:
    """One for each law, against what the agreements reckon with for a month."""
    maanden = verzoek.omgeving.store.vandaag.maanden(bereik, sinds)
    plafonds = plafond_per_maand(verzoek, bereik, sinds)
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


def plafond_per_maand(verzoek: Verzoek, bereik: Bereik, sinds: str) -> dict[str, int]:
    """Per law a twelfth of the notional ceilings of the municipalities that the figures are of."""
    counted = verzoek.omgeving.store.vandaag.gemeenten(bereik, sinds)
    found: Counter[str] = Counter()
    for one in verzoek.omgeving.kennis.overeenkomsten.alle:
        for wet in one.wetten if len(one.wetten) == 1 else ():
            for gemeente, plafond in one.drempels.plafond.items():
                if gemeente in counted:
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
)

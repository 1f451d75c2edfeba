"""Regelboek: the agreements in force with their prices, as who declares by them may know them."""

from __future__ import annotations

from collections.abc import Iterator

from starlette.responses import Response

from gateway.errors import NietGevonden
from gateway.http.pad import Pad
from gateway.http.verzoek import Verzoek
from gateway.pipeline.kennis import dag_van
from gateway.records.overeenkomst import Overeenkomst
from gateway.toegang.rechten import Recht
from gateway.web.opmaak import toon
from gateway.web.pages import woorden

PATH = "/regelboek"


def _lijst(verzoek: Verzoek) -> Response:
    context = {"overeenkomsten": list(_seen(verzoek)), "woorden": woorden}
    return toon(verzoek, "regelboek.html", context)


def _een(verzoek: Verzoek) -> Response:
    naam, bereik = verzoek.vraag.delen["id"], verzoek.bereik
    found = [one for one in _seen(verzoek) if one.id == naam]
    if not found:
        raise NietGevonden
    vandaag = dag_van(verzoek.omgeving.clock())
    # The price of another aanbieder alone is nobody else's business.
    cellen = [
        cel
        for cel in found[-1].cellen
        if bereik.aanbieder is None or cel.aanbieders is None or bereik.aanbieder in cel.aanbieders
    ]
    context = {
        "een": found[-1],
        "cellen": [(cel, cel.covers(vandaag)) for cel in cellen],
        "woorden": woorden,
    }
    return toon(verzoek, "regelboek-een.html", context)


def _seen(verzoek: Verzoek) -> Iterator[Overeenkomst]:
    for one in verzoek.omgeving.kennis.overeenkomsten.alle:
        if verzoek.bereik.gemeenten & set(one.gemeenten):
            yield one


PADEN = (
    Pad(
        path=PATH,
        method="GET",
        handler=_lijst,
        recht=Recht.OVEREENKOMSTEN_ZIEN,
        menu="Regelboek",
    ),
    Pad(path=PATH + "/{id}", method="GET", handler=_een, recht=Recht.OVEREENKOMSTEN_ZIEN),
)

"""What an aanbieder was paid: its own payments, each with its lines."""

from __future__ import annotations

from starlette.responses import Response

from gateway.http.pad import Pad
from gateway.http.verzoek import Verzoek
from gateway.toegang.rechten import Recht
from gateway.web.opmaak import toon
from gateway.web.pages.berichten import here_from
from gateway.web.pages.eigen import PATH as EIGEN
from gateway.web.pages.geld.betaaldelen import STANDEN, nummer_van
from gateway.web.pages.geld.betaalrun import specificatie, toon_betaling
from gateway.web.pages.geld.betalingen import betalingadres
from gateway.web.pages.uitvoer import uitvoerpad

PATH = f"{EIGEN}/betalingen"


def _lijst(verzoek: Verzoek) -> Response:
    store, na = verzoek.omgeving.store.betalingen, verzoek.vraag.zoek.get("na")
    blad = store.betalingen(verzoek.bereik, na=na)
    context = {
        "betalingen": [(one, betalingadres(verzoek, one.nummer, PATH)) for one in blad.rijen],
        "volgende": here_from(PATH, {}, blad.volgende),
        "begin": PATH if na else None,
        "standen": STANDEN,
    }
    return toon(verzoek, "eigen/betalingen.html", context)


def _een(verzoek: Verzoek) -> Response:
    store = verzoek.omgeving.store.betalingen
    een = store.betaling(verzoek.bereik, nummer_van(verzoek, "betaling"))
    path = betalingadres(verzoek, een.nummer, PATH)
    return toon_betaling(verzoek, een, path, {"run": None, "overzicht": PATH, "is_eigen": True})


PADEN = (
    Pad(path=PATH, method="GET", handler=_lijst, recht=Recht.EIGEN_ZIEN, menu="Betalingen"),
    Pad(
        path=PATH + "/{kenmerk}",
        method="GET",
        handler=_een,
        recht=Recht.EIGEN_ZIEN,
        handeling="betaling bekijken",
    ),
    uitvoerpad(
        PATH + "/{kenmerk}/uitvoer", specificatie, "betaling uitvoeren", recht=Recht.EIGEN_ZIEN
    ),
)

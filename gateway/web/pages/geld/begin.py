"""Geld: one page that leads to everything about money."""

from __future__ import annotations

from starlette.responses import Response

from gateway.http.pad import Pad
from gateway.http.verzoek import Verzoek
from gateway.toegang.rechten import Recht
from gateway.web.opmaak import toon

PATH = "/geld"


def _pagina(verzoek: Verzoek) -> Response:
    onderdelen = [
        (pad.kop, pad.path)
        for pad in verzoek.paden
        if pad.kop is not None and isinstance(pad.recht, Recht) and verzoek.mag(pad.recht)
    ]
    return toon(verzoek, "geld/begin.html", {"onderdelen": onderdelen})


PADEN = (Pad(path=PATH, method="GET", handler=_pagina, recht=Recht.GELD_ZIEN, menu="Geld"),)

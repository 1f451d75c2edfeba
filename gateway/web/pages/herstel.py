"""Onze kant hersteld: what a new judgement would say, and the decision to judge again.

Looking takes longer than a request may, so it runs beside them; its page tells how far it is.
"""

from __future__ import annotations

import time

from starlette.responses import RedirectResponse, Response

from gateway.errors import NietGevonden
from gateway.http.pad import Pad
from gateway.http.taken import Taak
from gateway.http.verzoek import Verzoek
from gateway.store.werk.besluiten import Keuze
from gateway.store.werk.soorten import Soort
from gateway.store.werk.voorraad import Oorzaakrij
from gateway.toegang.rechten import Recht
from gateway.web.opmaak import toon
from gateway.web.pages import adressen
from gateway.web.pages.werkvoorraad import OF_CAUSE, oorzaak_van
from gateway.werk.opnieuw import Vooruitzicht, vooruitzicht

PATH = OF_CAUSE + "/herstel"
VOORUITZICHT, VOLG = "vooruitzicht", "volg"
# So long a page waits for its first figures, and so long may one look take.
FIRST_SECONDS, SECONDS = 1.0, 300.0


def _pagina(verzoek: Verzoek) -> Response:
    """What would become of a cause that was put right on our side, as far as it was looked at."""
    rij = oorzaak_van(verzoek)
    path = adressen.van(verzoek, "oorzaak", rij.nummer)
    kenmerk = verzoek.vraag.zoek.get(VOLG)
    if kenmerk is None:
        taak = _begin(verzoek, rij)
        taak.wait(FIRST_SECONDS)
        return RedirectResponse(f"{path}/herstel?{VOLG}={taak.kenmerk}", 303)
    taak = _gevolgd(verzoek, kenmerk)
    found: Vooruitzicht = taak.uitkomst or Vooruitzicht()
    context = {
        "een": adressen.oorzaakregel(verzoek, rij),
        "taak": taak,
        "vooruitzicht": found,
        "gevolgen": list(found.gevolgen.items()),
        "path": path,
        "hier": f"{path}/herstel?{VOLG}={taak.kenmerk}",
    }
    return toon(verzoek, "herstel.html", context)


def _begin(verzoek: Verzoek, rij: Oorzaakrij) -> Taak:
    """Look at a cause by what is known now, or go on with the look that is under way."""
    omgeving, wie = verzoek.omgeving, verzoek.wie.kenmerk
    omgeving.stand.look()
    kennis = omgeving.kennis

    def run(taak: Taak) -> Vooruitzicht:
        until = time.monotonic() + SECONDS

        def meld(found: Vooruitzicht) -> bool:
            taak.uitkomst = found
            taak.meld(found.berichten, rij.omvang.berichten)
            return time.monotonic() < until

        # The cause was found within what may be seen, and names its municipality.
        return vooruitzicht(omgeving.store, rij.oorzaak, kennis, meld)

    return omgeving.taken.begin(VOORUITZICHT, f"{wie} {rij.nummer}", wie, run)


def _gevolgd(verzoek: Verzoek, kenmerk: str) -> Taak:
    taak = verzoek.omgeving.taken.of(VOORUITZICHT, kenmerk, verzoek.wie.kenmerk)
    if taak is None:
        raise NietGevonden("dit is er niet meer; ga terug naar de oorzaak en kijk opnieuw")
    return taak


def _stop(verzoek: Verzoek) -> Response:
    """Look no further."""
    rij = oorzaak_van(verzoek)
    taak = _gevolgd(verzoek, verzoek.veld(VOLG))
    taak.stop()
    path = adressen.van(verzoek, "oorzaak", rij.nummer)
    return RedirectResponse(f"{path}/herstel?{VOLG}={taak.kenmerk}", 303)


def _opnieuw(verzoek: Verzoek) -> Response:
    """Freeze what stands open, to be decided on as it is shown: judged again once it is taken."""
    rij = oorzaak_van(verzoek)
    besluiten = verzoek.omgeving.store.besluiten(verzoek.omgeving.kennis.beleid_of)
    made = besluiten.freeze(verzoek.bereik, verzoek.wie, Keuze(Soort.HERSTEL, rij.nummer))
    return RedirectResponse(adressen.besluit(verzoek, made), 303)


PADEN = (
    Pad(
        path=PATH,
        method="GET",
        handler=_pagina,
        recht=Recht.BEOORDELEN,
        handeling="herstel vooruitzien",
        budget="zoeken",
    ),
    Pad(
        path=PATH,
        method="POST",
        handler=_opnieuw,
        recht=Recht.BEOORDELEN,
        handeling="besluit voorbereiden",
        soort="U",
    ),
    Pad(
        path=f"{PATH}/stoppen",
        method="POST",
        handler=_stop,
        recht=Recht.BEOORDELEN,
    ),
)

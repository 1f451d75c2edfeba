"""One envelope that was set aside: what is known of it, and what somebody does with it."""

from __future__ import annotations

from dataclasses import replace

from starlette.responses import RedirectResponse, Response

from gateway.errors import NietGevonden, WrongUse
from gateway.http.pad import Pad
from gateway.http.verzoek import Verzoek
from gateway.store.envelop import Apart
from gateway.store.toegang.logboek import Handeling
from gateway.toegang.rechten import Recht
from gateway.web.opmaak import toon

ENVELOP = "envelop"
PATH = "/fouten/enveloppen/{kenmerk}"
OPNEMEN, SLUITEN = "opnemen", "sluiten"
LONGEST = 200


def adres_van(verzoek: Verzoek, nummer: int) -> str:
    """Where an envelope that was set aside is."""
    return f"/fouten/enveloppen/{verzoek.omgeving.kenmerken.of(ENVELOP, nummer)}"


def _pagina(verzoek: Verzoek) -> Response:
    een = _een(verzoek)
    return toon(verzoek, "envelop.html", {"een": een, "hier": adres_van(verzoek, een.nummer)})


def _handel_af(verzoek: Verzoek) -> Response:
    """Take what is in it after all, or close it: the same as the commands do."""
    een, doe, reden = _een(verzoek), verzoek.veld("doe"), verzoek.veld("reden")
    if not reden or len(reden) > LONGEST:
        raise WrongUse(f"schrijf op waarom, in hoogstens {LONGEST} tekens", veld="reden")
    verzoek.doel = reden
    if doe == OPNEMEN:
        take = verzoek.omgeving.doe_envelop
        if take is None:
            raise NietGevonden
        take(een.nummer, _handeling(verzoek, een, doe))
    elif doe == SLUITEN:
        if not verzoek.omgeving.store.enveloppen.sluit(een.nummer, _handeling(verzoek, een, doe)):
            raise NietGevonden
    else:
        raise WrongUse("kies wat u met deze envelop doet")
    return RedirectResponse("/fouten", 303)


def _handeling(verzoek: Verzoek, een: Apart, doe: str) -> Handeling:
    """The act as it is logged, under the name that the command gives it."""
    told = verzoek.verantwoord(gemeente=een.gemeente, over=f"{ENVELOP} {een.nummer}")
    return replace(told, naam=f"{ENVELOP} {doe}")


def _een(verzoek: Verzoek) -> Apart:
    found = verzoek.kenmerk(ENVELOP)
    if found is None:
        raise NietGevonden
    return verzoek.omgeving.store.enveloppen.een_die_wacht(verzoek.bereik, found[0])


PADEN = (
    Pad(path=PATH, method="GET", handler=_pagina, recht=Recht.FOUTEN_ZIEN),
    Pad(
        path=PATH,
        method="POST",
        handler=_handel_af,
        recht=Recht.TECHNIEK,
        handeling="envelop afhandelen",
        soort="U",
    ),
)

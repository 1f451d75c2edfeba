"""The first beheerder makes himself known with a code that the command line gave."""

from __future__ import annotations

from starlette.responses import Response

from gateway.errors import WrongUse
from gateway.http.omgeving import EERSTE
from gateway.http.pad import OPENBAAR, Pad
from gateway.http.verzoek import Verzoek
from gateway.store.toegang.gebruikers import NieuweGebruiker
from gateway.toegang.rechten import Rol
from gateway.toegang.wie import ALLE
from gateway.web.beheer.gebruikers import DOEL, Formulier, filled
from gateway.web.inloggen import begintoken, kom_binnen, met_begintoken
from gateway.web.opmaak import toon
from gateway.web.wachtwoorden import bezwaar, hash_of_wachtwoord

_WRONG_CODE = "Deze code klopt niet of is verlopen. Vraag een nieuwe met: gateway users first"


def _pagina(verzoek: Verzoek) -> Response:
    return _show(verzoek, Formulier())


def _show(verzoek: Verzoek, formulier: Formulier) -> Response:
    token = begintoken(verzoek)
    context = {
        "csrf": token,
        "formulier": formulier,
        "met_oidc": verzoek.omgeving.settings.oidc_issuer is not None,
        "met_wachtwoord": verzoek.omgeving.settings.met_wachtwoord,
    }
    status = 422 if formulier.fouten else 200
    return met_begintoken(verzoek, toon(verzoek, "eerste.html", context, status), token)


def _maak(verzoek: Verzoek) -> Response:
    formulier, wachtwoord = filled(verzoek), verzoek.veld("wachtwoord")
    sessies, code = verzoek.omgeving.store.sessies, verzoek.veld("code")
    against = bezwaar(wachtwoord, formulier.naam)
    if against is not None and not formulier.oidc:
        formulier.fouten["wachtwoord"] = against
    if not sessies.is_given(EERSTE, code):
        formulier.fouten = {"code": _WRONG_CODE}
    if formulier.fouten:
        return _show(verzoek, formulier)
    nieuw = NieuweGebruiker(
        naam=formulier.naam,
        weergave=formulier.weergave,
        oidc=formulier.oidc or None,
        wachtwoord=hash_of_wachtwoord(wachtwoord) if wachtwoord else None,
        rollen={ALLE: frozenset({Rol.BEHEERDER})},
    )
    try:
        # The code is used up first: of two at once only one comes in.
        if sessies.take(EERSTE, code) is None:
            raise WrongUse(_WRONG_CODE)
        gebruikers = verzoek.omgeving.store.gebruikers
        nummer = gebruikers.make(nieuw, verzoek.verantwoord(over=formulier.naam))
    except WrongUse as wrong:
        formulier.fouten["code"] = f"{wrong}. Vraag zo nodig een nieuwe code."
        return _show(verzoek, formulier)
    made = gebruikers.by_nummer(nummer)
    assert made is not None  # noqa: S101 - for mypy
    return kom_binnen(verzoek, made, "/")


PADEN = (
    Pad(path="/eerste", method="GET", handler=_pagina, recht=OPENBAAR),
    Pad(
        path="/eerste",
        method="POST",
        handler=_maak,
        recht=OPENBAAR,
        handeling="eerste beheerder maken",
        soort="C",
        doel=DOEL,
        budget="inloggen",
    ),
)

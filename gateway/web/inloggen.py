"""Logging in and out: with a password, in the demo with a button, and the first user of all."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import RedirectResponse, Response

from gateway.errors import NietGevonden, VerzoekGeweigerd
from gateway.http.omgeving import Omgeving
from gateway.http.pad import INGELOGD, OPENBAAR, Pad
from gateway.http.verzoek import Aanmelding, Verzoek
from gateway.store.toegang.gebruikers import Gebruiker
from gateway.store.toegang.sessies import Begonnen
from gateway.toegang.rechten import Recht
from gateway.web.kant import INLOGGEN, naar_of
from gateway.web.koekjes import beginkoekje, handelkoekje, koekje, sessiekoekje
from gateway.web.opmaak import toon
from gateway.web.wachtwoorden import klopt

# One text for every reason: nobody learns which names exist.
_MISLUKT = (
    "Inloggen is niet gelukt. Controleer uw naam en wachtwoord. Lukt het een paar keer niet, dan "
    "moet u even wachten."
)
TOEGANG = "toegang tot de gateway"
# Where the day begins: for who decides, for who gives out rights, for who watches over them.
START = ("/vandaag", "/beheer/gebruikers", "/logboek")
FREE_TRIES = 3
LONGEST_WAIT = 300.0
CLEAR = '"cache", "cookies", "storage"'


def _pagina(verzoek: Verzoek) -> Response:
    return inlogpagina(verzoek, naar_of(verzoek.vraag.zoek.get("naar", "/")))


def inlogpagina(
    verzoek: Verzoek, naar: str, fout: str = "", naam: str = "", status: int = 200
) -> Response:
    """The login page with its own token, for there is no session yet."""
    omgeving, token = verzoek.omgeving, begintoken(verzoek)
    context: Mapping[str, Any] = {
        "csrf": token,
        "naar": naar,
        "fout": fout,
        "naam": naam,
        "opnieuw": verzoek.vraag.zoek.get("opnieuw") == "1",
        "met_wachtwoord": omgeving.settings.met_wachtwoord and not omgeving.demo,
        "met_oidc": omgeving.inlogdienst is not None and not omgeving.demo,
        "demogebruikers": _demogebruikers(omgeving) if omgeving.demo else (),
    }
    return met_begintoken(verzoek, toon(verzoek, "inloggen.html", context, status), token)


def begintoken(verzoek: Verzoek) -> str:
    """The token of a form that is open to everyone."""
    return koekje(verzoek, beginkoekje(verzoek.omgeving)) or secrets.token_urlsafe(32)


def met_begintoken(verzoek: Verzoek, response: Response, token: str) -> Response:
    """The page with that form, and the cookie by which its token is known."""
    omgeving = verzoek.omgeving
    response.set_cookie(
        beginkoekje(omgeving),
        token,
        secure=omgeving.is_https,
        httponly=True,
        samesite="strict",
    )
    return response


def _demogebruikers(omgeving: Omgeving) -> Sequence[Gebruiker]:
    """In the order in which they were made: who is most asked for comes first."""
    return sorted(omgeving.store.gebruikers.all(), key=lambda one: one.nummer)


def _wachtwoord(verzoek: Verzoek) -> Response:
    omgeving = verzoek.omgeving
    if not omgeving.settings.met_wachtwoord or omgeving.demo:
        raise NietGevonden
    naam, naar = verzoek.veld("naam"), naar_of(verzoek.veld("naar"))
    # Spaces around a password are part of it.
    given = verzoek.vraag.formulier.get("wachtwoord", "")
    gebruiker = omgeving.store.gebruikers.by_naam(naam)
    if not comes_in(omgeving, gebruiker, given if isinstance(given, str) else ""):
        log_mislukt(verzoek, naam)
        return inlogpagina(verzoek, naar, _MISLUKT, naam, 401)
    assert gebruiker is not None  # noqa: S101 - for mypy
    return kom_binnen(verzoek, gebruiker, naar)


def comes_in(omgeving: Omgeving, gebruiker: Gebruiker | None, wachtwoord: str) -> bool:
    """Whether the password is his; it takes as long for who does not exist."""
    now = omgeving.clock().timestamp()
    hash_ = gebruiker.wachtwoord if gebruiker else None
    right = klopt(hash_, wachtwoord)
    if gebruiker is None or not gebruiker.actief or now < gebruiker.wacht_tot:
        return False
    if right:
        omgeving.store.gebruikers.came_in(gebruiker.nummer)
        return True
    over = gebruiker.mislukt + 1 - FREE_TRIES
    wait = min(2.0**over, LONGEST_WAIT) if over >= 0 else 0.0
    omgeving.store.gebruikers.missed(gebruiker.nummer, now + wait)
    return False


def _demo(verzoek: Verzoek) -> Response:
    if not verzoek.omgeving.demo:
        raise NietGevonden
    gebruiker = verzoek.omgeving.store.gebruikers.by_naam(verzoek.veld("naam"))
    if gebruiker is None or not gebruiker.actief:
        raise NietGevonden
    return kom_binnen(verzoek, gebruiker, naar_of(verzoek.veld("naar")))


def kom_binnen(
    verzoek: Verzoek,
    gebruiker: Gebruiker,
    naar: str,
    *,
    oidc_token: str | None = None,
    sterk_at: float | None = None,
) -> Response:
    """A new session, whatever cookie there was; the old one ends.

    `sterk_at` is when he showed who he is (seconds since 1970), None for just now.
    """
    store = verzoek.omgeving.store
    old = verzoek.aanmelding.sessie if verzoek.aanmelding else None
    if old is not None:
        store.sessies.end(old.hash)
    programma = verzoek.vraag.koppen.get("user-agent", "")
    begonnen = Begonnen(verzoek.vraag.adres, programma, oidc_token, sterk_at)
    verzoek.aanmelding = Aanmelding(gebruiker.wie)
    store.logboek.write(verzoek.verantwoord())
    response = RedirectResponse(naar, 303)
    response.set_cookie(
        sessiekoekje(verzoek.omgeving),
        store.sessies.begin(gebruiker.nummer, begonnen),
        secure=verzoek.omgeving.is_https,
        httponly=True,
        samesite="lax",
    )
    return response


def log_mislukt(verzoek: Verzoek, naam: str) -> None:
    """Somebody did not come in; what was given as a name is kept short."""
    known = verzoek.omgeving.store.gebruikers.by_naam(naam)
    verzoek.aanmelding = None if known is None else Aanmelding(known.wie)
    verzoek.omgeving.store.logboek.write(verzoek.mislukt())
    verzoek.aanmelding, verzoek.is_verantwoord = None, True


def _uitloggen(verzoek: Verzoek) -> Response:
    sessie = verzoek.aanmelding.sessie if verzoek.aanmelding else None
    if sessie is not None:
        verzoek.omgeving.store.sessies.end(sessie.hash)
    response = RedirectResponse(_after(verzoek), 303, headers={"Clear-Site-Data": CLEAR})
    for naam in (sessiekoekje(verzoek.omgeving), handelkoekje(verzoek.omgeving)):
        response.delete_cookie(naam, secure=verzoek.omgeving.is_https)
    return response


def _after(verzoek: Verzoek) -> str:
    """Out at the provider too, where somebody came in by it."""
    omgeving = verzoek.omgeving
    sessie = verzoek.aanmelding.sessie if verzoek.aanmelding else None
    if omgeving.inlogdienst is None or sessie is None or sessie.oidc_token is None:
        return INLOGGEN
    try:
        there = omgeving.inlogdienst.end(sessie.oidc_token, omgeving.adres + INLOGGEN)
    except VerzoekGeweigerd:
        return INLOGGEN
    return there or INLOGGEN


def _begin(verzoek: Verzoek) -> Response:
    """To the page of his work, else to the first one that he may see."""
    mine = [
        pad.path
        for pad in verzoek.paden
        if pad.menu is not None and isinstance(pad.recht, Recht) and verzoek.mag(pad.recht)
    ]
    if not mine:
        return toon(verzoek, "zonder_rechten.html")
    return RedirectResponse(next((path for path in START if path in mine), mine[0]), 303)


PADEN = (
    Pad(path="/", method="GET", handler=_begin, recht=INGELOGD),
    Pad(path=INLOGGEN, method="GET", handler=_pagina, recht=OPENBAAR),
    Pad(
        path=INLOGGEN,
        method="POST",
        handler=_wachtwoord,
        recht=OPENBAAR,
        handeling="inloggen",
        doel=TOEGANG,
        soort="E",
        budget="inloggen",
    ),
    Pad(
        path=f"{INLOGGEN}/demo",
        method="POST",
        handler=_demo,
        recht=OPENBAAR,
        handeling="inloggen",
        doel=TOEGANG,
        soort="E",
        budget="inloggen",
    ),
    Pad(
        path="/uitloggen",
        method="POST",
        handler=_uitloggen,
        recht=INGELOGD,
        handeling="uitloggen",
        doel=TOEGANG,
        soort="E",
    ),
)

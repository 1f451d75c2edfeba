"""A password of one's own: set with a code of a beheerder, or changed by who knows the old one.

A beheerder gives a code and no password, so that nobody knows one of somebody else.
"""

from __future__ import annotations

from starlette.responses import Response

from gateway.errors import NietGevonden
from gateway.http.pad import INGELOGD, OPENBAAR, Pad
from gateway.http.verzoek import Verzoek
from gateway.store.toegang.gebruikers import Gebruiker
from gateway.web.beheer.gebruikers import WACHTWOORD
from gateway.web.inloggen import (
    TOEGANG,
    begintoken,
    comes_in,
    kom_binnen,
    log_mislukt,
    met_begintoken,
)
from gateway.web.mijn import MIJN, gebruiker_van
from gateway.web.opmaak import toon
from gateway.web.wachtwoorden import bezwaar, hash_of_wachtwoord

PATH = "/wachtwoord"
_WRONG_CODE = "Deze naam en code horen niet bij elkaar, of de code is verlopen."
_WRONG_OLD = "Dit is niet uw wachtwoord."


def _met_code(verzoek: Verzoek, fouten: dict[str, str] | None = None) -> Response:
    token = begintoken(verzoek)
    context = {"csrf": token, "fouten": fouten or {}, "naam": verzoek.veld("naam")}
    page = toon(verzoek, "wachtwoord.html", context, 422 if fouten else 200)
    return met_begintoken(verzoek, page, token)


def _zet(verzoek: Verzoek) -> Response:
    store, naam = verzoek.omgeving.store, verzoek.veld("naam")
    if not verzoek.omgeving.settings.met_wachtwoord:
        raise NietGevonden
    against = bezwaar(_given(verzoek, "wachtwoord"), naam)
    if against is not None:
        return _met_code(verzoek, {"wachtwoord": against})
    gebruiker = store.gebruikers.by_naam(naam)
    meant = store.sessies.take(WACHTWOORD, verzoek.veld("code"))
    if gebruiker is None or not gebruiker.actief or meant != str(gebruiker.nummer):
        log_mislukt(verzoek, naam)
        return _met_code(verzoek, {"code": _WRONG_CODE})
    return _set(verzoek, gebruiker, _given(verzoek, "wachtwoord"))


def _eigen(verzoek: Verzoek, fouten: dict[str, str] | None = None) -> Response:
    status = 422 if fouten else 200
    return toon(verzoek, "mijn_wachtwoord.html", {"fouten": fouten or {}}, status)


def _wijzig(verzoek: Verzoek) -> Response:
    gebruiker = gebruiker_van(verzoek)
    if not verzoek.omgeving.settings.met_wachtwoord:
        raise NietGevonden
    against = bezwaar(_given(verzoek, "wachtwoord"), gebruiker.naam)
    if against is not None:
        return _eigen(verzoek, {"wachtwoord": against})
    if not comes_in(verzoek.omgeving, gebruiker, _given(verzoek, "oud")):
        return _eigen(verzoek, {"oud": _WRONG_OLD})
    return _set(verzoek, gebruiker, _given(verzoek, "wachtwoord"))


def _set(verzoek: Verzoek, gebruiker: Gebruiker, wachtwoord: str) -> Response:
    """Every session ends, and a new one begins here."""
    act = verzoek.verantwoord(over=gebruiker.naam)
    gebruikers = verzoek.omgeving.store.gebruikers
    gebruikers.set_wachtwoord(gebruiker.nummer, hash_of_wachtwoord(wachtwoord), act)
    return kom_binnen(verzoek, gebruiker, MIJN)


def _given(verzoek: Verzoek, naam: str) -> str:
    """A password as it was typed: spaces around it are part of it."""
    value = verzoek.vraag.formulier.get(naam, "")
    return value if isinstance(value, str) else ""


PADEN = (
    Pad(path=PATH, method="GET", handler=_met_code, recht=OPENBAAR),
    Pad(
        path=PATH,
        method="POST",
        handler=_zet,
        recht=OPENBAAR,
        handeling="wachtwoord zetten",
        soort="U",
        doel=TOEGANG,
        budget="inloggen",
    ),
    Pad(path=f"{MIJN}/wachtwoord", method="GET", handler=_eigen, recht=INGELOGD),
    Pad(
        path=f"{MIJN}/wachtwoord",
        method="POST",
        handler=_wijzig,
        recht=INGELOGD,
        handeling="wachtwoord wijzigen",
        soort="U",
        doel=TOEGANG,
        budget="inloggen",
    ),
)

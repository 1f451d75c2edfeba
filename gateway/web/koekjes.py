"""The cookies of the pages: all for our own host alone, and out of reach of any script."""

from __future__ import annotations

import hashlib

from starlette.requests import cookie_parser
from starlette.responses import Response

from gateway.http.omgeving import Omgeving
from gateway.http.verzoek import Verzoek
from gateway.store.toegang.sessies import Sessie


def sessiekoekje(omgeving: Omgeving) -> str:
    """The name of the cookie with the session; browsers guard the first of these names."""
    return "__Host-sessie" if omgeving.is_https else "sessie"


def beginkoekje(omgeving: Omgeving) -> str:
    """The name of the cookie that guards the login form."""
    return "__Host-begin" if omgeving.is_https else "begin"


def handelkoekje(omgeving: Omgeving) -> str:
    """The name of the cookie that goes along with a change, and never comes from another site."""
    return "__Host-handelen" if omgeving.is_https else "handelen"


def handelteken(sessie: Sessie) -> str:
    """What that cookie holds; it tells nobody the token of the session."""
    return hashlib.sha256(sessie.csrf.encode()).hexdigest()


def koekje(verzoek: Verzoek, naam: str) -> str:
    """A cookie, empty when it is not there."""
    return cookie_parser(verzoek.vraag.koppen.get("cookie", "")).get(naam, "")


def met_handelkoekje(verzoek: Verzoek, response: Response) -> None:
    """Give who looks at a page the cookie that a change asks for, where he has none yet.

    Who follows a link from elsewhere does not show it, and is given the same one again.
    """
    sessie = verzoek.aanmelding.sessie if verzoek.aanmelding else None
    naam = handelkoekje(verzoek.omgeving)
    if sessie is None or koekje(verzoek, naam) == handelteken(sessie):
        return
    response.set_cookie(
        naam,
        handelteken(sessie),
        secure=verzoek.omgeving.is_https,
        httponly=True,
        samesite="strict",
    )

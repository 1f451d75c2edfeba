"""Pages: who asks is known by the cookie of a session, and a change carries its token."""

from __future__ import annotations

import hmac
from urllib.parse import quote

from starlette.responses import RedirectResponse, Response

from gateway.errors import VerzoekGeweigerd, WrongUse
from gateway.http.pad import OPENBAAR
from gateway.http.spoor import referentie_of
from gateway.http.verzoek import Aanmelding, Verzoek
from gateway.web.koekjes import beginkoekje, handelkoekje, handelteken, koekje, sessiekoekje
from gateway.web.opmaak import CSRF, toon
from gateway.web.opnieuw import page_again

INLOGGEN = "/inloggen"
_OTHER_SITE = "dit verzoek kwam niet van een pagina van de gateway; open de pagina opnieuw"
_TITELS = {
    400: "Dit klopt niet",
    403: "Geen toegang",
    404: "Niet gevonden",
    405: "Dit kan hier niet",
    409: "Intussen veranderd",
    413: "Te groot",
    429: "Even wachten",
    500: "Er ging iets mis bij ons",
    503: "Even niet beschikbaar",
}


class Webkant:
    """How pages know and answer who asks."""

    def herken(self, verzoek: Verzoek) -> Aanmelding | None:
        """The user of the session that the cookie names."""
        token = koekje(verzoek, sessiekoekje(verzoek.omgeving))
        sessies = verzoek.omgeving.store.sessies
        found = sessies.find(token) if token else None
        if found is None:
            return None
        sessie, gebruiker = found
        return Aanmelding(gebruiker.wie, sessie, sessies.is_sterk(sessie))

    def bewaak(self, verzoek: Verzoek) -> None:
        """Look where a change comes from, and for the tokens that only our pages have."""
        if not (_is_own_page(verzoek) and _has_token(verzoek) and _has_cookie(verzoek)):
            raise VerzoekGeweigerd(403, _OTHER_SITE)

    def zonder_aanmelding(self, verzoek: Verzoek) -> Response:
        """To the login page, and from there to where he wanted to be."""
        return _to_login(verzoek, "")

    def opnieuw_aanmelden(self, verzoek: Verzoek) -> Response:
        """The same for who has to show again who he is."""
        return _to_login(verzoek, "&opnieuw=1")

    def weigering(self, verzoek: Verzoek, fout: VerzoekGeweigerd) -> Response:
        """A page that says what was refused."""
        context = {
            "titel": _TITELS.get(fout.status, "Dat lukte niet"),
            "tekst": str(fout),
            "status": fout.status,
            "referentie": referentie_of(verzoek.spoor),
        }
        response = toon(verzoek, "fout.html", context, fout.status)
        if fout.retry_after is not None:
            response.headers["Retry-After"] = str(fout.retry_after)
        return response

    def opnieuw_invullen(self, verzoek: Verzoek, fout: WrongUse) -> Verzoek | None:
        """The page that the form is on, with what was filled in."""
        return page_again(verzoek, fout)


def naar_of(text: str) -> str:
    """Where to go after a login: a path of ours, else the first page."""
    is_ours = text.startswith("/") and not text.startswith(("//", "/\\")) and text.isprintable()
    return text if is_ours and "\\" not in text else "/"


def _to_login(verzoek: Verzoek, extra: str) -> Response:
    target = f"{INLOGGEN}?naar={quote(_page_of(verzoek))}{extra}"
    if verzoek.vraag.koppen.get("hx-request"):
        return Response(status_code=401, headers={"HX-Redirect": target})
    return RedirectResponse(target, 303)


def _page_of(verzoek: Verzoek) -> str:
    """The page that was asked for; for a change the one with its form: there, or a step higher."""
    asked, pad = verzoek.vraag.pad, verzoek.pad
    if not pad.is_change:
        return f"{asked}?{verzoek.vraag.zoek}" if verzoek.vraag.zoek else asked
    pages = {one.path for one in verzoek.paden if not one.is_change}
    if pad.path in pages:
        return asked
    higher = pad.path.rpartition("/")[0]
    return asked.rpartition("/")[0] if higher in pages else "/"


def _is_own_page(verzoek: Verzoek) -> bool:
    koppen = verzoek.vraag.koppen
    origin = koppen.get("origin", "null")
    # A page without referrer, as ours are, has no origin to name.
    if origin == "null":
        return koppen.get("sec-fetch-site") == "same-origin"
    return origin == verzoek.omgeving.adres or (
        not verzoek.omgeving.is_https and origin == f"http://{koppen.get('host', '')}"
    )


def _has_token(verzoek: Verzoek) -> bool:
    """A form for everyone has the token of its own cookie, any other that of the session."""
    given = verzoek.veld(CSRF) or verzoek.vraag.koppen.get("x-csrf-token", "")
    sessie = verzoek.aanmelding.sessie if verzoek.aanmelding else None
    if verzoek.pad.recht is OPENBAAR or sessie is None:
        known = koekje(verzoek, beginkoekje(verzoek.omgeving))
    else:
        known = sessie.csrf
    return bool(known) and hmac.compare_digest(given.encode(), known.encode())


def _has_cookie(verzoek: Verzoek) -> bool:
    """Who is logged in has the cookie that a browser sends along from our own pages only."""
    sessie = verzoek.aanmelding.sessie if verzoek.aanmelding else None
    if sessie is None or verzoek.pad.recht is OPENBAAR:
        return True
    given = koekje(verzoek, handelkoekje(verzoek.omgeving))
    return hmac.compare_digest(given.encode(), handelteken(sessie).encode())

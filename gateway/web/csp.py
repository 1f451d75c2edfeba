"""What browsers tell when a page wants something that the Content-Security-Policy forbids.

Nobody has to log in for it, and anybody can make it up: it goes to the log of the service, short
and without the address of the page, which may be of a client.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec
import structlog
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute

from gateway.errors import VerzoekGeweigerd, WrongUse
from gateway.http.koppen import CSP_MELDINGEN
from gateway.http.omgeving import Omgeving
from gateway.http.pad import OPENBAAR, Pad
from gateway.http.router import routes_of
from gateway.http.verzoek import Aanmelding, Verzoek

BYTES, MOST = 64 * 1024, 20
# By the Reporting API, and as older browsers do.
_MEDIA = ("application/reports+json", "application/csp-report")
_DIRECTIVE = re.compile(r"[a-z-]{1,40}")
_WORD = re.compile(r"[a-z-]{1,20}")
_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]{0,15}://[A-Za-z0-9.:\[\]-]{1,100}")
ANDERS = "anders"

log = structlog.get_logger()


class Browserkant:
    """Browsers tell by themselves: without a page, and so without its token."""

    def herken(self, verzoek: Verzoek) -> Aanmelding | None:
        """Whoever it is."""
        return None

    def bewaak(self, verzoek: Verzoek) -> None:
        """Nothing is changed by it."""

    def zonder_aanmelding(self, verzoek: Verzoek) -> Response:
        """Nobody is asked to log in."""
        return Response(status_code=204)

    def opnieuw_aanmelden(self, verzoek: Verzoek) -> Response:
        """Nor to do so again."""
        return self.zonder_aanmelding(verzoek)

    def weigering(self, verzoek: Verzoek, fout: VerzoekGeweigerd) -> Response:
        """No browser reads it."""
        return PlainTextResponse(f"{fout}\n", fout.status)

    def opnieuw_invullen(self, verzoek: Verzoek, fout: WrongUse) -> None:
        """There is no form."""


def csp_routes(omgeving: Omgeving) -> list[BaseRoute]:
    """Where reports come in."""
    pad = Pad(
        path=CSP_MELDINGEN,
        method="POST",
        handler=_meld,
        recht=OPENBAAR,
        budget="meldingen",
        bytecap=BYTES,
    )
    return routes_of([pad], omgeving, Browserkant())


def _meld(verzoek: Verzoek) -> Response:
    media = verzoek.vraag.koppen.get("content-type", "").partition(";")[0].strip().lower()
    if media not in _MEDIA:
        raise VerzoekGeweigerd(415, "dit is geen melding van een browser")
    try:
        given = msgspec.json.decode(verzoek.vraag.inhoud)
    except (msgspec.DecodeError, RecursionError):
        raise VerzoekGeweigerd(400, "deze melding is niet te lezen") from None
    for richtlijn, geblokkeerd in _told(given):
        log.warning("csp_overtreding", richtlijn=richtlijn, geblokkeerd=geblokkeerd)
    return Response(status_code=204)


def _told(given: Any) -> Iterator[tuple[str, str]]:
    """Of each report which directive it is about, and where the thing was to come from."""
    for one in (given if isinstance(given, list) else [given])[:MOST]:
        body = one.get("body", one.get("csp-report")) if isinstance(one, Mapping) else None
        if not isinstance(body, Mapping):
            continue
        directive = body.get("effectiveDirective", body.get("effective-directive"))
        blocked = body.get("blockedURL", body.get("blocked-uri"))
        yield _plain(directive, _DIRECTIVE), _source(blocked)


def _source(blocked: Any) -> str:
    """A word such as inline, or the origin of an address: what stands after that may tell more."""
    if not isinstance(blocked, str) or "://" not in blocked:
        return _plain(blocked, _WORD)
    try:
        found = urlsplit(blocked)
    except ValueError:
        return ANDERS
    return _plain(f"{found.scheme}://{found.netloc.rpartition('@')[2]}", _ORIGIN)


def _plain(text: Any, pattern: re.Pattern[str]) -> str:
    return text if isinstance(text, str) and pattern.fullmatch(text) else ANDERS

"""The API as an application: every call of the table in one way, and problems for all the rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.convertors import Convertor, register_url_convertor
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.api.eindpunt import BASIS, JSON, Eindpunt, Oproep
from gateway.api.herhaling import done_once
from gateway.api.inhoud import read_json, read_zoek, refuse_not_accepted, refuse_other_media
from gateway.api.kant import Apikant, instance_of, urn_of
from gateway.api.openapi import VERSIE, document
from gateway.api.problemen import probleem
from gateway.api.tabel import EINDPUNTEN
from gateway.api.versie import etag_of, names
from gateway.errors import NietGevonden, NietToegestaan, VerzoekGeweigerd
from gateway.http.bestand import sent
from gateway.http.omgeving import Omgeving
from gateway.http.pad import INGELOGD, OPENBAAR, Pad
from gateway.http.router import routes_of, verzoek_of
from gateway.http.toegangslog import gang_of
from gateway.http.verzoek import Verzoek

OPENAPI = f"{BASIS}/openapi.json"
_NOT_THERE = "op dit adres is niets; openapi.json zegt wat er is"
_NOT_SO = "deze methode kan op dit adres niet"
_OTHER_SITE = "deze site staat niet op de lijst van sites die de API in een browser mogen gebruiken"
_NOT_FROM_THERE = "een andere site mag deze methode of kop hier niet gebruiken"


class _Naam(Convertor[str]):
    """A name that we gave: what begins with an underscore is an act, such as `_vergelijk`."""

    regex = "[^/_][^/]*"

    def convert(self, value: str) -> str:
        """As it stands in the address."""
        return value

    def to_string(self, value: str) -> str:
        """The same."""
        return value


def api_paden() -> list[Pad]:
    """The table of routes; `recht` says who may knock, the call itself who may come in."""
    found = [
        Pad(
            path=BASIS
            + one.pad.replace("{kenmerk}", "{kenmerk:uuid}").replace("{id}", "{id:naam}"),
            method=one.methode,
            handler=partial(_called, one),
            recht=INGELOGD,
            handeling=one.handeling,
            soort=one.soort,
            doel=one.doel,
            budget=one.budget,
            bytecap=one.bytecap,
        )
        for one in EINDPUNTEN
    ]
    described = Pad(path=OPENAPI, method="GET", handler=_described, recht=OPENBAAR)
    return [described, *found]


def api_routes(omgeving: Omgeving) -> list[BaseRoute]:
    """Everything below /api, for the application around it."""
    register_url_convertor("naam", _Naam())
    app = Starlette(
        routes=routes_of(api_paden(), omgeving, Apikant()),
        middleware=[
            Middleware(_Versie),
            Middleware(
                _Browsers,
                allow_origins=list(omgeving.settings.api_herkomst),
                allow_methods=["GET", "HEAD", "POST"],
                allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "If-Match"],
                expose_headers=["API-Version", "ETag", "Link", "Location", "Retry-After"],
            ),
        ],
        exception_handlers={HTTPException: _refusing(omgeving)},
    )
    # An address with a slash at its end is another one (NL API Design Rules).
    app.router.redirect_slashes = False
    return [_Below(BASIS.rpartition("/")[0], app)]


class _Below(BaseRoute):
    """Hands everything below a path to an application, with the whole path."""

    def __init__(self, path: str, app: ASGIApp) -> None:
        self._path = path
        self._app = app

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether a request is for the application."""
        is_below = scope["type"] == "http" and f"{scope['path']}/".startswith(f"{self._path}/")
        return (Match.FULL if is_below else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the application answer."""
        await self._app(scope, receive, send)


class _Browsers(CORSMiddleware):
    """A page of another site is refused in problem+json, as everything else is."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        headers = Headers(scope=scope)
        asks_first = scope["method"] == "OPTIONS" and "access-control-request-method" in headers
        if not asks_first or "origin" not in headers:
            await super().__call__(scope, receive, send)
            return
        response = self.preflight_response(headers)
        if response.status_code >= 400:
            is_known = self.is_allowed_origin(headers["origin"])
            detail = _NOT_FROM_THERE if is_known else _OTHER_SITE
            koppen = {"Vary": response.headers["vary"]}
            response = probleem(400, detail, urn_of(gang_of(scope).spoor), koppen)
        await response(scope, receive, send)


class _Versie:
    """Every answer says which version of the API gave it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""

        async def send_with_version(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["API-Version"] = VERSIE
                if scope.get("path") == OPENAPI:
                    headers["Access-Control-Allow-Origin"] = "*"
                    headers["Cross-Origin-Resource-Policy"] = "cross-origin"
            await send(message)

        await self._app(scope, receive, send_with_version)


def _called(eindpunt: Eindpunt, verzoek: Verzoek) -> Response:
    """Do a call for who may: in what it takes and gives, once, and in the version that is meant."""
    koppen = verzoek.vraag.koppen
    refuse_not_accepted(koppen.get("accept"), eindpunt.media_uit)
    oproep = _oproep(eindpunt, verzoek)
    if not eindpunt.herhaalbaar:
        return _done(oproep)
    return done_once(verzoek, lambda eerste: _done(replace(oproep, eerste=eerste)))


def _oproep(eindpunt: Eindpunt, verzoek: Verzoek) -> Oproep:
    recht = next((one for one in eindpunt.rechten if verzoek.mag(one)), None)
    if recht is None:
        raise NietToegestaan
    zoek = read_zoek(verzoek.vraag.zoek, eindpunt.zoek)
    inhoud: Any = None
    if eindpunt.neemt_inhoud:
        given = verzoek.vraag.koppen.get("content-type")
        refuse_other_media(given, eindpunt.media_in, *eindpunt.media_ook)
        inhoud = verzoek.vraag.inhoud
        if eindpunt.inhoud is not None:
            inhoud = read_json(inhoud, eindpunt.inhoud)
    return Oproep(eindpunt, verzoek, verzoek.bereik_van(recht), zoek, inhoud)


def _done(oproep: Oproep) -> Response:
    eindpunt = oproep.eindpunt
    found = eindpunt.doe(oproep)
    if found.bestand is not None:
        return sent(found.bestand, eindpunt.media_uit, found.koppen, eindpunt.status)
    body = found.bytes
    response = Response(body, eindpunt.status, dict(found.koppen), eindpunt.media_uit)
    if eindpunt.methode == "POST":
        return response
    etag = etag_of(body)
    response.headers["ETag"] = etag
    asked = oproep.verzoek.vraag.koppen.get("if-none-match")
    if asked is not None and names(asked, etag):
        return Response(status_code=304, headers={"ETag": etag})
    return response


def _described(verzoek: Verzoek) -> Response:
    """The description of the API, for everyone."""
    if verzoek.vraag.zoek:
        raise VerzoekGeweigerd(400, "openapi.json heeft geen parameters")
    told = document(EINDPUNTEN, verzoek.omgeving.settings)
    return Response(msgspec.json.encode(told), 200, {}, JSON)


def _nothing(_verzoek: Verzoek) -> Response:
    raise NietGevonden


# What stands in no table has a route too: who has no key is not told what there is.
_NOWHERE = Pad(path="", method="GET", handler=_nothing, recht=INGELOGD)


def _refusing(omgeving: Omgeving) -> Callable[[Request, Exception], Response]:
    """Gives the answer where no call was found."""
    kant = Apikant()

    def refused(request: Request, fout: Exception) -> Response:
        verzoek = verzoek_of(request, _NOWHERE, omgeving)
        if request.url.path != OPENAPI and kant.herken(verzoek) is None:
            return kant.zonder_aanmelding(verzoek)
        status = fout.status_code if isinstance(fout, HTTPException) else 404
        koppen = dict(fout.headers or {}) if isinstance(fout, HTTPException) else {}
        detail = _NOT_SO if status == 405 else _NOT_THERE
        return probleem(status, detail, instance_of(verzoek), koppen)

    return refused

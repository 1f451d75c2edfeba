"""Puts the pages together with what else is served beside them."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from urllib.parse import urlsplit

import structlog
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from gateway.errors import NietGevonden, VerzoekGeweigerd
from gateway.http.koppen import Koppen
from gateway.http.omgeving import Omgeving
from gateway.http.pad import OPENBAAR, Pad
from gateway.http.router import routes_of, verzoek_of
from gateway.http.toegangslog import Toegangslog
from gateway.http.verzoek import Verzoek
from gateway.web.csp import csp_routes
from gateway.web.kant import Webkant
from gateway.web.paginas import PADEN

log = structlog.get_logger()


def web_app(omgeving: Omgeving, beside: Sequence[BaseRoute] = ()) -> ASGIApp:
    """All pages, and beside them routes of others, such as a mounted API."""
    kant = Webkant()
    app = Starlette(routes=[*routes_of(PADEN, omgeving, kant), *csp_routes(omgeving), *beside])
    app.router.redirect_slashes = False

    async def on_refusal(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - what it is registered for
        verzoek = verzoek_of(request, _NOWHERE, omgeving)
        response = await run_in_threadpool(kant.weigering, verzoek, _refusal(error))
        response.headers.update(error.headers or {})
        return response

    app.add_exception_handler(HTTPException, on_refusal)
    app.add_exception_handler(Exception, _last_resort)
    issuer = urlsplit(omgeving.settings.oidc_issuer or "")
    form_action = f"{issuer.scheme}://{issuer.netloc}" if issuer.netloc else ""
    return Toegangslog(Koppen(app, omgeving.hosts, omgeving.is_https, form_action))


async def _last_resort(_request: Request, error: Exception) -> Response:
    """Even the page that tells of our fault could not be made."""
    log.error("pagina_mislukt", fout=type(error).__name__)
    return PlainTextResponse("Er ging iets mis bij de gateway. Probeer het later.\n", 500)


def _nothing(_verzoek: Verzoek) -> Response:
    raise NietGevonden


# What stands in no table: the page that says so has a route too.
_NOWHERE = Pad(path="", method="GET", handler=_nothing, recht=OPENBAAR)


def _refusal(error: HTTPException) -> VerzoekGeweigerd:
    if error.status_code == HTTPStatus.NOT_FOUND:
        return NietGevonden()
    return VerzoekGeweigerd(error.status_code, "dit kan niet op dit adres")

"""Turns the table of routes into an application: one order of checks for every request.

Who asks comes first, how often, and whether he may; only then is read what he sends, up to a size.
Then it is seen whether the request is from our own pages, and only then the handler has it.  What
has a name in the log is written there before the answer leaves: when that fails there is no answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Message, Receive, Scope, Send

from gateway.errors import (
    CouldNotFinish,
    GatewayError,
    NietGevonden,
    NietToegestaan,
    TemporaryFailure,
    VerzoekGeweigerd,
    WrongUse,
)
from gateway.http.kant import Kant
from gateway.http.omgeving import Omgeving
from gateway.http.pad import OPENBAAR, Pad
from gateway.http.spoor import referentie_of
from gateway.http.toegangslog import gang_of
from gateway.http.verzoek import Verzoek, Vraag
from gateway.toegang.namen import ONBEKEND
from gateway.toegang.rechten import Recht

BODY_SECONDS = 60
MAX_FIELDS, MAX_FILES = 500, 20
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_TOO_LARGE = "wat u stuurt is te groot"
_TOO_SLOW = "het duurde te lang voor alles binnen was"
_AWAY = "de gateway kan dit nu niet doen; probeer het over een minuut opnieuw"

Step = Callable[[Verzoek], Response | None]

log = structlog.get_logger()


def routes_of(paden: Sequence[Pad], omgeving: Omgeving, kant: Kant) -> list[BaseRoute]:
    """The routes of a table, in its order; a path answers other methods with 405."""
    by_path: dict[str, dict[str, Pad]] = {}
    for pad in paden:
        by_method = by_path.setdefault(pad.path, {})
        if pad.method in by_method:
            raise ValueError(f"{pad.method} {pad.path} staat twee keer in de tabel")
        by_method[pad.method] = pad
    return [
        Route(path, _Endpoint(by_method, paden, omgeving, kant), methods=list(by_method))
        for path, by_method in by_path.items()
    ]


@dataclass(frozen=True, slots=True, eq=False)
class _Endpoint:
    """Everything on one path, as an ASGI application."""

    by_method: Mapping[str, Pad]
    paden: Sequence[Pad]
    omgeving: Omgeving
    kant: Kant

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        request = Request(scope, receive)
        method = "GET" if request.method == "HEAD" else request.method
        pad = self.by_method[method]
        response = await self._answer(request, pad)
        await response(scope, receive, send)

    async def _answer(self, request: Request, pad: Pad) -> Response:
        verzoek = verzoek_of(request, pad, self.omgeving)
        verzoek.paden = self.paden
        response: Response | None
        if pad.is_change:
            response = await run_in_threadpool(self._handle, verzoek, self._let_in)
            if response is None:
                response = await self._change(verzoek, request)
        else:
            response = await run_in_threadpool(self._handle, verzoek, self._do_all)
        assert response is not None  # noqa: S101 - every step but the first one answers
        return response

    async def _change(self, verzoek: Verzoek, request: Request) -> Response | None:
        problem = await _read_into(verzoek, request)
        step = self._carry_out if problem is None else partial(_refuse, problem)
        try:
            return await run_in_threadpool(self._handle, verzoek, step)
        finally:
            await verzoek.vraag.formulier.close()  # files that came with it

    def _handle(self, verzoek: Verzoek, step: Step) -> Response | None:
        """What a step answers, or why it cannot."""
        try:
            return step(verzoek)
        except VerzoekGeweigerd as refused:
            return self._refused(verzoek, refused)
        except WrongUse as wrong:
            page = self.kant.opnieuw_invullen(verzoek, wrong)
            if page is not None:
                return self._handle(page, self._do_again)
            return self._refused(verzoek, VerzoekGeweigerd(400, str(wrong)))
        except CouldNotFinish as failure:
            log.error("verzoek_niet_af", pad=verzoek.pad.path, fout=str(failure))
            return self._refused(verzoek, VerzoekGeweigerd(503, str(failure)))
        except TemporaryFailure as failure:
            log.error("verzoek_uitgesteld", pad=verzoek.pad.path, fout=str(failure))
            return self.kant.weigering(verzoek, VerzoekGeweigerd(503, _AWAY, retry_after=30))
        except Exception as error:
            return self._broken(verzoek, error)

    def _do_all(self, verzoek: Verzoek) -> Response:
        return self._let_in(verzoek) or self._carry_out(verzoek)

    def _do_again(self, verzoek: Verzoek) -> Response:
        """A page that tells what is wrong with a form on it."""
        response = self._do_all(verzoek)
        response.status_code = 422 if response.status_code == 200 else response.status_code
        return response

    def _let_in(self, verzoek: Verzoek) -> Response | None:
        """Find out who asks, and whether he may; an answer only for who has to log in first."""
        pad = verzoek.pad
        if pad.recht is not OPENBAAR or pad.is_change:
            verzoek.aanmelding = self.kant.herken(verzoek)
        self._take(verzoek)
        if pad.recht is not OPENBAAR and verzoek.aanmelding is None:
            return self._unlogged(verzoek, self.kant.zonder_aanmelding(verzoek))
        if isinstance(pad.recht, Recht) and not verzoek.mag(pad.recht):
            raise NietToegestaan
        return None

    def _carry_out(self, verzoek: Verzoek) -> Response:
        """Do it, and write it in the log."""
        pad = verzoek.pad
        if pad.is_change:
            self.kant.bewaak(verzoek)
        if pad.sterk and verzoek.aanmelding and not verzoek.aanmelding.is_sterk:
            return self._unlogged(verzoek, self.kant.opnieuw_aanmelden(verzoek))
        response = pad.handler(verzoek)
        if pad.handeling is not None and not verzoek.is_verantwoord:
            self.omgeving.store.logboek.write(verzoek.handeling())
        return response

    def _take(self, verzoek: Verzoek) -> None:
        """Who guesses is held by his address, who is known by his name."""
        if verzoek.pad.budget is None:
            return
        wie = verzoek.aanmelding.wie.kenmerk if verzoek.aanmelding else verzoek.vraag.adres
        self.omgeving.grenzen.take(verzoek.pad.budget, wie)

    def _unlogged(self, verzoek: Verzoek, response: Response) -> Response:
        """Nothing was shown or done: there is nothing to write."""
        verzoek.is_verantwoord = True
        return response

    def _refused(self, verzoek: Verzoek, refused: VerzoekGeweigerd) -> Response:
        """Tell it; what somebody looked for and could not see is in the log as well."""
        if verzoek.aanmelding is not None and isinstance(refused, NietGevonden | NietToegestaan):
            try:
                self.omgeving.store.logboek.write(verzoek.mislukt())
            except GatewayError as failure:
                log.error("logboek_weigert", fout=str(failure))
                return self.kant.weigering(verzoek, VerzoekGeweigerd(503, _AWAY, retry_after=30))
        return self.kant.weigering(verzoek, refused)

    def _broken(self, verzoek: Verzoek, error: Exception) -> Response:
        """Our fault: told with a number, by which the log of the service tells more."""
        referentie = referentie_of(verzoek.spoor)
        log.error(
            "verzoek_mislukt",
            referentie=referentie,
            trace=verzoek.spoor.trace_id,
            pad=verzoek.pad.path,
            fout=type(error).__name__,
            exc_info=error,
        )
        return self.kant.weigering(verzoek, VerzoekGeweigerd(500, f"referentie {referentie}"))


def _refuse(problem: VerzoekGeweigerd, _verzoek: Verzoek) -> Response:
    raise problem


async def _read_into(verzoek: Verzoek, request: Request) -> VerzoekGeweigerd | None:
    """Read what is sent along; returns what is wrong with it."""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            inhoud = await _body(request, verzoek.pad.bytecap)
            formulier = await _form(request, inhoud)
    except TimeoutError:
        return VerzoekGeweigerd(408, _TOO_SLOW)
    except VerzoekGeweigerd as refused:
        return refused
    verzoek.vraag = replace(verzoek.vraag, inhoud=inhoud, formulier=formulier)
    return None


def verzoek_of(request: Request, pad: Pad, omgeving: Omgeving) -> Verzoek:
    """A request as handlers see it; nobody came in yet."""
    vraag = Vraag(
        methode=request.method,
        pad=request.url.path,
        delen={name: str(value) for name, value in request.path_params.items()},
        zoek=request.query_params,
        koppen=request.headers,
        adres=request.client.host if request.client else ONBEKEND,
        inhoud=b"",
        formulier=FormData(),
    )
    begin = int(omgeving.clock().timestamp() * 1000)
    gang = gang_of(request.scope)
    gang.verzoek = Verzoek(omgeving, pad, vraag, gang.spoor, begin)
    return gang.verzoek


async def _body(request: Request, bytecap: int) -> bytes:
    """All bytes of a request, never more than may be."""
    told = request.headers.get("content-length", "0")
    if told.isdigit() and int(told) > bytecap:
        raise VerzoekGeweigerd(413, _TOO_LARGE)
    pieces, size = [], 0
    try:
        async for piece in request.stream():
            size += len(piece)
            if size > bytecap:
                raise VerzoekGeweigerd(413, _TOO_LARGE)
            pieces.append(piece)
    except ClientDisconnect:
        raise VerzoekGeweigerd(400, "de verbinding is verbroken") from None
    return b"".join(pieces)


async def _form(request: Request, inhoud: bytes) -> FormData:
    """The fields of a form, nothing for what is no form."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _FORMS:
        return FormData()

    async def receive() -> Message:
        return {"type": "http.request", "body": inhoud, "more_body": False}

    try:
        return await Request(request.scope, receive).form(
            max_fields=MAX_FIELDS, max_files=MAX_FILES
        )
    except Exception as error:
        raise VerzoekGeweigerd(400, "dit formulier is niet te lezen") from error

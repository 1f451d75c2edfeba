"""One line in the log of the service per request: who asked for what, and how that went.

The path is the template of the route, never what stood in the address; what fits no route has none.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.http.koppen import PROBES
from gateway.http.spoor import spoor_of, traceparent_of
from gateway.http.verzoek import Verzoek
from gateway.store.toegang.logboek import Spoor
from gateway.toegang.namen import ONBEKEND

_KEY = "gateway.gang"
_NO_ANSWER = 499

log = structlog.get_logger()


@dataclass(slots=True)
class Gang:
    """A request on its way: its trace, and what it turned out to ask."""

    spoor: Spoor
    verzoek: Verzoek | None = None
    status: int = _NO_ANSWER

    @property
    def wie(self) -> str:
        """Who asked, by his number."""
        aanmelding = self.verzoek.aanmelding if self.verzoek else None
        return aanmelding.wie.kenmerk if aanmelding else ONBEKEND

    @property
    def pad(self) -> str:
        """The template of the route."""
        return self.verzoek.pad.path if self.verzoek else ""


def gang_of(scope: Scope) -> Gang:
    """The request of a scope."""
    found: Gang = scope[_KEY]
    return found


class Toegangslog:
    """Begins a trace for each request, and writes its line when it is over."""

    def __init__(self, app: ASGIApp, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._monotonic = monotonic

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        gang = Gang(spoor_of(Headers(scope=scope).get("traceparent")))
        begin = self._monotonic()

        async def send_with_trace(message: Message) -> None:
            if message["type"] == "http.response.start":
                gang.status = message["status"]
                MutableHeaders(scope=message)["traceparent"] = traceparent_of(gang.spoor)
            await send(message)

        try:
            await self._app({**scope, _KEY: gang}, receive, send_with_trace)
        finally:
            # A probe that is content comes every few seconds, and tells nothing.
            if scope["path"] not in PROBES or gang.status >= 400:
                log.info(
                    "verzoek",
                    methode=scope["method"],
                    pad=gang.pad,
                    status=gang.status,
                    ms=round((self._monotonic() - begin) * 1000, 1),
                    wie=gang.wie,
                    trace=gang.spoor.trace_id,
                )

"""What every answer carries, whatever made it, and which hosts are answered at all."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# A probe asks by the address of a container.
PROBES = frozenset({"/healthz", "/readyz"})
# Where browsers tell what they stopped; older ones only know `report-uri`.
CSP_MELDINGEN = "/csp-meldingen"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; "
    f"frame-ancestors 'none'; report-to csp; report-uri {CSP_MELDINGEN}"
)
KOPPEN: Sequence[tuple[str, str]] = (
    ("Reporting-Endpoints", f'csp="{CSP_MELDINGEN}"'),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cache-Control", "no-store"),
)
HSTS = ("Strict-Transport-Security", "max-age=31536000; includeSubDomains")


class Koppen:
    """Adds the headers that an answer does not have yet, and refuses hosts that are not ours."""

    def __init__(
        self, app: ASGIApp, hosts: frozenset[str], is_https: bool, form_action: str = ""
    ) -> None:
        """`form_action` is where a form may lead beside our own pages: a login provider."""
        self._app = app
        self._hosts = hosts
        csp = CSP.replace("form-action 'self'", f"form-action 'self' {form_action}".rstrip())
        koppen = (("Content-Security-Policy", csp), *KOPPEN)
        self._koppen = (*koppen, HSTS) if is_https else koppen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""

        async def send_with_koppen(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._koppen:
                    headers.setdefault(name, value)
            await send(message)

        app = self._app if self._is_ours(scope) else _ELSEWHERE
        await app(scope, receive, send_with_koppen)

    def _is_ours(self, scope: Scope) -> bool:
        if scope["path"] in PROBES:
            return True
        try:
            return urlsplit(f"//{Headers(scope=scope).get('host', '')}").hostname in self._hosts
        except ValueError:
            return False


_ELSEWHERE = PlainTextResponse("Deze naam hoort niet bij deze gateway.\n", status_code=400)

"""Sends one event to one subscriber: signed as Standard Webhooks tells, and never waiting long."""

from __future__ import annotations

import base64
import hashlib
import hmac
import socket
import ssl
from collections.abc import Callable
from contextlib import closing, suppress
from threading import Timer
from typing import Any
from urllib.parse import urlsplit

import httpx

from gateway import __version__
from gateway.network.webhook.adres import (
    PORT,
    Adres,
    NietBereikbaar,
    Opzoeken,
    address_of,
    is_public,
    look_up,
)
from gateway.store.webhooks import Doel

CONTENT = "application/cloudevents+json"
# For one step of the exchange, and for all of it.
STEP_SECONDS, ALL_SECONDS = 5.0, 10.0


class NietAangekomen(Exception):
    """An event did not arrive; the text is a Dutch reason without anything that was sent."""


def signed(naam: str, moment: int, body: bytes, sleutel: bytes) -> str:
    """The signature over the id, the moment (seconds since 1970) and the body of an event."""
    told = f"{naam}.{moment}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(sleutel, told, hashlib.sha256)).decode()


class Bezorger:
    """Sends events; the connection goes to the address that was looked at, by TLS to the name."""

    def __init__(
        self,
        *,
        opzoeken: Opzoeken = look_up,
        mag: Callable[[Adres], bool] = is_public,
        vertrouwd: ssl.SSLContext | None = None,
        seconds: float = ALL_SECONDS,
    ) -> None:
        """`vertrouwd` says whose certificates are good, by default those of the machine."""
        self._opzoeken = opzoeken
        self._mag = mag
        self._vertrouwd = vertrouwd or ssl.create_default_context()
        self._seconds = seconds

    def bezorg(self, doel: Doel, naam: str, body: bytes, moment: int) -> None:
        """Send an event; raises NietAangekomen for everything but an answer 2xx."""
        url = httpx.URL(doel.url)
        try:
            adres = address_of(url.host, url.port or PORT, self._opzoeken, self._mag)
        except NietBereikbaar as away:
            raise NietAangekomen(str(away)) from None
        headers = {
            "Host": urlsplit(doel.url).netloc,
            "Content-Type": CONTENT,
            "User-Agent": f"ijw-iwmo-gateway/{__version__}",
            "Accept-Encoding": "identity",
            "webhook-id": naam,
            "webhook-timestamp": str(moment),
            "webhook-signature": signed(naam, moment, body, doel.sleutel),
        }
        try:
            status = self._sent(url, adres, headers, body)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, RuntimeError) as error:
            # The words of an error may repeat an address, and its query may hold a secret.
            raise NietAangekomen(f"geen antwoord ({type(error).__name__})") from None
        if not 200 <= status < 300:
            raise NietAangekomen(f"antwoord {status}")

    def _sent(self, url: httpx.URL, adres: Adres, headers: dict[str, str], body: bytes) -> int:
        """The status of the answer; what else it says is of no use, and is not read."""
        client = httpx.Client(
            verify=self._vertrouwd,
            timeout=min(STEP_SECONDS, self._seconds),
            follow_redirects=False,
            trust_env=False,
        )
        with client, closing(_Grens(self._seconds)) as grens:
            asked = client.build_request(
                "POST",
                url.copy_with(host=str(adres)),
                headers=headers,
                content=body,
                extensions={"sni_hostname": url.host, "trace": grens.trace},
            )
            answer = client.send(asked, stream=True)
            answer.close()
            return answer.status_code


class _Grens:
    """Cuts a connection off after so many seconds.

    Who sends a byte now and then keeps no step waiting for long, but keeps us all the same.
    """

    def __init__(self, seconds: float) -> None:
        self._line: socket.socket | None = None
        self._timer = Timer(seconds, self._cut)
        self._timer.daemon = True
        self._timer.start()

    def trace(self, event: str, info: dict[str, Any]) -> None:
        """Keep a second hold of the connection, by which nobody else can be hit."""
        if event == "connection.connect_tcp.complete":
            self._line = info["return_value"].get_extra_info("socket").dup()

    def close(self) -> None:
        """It ended by itself."""
        self._timer.cancel()
        self._timer.join()
        if self._line is not None:
            self._line.close()

    def _cut(self) -> None:
        if self._line is not None:
            with suppress(OSError):
                self._line.shutdown(socket.SHUT_RDWR)

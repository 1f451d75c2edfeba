"""Offers envelopes to the network by SOAP, and tells in records what it answers."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

import httpx
from lxml import etree

from gateway.errors import GatewayError, NietBezorgd, TemporaryFailure, WrongUse
from gateway.network.ggk.envelop import (
    MOST_RECEIVED,
    Bevestiging,
    EnvelopGeweigerd,
    Foutbericht,
    Stuk,
)
from gateway.network.ggk.lezen import parse, read
from gateway.network.ggk.soap import ACTIONS, MEDIA, SOAP, wrap

CONNECT_SECONDS, ANSWER_SECONDS = 5.0, 60.0
# An adapter that tells by the status alone that it keeps what it got.
ACCEPTED = (202, 204)
_AWAY = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


@dataclass(frozen=True, slots=True)
class Bewijs:
    """By what both sides know each other: files with our certificate and key, and with theirs."""

    certificaat: Path | None = None
    sleutel: Path | None = None
    ca: Path | None = None

    def context(self) -> ssl.SSLContext:
        """What a connection is made with; raises WrongUse for files that cannot be used."""
        if (self.certificaat is None) != (self.sleutel is None):
            raise WrongUse("GATEWAY_GGK_CERTIFICAAT en GATEWAY_GGK_SLEUTEL horen bij elkaar")
        try:
            made = ssl.create_default_context(cafile=self.ca)
        except OSError:
            told = f"GATEWAY_GGK_CA: {self.ca} is geen bestand met certificaten"
            raise WrongUse(told) from None
        try:
            if self.certificaat is not None:
                made.load_cert_chain(self.certificaat, self.sleutel)
        except OSError:
            told = "zijn geen certificaat met zijn sleutel"
            raise WrongUse(f"GATEWAY_GGK_CERTIFICAAT en GATEWAY_GGK_SLEUTEL {told}") from None
        return made


class Verbinding:
    """Where the network takes envelopes; `sleutel` is for who asks for a key as well."""

    def __init__(
        self, adres: str, bewijs: Bewijs | None = None, sleutel: str | None = None
    ) -> None:
        self._adres = adres
        self._koppen = {"Content-Type": MEDIA}
        if sleutel is not None:
            self._koppen["Authorization"] = f"Bearer {sleutel}"
        self._client = httpx.Client(
            verify=(bewijs or Bewijs()).context(),
            timeout=httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS),
            follow_redirects=False,
            trust_env=False,
        )

    def bied(self, xml: bytes, referentienummer: str) -> Foutbericht | None:
        """Offer an envelope; None when the network keeps it, else the Fo03 with which it refuses.

        The same envelope is offered in the same bytes, however often.  Raises TemporaryFailure when
        the network is away, NietBezorgd where another try would get the same answer, and
        GatewayError where nobody knows what became of it.
        """
        element = parse(xml)
        koppen = self._koppen | {"SOAPAction": f'"{ACTIONS[element.tag]}"'}
        status, told = self._posted(wrap(element), koppen)
        if status in ACCEPTED and not told:
            return None
        if status == 413:
            raise NietBezorgd("het netwerk vindt de envelop te groot")
        if status not in (200, 500):
            raise GatewayError(f"het netwerk antwoordt met status {status}")
        return _answer(_body_of(told), referentienummer)

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def _posted(self, body: bytes, koppen: dict[str, str]) -> tuple[int, bytes]:
        """The status and the answer, which is not read beyond what an envelope may be."""
        try:
            with self._client.stream("POST", self._adres, content=body, headers=koppen) as response:
                told = b""
                for chunk in response.iter_bytes():
                    told += chunk
                    if len(told) > MOST_RECEIVED:
                        raise GatewayError("het antwoord van het netwerk is te groot")
                return response.status_code, told
        except _AWAY as error:
            raise TemporaryFailure(
                f"het netwerk is nu niet bereikbaar ({type(error).__name__}); later opnieuw"
            ) from error
        except httpx.HTTPError as error:
            raise GatewayError(
                f"het netwerk brak het gesprek af ({type(error).__name__})"
            ) from error


def _body_of(told: bytes) -> etree._Element:
    """The one element in the body of an answer; raises GatewayError for what is none."""
    try:
        body = parse(told).find(f"{{{SOAP}}}Body")
    except EnvelopGeweigerd as refused:
        raise GatewayError(f"het netwerk geeft geen leesbaar antwoord: {refused.tekst}") from None
    if body is None or len(body) != 1:
        raise GatewayError("het netwerk antwoordt niet met SOAP 1.1")
    found: etree._Element = body[0]
    return found


def _answer(found: etree._Element, referentienummer: str) -> Foutbericht | None:
    is_fault = found.tag == f"{{{SOAP}}}Fault"
    detail = found.find("detail")
    if is_fault and (detail is None or not len(detail)):
        if (found.findtext("faultcode") or "").endswith("Client"):
            raise NietBezorgd("het netwerk weigert de envelop zonder code")
        raise GatewayError("het netwerk kan de envelop nu niet aannemen")
    stuk = _read(detail[0] if is_fault else found)
    if stuk.stuurgegevens.crossrefnummer != referentienummer:
        raise GatewayError("het antwoord van het netwerk gaat over een andere envelop")
    if isinstance(stuk, Foutbericht):
        return stuk
    if isinstance(stuk, Bevestiging):
        return None
    raise GatewayError("het netwerk antwoordt niet met een Bv03 of Fo03")


def _read(element: etree._Element) -> Stuk:
    try:
        return read(element)
    except EnvelopGeweigerd as refused:
        raise GatewayError(f"het netwerk geeft geen leesbaar antwoord: {refused.tekst}") from None

"""The SOAP service that receives envelopes: Di01, Du01 and Fo01 of GGk 2.1.

A program comes in by its key, as at the API; the certificates of both sides are held against each
other by the proxy in front.  What is refused is told as a SOAP fault with its code, and with a Fo03
where the head of the envelope could be read.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import UUID

from starlette.responses import Response
from starlette.routing import BaseRoute

from gateway.errors import VerzoekGeweigerd, WrongUse
from gateway.http.omgeving import Omgeving
from gateway.http.pad import Pad
from gateway.http.router import routes_of
from gateway.http.sleutel import VRAAG_SLEUTEL, ZONDER_SLEUTEL, met_sleutel
from gateway.http.verzoek import Aanmelding, Verzoek
from gateway.network.ggk.envelop import MOST_RECEIVED, EnvelopGeweigerd
from gateway.network.ggk.lezen import parse
from gateway.network.ggk.ontvangst import ontvanger_of
from gateway.network.ggk.soap import MEDIA, Kant, fault, unwrap, wrap
from gateway.toegang.rechten import Recht

ADRES = "/ggk/ontvang"
_MEDIA = "stuur SOAP 1.1: Content-Type text/xml, zonder bijlagen"

Nummergever = Callable[[], UUID]


def ggk_routes(omgeving: Omgeving, nieuw_nummer: Nummergever) -> list[BaseRoute]:
    """The service, for who works for municipalities; `nieuw_nummer` gives UUIDs of version 4."""
    if omgeving.store.rol != "gemeente":
        return []
    ontvang = Pad(
        path=ADRES,
        method="POST",
        handler=partial(_ontvang, nieuw_nummer),
        recht=Recht.ONTVANGEN,
        handeling="envelop ontvangen",
        soort="C",
        bytecap=MOST_RECEIVED,
        # After an outage the network brings a day at once, and what it is refused comes much later.
        budget=None,
    )
    return routes_of([ontvang], omgeving, Soapkant())


class Soapkant:
    """Programs with a key that speak SOAP."""

    def herken(self, verzoek: Verzoek) -> Aanmelding | None:
        """See `Kant`."""
        return met_sleutel(verzoek)

    def bewaak(self, verzoek: Verzoek) -> None:
        """A browser of another site has no key to send along."""

    def zonder_aanmelding(self, verzoek: Verzoek) -> Response:
        """401, with how to come in."""
        return Response(fault("Client", ZONDER_SLEUTEL), 401, VRAAG_SLEUTEL, MEDIA)

    def opnieuw_aanmelden(self, verzoek: Verzoek) -> Response:
        """A key cannot show again who it is."""
        return self.zonder_aanmelding(verzoek)

    def weigering(self, verzoek: Verzoek, fout: VerzoekGeweigerd) -> Response:
        """What was refused; none of these is an answer to an envelope, which can come again."""
        wait = fout.retry_after
        koppen = {} if wait is None else {"Retry-After": str(wait)}
        side: Kant = "Server" if fout.status >= 500 else "Client"
        return Response(fault(side, str(fout)), fout.status, koppen, MEDIA)

    def opnieuw_invullen(self, verzoek: Verzoek, fout: WrongUse) -> None:
        """A program has no form."""


def _ontvang(nieuw_nummer: Nummergever, verzoek: Verzoek) -> Response:
    """Take what the network brings."""
    koppen = verzoek.vraag.koppen
    if koppen.get("content-type", "").partition(";")[0].strip().lower() != "text/xml":
        raise VerzoekGeweigerd(415, _MEDIA)
    omgeving = verzoek.omgeving
    ontvanger = ontvanger_of(
        omgeving.store,
        omgeving.kennis,
        omgeving.settings,
        omgeving.clock,
        nieuw_nummer,
        verzoek.bereik.gemeenten,
    )
    try:
        element = unwrap(verzoek.vraag.inhoud, koppen.get("soapaction", ""))
        return Response(wrap(parse(ontvanger.ontvang(element).antwoord)), 200, {}, MEDIA)
    except EnvelopGeweigerd as refused:
        fo03 = ontvanger.weigering(refused)
        detail = None if fo03 is None else parse(fo03)
        return Response(fault("Client", str(refused), detail), 500, {}, MEDIA)

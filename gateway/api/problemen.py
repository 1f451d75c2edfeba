"""Problems as RFC 9457 has them, with no member beyond the five of the NL API Design Rules."""

from __future__ import annotations

from typing import Annotated

import msgspec
from starlette.responses import Response

from gateway.api.inhoud import PROBLEM

TITELS = {
    400: "Dit verzoek klopt niet",
    401: "Geen geldige sleutel",
    403: "Geen rechten",
    404: "Niet gevonden",
    405: "Deze methode kan hier niet",
    406: "Deze vorm is er niet",
    408: "Te traag",
    409: "Dit kan nu niet",
    412: "Intussen gewijzigd",
    413: "Te groot",
    415: "Deze vorm kunnen wij niet lezen",
    422: "Dit kunnen wij niet verwerken",
    428: "De versie ontbreekt",
    429: "Te vaak gevraagd",
    500: "Er ging iets mis bij ons",
    503: "Even niet beschikbaar",
}


class Probleem(msgspec.Struct, frozen=True, kw_only=True):
    """Wat er mis is met een verzoek."""

    status: Annotated[int, msgspec.Meta(description="De HTTP-status.", ge=400, le=599)]
    title: Annotated[str, msgspec.Meta(description="Wat voor probleem het is.")]
    detail: Annotated[str, msgspec.Meta(description="Wat er aan dit verzoek mis is.")]
    type: Annotated[str, msgspec.Meta(description="Altijd about:blank.")] = "about:blank"
    instance: Annotated[
        str, msgspec.Meta(description="Waaraan wij dit verzoek in onze logs herkennen.")
    ] = ""


def probleem(
    status: int, detail: str, instance: str, koppen: dict[str, str] | None = None
) -> Response:
    """The answer that tells of a problem."""
    titel = TITELS.get(status, "Dat lukte niet")
    told = Probleem(status=status, title=titel, detail=detail, instance=instance)
    return Response(msgspec.json.encode(told), status, koppen or {}, PROBLEM)

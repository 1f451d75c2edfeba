"""Lists: a page at a time, with where the next one begins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

import msgspec

from gateway.api.eindpunt import Invoer, Oproep, Uitkomst, Vorm
from gateway.store.inzage.blad import Blad

OMVANG, LARGEST = 50, 200
V = TypeVar("V", bound=Vorm)


class Bladvraag(Invoer, frozen=True, kw_only=True):
    """What a list may be asked: how many at once, and from where."""

    omvang: Annotated[
        int, msgspec.Meta(ge=1, le=LARGEST, description="Hoeveel resultaten er op een blad staan.")
    ] = OMVANG
    vanaf: Annotated[
        Annotated[str, msgspec.Meta(min_length=1, max_length=400)] | None,
        msgspec.Meta(description="Waar een eerder blad ophield; zie vanaf daar."),
    ] = None


class Lijst(Vorm, frozen=True, kw_only=True):
    """The end of every list."""

    vanaf: Annotated[
        str | None,
        msgspec.Meta(description="Waar het volgende blad begint; leeg als er niet meer is."),
    ]
    volgende: Annotated[
        str | None, msgspec.Meta(description="Het adres van het volgende blad, als het er is.")
    ]


def blad_uitkomst(
    oproep: Oproep, soort: type[V], resultaten: Sequence[Vorm], blad: Blad[Any], **verder: Any
) -> Uitkomst:
    """A page as it is given, and where an address says it all a link to the next one (RFC 8288).

    `verder` is what the answer tells beside its results.
    """
    volgende = None
    if blad.volgende is not None and oproep.verzoek.vraag.methode != "POST":
        asked = [pair for pair in oproep.verzoek.vraag.zoek.multi_items() if pair[0] != "vanaf"]
        query = urlencode([*asked, ("vanaf", blad.volgende)])
        volgende = f"{oproep.verzoek.vraag.pad}?{query}"
    koppen = {} if volgende is None else {"Link": f'<{volgende}>; rel="next"'}
    shown = list(resultaten)
    inhoud = soort(resultaten=shown, vanaf=blad.volgende, volgende=volgende, **verder)
    return Uitkomst(inhoud, koppen)

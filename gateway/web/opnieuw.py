"""A form that was filled in wrong is shown again on its own page, with what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from starlette.datastructures import FormData, QueryParams
from starlette.routing import compile_path

from gateway.errors import OngeldigeVelden, WrongUse
from gateway.http.pad import Pad
from gateway.http.verzoek import Invulling, Verzoek

# The page that a form stands on: its address goes along, as our pages send no referrer.
VAN = "_van"
# What nobody should read back on a screen, and what a page gives out itself.
_NOT_SHOWN = frozenset({"bsn", "wachtwoord", "oud", "code", "_csrf", VAN})
# By this the list of what is wrong leads to the form where no field is named.
NO_FIELD = "inhoud"


class Ingevuld:
    """What was filled in, for the one form of a page that it was filled in on."""

    def __init__(self, invulling: Invulling) -> None:
        self.fouten = invulling.fouten
        self._invulling = invulling
        self._is_here = False

    @property
    def hier(self) -> Invulling | None:
        """What was filled in on the form that is being written, None on any other."""
        return self._invulling if self._is_here else None

    def begin(self, naar: str) -> str:
        """A form is begun that goes to an address, or none; writes nothing."""
        self._is_here = urlsplit(naar).path == self._invulling.formulier
        return ""


def page_of(verzoek: Verzoek) -> str:
    """The address of the page that is shown: what a form on it gives along."""
    if verzoek.pad.is_change:
        return verzoek.veld(VAN)
    vraag = verzoek.vraag
    return f"{vraag.pad}?{vraag.zoek}" if vraag.zoek else vraag.pad


def page_again(verzoek: Verzoek, wrong: WrongUse) -> Verzoek | None:
    """The request for the page of a form, with what was filled in; None where no page is told."""
    van = verzoek.veld(VAN)
    found = _route(van, verzoek.paden) if verzoek.pad.is_change else None
    if found is None:
        return None
    pad, delen = found
    vraag = replace(
        verzoek.vraag,
        methode="GET",
        pad=urlsplit(van).path,
        delen=delen,
        zoek=QueryParams(urlsplit(van).query),
        inhoud=b"",
        formulier=FormData(),
    )
    return Verzoek(
        verzoek.omgeving,
        pad,
        vraag,
        verzoek.spoor,
        verzoek.begin,
        verzoek.paden,
        invulling=Invulling(verzoek.vraag.pad, _shown(verzoek.vraag.formulier), _fouten(wrong)),
    )


def _route(van: str, paden: Sequence[Pad]) -> tuple[Pad, dict[str, str]] | None:
    told = urlsplit(van)
    if told.scheme or told.netloc:
        return None
    for pad in paden:
        if pad.method == "GET" and (match := compile_path(pad.path)[0].match(told.path)):
            return pad, match.groupdict()
    return None


def _shown(velden: FormData) -> FormData:
    kept = ((naam, waarde) for naam, waarde in velden.multi_items() if naam not in _NOT_SHOWN)
    return FormData([(naam, waarde) for naam, waarde in kept if isinstance(waarde, str)])


def _fouten(wrong: WrongUse) -> dict[str, str]:
    if isinstance(wrong, OngeldigeVelden):
        return wrong.fouten
    text = str(wrong)
    return {wrong.veld or NO_FIELD: f"{text[:1].upper()}{text[1:]}."}

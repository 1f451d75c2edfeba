"""What somebody sees of himself: his rights, and the places where he is logged in."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from gateway.errors import NietGevonden
from gateway.http.pad import INGELOGD, Pad
from gateway.http.verzoek import Verzoek
from gateway.store.toegang.gebruikers import Gebruiker
from gateway.store.toegang.sleutels import Sleutel
from gateway.toegang.namen import SLEUTEL
from gateway.web.inloggen import TOEGANG
from gateway.web.opmaak import gemeentenaam, moment_of, toon

MIJN = "/mijn"
SLEUTELS = f"{MIJN}/sleutels"


def _pagina(verzoek: Verzoek) -> Response:
    gebruiker = gebruiker_van(verzoek)
    own = verzoek.aanmelding.sessie if verzoek.aanmelding else None
    context = {
        "gebruiker": gebruiker,
        "rollen": [
            (gemeentenaam(verzoek, gemeente), ", ".join(sorted(rollen)))
            for gemeente, rollen in sorted(gebruiker.rollen.items())
        ],
        "sessies": [
            (one, moment_of(one.gemaakt_at), moment_of(one.gezien_at), one == own)
            for one in verzoek.omgeving.store.sessies.of(gebruiker.nummer)
        ],
        "sleutels": [
            (one, f"{SLEUTELS}/{verzoek.omgeving.kenmerken.of('sleutel', one.nummer)}")
            for one in _own_keys(verzoek)
        ],
    }
    return toon(verzoek, "mijn.html", context)


def gebruiker_van(verzoek: Verzoek) -> Gebruiker:
    """The user who asks."""
    found = verzoek.omgeving.store.gebruikers.by_naam(verzoek.wie.kenmerk)
    if found is None:
        raise NietGevonden
    return found


def _beeindig(verzoek: Verzoek) -> Response:
    """End one session of his own, or all but this one."""
    sessies = verzoek.omgeving.store.sessies
    asked = verzoek.veld("sessie")
    own = verzoek.aanmelding.sessie if verzoek.aanmelding else None
    for one in sessies.of(gebruiker_van(verzoek).nummer):
        if asked == one.hash or (asked == "andere" and one != own):
            sessies.end(one.hash)
    return RedirectResponse(MIJN, 303)


def _own_keys(verzoek: Verzoek) -> list[Sleutel]:
    """The keys in his name, also those that ended: what they proposed may still wait."""
    naam = verzoek.wie.kenmerk
    return [one for one in verzoek.omgeving.store.sleutels.list() if one.namens == naam]


def _bevestig(verzoek: Verzoek) -> Response:
    """Say that a key in his name is with him."""
    found = verzoek.kenmerk("sleutel")
    own = {one.nummer: one for one in _own_keys(verzoek)}
    if found is None or found[0] not in own:
        raise NietGevonden
    one = own[found[0]]
    act = verzoek.verantwoord(over=f"{one.naam} ({SLEUTEL}{one.nummer})")
    verzoek.omgeving.store.sleutels.confirm(one.nummer, verzoek.wie.kenmerk, act)
    return RedirectResponse(MIJN, 303)


PADEN = (
    Pad(path=MIJN, method="GET", handler=_pagina, recht=INGELOGD),
    Pad(
        path=f"{MIJN}/sessies",
        method="POST",
        handler=_beeindig,
        recht=INGELOGD,
        handeling="sessies beëindigen",
        doel=TOEGANG,
        soort="E",
    ),
    Pad(
        path=f"{SLEUTELS}/{{kenmerk}}",
        method="POST",
        handler=_bevestig,
        recht=INGELOGD,
        handeling="eigen sleutel bevestigen",
        doel=TOEGANG,
        soort="U",
    ),
)

"""Beleid: what a municipality does with each check, and its waivers, as its file says."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from gateway.deviations.policy import Beleid, Ontheffing
from gateway.http.pad import Pad
from gateway.http.verzoek import Verzoek
from gateway.pipeline.kennis import dag_van
from gateway.toegang.rechten import Recht
from gateway.web.opmaak import gemeentenaam, toon

EFFECTEN = {
    "hold": ("aanhouden", "let-op"),
    "signal": ("melden", "bezig"),
    "off": ("uit", "neutraal"),
}


@dataclass(frozen=True, slots=True)
class Gemeentebeleid:
    """The policy of a municipality as it is shown.

    `controles` are those that do something else than signal: code, text, effect and place in the
    control plan.  `ontheffingen` are waivers, each with whether it is still in force.
    """

    naam: str
    beleid: Beleid
    controles: list[tuple[str, str, tuple[str, str], str]]
    ontheffingen: list[tuple[Ontheffing, str, bool]]


def _pagina(verzoek: Verzoek) -> Response:
    beleid = verzoek.omgeving.kennis.beleid
    own = sorted(verzoek.bereik.gemeenten & beleid.keys())
    context = {
        "gemeenten": [_shown(verzoek, gemeente, beleid[gemeente]) for gemeente in own],
        "standaard": Beleid(),
    }
    return toon(verzoek, "beheer/beleid.html", context)


def _shown(verzoek: Verzoek, gemeente: str, beleid: Beleid) -> Gemeentebeleid:
    vandaag = dag_van(verzoek.omgeving.clock())
    return Gemeentebeleid(
        naam=gemeentenaam(verzoek, gemeente),
        beleid=beleid,
        controles=[
            (code, _text(verzoek, code), EFFECTEN[effect], beleid.controleplannen.get(code, ""))
            for code, effect in sorted(beleid.effects.items())
        ],
        ontheffingen=[
            (one, _text(verzoek, one.check), vandaag <= one.tot) for one in beleid.ontheffingen
        ],
    )


def _text(verzoek: Verzoek, code: str) -> str:
    return verzoek.omgeving.teksten.checks[code].wat


PADEN = (
    Pad(
        path="/beheer/beleid",
        method="GET",
        handler=_pagina,
        recht=Recht.STURING_ZIEN,
        menu="Beleid",
    ),
)

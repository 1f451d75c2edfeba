"""Beleid: what a municipality does with each check, its waivers, and the versions of it."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from gateway.deviations.policy import Beleid, Ontheffing
from gateway.http.pad import Pad
from gateway.http.verzoek import Verzoek
from gateway.pipeline.kennis import dag_van
from gateway.toegang.rechten import Recht
from gateway.web.opmaak import gemeentenaam, toon

PATH = "/beheer/beleid"
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
    kennis = verzoek.omgeving.kennis
    own = sorted(verzoek.bereik.gemeenten & kennis.beleid.keys())
    mine = (
        verzoek.bereik_van(Recht.BEHEREN).gemeenten if verzoek.mag(Recht.BEHEREN) else frozenset()
    )
    context = {
        "gemeenten": [
            (shown_of(verzoek, gemeente, kennis.beleid[gemeente]), _naar(gemeente, mine))
            for gemeente in own
        ],
        "standaard": Beleid(),
        "te_wijzigen": bool(mine),
    }
    return toon(verzoek, "beheer/beleid.html", context)


def _naar(gemeente: str, mine: frozenset[str]) -> str | None:
    """Where a beheerder of the municipality changes it."""
    return f"{PATH}/{gemeente}" if gemeente in mine else None


def shown_of(verzoek: Verzoek, gemeente: str, beleid: Beleid) -> Gemeentebeleid:
    """A policy with the texts of its checks."""
    vandaag = dag_van(verzoek.omgeving.clock())
    return Gemeentebeleid(
        naam=gemeentenaam(verzoek, gemeente),
        beleid=beleid,
        controles=[
            (code, text_of(verzoek, code), EFFECTEN[effect], beleid.controleplannen.get(code, ""))
            for code, effect in sorted(beleid.effects.items())
        ],
        ontheffingen=[
            (one, text_of(verzoek, one.check), vandaag <= one.tot) for one in beleid.ontheffingen
        ],
    )


def text_of(verzoek: Verzoek, code: str) -> str:
    """What is the matter where a check speaks."""
    return verzoek.omgeving.teksten.checks[code].wat


PADEN = (Pad(path=PATH, method="GET", handler=_pagina, recht=Recht.STURING_ZIEN, menu="Beleid"),)

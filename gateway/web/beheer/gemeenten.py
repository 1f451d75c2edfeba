"""The municipalities that are served: laws, agreements, policy, theme, and who to ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from starlette.responses import Response

from gateway.http.pad import Pad
from gateway.http.verzoek import Verzoek
from gateway.records.overeenkomst import Overeenkomst
from gateway.store.beleid import GELDT, VOORGESTELD, Beleidsversie
from gateway.toegang.rechten import Recht
from gateway.web.beheer import beleid
from gateway.web.opmaak import gemeentekeuzes, toon
from gateway.web.pages.woorden import WETTEN

PATH = "/beheer/gemeenten"


@dataclass(frozen=True, slots=True)
class Gemeentestaat:
    """A municipality and how it is set up.

    `beleid` tells where its policy comes from, `voorstel` whether a change of it waits.
    """

    code: str
    naam: str
    wetten: Sequence[str]
    overeenkomsten: Sequence[Overeenkomst]
    beleid: str
    voorstel: bool
    thema: bool
    naar: str

    @property
    def opmerkingen(self) -> list[str]:
        """What is not set up (yet)."""
        found = []
        if not self.overeenkomsten:
            found.append("geen overeenkomst: tarieven worden niet gecontroleerd")
        if any(one.voorbeeld for one in self.overeenkomsten):
            found.append("een overeenkomst is een voorbeeld met verzonnen bedragen")
        if self.voorstel:
            found.append("een voorstel voor het beleid wacht op een tweede persoon")
        return found


def _pagina(verzoek: Verzoek) -> Response:
    omgeving, bereik = verzoek.omgeving, verzoek.bereik
    versies = omgeving.store.beleidsversies.van(bereik)
    settings = omgeving.settings
    context = {
        "gemeenten": [
            _staat(verzoek, code, naam, [one for one in versies if one.gemeente == code])
            for code, naam in gemeentekeuzes(verzoek, bereik.gemeenten)
        ],
        "bezwaar": omgeving.stand.bezwaar,
        "contact": (settings.contact_naam, settings.contact_email, settings.contact_url),
    }
    return toon(verzoek, "beheer/gemeenten.html", context)


def _staat(
    verzoek: Verzoek, code: str, naam: str, versies: Sequence[Beleidsversie]
) -> Gemeentestaat:
    kennis, thema = verzoek.omgeving.kennis, verzoek.omgeving.settings.thema
    own = [one for one in kennis.overeenkomsten.alle if code in one.gemeenten]
    return Gemeentestaat(
        code=code,
        naam=naam,
        wetten=sorted({WETTEN[wet] for one in own for wet in one.wetten}),
        overeenkomsten=own,
        beleid=_beleid(code in kennis.beleid, versies),
        voorstel=any(one.staat == VOORGESTELD for one in versies),
        thema=thema is not None and (Path(thema) / f"{code}.css").is_file(),
        naar=f"{beleid.PATH}/{code}",
    )


def _beleid(has_own: bool, versies: Sequence[Beleidsversie]) -> str:
    last = next((one for one in versies if one.staat == GELDT), None)
    if last is not None:
        return f"versie {last.nummer}"
    return "bestand" if has_own else "standaard"


PADEN = (Pad(path=PATH, method="GET", handler=_pagina, recht=Recht.BEHEREN, menu="Gemeenten"),)

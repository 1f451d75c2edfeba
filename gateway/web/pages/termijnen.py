"""Termijnen: what has to be done by when, and what others had to send by now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response

from gateway.http.pad import Pad
from gateway.http.verzoek import Verzoek
from gateway.pipeline.kennis import dag_van
from gateway.pipeline.klok import Lopend
from gateway.toegang.rechten import Recht
from gateway.web.opmaak import toon
from gateway.web.pages import adressen, cijfers, woorden

PATH = "/vandaag/termijnen"
ONTBREEKT = "ontbreekt"
EIGEN = ("te-laat", "vandaag", "deze-week", "later")
SHOWN = 500


@dataclass(frozen=True, slots=True)
class Termijnen:
    """What is owed: our own terms, the first one in front, and what did not come from others.

    `gemist` is None while that is not counted yet.
    """

    eigen: Sequence[tuple[Lopend, str]]
    gemist: Sequence[Lopend] | None

    @property
    def aantallen(self) -> Counter[str]:
        """How many there are by how they stand."""
        return Counter(stand for _, stand in self.eigen) + Counter(
            {ONTBREEKT: len(self.gemist or ())}
        )

    def per_aanbieder(self, most: int) -> Sequence[tuple[str, str, int]]:
        """What did not come, by kind and from whom, those with most in front."""
        found = Counter((one.naam, one.van) for one in self.gemist or ())
        return [(naam, van, count) for (naam, van), count in found.most_common(most)]


def termijnen_van(verzoek: Verzoek) -> Termijnen:
    """The terms of the municipalities that are seen."""
    omgeving, bereik = verzoek.omgeving, verzoek.bereik
    vandaag = dag_van(omgeving.clock())
    running = cijfers.klok_van(omgeving).in_handen(omgeving.store.termijnen.within(bereik), vandaag)
    own = [(one, one.stand(vandaag)) for one in running if one.is_eigen]
    return Termijnen(own, cijfers.uitgebleven(verzoek, bereik))


def adres_van(verzoek: Verzoek, een: Lopend) -> str:
    """Where the message is that a term follows from."""
    soort = "declaratie" if een.bericht.endswith("323") else "bericht"
    return adressen.van(verzoek, soort, een.inbox_id)


def _pagina(verzoek: Verzoek) -> Response:
    found = termijnen_van(verzoek)
    asked = verzoek.vraag.zoek.get("stand", "")
    stand = asked if asked in (*EIGEN, ONTBREEKT) else ""
    own = [(one, its, adres_van(verzoek, one)) for one, its in found.eigen if stand in ("", its)]
    missed = found.gemist or () if stand in ("", ONTBREEKT) else ()
    context = {
        "aantallen": found.aantallen,
        "telt_nog": found.gemist is None,
        "standen": [(naam, woorden.TERMIJNSTANDEN[naam][0]) for naam in (*EIGEN, ONTBREEKT)],
        "stand": stand,
        "eigen": own[:SHOWN],
        "gemist": [(one, adres_van(verzoek, one)) for one in missed[:SHOWN]],
        "meer": max(len(own), len(missed)) > SHOWN,
        "getoond": SHOWN,
        "path": PATH,
        "woorden": woorden,
    }
    return toon(verzoek, "termijnen.html", context)


PADEN = (
    Pad(
        path=PATH,
        method="GET",
        handler=_pagina,
        recht=Recht.WERK_ZIEN,
        handeling="termijnen bekijken",
    ),
)

"""A month of a provider for staff: the same statement that the provider has of itself."""

from __future__ import annotations

from dataclasses import replace

from starlette.responses import Response

from gateway.errors import NietGevonden
from gateway.http.pad import Pad
from gateway.http.verzoek import Verzoek
from gateway.store.inzage.overzicht import Overzichtvraag
from gateway.toegang.rechten import Recht
from gateway.toegang.wie import Bereik
from gateway.web.pages.aanbieders import inzage_van
from gateway.web.pages.maandoverzicht import Blik, toon_maand, wet_van
from gateway.web.pages.overzicht import overzichtbestand
from gateway.web.pages.uitvoer import uitvoerpad
from gateway.web.pages.verwijzingen import Verwijzingen

PATH = "/aanbieders/{agb}/maanden/{maand}"


def _toon(verzoek: Verzoek) -> Response:
    bereik, naar, maand = _bereik(verzoek), Verwijzingen(verzoek), verzoek.vraag.delen["maand"]
    agb = verzoek.vraag.delen["agb"]
    blik = Blik(
        bereik=bereik,
        maand=maand,
        path=f"{naar.aanbieder(agb)}/maanden/{maand}",
        terug=(f"Aanbieder {agb}", naar.aanbieder(agb)),
        aanbieder=agb,
        regel=lambda regel: naar.regel(regel.inzending.inbox_id, regel.prestatie.volgnr),
    )
    return toon_maand(verzoek, blik)


def _uitvoer(verzoek: Verzoek) -> Response:
    bereik = _bereik(verzoek)
    wet = wet_van(verzoek.veld("wet"))
    vraag = Overzichtvraag.of(bereik, (), verzoek.vraag.delen["maand"], wet)
    return overzichtbestand(verzoek, vraag)


def _bereik(verzoek: Verzoek) -> Bereik:
    """What may be seen of the provider in the address; raises NietGevonden for a stranger."""
    agb = verzoek.vraag.delen["agb"]
    if not inzage_van(verzoek).is_bekend(verzoek.bereik, agb):
        raise NietGevonden
    return replace(verzoek.bereik, aanbieder=agb)


PADEN = (
    Pad(
        path=PATH,
        method="GET",
        handler=_toon,
        recht=Recht.WERK_ZIEN,
        handeling="maandoverzicht van een aanbieder bekijken",
    ),
    uitvoerpad(f"{PATH}/uitvoer", _uitvoer, "maandoverzicht van een aanbieder uitvoeren"),
)

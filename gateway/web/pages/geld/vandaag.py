"""The block about money on the page of today: what is due, and where it is done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gateway.errors import GatewayError
from gateway.http.betalen import instellingen_van
from gateway.http.jaareinde import alle_instellingen
from gateway.http.verzoek import Verzoek
from gateway.pipeline.kennis import dag_van
from gateway.store.geld.betalen.openstaand import laat_van
from gateway.store.geld.vandaag import Geldwerk, geldwerk
from gateway.toegang.rechten import Recht
from gateway.web.pages.geld import (
    betalingen,
    creditverzoeken,
    jaarafsluiting,
    verrekeningen,
    voorstellen,
)


class Geldtegel(NamedTuple):
    """A count, what it is of in words, where that is, and how it looks while there is any."""

    aantal: int
    tekst: str
    adres: str
    soort: str


class Geldblok(NamedTuple):
    """What is due, or why that cannot be told."""

    tegels: Sequence[Geldtegel]
    melding: str = ""


def geldblok(verzoek: Verzoek) -> Geldblok | None:
    """What is due about money; None for who sees none.

    A mistake in the settings of money takes the rest of the page from nobody.
    """
    if not verzoek.mag(Recht.GELD_ZIEN):
        return None
    try:
        return Geldblok(_tegels(verzoek))
    except GatewayError as error:
        return Geldblok([], str(error))


def _tegels(verzoek: Verzoek) -> Sequence[Geldtegel]:
    omgeving, bereik = verzoek.omgeving, verzoek.bereik_van(Recht.GELD_ZIEN)
    vandaag, beleid = dag_van(omgeving.clock()), instellingen_van(verzoek.omgeving)
    jaren = {
        gemeente: one.last_told(vandaag)
        for gemeente, one in alle_instellingen(omgeving, bereik.gemeenten).items()
    }
    laat = {
        gemeente: laat_van(own, vandaag)
        for gemeente in bereik.gemeenten
        if (own := beleid.of(gemeente)).is_ingericht
    }
    werk = geldwerk(omgeving.store.database, bereik, vandaag, laat, jaren)
    return _told(werk, max(jaren[one] for one in bereik.gemeenten))


def _told(werk: Geldwerk, jaar: int) -> Sequence[Geldtegel]:
    year = f"{jaarafsluiting.PATH}?jaar={jaar}"
    return [
        Geldtegel(werk.betalingen, "te laat betaald", betalingen.PATH, "fout"),
        Geldtegel(werk.credits, "credits te laat", creditverzoeken.PATH, "fout"),
        Geldtegel(werk.voorstellen, "voorstellen open", voorstellen.PATH, "let-op"),
        Geldtegel(werk.verrekeningen, "verrekeningen open", verrekeningen.PATH, "let-op"),
        Geldtegel(werk.verantwoordingen, "verantwoordingen te laat", year, "let-op"),
    ]

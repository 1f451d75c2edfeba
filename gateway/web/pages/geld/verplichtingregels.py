"""The obligations of one group, assignment by assignment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from urllib.parse import urlencode

from starlette.responses import Response

from gateway.errors import NietGevonden
from gateway.http.pad import Pad
from gateway.http.prognoses import year_of
from gateway.http.verzoek import Verzoek
from gateway.ledger.geld.verplichting import Groep, Peil, Verplichting, Vrijval
from gateway.pipeline.kennis import dag_van
from gateway.store.geld.toewijzingenblad import Bladlezer, Toewijzingenblad
from gateway.store.inzage.blad import Blad
from gateway.toegang.rechten import Recht
from gateway.web.opmaak import toon
from gateway.web.pages import woorden
from gateway.web.pages.geld.facturen import PATH as FACTUREN
from gateway.web.pages.geld.verplichtingen import PATH, TOEWIJZINGEN
from gateway.web.pages.uitvoer import AT_ONCE, bestand_van, rows_of, uitvoerpad
from gateway.web.pages.verwijzingen import Verwijzingen
from gateway.web.uitvoer import Bedrag, Cel

LINES = 50
KOPPEN = (
    *("toewijzing", "buiten berichtenverkeer", "ingangsdatum", "einddatum", "omvang", "eenheid"),
    *("frequentie", "budget"),
    *("verplicht", "gerealiseerd", "verwacht", "vrijgevallen", "boven toewijzing", "zonder prijs"),
    "vrijval",
)


@dataclass(frozen=True, slots=True)
class Regel:
    """An assignment with where it is, and where the messages that released a part of it are."""

    een: Verplichting
    naar: str
    vrijval: Sequence[tuple[Vrijval, str | None]]


def _pagina(verzoek: Verzoek) -> Response:
    asked = verzoek.vraag.zoek
    lezer, na = _lezer(verzoek, asked), asked.get("na")
    found, buiten = lezer.blad(LINES, na), [] if na else lezer.buiten()
    _toont(verzoek, lezer.groep, [*found.blad.rijen, *buiten])
    groep, jaar = lezer.groep, lezer.peil.jaar
    here = f"{TOEWIJZINGEN}?{urlencode({**groep._asdict(), 'jaar': jaar})}"
    context = {
        "groep": groep,
        "jaar": jaar,
        "regels": [_regel(verzoek, one, found) for one in found.blad.rijen],
        "buiten": buiten,
        "facturen": FACTUREN,
        "terug": f"{PATH}?{urlencode({'jaar': jaar, 'per': 'groep'})}",
        "here": here,
        "velden": {**groep._asdict(), "jaar": str(jaar)},
        "volgende": f"{here}&na={found.blad.volgende}" if found.blad.volgende else None,
        "begin": here if na else None,
        "woorden": woorden,
    }
    return toon(verzoek, "geld/verplichtingregels.html", context)


def _lezer(verzoek: Verzoek, velden: Mapping[str, str]) -> Bladlezer:
    """A reader of the group that is asked for; raises NietGevonden for one that is not seen."""
    omgeving, bereik = verzoek.omgeving, verzoek.bereik
    groep = Groep(*(str(velden.get(name, "")) for name in Groep._fields))
    if not all(groep) or groep.gemeente not in bereik.gemeenten or not verzoek.mag(Recht.GELD_ZIEN):
        raise NietGevonden
    peil = Peil(dag_van(omgeving.clock()), year_of(omgeving, velden.get("jaar")))
    return Bladlezer(omgeving.store.database, bereik, omgeving.kennis.overeenkomsten, peil, groep)


def _regel(verzoek: Verzoek, een: Verplichting, found: Toewijzingenblad) -> Regel:
    naar = Verwijzingen(verzoek)

    def message(one: Vrijval) -> str | None:
        inbox_id = found.message_of(one)
        return None if inbox_id is None else naar.bericht(inbox_id)

    own = een.toegewezen
    return Regel(
        een,
        naar.toewijzing(own.nummer, own.partij),
        [(one, message(one)) for one in een.vrijval],
    )


def _toont(verzoek: Verzoek, groep: Groep, some: Sequence[Verplichting]) -> None:
    clients = [one.toegewezen.client for one in some]
    verzoek.toont(groep.gemeente, [one for one in clients if one is not None])


def _uitvoer(verzoek: Verzoek) -> Response:
    velden = {name: str(value) for name, value in verzoek.vraag.formulier.items()}
    lezer = _lezer(verzoek, velden)

    def page(na: str | None) -> Blad[Verplichting]:
        found = lezer.blad(AT_ONCE, na).blad
        _toont(verzoek, lezer.groep, found.rijen)
        return found

    buiten = lezer.buiten()
    _toont(verzoek, lezer.groep, buiten)
    rijen = (_uitvoerrij(one) for one in chain(rows_of(page), buiten))
    return bestand_van(verzoek, f"verplichtingen-{lezer.peil.jaar}-toewijzingen", KOPPEN, rijen)


def _uitvoerrij(een: Verplichting) -> Sequence[Cel]:
    own = een.toegewezen
    told: Sequence[Cel] = (None,) * 6
    if own.versies:
        product = own.versies[-1].product
        told = (
            product.ingangsdatum.isoformat(),
            product.einddatum.isoformat() if product.einddatum else None,
            product.volume,
            product.eenheid,
            product.frequentie,
            None if product.budget is None else Bedrag(product.budget),
        )
    return (
        str(own.nummer) if own.versies else None,
        "ja" if own.buiten else "nee",
        *told,
        Bedrag(een.verplicht),
        Bedrag(een.gerealiseerd),
        Bedrag(een.verwacht),
        Bedrag(een.vrijgevallen),
        Bedrag(een.boven),
        "ja" if een.zonder_prijs else "nee",
        ", ".join(f"{one.datum.isoformat()} {one.soort}" for one in een.vrijval),
    )


PADEN = (
    Pad(
        path=TOEWIJZINGEN,
        method="GET",
        handler=_pagina,
        recht=Recht.WERK_ZIEN,
        handeling="verplichtingen per toewijzing bekijken",
    ),
    uitvoerpad(f"{TOEWIJZINGEN}/uitvoer", _uitvoer, "verplichtingen per toewijzing uitvoeren"),
)

"""The statement of an aanbieder: what it asked for per month, and what became of every cent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from starlette.responses import Response

from gateway.http.pad import Pad
from gateway.http.verzoek import Verzoek
from gateway.ledger.verhaal import Boekregel
from gateway.periods.maanden import month_before
from gateway.pipeline.kennis import dag_van
from gateway.store.inzage.overzicht import Overzichtvraag
from gateway.toegang.rechten import Recht
from gateway.toegang.wie import Bereik
from gateway.web.opmaak import toon
from gateway.web.pages import woorden
from gateway.web.pages.berichten import LINES, here_from
from gateway.web.pages.controle import TREFKANS_DAYS
from gateway.web.pages.eigen import KEUZES
from gateway.web.pages.eigen import PATH as EIGEN
from gateway.web.pages.overzicht import overzichtbestand
from gateway.web.pages.uitvoer import uitvoerpad

PATH = f"{EIGEN}/maanden"
MONTHS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Blik:
    """A month as somebody looks at it: what he sees of it, and where its parts are for him.

    `terug` is where he came from, as (text, address); `onder` stands below the title.
    """

    bereik: Bereik
    maand: str
    path: str
    terug: tuple[str, str]
    onder: str
    regel: Callable[[Boekregel], str]


def _maanden(verzoek: Verzoek) -> Response:
    omgeving, bereik = verzoek.omgeving, verzoek.bereik
    now = omgeving.clock()
    sinds = month_before(dag_van(now), MONTHS - 1)
    context = {
        "maanden": [
            (one, _adres(one.maand)) for one in omgeving.store.vandaag.maanden(bereik, sinds)
        ],
        "trefkans": omgeving.store.controles.trefkans(bereik, now - timedelta(days=TREFKANS_DAYS)),
        "woorden": woorden,
    }
    return toon(verzoek, "eigen/maanden.html", context)


def _een(verzoek: Verzoek) -> Response:
    maand, kenmerken = verzoek.vraag.delen["maand"], verzoek.omgeving.kenmerken
    blik = Blik(
        bereik=verzoek.bereik,
        maand=maand,
        path=_adres(maand),
        terug=("Maandoverzicht", PATH),
        onder="",
        regel=lambda one: (
            f"{EIGEN}/regels/{kenmerken.of('regel', one.inzending.inbox_id, one.prestatie.volgnr)}"
        ),
    )
    return toon_maand(verzoek, blik)


def toon_maand(verzoek: Verzoek, blik: Blik) -> Response:
    """The page of a month: what it comes to, why it was rejected, and its lines."""
    store, teksten = verzoek.omgeving.store, verzoek.omgeving.teksten
    zoek = verzoek.vraag.zoek
    welke, na = zoek.get("regels", ""), zoek.get("na")
    overzicht = store.maandoverzichten.van(blik.bereik, blik.maand)
    vraag = Overzichtvraag.of(blik.bereik, (), blik.maand)
    regels = store.overzichten.regels(vraag, LINES, na, toegekend=KEUZES.get(welke))
    for one in regels.rijen:
        verzoek.toont(one.regel.inzending.gemeente, [one.regel.client])
    asked = {"regels": welke} if welke in KEUZES else {}
    context = {
        "een": overzicht,
        "afwijzingen": [
            (one, [(code, teksten.of(code)) for code in one.retourcodes])
            for one in overzicht.afwijzingen
        ],
        "regels": [(one, blik.regel(one.regel)) for one in regels.rijen],
        "blik": blik,
        "welke": welke,
        "path": blik.path,
        "volgende": here_from(blik.path, asked, regels.volgende),
        "begin": here_from(blik.path, asked) if na else None,
        "woorden": woorden,
    }
    return toon(verzoek, "eigen/maand.html", context)


def _uitvoer(verzoek: Verzoek) -> Response:
    vraag = Overzichtvraag.of(verzoek.bereik, (), verzoek.vraag.delen["maand"])
    return overzichtbestand(verzoek, vraag)


def _adres(maand: str) -> str:
    return f"{PATH}/{maand}"


PADEN = (
    Pad(path=PATH, method="GET", handler=_maanden, recht=Recht.EIGEN_ZIEN, menu="Maandoverzicht"),
    Pad(
        path=PATH + "/{maand}",
        method="GET",
        handler=_een,
        recht=Recht.EIGEN_ZIEN,
        handeling="maandoverzicht bekijken",
    ),
    uitvoerpad(
        PATH + "/{maand}/uitvoer", _uitvoer, "maandoverzicht uitvoeren", recht=Recht.EIGEN_ZIEN
    ),
)

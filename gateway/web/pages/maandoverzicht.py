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
_WETTEN = ("", *woorden.WETTEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Blik:
    """A month as somebody looks at it: what he sees of it, and where its parts are for him.

    `terug` is where he came from, as (text, address); `aanbieder` is named below the title.
    """

    bereik: Bereik
    maand: str
    path: str
    terug: tuple[str, str]
    regel: Callable[[Boekregel], str]
    aanbieder: str | None = None


def _maanden(verzoek: Verzoek) -> Response:
    omgeving, bereik = verzoek.omgeving, verzoek.bereik
    now = omgeving.clock()
    sinds = month_before(dag_van(now), MONTHS - 1)
    context = {
        "maanden": [
            (one, f"{_adres(one.maand)}?wet={one.wet}")
            for one in omgeving.store.vandaag.maanden(bereik, sinds)
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
        regel=lambda one: (
            f"{EIGEN}/regels/{kenmerken.of('regel', one.inzending.inbox_id, one.prestatie.volgnr)}"
        ),
    )
    return toon_maand(verzoek, blik)


def toon_maand(verzoek: Verzoek, blik: Blik) -> Response:
    """The page of a month: what it comes to, why it was rejected, and its lines."""
    store, teksten = verzoek.omgeving.store, verzoek.omgeving.teksten
    zoek = verzoek.vraag.zoek
    welke, na, wet = zoek.get("regels", ""), zoek.get("na"), wet_van(zoek.get("wet", ""))
    overzicht = store.maandoverzichten.van(blik.bereik, blik.maand, wet)
    vraag = Overzichtvraag.of(blik.bereik, (), blik.maand, wet)
    regels = store.overzichten.regels(vraag, LINES, na, toegekend=KEUZES.get(welke))
    for one in regels.rijen:
        verzoek.toont(one.regel.inzending.gemeente, [one.regel.client])
    of_law = {} if wet is None else {"wet": wet}
    asked = of_law | ({"regels": welke} if welke in KEUZES else {})
    context = {
        "een": overzicht,
        "betaald": store.overzichten.betaald(vraag),
        "wet": wet,
        "wetten": [(naam, here_from(blik.path, {"wet": naam} if naam else {})) for naam in _WETTEN],
        "keuzes": [
            (naam, here_from(blik.path, of_law | ({"regels": naam} if naam else {})))
            for naam in ("", *KEUZES)
        ],
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


def wet_van(text: str) -> str | None:
    """The law that is asked for; none for both, and for any other text."""
    return text if text in woorden.WETTEN else None


def _uitvoer(verzoek: Verzoek) -> Response:
    wet = wet_van(verzoek.veld("wet"))
    vraag = Overzichtvraag.of(verzoek.bereik, (), verzoek.vraag.delen["maand"], wet)
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

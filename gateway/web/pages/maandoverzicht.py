"""The statement of an aanbieder: what it asked for per month, and what became of every cent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from starlette.responses import Response

from gateway.http.pad import Pad
from gateway.http.verzoek import Verzoek
from gateway.periods.maanden import month_before
from gateway.pipeline.kennis import dag_van
from gateway.store.inzage.blad import Blad
from gateway.store.inzage.declaratieregels import Regelrij
from gateway.toegang.rechten import Recht
from gateway.web.opmaak import toon
from gateway.web.pages import woorden
from gateway.web.pages.berichten import LINES, here_from
from gateway.web.pages.controle import TREFKANS_DAYS
from gateway.web.pages.eigen import KEUZES
from gateway.web.pages.eigen import PATH as EIGEN
from gateway.web.pages.uitvoer import AT_ONCE, bestand_van, rows_of, uitvoerpad
from gateway.web.uitvoer import Bedrag, Cel

PATH = f"{EIGEN}/maanden"
MONTHS = 12
KOPPEN = (
    *("declaratie", "regel", "gemeente", "wet", "toewijzing", "product", "begindatum", "einddatum"),
    *("ingediend", "oordeel", "toegekend", "afgewezen", "codes", "reden"),
)


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
    store, teksten = verzoek.omgeving.store.maandoverzichten, verzoek.omgeving.teksten
    maand, zoek = verzoek.vraag.delen["maand"], verzoek.vraag.zoek
    welke, na = zoek.get("regels", ""), zoek.get("na")
    overzicht = store.van(verzoek.bereik, maand)
    regels = store.regels(verzoek.bereik, maand, LINES, na, toegekend=KEUZES.get(welke))
    for one in regels.rijen:
        verzoek.toont(one.partijen.gemeente, [one.client])
    asked = {"regels": welke} if welke in KEUZES else {}
    context = {
        "een": overzicht,
        "afwijzingen": [
            (one, [(code, teksten.of(code)) for code in one.retourcodes])
            for one in overzicht.afwijzingen
        ],
        "regels": [(one, _regeladres(verzoek, one)) for one in regels.rijen],
        "welke": welke,
        "path": _adres(maand),
        "volgende": here_from(_adres(maand), asked, regels.volgende),
        "begin": here_from(_adres(maand), asked) if na else None,
        "woorden": woorden,
    }
    return toon(verzoek, "eigen/maand.html", context)


def _uitvoer(verzoek: Verzoek) -> Response:
    store, maand = verzoek.omgeving.store.maandoverzichten, verzoek.vraag.delen["maand"]

    def page(na: str | None) -> Blad[Regelrij]:
        found = store.regels(verzoek.bereik, maand, AT_ONCE, na)
        for one in found.rijen:
            verzoek.toont(one.partijen.gemeente, [one.client])
        return found

    rijen = (_regelrij(verzoek, one) for one in rows_of(page))
    return bestand_van(verzoek, f"maand-{maand}", KOPPEN, rijen)


def _regelrij(verzoek: Verzoek, one: Regelrij) -> Sequence[Cel]:
    line, teksten = one.prestatie, verzoek.omgeving.teksten
    redenen = [tekst.wat for code in line.retourcodes if (tekst := teksten.of(code))]
    bedrag = line.ondertekend
    return (
        one.declaratienummer,
        line.referentienummer,
        one.partijen.gemeente,
        woorden.WETTEN.get(one.partijen.wet, one.partijen.wet),
        str(line.toewijzingnummer),
        line.productcode,
        line.begindatum.isoformat(),
        line.einddatum.isoformat(),
        Bedrag(bedrag),
        {True: "toegekend", False: "afgewezen", None: "wacht"}[one.toegekend],
        Bedrag(bedrag if one.toegekend else 0),
        Bedrag(bedrag if one.toegekend is False else 0),
        " ".join(line.retourcodes),
        " ".join(redenen),
    )


def _regeladres(verzoek: Verzoek, one: Regelrij) -> str:
    return f"{EIGEN}/regels/{verzoek.omgeving.kenmerken.of('regel', one.inbox_id, one.regelnr)}"


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

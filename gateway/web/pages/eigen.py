"""The view of an aanbieder: what it sent, what became of it, why, and what was granted."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from gateway.deviations.receipt import printed
from gateway.errors import NietGevonden
from gateway.http.bewijs import bewaard_bewijs, bewijs_van
from gateway.http.pad import Pad
from gateway.http.verzoek import Verzoek
from gateway.store.inzage.berichten import BEHIND, Berichtrij
from gateway.store.inzage.blad import Blad
from gateway.store.inzage.declaratieregels import Regelfilter, Regelrij
from gateway.store.tables import KLAAR
from gateway.toegang.rechten import Recht
from gateway.web.opmaak import toon
from gateway.web.pages import adressen, woorden
from gateway.web.pages.berekening import stappen
from gateway.web.pages.berichten import (
    FIELDS,
    LINES,
    LONGEST,
    SHOWN,
    berichtfilter,
    download,
    here_from,
    soorten,
    toont_bericht,
)
from gateway.web.pages.buiten import meldingen

PATH = "/eigen"
# Asks for the steps of a line of which they were not kept: its whole message is judged for it.
BEREKEN = "bereken"
KEUZES = {"afgewezen": False, "toegekend": True}
# That somebody looks at a message, and why, is the municipality's.
IN_HAND = ("in behandeling", "bezig")


def _lijst(verzoek: Verzoek) -> Response:
    velden = {name: verzoek.vraag.zoek.get(name, "").strip()[:LONGEST] for name in FIELDS}
    na = verzoek.vraag.zoek.get("na")
    filter_ = berichtfilter(verzoek, velden)
    blad: Blad[Berichtrij] = verzoek.omgeving.store.berichten.zoek(
        verzoek.bereik, filter_, LINES, na
    )
    asked = {name: value for name, value in velden.items() if value}
    context = {
        "velden": velden,
        "berichten": [(one, stand_van(one), _adres(verzoek, one)) for one in blad.rijen],
        "soorten": soorten(verzoek),
        "volgende": here_from(PATH, asked, blad.volgende),
        "begin": here_from(PATH, asked) if na else None,
        "buiten": [] if na or asked else meldingen(verzoek),
        "woorden": woorden,
    }
    return toon(verzoek, "eigen/berichten.html", context)


def stand_van(een: Berichtrij) -> tuple[str, str]:
    """How a message stands, as far as its sender is told."""
    return IN_HAND if een.staat in BEHIND else woorden.oordeel_van(een)


def _een(verzoek: Verzoek) -> Response:
    """A message with what was rejected in it, and the lines of an invoice."""
    store, bereik, een = verzoek.omgeving.store, verzoek.bereik, _bericht(verzoek)
    is_done = een.staat == KLAAR
    blad = store.berichten.bevindingen(bereik, een.inbox_id, SHOWN if is_done else 0)
    welke, na = verzoek.vraag.zoek.get("regels", ""), verzoek.vraag.zoek.get("na")
    filter_ = Regelfilter(toegekend=KEUZES.get(welke))
    regels = store.regels.van_declaratie(bereik, een.inbox_id, LINES, na, filter_)
    for one in regels.rijen:
        verzoek.toont(one.partijen.gemeente, [one.client])
    path = _adres(verzoek, een)
    asked = {"regels": welke} if welke in KEUZES else {}
    teksten = verzoek.omgeving.teksten
    context = {
        "een": een,
        "stand": stand_van(een),
        "telling": een.outcome.telling if een.outcome and is_done else {},
        "bevindingen": [
            (
                one.finding,
                woorden.tekst_van(teksten, one.finding.rule, one.finding.retourcode),
            )
            for one in (blad.rijen if is_done else [])
        ],
        "meer": is_done and blad.volgende is not None,
        "regels": [
            (one, f"{PATH}/regels/{_kenmerk(verzoek, 'regel', one.inbox_id, one.regelnr)}")
            for one in regels.rijen
        ],
        "welke": welke,
        "is_declaratie": een.outcome is not None
        and (een.outcome.berichttype or "").endswith("323"),
        "path": path,
        "volgende": here_from(path, asked, regels.volgende),
        "begin": here_from(path, asked) if na else None,
        "woorden": woorden,
    }
    return toon(verzoek, "eigen/bericht.html", context)


def _antwoord(verzoek: Verzoek) -> Response:
    """The answer that left, as a file."""
    een = _bericht(verzoek)
    body = verzoek.omgeving.store.berichten.antwoord(verzoek.bereik, een.inbox_id)
    if body is None:
        raise NietGevonden
    toont_bericht(verzoek, een)
    return download(b"".join(body), f"{een.antwoord}.xml")


def _regel(verzoek: Verzoek) -> Response:
    """A line with what was found on it, and each step of the decision."""
    rij = _rij(verzoek)
    found = verzoek.omgeving.store.regels.bevindingen(verzoek.bereik, rij.inbox_id, rij.regelnr)
    teksten = verzoek.omgeving.teksten
    read = bewijs_van if BEREKEN in verzoek.vraag.zoek else bewaard_bewijs
    bewijs = read(verzoek.omgeving, verzoek.bereik, rij.inbox_id, rij.regelnr)
    context = {
        "rij": rij,
        "bericht": f"{PATH}/{_kenmerk(verzoek, 'bericht', rij.inbox_id)}",
        "bevindingen": [
            (one.finding, woorden.tekst_van(teksten, one.finding.rule, one.finding.retourcode))
            for one in found
        ],
        "bewijs": bewijs,
        "berekening": stappen(bewijs, "berekening"),
        "ruimte": stappen(bewijs, "ruimte"),
        "bereken": BEREKEN,
        "path": verzoek.vraag.pad,
        "woorden": woorden,
    }
    return toon(verzoek, "eigen/regel.html", context)


def _bewijs(verzoek: Verzoek) -> Response:
    """The receipt as a file."""
    rij = _rij(verzoek)
    document = bewijs_van(verzoek.omgeving, verzoek.bereik, rij.inbox_id, rij.regelnr)
    if document is None:
        raise NietGevonden
    koppen = {"Content-Disposition": 'attachment; filename="bewijs.json"'}
    return Response(printed(document), 200, koppen, "application/json")


def _bericht(verzoek: Verzoek) -> Berichtrij:
    inbox_id, _ = adressen.nummer_van(verzoek, "bericht")
    found = verzoek.omgeving.store.berichten.een(verzoek.bereik, inbox_id)
    if found is None:
        raise NietGevonden
    return found


def _rij(verzoek: Verzoek) -> Regelrij:
    inbox_id, regelnr = adressen.nummer_van(verzoek, "regel")
    found = verzoek.omgeving.store.regels.een(verzoek.bereik, inbox_id, regelnr)
    if found is None:
        raise NietGevonden
    verzoek.toont(found.partijen.gemeente, [found.client], f"regel {inbox_id}-{regelnr}")
    return found


def _adres(verzoek: Verzoek, een: Berichtrij) -> str:
    return f"{PATH}/{_kenmerk(verzoek, 'bericht', een.inbox_id)}"


def _kenmerk(verzoek: Verzoek, soort: str, nummer: int, deel: int = 0) -> str:
    return verzoek.omgeving.kenmerken.of(soort, nummer, deel)


def _pad(path: str, handler: Any, handeling: str, menu: str | None = None) -> Pad:
    return Pad(
        path=PATH + path,
        method="GET",
        handler=handler,
        recht=Recht.EIGEN_ZIEN,
        handeling=handeling,
        menu=menu,
    )


PADEN = (
    _pad("", _lijst, "berichten zoeken", "Mijn berichten"),
    _pad("/regels/{kenmerk}", _regel, "regel bekijken"),
    _pad("/regels/{kenmerk}/bewijs", _bewijs, "bewijs opslaan"),
    _pad("/{kenmerk}", _een, "bericht bekijken"),
    _pad("/{kenmerk}/antwoord", _antwoord, "antwoord opslaan"),
)

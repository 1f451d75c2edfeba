"""Creditverzoeken: what providers were asked to credit, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from starlette.responses import RedirectResponse, Response

from gateway.errors import NietGevonden, WrongUse
from gateway.http.pad import Kop, Pad
from gateway.http.verzoek import Verzoek
from gateway.ledger.geld.creditverzoek import (
    DEELS,
    GEWEIGERD,
    INGETROKKEN,
    LOOPT,
    OPEN,
    TOEGEZEGD,
    VERLOPEN,
    VOLDAAN,
)
from gateway.messages.nazorg import nazorgwoorden
from gateway.pipeline.kennis import dag_van
from gateway.store.geld.nazorg.creditrijen import Creditverzoek
from gateway.store.geld.nazorg.creditverzoeken import MOST_LINES, SOORT, Aanvraag
from gateway.store.geld.nazorg.keuze import Keuze, Regels, VanDeclaratie, VanOorzaak
from gateway.toegang.rechten import Recht
from gateway.web.opmaak import toon
from gateway.web.pages import adressen, woorden
from gateway.web.pages.geld.begin import PATH as GELD
from gateway.web.pages.toekenning import day_of
from gateway.web.pages.werkvoorraad import noteer_van

PATH = f"{GELD}/creditverzoeken"
SHOWN = 200
STANDEN = {
    OPEN: ("wacht op de aanbieder", "let-op"),
    TOEGEZEGD: ("toegezegd", "bezig"),
    DEELS: ("deels gecrediteerd", "bezig"),
    VERLOPEN: ("te laat", "fout"),
    VOLDAAN: ("gecrediteerd", "goed"),
    GEWEIGERD: ("geweigerd", "fout"),
    INGETROKKEN: ("ingetrokken", "neutraal"),
}
KEUZES: dict[str, tuple[str, ...]] = {
    "": LOOPT,
    VOLDAAN: (VOLDAAN,),
    GEWEIGERD: (GEWEIGERD,),
    INGETROKKEN: (INGETROKKEN,),
    "alle": (),
}
BRONNEN = ("regel", "declaratie", "oorzaak")


def _lijst(verzoek: Verzoek) -> Response:
    context = lijst_van(verzoek, PATH)
    return toon(verzoek, "geld/creditverzoeken.html", context)


def lijst_van(verzoek: Verzoek, path: str) -> dict[str, Any]:
    """What a list of requests shows, for both sides."""
    store, zoek = verzoek.omgeving.store.creditverzoeken, verzoek.vraag.zoek
    welke, na = zoek.get("stand", ""), zoek.get("na")
    blad = store.list(verzoek.bereik, KEUZES.get(welke, LOOPT), na)
    here = f"{path}?stand={welke}" if KEUZES.get(welke, LOOPT) != LOOPT else path
    and_ = "&" if "?" in here else "?"
    return {
        "verzoeken": _met_adres(verzoek, path, blad.rijen),
        "te_laat": _met_adres(verzoek, path, store.overdue(verzoek.bereik)),
        "welke": welke if welke in KEUZES else "",
        "keuzes": [(naam, naam or "loopt") for naam in KEUZES],
        "path": path,
        "volgende": f"{here}{and_}na={blad.volgende}" if blad.volgende else None,
        "begin": here if na else None,
        **_woorden(),
    }


def _nieuw(verzoek: Verzoek) -> Response:
    """The lines of what was asked for that a credit can still be asked for."""
    bron, kenmerk, keuze = _keuze_of(verzoek, dict(verzoek.vraag.zoek.items()))
    found = verzoek.omgeving.store.creditverzoeken.candidates(verzoek.bereik, keuze)
    shown = found[:SHOWN]
    for one in shown:
        verzoek.toont(one.gemeente, [one.bsn_hash])
    omgeving, vandaag = verzoek.omgeving, dag_van(verzoek.omgeving.clock())
    context = {
        "regels": [
            (one, omgeving.kenmerken.of("regel", one.inbox_id, one.regelnr)) for one in shown
        ],
        "aantal": len(found),
        "meest": MOST_LINES,
        "getoond": SHOWN,
        "bedrag": sum(one.bedrag for one in found),
        "bron": bron,
        "kenmerk": kenmerk,
        "uiterlijk": nazorgwoorden().uiterlijk(vandaag, omgeving.settings.vrije_dagen),
        "path": PATH,
        **_woorden(),
    }
    return toon(verzoek, "geld/creditverzoek_nieuw.html", context)


def _vraag(verzoek: Verzoek) -> Response:
    """Ask for the credits of what was chosen."""
    velden = {name: verzoek.veld(name) for name in ("bron", "kenmerk")}
    _, _, keuze = _keuze_of(verzoek, {velden["bron"]: velden["kenmerk"]})
    if verzoek.veld("welke") != "alle":
        keuze = Regels(_aangekruist(verzoek))
    store = verzoek.omgeving.store.creditverzoeken
    found = store.candidates(verzoek.bereik, keuze)
    for one in found:
        verzoek.toont(one.gemeente, [one.bsn_hash])
    vraag = Aanvraag(
        keuze=keuze,
        reden=verzoek.veld("reden"),
        toelichting=verzoek.veld("toelichting"),
        uiterlijk=date.fromisoformat(day_of(verzoek.veld("uiterlijk"))),
    )
    noteer = noteer_van(verzoek, found[0].gemeente if found else "")
    nummers = store.request(verzoek.bereik, verzoek.wie, vraag, noteer)
    there = adres(verzoek, PATH, nummers[0]) if len(nummers) == 1 else PATH
    return RedirectResponse(there, 303)


def _een(verzoek: Verzoek) -> Response:
    return toon(verzoek, "geld/creditverzoek.html", een_van(verzoek, PATH))


def een_van(verzoek: Verzoek, path: str) -> dict[str, Any]:
    """What the page of one request shows, for both sides."""
    store, na = verzoek.omgeving.store.creditverzoeken, verzoek.vraag.zoek.get("na")
    one = gevraagd(verzoek)
    blad = store.regels(verzoek.bereik, one.nummer, na)
    verzoek.toont(one.gemeente, {regel.client for regel in blad.rijen}, f"{SOORT} {one.nummer}")
    here = adres(verzoek, path, one.nummer)
    of = verzoek.omgeving.kenmerken.of
    above = "/eigen/regels" if verzoek.bereik.aanbieder else "/regels"
    return {
        "een": one,
        "regels": [
            (regel, f"{above}/{of('regel', regel.inbox_id, regel.regelnr)}") for regel in blad.rijen
        ],
        "is_open": one.staat not in (VOLDAAN, INGETROKKEN),
        "boven": path,
        "path": here,
        "volgende": f"{here}?na={blad.volgende}" if blad.volgende else None,
        "begin": here if na else None,
        **_woorden(),
    }


def _trek_in(verzoek: Verzoek) -> Response:
    one = gevraagd(verzoek)
    store = verzoek.omgeving.store.creditverzoeken
    noteer = noteer_van(verzoek, one.gemeente)
    store.withdraw(verzoek.bereik, one.nummer, verzoek.veld("reden"), noteer)
    return RedirectResponse(adres(verzoek, PATH, one.nummer), 303)


def gevraagd(verzoek: Verzoek) -> Creditverzoek:
    """The request in the address; raises NietGevonden for none that may be seen."""
    nummer, _ = adressen.nummer_van(verzoek, SOORT)
    return verzoek.omgeving.store.creditverzoeken.get(verzoek.bereik, nummer)


def adres(verzoek: Verzoek, path: str, nummer: int) -> str:
    """Where a request is."""
    return f"{path}/{verzoek.omgeving.kenmerken.of(SOORT, nummer)}"


def _keuze_of(verzoek: Verzoek, given: dict[str, str]) -> tuple[str, str, Keuze]:
    bron = next((one for one in BRONNEN if given.get(one)), None)
    if bron is None:
        raise WrongUse("begin bij een regel, een declaratie of een oorzaak")
    found = verzoek.omgeving.kenmerken.read(bron, given[bron])
    if found is None:
        raise NietGevonden
    keuzes: dict[str, Keuze] = {
        "regel": Regels([found]),
        "declaratie": VanDeclaratie(found[0]),
        "oorzaak": VanOorzaak(found[0]),
    }
    return bron, given[bron], keuzes[bron]


def _aangekruist(verzoek: Verzoek) -> Sequence[tuple[int, int]]:
    chosen = verzoek.vraag.formulier.getlist("regel")
    read = verzoek.omgeving.kenmerken.read
    found = [read("regel", one) for one in chosen if isinstance(one, str)]
    lines = [one for one in found if one is not None]
    if not lines:
        raise WrongUse("kruis aan voor welke regels u een credit vraagt, of kies alle")
    return lines


def _met_adres(
    verzoek: Verzoek, path: str, some: Sequence[Creditverzoek]
) -> list[tuple[Creditverzoek, str]]:
    return [(one, adres(verzoek, path, one.nummer)) for one in some]


def _woorden() -> dict[str, Any]:
    return {"standen": STANDEN, "redenen": nazorgwoorden().creditredenen, "woorden": woorden}


PADEN = (
    Pad(
        path=PATH,
        method="GET",
        handler=_lijst,
        recht=Recht.GELD_ZIEN,
        kop=Kop("Creditverzoeken", "Wat aanbieders moeten crediteren, en wat ervan kwam."),
    ),
    Pad(
        path=PATH + "/nieuw",
        method="GET",
        handler=_nieuw,
        recht=Recht.GELD_BEHEREN,
        handeling="creditverzoek voorbereiden",
    ),
    Pad(
        path=PATH,
        method="POST",
        handler=_vraag,
        recht=Recht.GELD_BEHEREN,
        handeling="credit vragen",
        soort="C",
    ),
    Pad(
        path=PATH + "/{kenmerk}",
        method="GET",
        handler=_een,
        recht=Recht.GELD_ZIEN,
        handeling="creditverzoek bekijken",
    ),
    Pad(
        path=PATH + "/{kenmerk}",
        method="POST",
        handler=_trek_in,
        recht=Recht.GELD_BEHEREN,
        handeling="creditverzoek intrekken",
        soort="U",
    ),
)

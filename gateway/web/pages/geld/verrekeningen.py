"""Verrekeningen: what municipalities settle with each other after a client moved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from starlette.responses import RedirectResponse, Response

from gateway.errors import WrongUse
from gateway.http.pad import Kop, Pad
from gateway.http.verrekeningen import propose_found
from gateway.http.verzoek import Verzoek
from gateway.ledger.geld.gemeenteverrekening import (
    AKKOORD,
    BETWIST,
    BEVESTIGD,
    EENS,
    INGETROKKEN,
    OPEN,
    VOORGESTELD,
)
from gateway.messages.nazorg import nazorgwoorden
from gateway.store.geld.nazorg.verrekeningopgave import Aanleiding
from gateway.store.geld.nazorg.verrekeningrijen import Verrekening
from gateway.store.inzage.blad import Blad
from gateway.toegang.rechten import Recht
from gateway.web.opmaak import gemeentekeuzes, gemeentenaam, toon
from gateway.web.pages import adressen, woorden
from gateway.web.pages.geld.begin import PATH as GELD
from gateway.web.pages.geld.wijzigpad import wijzigpad
from gateway.web.pages.toekenning import day_of
from gateway.web.pages.uitvoer import AT_ONCE, bestand_van, rows_of, uitvoerpad
from gateway.web.pages.werkvoorraad import noteer_van
from gateway.web.uitvoer import Bedrag, Cel

PATH = f"{GELD}/verrekeningen"
SOORT = "verrekening"
STANDEN = {
    VOORGESTELD: ("te bevestigen", "let-op"),
    OPEN: ("wacht op de andere gemeente", "bezig"),
    EENS: ("akkoord", "goed"),
    BETWIST: ("betwist", "fout"),
    INGETROKKEN: ("ingetrokken", "neutraal"),
}
KOPPEN = (
    *("van", "van naam", "aan", "aan naam", "jaar", "wet", "client", "begindatum", "einddatum"),
    *("regels", "bedrag", "grond", "stand", "reden", "gecrediteerd sindsdien"),
)


def _lijst(verzoek: Verzoek) -> Response:
    store, bereik = verzoek.omgeving.store.verrekeningen, verzoek.bereik
    na, jaar = verzoek.vraag.zoek.get("na"), jaar_of(verzoek.vraag.zoek.get("jaar", ""))
    blad = store.list(bereik, jaar, na=na)
    _toont(verzoek, blad.rijen)
    here = PATH if jaar is None else f"{PATH}?jaar={jaar}"
    context = {
        "paren": store.paren(bereik, jaar),
        "posten": [(one, _adres(verzoek, one.nummer)) for one in blad.rijen],
        "jaar": "" if jaar is None else jaar,
        "path": PATH,
        "volgende": f"{here}{'&' if jaar else '?'}na={blad.volgende}" if blad.volgende else None,
        "begin": here if na else None,
        "gemeenten_van": gemeentekeuzes(verzoek, bereik.gemeenten),
        **_woorden(),
    }
    return toon(verzoek, "geld/verrekeningen.html", context)


def _voeg_toe(verzoek: Verzoek) -> Response:
    aan, tot = verzoek.veld("aan"), verzoek.veld("tot")
    if aan not in verzoek.omgeving.kennis.gemeentecodes:
        raise WrongUse("vul de code van vier cijfers in van de andere gemeente")
    nummer = verzoek.veld("toewijzing")
    if not (nummer.isascii() and nummer.isdigit() and len(nummer) <= 9):
        raise WrongUse("vul het nummer in van een toewijzing van de cliënt")
    vraag = Aanleiding(
        van=verzoek.veld("van"),
        aan=aan,
        toewijzingnummer=int(nummer),
        wet=verzoek.veld("wet") or None,
        vanaf=_dag(verzoek.veld("vanaf")),
        tot=_dag(tot) if tot else None,
        grond=verzoek.veld("grond"),
        toelichting=verzoek.veld("toelichting"),
        buiten=aan not in verzoek.omgeving.bediend,
    )
    store = verzoek.omgeving.store.verrekeningen
    noteer = noteer_van(verzoek, vraag.van)
    store.add(verzoek.bereik, verzoek.wie, vraag, noteer)
    return RedirectResponse(PATH, 303)


def _zoek(verzoek: Verzoek) -> Response:
    """Read the 319 messages of a year again, and propose what they tell."""
    propose_found(verzoek, verzoek.bereik)
    return RedirectResponse(PATH, 303)


def _een(verzoek: Verzoek) -> Response:
    store, na = verzoek.omgeving.store.verrekeningen, verzoek.vraag.zoek.get("na")
    one = _gevraagd(verzoek)
    _toont(verzoek, [one])
    blad = store.regels(verzoek.bereik, one.nummer, na)
    here = _adres(verzoek, one.nummer)
    seen = verzoek.bereik.gemeenten
    answers = one.van if one.is_buiten else one.aan
    is_vervallen = one.van in seen and store.is_vervallen(verzoek.bereik, one.nummer)
    trekt_in = one.van in seen and one.stand != INGETROKKEN and (one.stand != EENS or is_vervallen)
    boekt_tegen = one.van in seen and one.stand == EENS and one.gecrediteerd
    antwoordt = answers in seen and one.van_staat == BEVESTIGD and one.aan_staat != AKKOORD
    bezwaren = store.bezwaren(verzoek.bereik, verzoek.wie, one.nummer)
    bezwaar_van = bezwaren.van if trekt_in or boekt_tegen else None
    bezwaar_aan = bezwaren.aan if antwoordt else None
    context = {
        "een": one,
        "client": verzoek.omgeving.kenmerken.of_client(one.client),
        "regels": blad.rijen,
        "kan_bevestigen": one.van in seen and one.van_staat == VOORGESTELD,
        "kan_intrekken": trekt_in and not bezwaar_van,
        "kan_tegenboeken": boekt_tegen and not bezwaar_van,
        "is_vervallen": is_vervallen and one.stand == EENS,
        "tegen": None if one.tegen is None else _adres(verzoek, one.tegen),
        "kan_antwoorden": antwoordt and not bezwaar_aan,
        "bezwaar_van": bezwaar_van,
        "bezwaar_aan": bezwaar_aan,
        "boven": PATH,
        "path": here,
        "volgende": f"{here}?na={blad.volgende}" if blad.volgende else None,
        "begin": here if na else None,
        **_woorden(),
    }
    return toon(verzoek, "geld/verrekening.html", context)


def _stap(verzoek: Verzoek) -> Response:
    """Confirm, withdraw, take back, agree or dispute, by the button that was pressed."""
    one, store = _gevraagd(verzoek), verzoek.omgeving.store.verrekeningen
    _toont(verzoek, [one])
    bereik, nummer, doe = verzoek.bereik, one.nummer, verzoek.veld("doe")
    own = one.van if one.van in bereik.gemeenten else one.aan
    noteer = noteer_van(verzoek, own)
    match doe:
        case "bevestigen":
            store.confirm(bereik, verzoek.wie, nummer, noteer)
        case "intrekken":
            store.withdraw(bereik, verzoek.wie, nummer, noteer)
        case "tegenboeken":
            (nummer,) = store.counter(bereik, verzoek.wie, nummer, noteer)
        case _:
            store.answer(bereik, verzoek.wie, nummer, doe, verzoek.veld("reden"), noteer)
    return RedirectResponse(_adres(verzoek, nummer), 303)


def _uitvoer(verzoek: Verzoek) -> Response:
    """The statement of a year, for the other municipality."""
    store, bereik = verzoek.omgeving.store.verrekeningen, verzoek.bereik
    jaar, ander = jaar_of(verzoek.veld("jaar")), verzoek.veld("ander") or None

    def page(na: str | None) -> Blad[Verrekening]:
        found = store.list(bereik, jaar, ander, na, AT_ONCE)
        _toont(verzoek, found.rijen)
        return found

    rijen = (_rij(verzoek, one) for one in rows_of(page) if one.van_staat == BEVESTIGD)
    return bestand_van(verzoek, "verrekeningen", KOPPEN, rijen)


def _rij(verzoek: Verzoek, one: Verrekening) -> Sequence[Cel]:
    return (
        *(one.van, gemeentenaam(verzoek, one.van), one.aan, gemeentenaam(verzoek, one.aan)),
        one.jaar,
        woorden.WETTEN.get(one.wet, one.wet),
        verzoek.omgeving.kenmerken.of_client(one.client),
        one.begindatum.isoformat(),
        one.einddatum.isoformat(),
        one.regels,
        Bedrag(one.bedrag),
        nazorgwoorden().gronden.get(one.grond, one.grond),
        STANDEN[one.stand][0],
        one.aan_reden,
        Bedrag(one.gecrediteerd),
    )


def jaar_of(text: str) -> int | None:
    """A calendar year, None for no text; raises WrongUse for any other text."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) == 4):
        raise WrongUse("schrijf een jaar als 2026")
    return int(text)


def _dag(text: str) -> date:
    return date.fromisoformat(day_of(text))


def _toont(verzoek: Verzoek, some: Sequence[Verrekening]) -> None:
    """A client of an item is one of both municipalities: the log names the one that looks."""
    for one in some:
        own = one.van if one.van in verzoek.bereik.gemeenten else one.aan
        verzoek.toont(own, [one.client], f"{SOORT} {one.nummer}")


def _gevraagd(verzoek: Verzoek) -> Verrekening:
    nummer, _ = adressen.nummer_van(verzoek, SOORT)
    return verzoek.omgeving.store.verrekeningen.get(verzoek.bereik, nummer)


def _adres(verzoek: Verzoek, nummer: int) -> str:
    return f"{PATH}/{verzoek.omgeving.kenmerken.of(SOORT, nummer)}"


def _woorden() -> dict[str, Any]:
    return {"standen": STANDEN, "gronden": nazorgwoorden().gronden, "woorden": woorden}


PADEN = (
    Pad(
        path=PATH,
        method="GET",
        handler=_lijst,
        recht=Recht.GELD_ZIEN,
        handeling="verrekeningen bekijken",
        kop=Kop("Verrekeningen", "Wat gemeenten met elkaar verrekenen na een verhuizing."),
    ),
    wijzigpad(PATH, _voeg_toe, "verrekening opvoeren", "C"),
    wijzigpad(PATH + "/zoek", _zoek, "verrekeningen zoeken in 319-berichten", "C"),
    uitvoerpad(PATH + "/uitvoer", _uitvoer, "verrekeningen uitvoeren"),
    Pad(
        path=PATH + "/{kenmerk}",
        method="GET",
        handler=_een,
        recht=Recht.GELD_ZIEN,
        handeling="verrekening bekijken",
    ),
    wijzigpad(PATH + "/{kenmerk}", _stap, "beslissen over een verrekening", "U"),
)

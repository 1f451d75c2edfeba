"""Facturen: what is invoiced outside the message traffic, seen by two people and counted apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from starlette.responses import RedirectResponse, Response

from gateway.errors import WrongUse
from gateway.http.pad import Kop, Pad
from gateway.http.verzoek import Verzoek
from gateway.ledger.geld.factuurcontrole import Factuur, Factuurregel
from gateway.messages.nazorg import VERBORGEN, nazorgwoorden
from gateway.store.geld.nazorg.creditfacturen import Creditopgave
from gateway.store.geld.nazorg.facturen import SOORT
from gateway.store.geld.nazorg.factuurfeiten import in_traffic
from gateway.store.geld.nazorg.factuuropgave import Handopgave, Opgave
from gateway.store.geld.nazorg.factuurrijen import Factuurrij
from gateway.store.geld.nazorg.tables import (
    BETAALBAAR,
    BETAALD,
    GOEDGEKEURD,
    IN_BETALING,
    VERVALLEN,
    VOORGESTELD,
    WACHT,
)
from gateway.toegang.rechten import Recht
from gateway.web.opmaak import gemeentekeuzes, toon
from gateway.web.pages import adressen, woorden
from gateway.web.pages.geld import voorstellen
from gateway.web.pages.geld.begin import PATH as GELD
from gateway.web.pages.geld.verrekeningen import jaar_of
from gateway.web.pages.geld.wijzigpad import wijzigpad
from gateway.web.pages.toekenning import day_of
from gateway.web.pages.werkvoorraad import noteer_van
from gateway.web.pages.zoekvelden import cents

PATH = f"{GELD}/facturen"
HAND = f"{PATH}/toewijzingen"
# So many lines fit in the form; a file or the API takes more.
LINES = 4
STATEN = {
    VOORGESTELD: ("wacht op een tweede persoon", "bezig"),
    GOEDGEKEURD: ("goedgekeurd", "goed"),
    VERVALLEN: ("niet goedgekeurd", "neutraal"),
}
REGELSTATEN = {
    WACHT: ("wacht", "bezig"),
    BETAALBAAR: ("te betalen", "let-op"),
    IN_BETALING: ("in betaling", "bezig"),
    BETAALD: ("betaald", "goed"),
    VERVALLEN: ("vervalt", "neutraal"),
}
_AGB = re.compile(r"[0-9]{8}")
_PRODUCT = re.compile(r"[0-9A-Z]{2,10}")


def _lijst(verzoek: Verzoek) -> Response:
    store, zoek = verzoek.omgeving.store.facturen, verzoek.vraag.zoek
    staat, na, jaar = zoek.get("staat", ""), zoek.get("na"), jaar_of(zoek.get("jaar", ""))
    blad = store.list(verzoek.bereik, staat if staat in STATEN else None, na)
    both = in_traffic(verzoek.omgeving.store.database, verzoek.bereik, _numbers(blad.rijen))
    asked = "&".join(f"{n}={w}" for n, w in (("staat", staat), ("jaar", jaar)) if w)
    here = f"{PATH}?{asked}" if asked else PATH
    context = {
        "facturen": [
            (one, factuuradres(verzoek, one.nummer), one.nummer in both) for one in blad.rijen
        ],
        "totalen": store.totalen(verzoek.bereik, jaar),
        "staat": staat,
        "jaar": "" if jaar is None else jaar,
        "path": PATH,
        "hand": HAND,
        "volgende": f"{here}{'&' if asked else '?'}na={blad.volgende}" if blad.volgende else None,
        "begin": here if na else None,
        **_woorden(),
    }
    return toon(verzoek, "geld/facturen.html", context)


def _nieuw(verzoek: Verzoek) -> Response:
    context = {
        "gemeenten_van": gemeentekeuzes(verzoek, verzoek.bereik.gemeenten),
        "eenheden": list(verzoek.omgeving.eenheden.items()),
        "regelnummers": range(1, LINES + 1),
        "path": PATH,
        **_woorden(),
    }
    return toon(verzoek, "geld/factuur_nieuw.html", context)


def _voeg_toe(verzoek: Verzoek) -> Response:
    opgave = Opgave(
        factuur=_factuur_van(verzoek),
        soort=verzoek.veld("soort"),
        referentie=verzoek.veld("referentie"),
        handtoewijzing=_nummer(verzoek, "toewijzing"),
        document_sha256=verzoek.veld("document").lower() or None,
    )
    omgeving = verzoek.omgeving
    noteer = noteer_van(verzoek, opgave.factuur.gemeente)
    afspraken = omgeving.kennis.overeenkomsten
    nummer = omgeving.store.facturen.add(verzoek.bereik, verzoek.wie, opgave, afspraken, noteer)
    return RedirectResponse(factuuradres(verzoek, nummer), 303)


def _een(verzoek: Verzoek) -> Response:
    store, one = verzoek.omgeving.store.facturen, _gevraagd(verzoek)
    nu = store.check(verzoek.bereik, one.nummer, verzoek.omgeving.kennis.overeenkomsten)
    regels, is_credit = store.regels(verzoek.bereik, one.nummer), one.tegen_id is not None
    context = {
        "een": one,
        "regels": [
            (regel, regel.credit and factuuradres(verzoek, regel.credit.nummer)) for regel in regels
        ],
        "te_crediteren": [regel for regel in regels if regel.credit is None]
        if one.staat == GOEDGEKEURD and not is_credit
        else [],
        "tegen": factuuradres(verzoek, one.tegen_id) if one.tegen_id is not None else None,
        "bevindingen": nu,
        "nieuw": [found for found in nu if found not in one.bevindingen],
        "client": None if one.client is None else verzoek.omgeving.kenmerken.of_client(one.client),
        "voorstel": voorstellen.adres(verzoek, one.voorstel_id),
        "kan_koppelen": one.staat != VERVALLEN
        and nazorgwoorden().factuursoorten[one.soort].client != VERBORGEN,
        "regelstaten": REGELSTATEN,
        "boven": PATH,
        "path": factuuradres(verzoek, one.nummer),
        **_woorden(),
    }
    return toon(verzoek, "geld/factuur.html", context)


def _crediteer(verzoek: Verzoek) -> Response:
    """Take lines of an invoice back, once somebody else approves that."""
    one = _gevraagd(verzoek)
    welke = verzoek.vraag.formulier.getlist("regel")
    opgave = Creditopgave(
        factuurnummer=verzoek.veld("factuurnummer"),
        factuurdatum=_dag(verzoek.veld("factuurdatum")),
        regels=[int(text) for text in map(str, welke) if text.isascii() and text.isdigit()],
        document_sha256=verzoek.veld("document").lower() or None,
    )
    if not opgave.regels:
        raise WrongUse("kies ten minste één regel")
    noteer = noteer_van(verzoek, one.gemeente)
    store = verzoek.omgeving.store.facturen
    nummer = store.credit(verzoek.bereik, verzoek.wie, one.nummer, opgave, noteer)
    return RedirectResponse(factuuradres(verzoek, nummer), 303)


def _koppel(verzoek: Verzoek) -> Response:
    """The client is known by a Bsn now."""
    one, nummer = _gevraagd(verzoek), _nummer(verzoek, "toewijzing")
    if nummer is None:
        raise WrongUse("vul het nummer in van een toewijzing van de cliënt")
    noteer = noteer_van(verzoek, one.gemeente)
    verzoek.omgeving.store.facturen.link(verzoek.bereik, one.nummer, nummer, noteer)
    return RedirectResponse(factuuradres(verzoek, one.nummer), 303)


def _toewijzingen(verzoek: Verzoek) -> Response:
    na = verzoek.vraag.zoek.get("na")
    blad = verzoek.omgeving.store.facturen.toewijzingen(verzoek.bereik, na)
    context = {
        "toewijzingen": blad.rijen,
        "gemeenten_van": gemeentekeuzes(verzoek, verzoek.bereik.gemeenten),
        "eenheden": list(verzoek.omgeving.eenheden.items()),
        "boven": PATH,
        "path": HAND,
        "volgende": f"{HAND}?na={blad.volgende}" if blad.volgende else None,
        "begin": HAND if na else None,
        **_woorden(),
    }
    return toon(verzoek, "geld/handtoewijzingen.html", context)


def _wijs_toe(verzoek: Verzoek) -> Response:
    bedrag, einde = verzoek.veld("bedrag"), verzoek.veld("einddatum")
    opgave = Handopgave(
        **_wie(verzoek),
        soort=verzoek.veld("soort"),
        referentie=verzoek.veld("referentie"),
        productcode=_product(verzoek.veld("product")),
        eenheid=_eenheid(verzoek, verzoek.veld("eenheid")),
        begindatum=_dag(verzoek.veld("begindatum")),
        einddatum=_dag(einde) if einde else None,
        volume=_nummer(verzoek, "volume"),
        bedrag=cents(bedrag) if bedrag else None,
    )
    noteer = noteer_van(verzoek, opgave.gemeente)
    verzoek.omgeving.store.facturen.assign(verzoek.bereik, verzoek.wie, opgave, noteer)
    return RedirectResponse(HAND, 303)


def _factuur_van(verzoek: Verzoek) -> Factuur:
    """The invoice of the form; raises WrongUse that names what is missing."""
    regels = list(_regels_van(verzoek))
    if not regels:
        raise WrongUse("vul ten minste één regel in")
    return Factuur(
        **_wie(verzoek),
        factuurnummer=verzoek.veld("factuurnummer"),
        factuurdatum=_dag(verzoek.veld("factuurdatum")),
        regels=regels,
    )


def _regels_van(verzoek: Verzoek) -> Iterator[Factuurregel]:
    for nummer in range(1, LINES + 1):
        given = {name: verzoek.veld(f"{name}{nummer}") for name in _REGELVELDEN}
        if not given["product"]:
            continue
        volume = _nummer(verzoek, f"volume{nummer}")
        if volume is None:
            raise WrongUse(f"regel {nummer}: vul het volume in als geheel getal")
        yield Factuurregel(
            nummer,
            _product(given["product"]),
            _eenheid(verzoek, given["eenheid"]),
            _dag(given["begindatum"]),
            _dag(given["einddatum"]),
            volume,
            cents(given["tarief"]) if given["tarief"] else None,
            cents(given["bedrag"]),
        )


_REGELVELDEN = ("product", "eenheid", "begindatum", "einddatum", "tarief", "bedrag")


def _wie(verzoek: Verzoek) -> dict[str, str]:
    """Between whom: municipality, law and provider."""
    wet, aanbieder = verzoek.veld("wet"), verzoek.veld("aanbieder")
    if wet not in woorden.WETTEN:
        raise WrongUse("kies de wet")
    if not _AGB.fullmatch(aanbieder):
        raise WrongUse("vul de AGB-code van de aanbieder in: acht cijfers")
    return {"gemeente": verzoek.veld("gemeente"), "wet": wet, "aanbieder": aanbieder}


def _product(text: str) -> str:
    if not _PRODUCT.fullmatch(text):
        raise WrongUse("een productcode heeft 2 tot en met 10 cijfers en hoofdletters")
    return text


def _eenheid(verzoek: Verzoek, text: str) -> str:
    if text not in verzoek.omgeving.eenheden:
        raise WrongUse("kies de eenheid")
    return text


def _nummer(verzoek: Verzoek, veld: str) -> int | None:
    text = verzoek.veld(veld)
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise WrongUse(f"vul bij {veld.rstrip('1234')} een geheel getal in")
    return int(text)


def _dag(text: str) -> date:
    return date.fromisoformat(day_of(text))


def _numbers(some: Sequence[Factuurrij]) -> list[int]:
    return [one.nummer for one in some]


def _gevraagd(verzoek: Verzoek) -> Factuurrij:
    nummer, _ = adressen.nummer_van(verzoek, SOORT)
    return verzoek.omgeving.store.facturen.get(verzoek.bereik, nummer)


def factuuradres(verzoek: Verzoek, nummer: int) -> str:
    """Where an invoice is."""
    return f"{PATH}/{verzoek.omgeving.kenmerken.of(SOORT, nummer)}"


def _woorden() -> dict[str, Any]:
    soorten = {code: one.naam for code, one in nazorgwoorden().factuursoorten.items()}
    return {"staten": STATEN, "soorten": soorten, "woorden": woorden}


PADEN = (
    Pad(
        path=PATH,
        method="GET",
        handler=_lijst,
        recht=Recht.GELD_ZIEN,
        kop=Kop("Facturen buiten het berichtenverkeer", "Met de hand vastgelegd, met vier ogen."),
    ),
    Pad(path=PATH + "/nieuw", method="GET", handler=_nieuw, recht=Recht.GELD_BEHEREN),
    wijzigpad(PATH, _voeg_toe, "factuur vastleggen", "C"),
    Pad(path=HAND, method="GET", handler=_toewijzingen, recht=Recht.GELD_ZIEN),
    wijzigpad(HAND, _wijs_toe, "toewijzing met de hand vastleggen", "C"),
    Pad(
        path=PATH + "/{kenmerk}",
        method="GET",
        handler=_een,
        recht=Recht.GELD_ZIEN,
        handeling="factuur bekijken",
    ),
    wijzigpad(PATH + "/{kenmerk}/creditfactuur", _crediteer, "creditfactuur vastleggen", "C"),
    wijzigpad(PATH + "/{kenmerk}", _koppel, "factuur aan toewijzing koppelen", "U"),
)

"""One sample: its lines, what was found in them, and what that says of the whole."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from gateway.errors import NietGevonden, WrongUse
from gateway.http.pad import Pad
from gateway.http.verzoek import Verzoek
from gateway.ledger.geld.specificatie import FACTUUR
from gateway.ledger.jaareinde.opgave import cents_of
from gateway.ledger.jaareinde.projectie import Oordeel
from gateway.ledger.jaareinde.uitslagen import Uitslag
from gateway.store.jaareinde.steekproeven import (
    FOUT,
    GOED,
    ONZEKER,
    Steekproefpost,
    verdict_of,
)
from gateway.toegang.rechten import Recht
from gateway.web.opmaak import toon
from gateway.web.pages.geld.facturen import factuuradres
from gateway.web.pages.geld.jaarafsluiting import PATH, STEEKPROEF, adres_van, jaaradres
from gateway.web.pages.werkvoorraad import noteer_van

EEN = PATH + "/steekproeven/{kenmerk}"
LINES = 100
STANDEN = {
    Oordeel.VOLDOET: ("voldoet", "goed"),
    Oordeel.ONZEKER: ("nog niet zeker", "let-op"),
    Oordeel.VOLDOET_NIET: ("voldoet niet", "fout"),
}
UITSLAGEN = {
    None: ("nog te bekijken", "neutraal"),
    GOED: ("goed", "goed"),
    FOUT: ("fout", "fout"),
    ONZEKER: ("onzeker", "let-op"),
}


def _een(verzoek: Verzoek) -> Response:
    een, posten = verzoek.omgeving.store.steekproeven.get(verzoek.bereik, nummer_van(verzoek))
    verzoek.toont(een.gemeente, [], f"steekproef {een.nummer}")
    path, vanaf = adres_van(verzoek, STEEKPROEF, een.nummer), _vanaf(verzoek)
    shown = posten[vanaf : vanaf + LINES]
    more = vanaf + LINES < len(posten)
    context = {
        "een": een,
        "aantal": len(posten),
        "posten": [(one, _naar(verzoek, one)) for one in shown],
        "eerste": next((one for one in posten if one.oordeel is None), None),
        "uitkomst": verdict_of(een, posten),
        "standen": STANDEN,
        "uitslagen": UITSLAGEN,
        "path": path,
        "terug": jaaradres(een.gemeente, een.jaar),
        "volgende": f"{path}?vanaf={vanaf + LINES}" if more else None,
        "begin": path if vanaf else None,
    }
    return toon(verzoek, "geld/steekproef.html", context)


def _naar(verzoek: Verzoek, post: Steekproefpost) -> str | None:
    """Where a line can be looked at, None for who may not."""
    if post.bron == FACTUUR:
        return factuuradres(verzoek, post.stuk_id)
    if not verzoek.mag(Recht.WERK_ZIEN):
        return None
    return f"/regels/{verzoek.omgeving.kenmerken.of('regel', post.stuk_id, post.regelnr)}"


def _leg_vast(verzoek: Verzoek) -> Response:
    """What somebody found in one line."""
    nummer, store = nummer_van(verzoek), verzoek.omgeving.store.steekproeven
    een, _ = store.get(verzoek.bereik, nummer)
    uitslag = Uitslag(
        _whole(verzoek.veld("post")),
        verzoek.veld("oordeel"),
        _cents(verzoek.veld("afwijking")),
        verzoek.veld("reden"),
    )
    verzoek.toont(een.gemeente, [], f"steekproef {nummer}, post {uitslag.nr}")
    noteer = noteer_van(verzoek, een.gemeente)
    store.record(verzoek.bereik, verzoek.wie, nummer, [uitslag], noteer)
    return RedirectResponse(adres_van(verzoek, STEEKPROEF, nummer), 303)


def nummer_van(verzoek: Verzoek) -> int:
    """The number of the sample in the path."""
    found = verzoek.kenmerk(STEEKPROEF)
    if found is None:
        raise NietGevonden
    return found[0]


def _vanaf(verzoek: Verzoek) -> int:
    text = verzoek.vraag.zoek.get("vanaf", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 8 else 0


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 8):
        raise WrongUse("noem het nummer van de post")
    return int(text)


def _cents(text: str) -> int:
    try:
        return cents_of(text) if text else 0
    except ValueError as fault:
        raise WrongUse(str(fault)) from None


PADEN = (
    Pad(
        path=EEN,
        method="GET",
        handler=_een,
        recht=Recht.GELD_ZIEN,
        handeling="steekproef bekijken",
    ),
    Pad(
        path=EEN,
        method="POST",
        handler=_leg_vast,
        recht=Recht.GELD_BEHEREN,
        handeling="steekproef beoordelen",
        soort="U",
    ),
)

"""One production statement: what differs from the ledger, why, and what was decided on it."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import RedirectResponse, Response

from gateway.errors import NietGevonden
from gateway.http.jaareinde import compare, instellingen_van
from gateway.http.pad import Pad
from gateway.http.verzoek import Verzoek
from gateway.store.inzage.blad import Blad
from gateway.store.jaareinde.verantwoordingen import Verantwoording, Verschilrij
from gateway.toegang.rechten import Recht
from gateway.web.opmaak import toon
from gateway.web.pages.exportdoel import KEUZES
from gateway.web.pages.geld.jaarafsluiting import (
    PATH,
    STATEN,
    VERANTWOORDING,
    adres_van,
    jaaradres,
)
from gateway.web.pages.geld.wijzigpad import wijzigpad
from gateway.web.pages.uitvoer import AT_ONCE, bestand_van, rows_of, uitvoerpad
from gateway.web.pages.werkvoorraad import noteer_van
from gateway.web.uitvoer import Bedrag, Cel

EEN = PATH + "/verantwoordingen/{kenmerk}"
VERGELIJKING = "/vergelijking"
LINES = 100
KOPPEN = ("sleutel", "verklaring", "codes", "verschil", "opgegeven", "toegekend")


def _een(verzoek: Verzoek) -> Response:
    store, na = verzoek.omgeving.store.verantwoordingen, verzoek.vraag.zoek.get("na")
    een = _gevraagd(verzoek)
    verzoek.toont(een.gemeente, [], f"verantwoording {een.nummer}")
    blad = store.verschillen(verzoek.bereik, een.nummer, LINES, na)
    instellingen = instellingen_van(verzoek.omgeving, een.gemeente)
    path = adres_van(verzoek, VERANTWOORDING, een.nummer)
    small = een.verschil is not None and instellingen.is_small(een.verschil, een.toegekend or 0)
    context = {
        "een": een,
        "soorten": store.soorten(verzoek.bereik, een.nummer),
        "verschillen": blad.rijen,
        "is_klein": small,
        "path": path,
        "vergelijking": path + VERGELIJKING,
        "terug": jaaradres(een.gemeente, een.jaar),
        "volgende": f"{path}?na={blad.volgende}" if blad.volgende else None,
        "begin": path if na else None,
        "staten": STATEN,
        "exportdoelen": KEUZES,
    }
    return toon(verzoek, "geld/verantwoording.html", context)


def _beslis(verzoek: Verzoek) -> Response:
    een = _gevraagd(verzoek)
    noteer = noteer_van(verzoek, een.gemeente)
    verzoek.omgeving.store.verantwoordingen.judge(
        verzoek.bereik,
        verzoek.wie,
        een.nummer,
        verzoek.veld("doe"),
        verzoek.veld("toelichting"),
        noteer,
    )
    return RedirectResponse(adres_van(verzoek, VERANTWOORDING, een.nummer), 303)


def _vergelijk(verzoek: Verzoek) -> Response:
    """Lay it beside the ledger as it is now."""
    een = _gevraagd(verzoek)
    verzoek.toont(een.gemeente, [], f"verantwoording {een.nummer}")
    noteer = noteer_van(verzoek, een.gemeente)
    compare(verzoek.omgeving, verzoek.bereik, een.nummer, noteer)
    return RedirectResponse(adres_van(verzoek, VERANTWOORDING, een.nummer), 303)


def _uitvoer(verzoek: Verzoek) -> Response:
    een, store = _gevraagd(verzoek), verzoek.omgeving.store.verantwoordingen
    verzoek.toont(een.gemeente, [], f"verantwoording {een.nummer}")

    def page(na: str | None) -> Blad[Verschilrij]:
        return store.verschillen(verzoek.bereik, een.nummer, AT_ONCE, na)

    return bestand_van(verzoek, f"verschillen-{een.aanbieder}", KOPPEN, map(_rij, rows_of(page)))


def _rij(one: Verschilrij) -> Sequence[Cel]:
    verschil = one.verschil
    return (
        verschil.sleutel,
        str(verschil.soort),
        " ".join(verschil.codes),
        Bedrag(verschil.bedrag),
        Bedrag(verschil.opgegeven),
        Bedrag(verschil.toegekend),
    )


def _gevraagd(verzoek: Verzoek) -> Verantwoording:
    found = verzoek.kenmerk(VERANTWOORDING)
    if found is None:
        raise NietGevonden
    return verzoek.omgeving.store.verantwoordingen.get(verzoek.bereik, found[0])


PADEN = (
    Pad(
        path=EEN,
        method="GET",
        handler=_een,
        recht=Recht.GELD_ZIEN,
        handeling="verantwoording bekijken",
    ),
    Pad(
        path=EEN,
        method="POST",
        handler=_beslis,
        recht=Recht.GELD_BEHEREN,
        handeling="verantwoording beoordelen",
        soort="U",
    ),
    wijzigpad(EEN + VERGELIJKING, _vergelijk, "verantwoording vergelijken", "U", budget="export"),
    uitvoerpad(EEN + "/uitvoer", _uitvoer, "verschillen uitvoeren"),
)

"""Voorstellen: what waits for a second person, and what became of what was proposed."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.responses import RedirectResponse, Response

from gateway.errors import NietGevonden, WrongUse
from gateway.http.pad import Kop, Pad
from gateway.http.verzoek import Verzoek
from gateway.store.geld.tables import GEWEIGERD, INGETROKKEN, UITGEVOERD, VOORGESTELD
from gateway.store.geld.voorstellen import Voorstel
from gateway.toegang.rechten import Recht
from gateway.web.opmaak import toon
from gateway.web.pages.geld.begin import PATH as GELD
from gateway.web.pages.werkvoorraad import noteer_van

PATH = f"{GELD}/voorstellen"
STATEN = {
    VOORGESTELD: ("wacht op een tweede persoon", "bezig"),
    UITGEVOERD: ("uitgevoerd", "goed"),
    GEWEIGERD: ("niet goedgekeurd", "fout"),
    INGETROKKEN: ("ingetrokken", "neutraal"),
}


def _lijst(verzoek: Verzoek) -> Response:
    store, na = verzoek.omgeving.store.voorstellen, verzoek.vraag.zoek.get("na")
    blad = store.list(verzoek.bereik, na)
    context = {
        "open": _met_adres(verzoek, store.open(verzoek.bereik)),
        "alle": _met_adres(verzoek, blad.rijen),
        "volgende": f"{PATH}?na={blad.volgende}" if blad.volgende else None,
        "begin": PATH if na else None,
        **_woorden(verzoek),
    }
    return toon(verzoek, "geld/voorstellen.html", context)


def _een(verzoek: Verzoek) -> Response:
    one = _gevraagd(verzoek)
    store, wie = verzoek.omgeving.store, verzoek.wie
    changes = wie.bereik(Recht.GELD_BEHEREN, frozenset({one.gemeente}))
    context = {
        "een": one,
        "gegevens": store.voorstellen.gegevens(one, whole=changes is not None),
        "is_van_mij": store.personen.is_dezelfde(one.wie, wie),
        "bezwaar": store.personen.bezwaar(one.wie, wie),
        "path": adres(verzoek, one.nummer),
        **_woorden(verzoek),
    }
    return toon(verzoek, "geld/voorstel.html", context)


def _beslis(verzoek: Verzoek) -> Response:
    """Approve or refuse, by the button that was pressed."""
    one, store = _gevraagd(verzoek), verzoek.omgeving.store.voorstellen
    noteer = noteer_van(verzoek, one.gemeente)
    match verzoek.veld("doe"):
        case "goedkeuren":
            store.approve(verzoek.bereik, verzoek.wie, one.nummer, noteer)
        case "weigeren":
            store.refuse(verzoek.bereik, verzoek.wie, one.nummer, verzoek.veld("reden"), noteer)
        case _:
            raise WrongUse("kies wat u met dit voorstel wilt doen")
    return RedirectResponse(adres(verzoek, one.nummer), 303)


def adres(verzoek: Verzoek, nummer: int) -> str:
    """Where a proposal is."""
    return f"{PATH}/{verzoek.omgeving.kenmerken.of('voorstel', nummer)}"


def _gevraagd(verzoek: Verzoek) -> Voorstel:
    found = verzoek.kenmerk("voorstel")
    if found is None:
        raise NietGevonden
    return verzoek.omgeving.store.voorstellen.get(verzoek.bereik, found[0])


def _met_adres(verzoek: Verzoek, some: Iterable[Voorstel]) -> list[tuple[Voorstel, str]]:
    return [(one, adres(verzoek, one.nummer)) for one in some]


def _woorden(verzoek: Verzoek) -> dict[str, object]:
    soorten = verzoek.omgeving.store.voorstellen.soorten
    titels = {naam: soort.titel for naam, soort in soorten.items()}
    return {"staten": STATEN, "titel_van": lambda soort: titels.get(soort, soort)}


PADEN = (
    Pad(
        path=PATH,
        method="GET",
        handler=_lijst,
        recht=Recht.GELD_ZIEN,
        kop=Kop("Voorstellen", "Wat op een tweede persoon wacht, en wat ervan werd."),
    ),
    Pad(path=PATH + "/{kenmerk}", method="GET", handler=_een, recht=Recht.GELD_ZIEN),
    Pad(
        path=PATH + "/{kenmerk}",
        method="POST",
        handler=_beslis,
        recht=Recht.GELD_BEHEREN,
        handeling="beslissen over een voorstel",
        soort="U",
    ),
)

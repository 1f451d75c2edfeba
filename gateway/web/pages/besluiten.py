"""Besluiten: a frozen list to decide on, what waits for a second person, and what was decided."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from gateway.errors import NietGevonden, WrongUse
from gateway.http.pad import Pad
from gateway.http.verzoek import Verzoek
from gateway.store.werk.besluiten import Besluit, Besluiten
from gateway.store.werk.soorten import GEVOLGEN, Soort
from gateway.store.werk.tables import CONCEPT, GELDT, INGETROKKEN, VOORGESTELD
from gateway.toegang.rechten import Recht
from gateway.web.opmaak import toon
from gateway.web.pages import adressen, woorden
from gateway.web.pages.werkvoorraad import noteer_van

PATH = "/besluiten"


def _lijst(verzoek: Verzoek) -> Response:
    inzage, bereik = verzoek.omgeving.store.besluiteninzage, verzoek.bereik
    na = verzoek.vraag.zoek.get("na")
    blad = inzage.besluiten(bereik, na=na)
    context = {
        "voorstellen": [
            (one, adressen.besluit(verzoek, one)) for one in inzage.voorstellen(bereik)
        ],
        "besluiten": [(one, adressen.besluit(verzoek, one)) for one in blad.rijen],
        "volgende": f"{PATH}?na={blad.volgende}" if blad.volgende else None,
        "begin": PATH if na else None,
        "woorden": woorden,
    }
    return toon(verzoek, "besluiten.html", context)


def _een(verzoek: Verzoek) -> Response:
    store, bereik = verzoek.omgeving.store, verzoek.bereik
    one = besluit_van(verzoek)
    posten = store.besluiteninzage.posten_in(bereik, one.nummer)
    _toont(verzoek, one)
    beleid = verzoek.omgeving.kennis.beleid_of(one.gemeente)
    log = store.overleg.about_decision(bereik, one.nummer)
    context = {
        "een": one,
        "uitleg": GEVOLGEN[one.soort].uitleg,
        "voortgang": store.herbeoordelingen.voortgang(bereik, one.nummer)
        if one.soort is Soort.HERSTEL and one.staat in (GELDT, INGETROKKEN)
        else None,
        "posten": [(post, adressen.bevinding(verzoek, post)) for post in posten],
        "oorzaak": adressen.van(verzoek, "oorzaak", one.oorzaak_id) if one.oorzaak_id else None,
        "open": _open(verzoek, one),
        "log": woorden.stappen(log),
        "is_voorgesteld": any(step.soort == VOORGESTELD for step in log),
        "is_van_mij": store.personen.is_dezelfde(one.wie, verzoek.wie),
        "bezwaar": store.personen.bezwaar(one.wie, verzoek.wie),
        "is_terug_te_draaien": _can_be_undone(one, verzoek.omgeving.clock().timestamp()),
        "tweede_boven": beleid.tweede_persoon_boven,
        "bedenktijd": beleid.bedenktijd,
        "path": adressen.besluit(verzoek, one),
        "woorden": woorden,
    }
    return toon(verzoek, "besluit.html", context)


def _open(verzoek: Verzoek, one: Besluit) -> int:
    """How many findings of its cause stand open, for who is about to decide."""
    if one.staat != CONCEPT or one.oorzaak_id is None:
        return 0
    rij = verzoek.omgeving.store.werkvoorraad.oorzaak(verzoek.bereik, one.oorzaak_id)
    return 0 if rij is None else rij.omvang.bevindingen


def _can_be_undone(one: Besluit, now: float) -> bool:
    """Whether there is still something to take back; who is too late hears so all the same."""
    if one.staat == GELDT and one.tot is not None:
        return now < one.tot.timestamp()
    return one.staat in (GELDT, VOORGESTELD)


def _beslis(verzoek: Verzoek) -> Response:
    """Take, approve, refuse or undo, by the button that was pressed."""
    one, reden = besluit_van(verzoek), verzoek.veld("reden")
    _toont(verzoek, one)
    noteer = noteer_van(verzoek, one.gemeente)
    wie, bereik, besluiten = verzoek.wie, verzoek.bereik, _besluiten(verzoek)
    match verzoek.veld("doe"):
        case "nemen":
            besluiten.take(bereik, wie, one.nummer, reden, noteer)
        case "goedkeuren":
            besluiten.approve(bereik, wie, one.nummer, noteer)
        case "weigeren":
            besluiten.refuse(bereik, wie, one.nummer, reden, noteer)
        case "terugdraaien":
            besluiten.undo(bereik, wie, one.nummer, reden, noteer)
        case _:
            raise WrongUse("kies wat u met dit besluit wilt doen")
    return RedirectResponse(adressen.besluit(verzoek, one), 303)


def besluit_van(verzoek: Verzoek) -> Besluit:
    """The decision in the address; raises NietGevonden for none that may be seen."""
    nummer, _ = adressen.nummer_van(verzoek, "besluit")
    found = verzoek.omgeving.store.besluiteninzage.besluit(verzoek.bereik, nummer)
    if found is None:
        raise NietGevonden
    return found


def _besluiten(verzoek: Verzoek) -> Besluiten:
    return verzoek.omgeving.store.besluiten(verzoek.omgeving.kennis.beleid_of)


def _toont(verzoek: Verzoek, one: Besluit) -> None:
    inzage = verzoek.omgeving.store.besluiteninzage
    for gemeente, client in inzage.clienten_in(verzoek.bereik, one.nummer):
        verzoek.toont(gemeente, [client], f"besluit {one.nummer}")


PADEN = (
    Pad(
        path=PATH,
        method="GET",
        handler=_lijst,
        recht=Recht.WERK_ZIEN,
        handeling="besluiten bekijken",
        menu="Besluiten",
    ),
    Pad(
        path=PATH + "/{kenmerk}",
        method="GET",
        handler=_een,
        recht=Recht.WERK_ZIEN,
        handeling="besluit bekijken",
    ),
    Pad(
        path=PATH + "/{kenmerk}",
        method="POST",
        handler=_beslis,
        recht=Recht.BEOORDELEN,
        handeling="besluiten over bevindingen",
        soort="U",
    ),
)

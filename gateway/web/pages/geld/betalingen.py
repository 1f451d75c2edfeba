"""Betalingen: what every aanbieder still gets, and what holds it up."""

from __future__ import annotations

from datetime import date

from starlette.responses import RedirectResponse, Response

from gateway.errors import WrongUse
from gateway.http.betalen import instellingen_van, runvraag
from gateway.http.pad import Kop, Pad
from gateway.http.verzoek import Verzoek
from gateway.periods.werkdagen import add_working_days
from gateway.pipeline.kennis import dag_van
from gateway.store.geld.betalen.blokkades import Blokkadevraag
from gateway.store.geld.betalen.openstaand import laat_van, openstaand
from gateway.toegang.rechten import Recht
from gateway.web.opmaak import gemeentekeuzes, toon
from gateway.web.pages.geld.begin import PATH as GELD
from gateway.web.pages.geld.betaaldelen import (
    STANDEN,
    dag_of,
    nummer_van,
)
from gateway.web.pages.werkvoorraad import noteer_van

PATH = f"{GELD}/betalingen"
RUNS, BLOKKADES = f"{PATH}/runs", f"{PATH}/blokkades"
SHOWN = 20


def _overzicht(verzoek: Verzoek) -> Response:
    """What is open and late, and the last runs."""
    store, bereik, vandaag = verzoek.omgeving.store, verzoek.bereik, _vandaag(verzoek)
    instellingen, na = instellingen_van(verzoek.omgeving), verzoek.vraag.zoek.get("na")
    laat = {one: laat_van(instellingen.of(one), vandaag) for one in bereik.gemeenten}
    open_ = openstaand(store.database, bereik, laat)
    runs = store.betalingen.runs(bereik, na, SHOWN)
    context = {
        "open": open_,
        "samen": sum(one.samen for one in open_),
        "te_laat": sum(one.te_laat for one in open_),
        "runs": [(one, runadres(verzoek, one.nummer)) for one in runs.rijen],
        "volgende": f"{PATH}?na={runs.volgende}" if runs.volgende else None,
        "begin": PATH if na else None,
        "standen": STANDEN,
        "gemeentekeuzes": gemeentekeuzes(verzoek, bereik.gemeenten),
        "vandaag": vandaag,
        "betaaldag": add_working_days(vandaag, 1, verzoek.omgeving.kennis.vrije_dagen),
        "path": PATH,
        "blokkades": BLOKKADES,
    }
    return toon(verzoek, "geld/betalingen.html", context)


def _maak(verzoek: Verzoek) -> Response:
    """A run in concept."""
    gemeente = _gemeente(verzoek)
    vraag = runvraag(
        verzoek.omgeving,
        gemeente,
        tot=dag_of(verzoek, "tot", "de laatste dag van antwoord"),
        uitvoering=dag_of(verzoek, "uitvoering", "de dag van betaling"),
        vervalt=dag_of(verzoek, "vervalt", "de vervaldag"),
    )
    run = verzoek.omgeving.store.betaalruns.make(verzoek.wie, vraag, noteer_van(verzoek, gemeente))
    return RedirectResponse(runadres(verzoek, run), 303)


def _blokkades(verzoek: Verzoek) -> Response:
    store, na = verzoek.omgeving.store.blokkades, verzoek.vraag.zoek.get("na")
    blad = store.list(verzoek.bereik, na)
    context = {
        "blokkades": [
            (one, f"{BLOKKADES}/{verzoek.omgeving.kenmerken.of('blokkade', one.nummer)}")
            for one in blad.rijen
        ],
        "volgende": f"{BLOKKADES}?na={blad.volgende}" if blad.volgende else None,
        "begin": BLOKKADES if na else None,
        "gemeentekeuzes": gemeentekeuzes(verzoek, verzoek.bereik.gemeenten),
        "vandaag": _vandaag(verzoek),
        "path": BLOKKADES,
        "betalingen": PATH,
    }
    return toon(verzoek, "geld/blokkades.html", context)


def _blokkeer(verzoek: Verzoek) -> Response:
    """Hold up payment."""
    gemeente = _gemeente(verzoek)
    vraag = Blokkadevraag(
        gemeente=gemeente,
        aanbieder=verzoek.veld("aanbieder"),
        reden=verzoek.veld("reden"),
        vanaf=dag_of(verzoek, "vanaf", "de eerste dag") or _vandaag(verzoek),
        tot=dag_of(verzoek, "tot", "de laatste dag"),
        declaratie=verzoek.veld("declaratie") or None,
        referentie=verzoek.veld("regel") or None,
        factuur=verzoek.veld("factuur") or None,
    )
    noteer = noteer_van(verzoek, gemeente)
    verzoek.omgeving.store.blokkades.block(verzoek.wie, vraag, noteer)
    return RedirectResponse(BLOKKADES, 303)


def _hef_op(verzoek: Verzoek) -> Response:
    """Lift a block."""
    store, bereik = verzoek.omgeving.store.blokkades, verzoek.bereik
    one = store.get(bereik, nummer_van(verzoek, "blokkade"))
    store.unblock(bereik, verzoek.wie, one.nummer, noteer_van(verzoek, one.gemeente))
    return RedirectResponse(BLOKKADES, 303)


def runadres(verzoek: Verzoek, run: int) -> str:
    """Where a run is."""
    return f"{RUNS}/{verzoek.omgeving.kenmerken.of('betaalrun', run)}"


def betalingadres(verzoek: Verzoek, nummer: int, path: str = PATH) -> str:
    """Where a payment is."""
    return f"{path}/{verzoek.omgeving.kenmerken.of('betaling', nummer)}"


def _vandaag(verzoek: Verzoek) -> date:
    return dag_van(verzoek.omgeving.clock())


def _gemeente(verzoek: Verzoek) -> str:
    """The municipality that was chosen, of those that he may change."""
    gemeente = verzoek.veld("gemeente")
    if gemeente not in verzoek.bereik.gemeenten:
        raise WrongUse("kies een gemeente")
    return gemeente


PADEN = (
    Pad(
        path=PATH,
        method="GET",
        handler=_overzicht,
        recht=Recht.GELD_ZIEN,
        kop=Kop("Betalingen", "Wat aanbieders nog krijgen, wat te laat is, en wat is betaald."),
    ),
    Pad(
        path=PATH,
        method="POST",
        handler=_maak,
        recht=Recht.GELD_BEHEREN,
        handeling="betaalrun maken",
        soort="C",
    ),
    Pad(path=BLOKKADES, method="GET", handler=_blokkades, recht=Recht.GELD_ZIEN),
    Pad(
        path=BLOKKADES,
        method="POST",
        handler=_blokkeer,
        recht=Recht.GELD_BEHEREN,
        handeling="betaling blokkeren",
        soort="C",
    ),
    Pad(
        path=BLOKKADES + "/{kenmerk}",
        method="POST",
        handler=_hef_op,
        recht=Recht.GELD_BEHEREN,
        handeling="blokkade opheffen",
        soort="U",
    ),
)

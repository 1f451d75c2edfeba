"""A payment run with its payments, and one payment with its lines."""

from __future__ import annotations

from dataclasses import replace

from starlette.responses import RedirectResponse, Response

from gateway.errors import WrongUse
from gateway.http.betalen import boekingen_van, file_of, release
from gateway.http.pad import Pad
from gateway.http.verzoek import Verzoek
from gateway.ledger.geld.journaal import Boeking
from gateway.ledger.geld.specificatie import FACTUUR, Specificatieregel
from gateway.pipeline.kennis import dag_van
from gateway.store.geld.betalen.inzage import Betaling, Run
from gateway.toegang.rechten import Recht
from gateway.web.opmaak import toon
from gateway.web.pages import adressen, woorden
from gateway.web.pages.berichten import LINES, here_from
from gateway.web.pages.geld.betaaldelen import (
    REGELKOPPEN,
    STANDEN,
    account,
    dag_in,
    nummer_van,
    specificatierijen,
)
from gateway.web.pages.geld.betalingen import PATH, RUNS, betalingadres, runadres
from gateway.web.pages.geld.facturen import factuuradres
from gateway.web.pages.geld.voorstellen import adres as voorsteladres
from gateway.web.pages.uitvoer import CSV, bestand_van, uitvoerpad
from gateway.web.pages.werkvoorraad import noteer_van
from gateway.web.uitvoer import Bedrag, as_csv

XML = "application/xml"


def _run(verzoek: Verzoek) -> Response:
    run, store = _gevraagde_run(verzoek), verzoek.omgeving.store.betalingen
    na = verzoek.vraag.zoek.get("na")
    blad = store.betalingen(verzoek.bereik, run=run.nummer, na=na)
    path = runadres(verzoek, run.nummer)
    context = {
        "run": run,
        "path": path,
        "betalingen": [(one, betalingadres(verzoek, one.nummer)) for one in blad.rijen],
        "volgende": here_from(path, {}, blad.volgende),
        "begin": path if na else None,
        "voorstel": voorsteladres(verzoek, run.voorstel) if run.voorstel else None,
        "standen": STANDEN,
        "overzicht": PATH,
        "vandaag": dag_van(verzoek.omgeving.clock()),
    }
    return toon(verzoek, "geld/betaalrun.html", context)


def _zet_verder(verzoek: Verzoek) -> Response:
    """Take a run a step on, by the button that was pressed."""
    run, store = _gevraagde_run(verzoek), verzoek.omgeving.store.betaalruns
    noteer = noteer_van(verzoek, run.gemeente)
    match verzoek.veld("doe"):
        case "vrijgeven":
            release(verzoek.omgeving, verzoek.bereik, verzoek.wie, run, noteer)
        case "vervallen":
            store.drop(verzoek.bereik, run.nummer, noteer)
        case "betaald":
            op = dag_in(verzoek, "op", "de dag waarop de bank betaalde")
            store.paid(verzoek.bereik, run.nummer, op, noteer)
        case _:
            raise WrongUse("kies wat u met deze betaalrun wilt doen")
    return RedirectResponse(runadres(verzoek, run.nummer), 303)


def _bestand(verzoek: Verzoek) -> Response:
    """The payment file, the same to the byte every time."""
    run = _gevraagde_run(verzoek)
    noteer = noteer_van(verzoek, run.gemeente)
    naam, made = file_of(verzoek.omgeving, verzoek.bereik, run, noteer)
    koppen = {"Content-Disposition": f'attachment; filename="{naam}"'}
    return Response(made, 200, koppen, XML)


def _journaal(verzoek: Verzoek) -> Response:
    """The journal as a file; it has no clients in it."""
    run = _gevraagde_run(verzoek)
    rijen = (
        (
            *(one.boekdatum.isoformat(), one.boekjaar, *one[2:8]),
            *(Bedrag(one.debet), Bedrag(one.credit), one.omschrijving),
        )
        for one in boekingen_van(verzoek.omgeving, verzoek.bereik, run)
    )
    koppen = {"Content-Disposition": f'attachment; filename="journaal-{run.nummer}.csv"'}
    return Response(as_csv(Boeking._fields, rijen), 200, koppen, CSV)


def _een(verzoek: Verzoek) -> Response:
    een = _gevraagde_betaling(verzoek)
    path = betalingadres(verzoek, een.nummer)
    context = {"run": runadres(verzoek, een.run), "overzicht": PATH, "is_eigen": False}
    return toon_betaling(verzoek, een, path, context)


def toon_betaling(verzoek: Verzoek, een: Betaling, path: str, more: dict[str, object]) -> Response:
    """A payment with a page of its lines."""
    store, na = verzoek.omgeving.store.betalingen, verzoek.vraag.zoek.get("na")
    blad = store.regels(verzoek.bereik, een.nummer, LINES, na)
    account(verzoek, een.gemeente, blad.rijen)
    context = {
        "een": een,
        "meegenomen": store.meegenomen(verzoek.bereik, een.nummer),
        "regels": [(one, _regeladres(verzoek, one)) for one in blad.rijen],
        "volgende": here_from(path, {}, blad.volgende),
        "begin": path if na else None,
        "path": path,
        "standen": STANDEN,
        "woorden": woorden,
        "vandaag": dag_van(verzoek.omgeving.clock()),
        **more,
    }
    return toon(verzoek, "geld/betaling.html", context)


def _terug(verzoek: Verzoek) -> Response:
    """A payment came back from the bank."""
    een = _gevraagde_betaling(verzoek)
    verzoek.omgeving.store.betaalruns.bounced(
        verzoek.bereik,
        een.nummer,
        dag_in(verzoek, "op", "de dag waarop de betaling terugkwam"),
        verzoek.veld("reden"),
        noteer_van(verzoek, een.gemeente),
    )
    return RedirectResponse(betalingadres(verzoek, een.nummer), 303)


def specificatie(verzoek: Verzoek) -> Response:
    """Every line and every balance of a payment, as a file."""
    een = verzoek.omgeving.store.betalingen.specificatie(
        verzoek.bereik, nummer_van(verzoek, "betaling")
    )
    een = replace(een, regels=list(een.regels))
    return bestand_van(verzoek, een.kenmerk, REGELKOPPEN, specificatierijen(verzoek, een))


def _regeladres(verzoek: Verzoek, one: Specificatieregel) -> str | None:
    """Where a line is told about; who may not see that gets no address."""
    if one.bron == FACTUUR:
        return factuuradres(verzoek, one.stuk_id) if verzoek.mag(Recht.GELD_ZIEN) else None
    if verzoek.mag(Recht.WERK_ZIEN):
        return adressen.regel(verzoek, one.stuk_id, one.regelnr)
    if verzoek.mag(Recht.EIGEN_ZIEN):
        kenmerk = verzoek.omgeving.kenmerken.of("regel", one.stuk_id, one.regelnr)
        return f"/eigen/regels/{kenmerk}"
    return None


def _gevraagde_run(verzoek: Verzoek) -> Run:
    store = verzoek.omgeving.store.betalingen
    return store.run(verzoek.bereik, nummer_van(verzoek, "betaalrun"))


def _gevraagde_betaling(verzoek: Verzoek) -> Betaling:
    store = verzoek.omgeving.store.betalingen
    return store.betaling(verzoek.bereik, nummer_van(verzoek, "betaling"))


_EEN_RUN, _EEN = RUNS + "/{kenmerk}", PATH + "/{kenmerk}"
PADEN = (
    Pad(path=_EEN_RUN, method="GET", handler=_run, recht=Recht.GELD_ZIEN),
    Pad(
        path=_EEN_RUN,
        method="POST",
        handler=_zet_verder,
        recht=Recht.GELD_BEHEREN,
        handeling="betaalrun verder zetten",
        soort="U",
    ),
    Pad(
        path=f"{_EEN_RUN}/bestand",
        method="POST",
        handler=_bestand,
        recht=Recht.GELD_BEHEREN,
        handeling="betaalbestand maken",
        soort="U",
        sterk=True,
    ),
    Pad(path=f"{_EEN_RUN}/journaal", method="GET", handler=_journaal, recht=Recht.GELD_ZIEN),
    Pad(
        path=_EEN,
        method="GET",
        handler=_een,
        recht=Recht.GELD_ZIEN,
        handeling="betaling bekijken",
    ),
    Pad(
        path=_EEN,
        method="POST",
        handler=_terug,
        recht=Recht.GELD_BEHEREN,
        handeling="betaling teruggekomen",
        soort="U",
    ),
    uitvoerpad(f"{_EEN}/uitvoer", specificatie, "betaling uitvoeren"),
)

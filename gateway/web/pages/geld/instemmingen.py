"""Instemmingen: what aanbieders agreed to, put down before an assignment is lowered."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from gateway.errors import NietGevonden, WrongUse
from gateway.http.pad import Kop, Pad
from gateway.http.verzoek import Verzoek
from gateway.pipeline.kennis import dag_van
from gateway.records.instemming import BUDGET, WAT
from gateway.store.mutaties.instemmingen import Rij, Vraag
from gateway.toegang.rechten import Recht
from gateway.web.opmaak import gemeentekeuzes, toon
from gateway.web.pages import woorden
from gateway.web.pages.geld.begin import PATH as GELD
from gateway.web.pages.werkvoorraad import noteer_van
from gateway.web.pages.zoekvelden import cents, dag_of

PATH = f"{GELD}/instemmingen"
LINES = 50
LONGEST_NUMBER = 9


def _lijst(verzoek: Verzoek) -> Response:
    zoek = verzoek.vraag.zoek
    text = zoek.get("toewijzing", "").strip()
    nummer = _whole(text, "toewijzing") if text else None
    store = verzoek.omgeving.store.instemmingen
    blad = store.lijst(verzoek.bereik, LINES, zoek.get("na"), nummer)
    for one in blad.rijen:
        verzoek.toont(one.vraag.gemeente, [one.client])
    here = f"{PATH}?toewijzing={nummer}" if nummer is not None else PATH
    sep = "&" if "?" in here else "?"
    context = {
        "instemmingen": [(one, _adres(verzoek, one)) for one in blad.rijen],
        "toewijzing": text,
        "gemeentekeuzes": gemeentekeuzes(verzoek, verzoek.bereik.gemeenten),
        "wetten": list(woorden.WETTEN.items()),
        "wat": [(one, one) for one in WAT],
        "vandaag": dag_van(verzoek.omgeving.clock()).isoformat(),
        "volgende": f"{here}{sep}na={blad.volgende}" if blad.volgende else None,
        "begin": here if zoek.get("na") else None,
        "path": PATH,
        "woorden": woorden,
    }
    return toon(verzoek, "geld/instemmingen.html", context)


def _leg_vast(verzoek: Verzoek) -> Response:
    """Put a consent down."""
    wat, onder, voor = (verzoek.veld(naam) for naam in ("wat", "nietOnder", "nietVoor"))
    tot = verzoek.veld("tot")
    vraag = Vraag(
        gemeente=verzoek.veld("gemeente"),
        wet=verzoek.veld("wet"),
        toewijzingnummer=_whole(verzoek.veld("toewijzingnummer"), "toewijzingnummer"),
        wat=wat,
        op=dag_of(verzoek.veld("op")),
        tot=dag_of(tot) if tot else None,
        door=verzoek.veld("door"),
        bron=verzoek.veld("bron"),
        niet_onder=_limit(wat, onder) if onder else None,
        niet_voor=dag_of(voor) if voor else None,
    )
    noteer = noteer_van(verzoek, vraag.gemeente)
    verzoek.omgeving.store.instemmingen.add(verzoek.bereik, verzoek.wie, vraag, noteer)
    return RedirectResponse(f"{PATH}?toewijzing={vraag.toewijzingnummer}", 303)


def _trek_in(verzoek: Verzoek) -> Response:
    """Have a consent count no longer."""
    found = verzoek.kenmerk("instemming")
    if found is None:
        raise NietGevonden
    store = verzoek.omgeving.store.instemmingen
    one = store.een(verzoek.bereik, found[0])
    verzoek.toont(one.vraag.gemeente, [one.client])
    store.withdraw(verzoek.bereik, one.nummer, noteer_van(verzoek, one.vraag.gemeente))
    return RedirectResponse(PATH, 303)


def _limit(wat: str, text: str) -> int:
    """How far it may go down: an amount for a Budget, else units of the volume."""
    return cents(text) if wat == BUDGET else _whole(text, "hoe laag")


def _whole(text: str, naam: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER):
        raise WrongUse(f"vul bij {naam} een geheel getal in")
    return int(text)


def _adres(verzoek: Verzoek, one: Rij) -> str:
    return f"{PATH}/{verzoek.omgeving.kenmerken.of('instemming', one.nummer)}"


PADEN = (
    Pad(
        path=PATH,
        method="GET",
        handler=_lijst,
        recht=Recht.WERK_ZIEN,
        handeling="instemmingen bekijken",
        kop=Kop("Instemmingen", "Waarmee een aanbieder instemde, vóór een toewijzing lager wordt."),
    ),
    Pad(
        path=PATH,
        method="POST",
        handler=_leg_vast,
        recht=Recht.BEOORDELEN,
        handeling="instemming vastleggen",
        soort="C",
    ),
    Pad(
        path=PATH + "/{kenmerk}",
        method="POST",
        handler=_trek_in,
        recht=Recht.BEOORDELEN,
        handeling="instemming intrekken",
        soort="D",
    ),
)

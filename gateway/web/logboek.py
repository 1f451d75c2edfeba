"""The log of processing for an auditor, and who saw what of one client."""

from __future__ import annotations

import re
from datetime import date
from urllib.parse import urlencode

from starlette.responses import Response

from gateway.http.pad import Pad
from gateway.http.verzoek import Verzoek
from gateway.records.masker import is_bsn
from gateway.store.inzage.logboek import MOST, Kijker, Logfilter, logboek_blad, of_client
from gateway.toegang.rechten import Recht
from gateway.web.opmaak import toon

LOGBOEK = "/logboek"
INZAGE = f"{LOGBOEK}/inzage"
DOEL = "controle op het gebruik van gegevens"
_BSN = re.compile(r"^[0-9]{9}$")
_SHORTEST_PURPOSE = 5


def _lijst(verzoek: Verzoek) -> Response:
    zoek = verzoek.vraag.zoek
    filter_ = Logfilter(
        vanaf=_dag(zoek.get("vanaf", "")),
        tot=_dag(zoek.get("tot", "")),
        wie=zoek.get("wie", "").strip(),
        naam=zoek.get("naam", "").strip(),
        mislukt=zoek.get("mislukt") == "1",
    )
    place = zoek.get("na")
    blad = logboek_blad(verzoek.omgeving.store.database, _kijker(verzoek), filter_, place)
    kept = {name: value for name, value in zoek.items() if name != "na" and value}
    following = urlencode({**kept, "na": blad.volgende}) if blad.volgende else None
    context = {
        "filter": filter_,
        "regels": blad.rijen,
        "begin": f"{LOGBOEK}?{urlencode(kept)}" if place else None,
        "volgende": f"{LOGBOEK}?{following}" if following else None,
    }
    return toon(verzoek, "logboek.html", context)


def _inzage(verzoek: Verzoek) -> Response:
    context: dict[str, object] = {"fouten": {}, "regels": None, "reden": "", "meer": False}
    return toon(verzoek, "logboek_inzage.html", context)


def _zoek(verzoek: Verzoek) -> Response:
    """The Bsn comes in the body and goes nowhere: the answer does not repeat it."""
    bsn, reden = verzoek.veld("bsn"), verzoek.veld("reden")
    fouten = {}
    if not _BSN.match(bsn) or not is_bsn(bsn):
        fouten["bsn"] = "Vul een burgerservicenummer van negen cijfers in."
    if len(reden) < _SHORTEST_PURPOSE:
        fouten["reden"] = "Vul in waarom u dit opzoekt. Dat komt in het logboek."
    regels = None
    if not fouten:
        store = verzoek.omgeving.store
        kenmerk = store.fingerprint(bsn)
        verzoek.doel = reden
        verzoek.toont(None, [kenmerk])
        regels = of_client(store.database, _kijker(verzoek), store.fingerprints(bsn))
    meer = regels is not None and len(regels) == MOST
    context = {"fouten": fouten, "regels": regels, "reden": reden, "meer": meer}
    return toon(verzoek, "logboek_inzage.html", context, 422 if fouten else 200)


def _kijker(verzoek: Verzoek) -> Kijker:
    return Kijker(verzoek.bereik, verzoek.wie.overal(Recht.LOGBOEK_ZIEN))


def _dag(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


PADEN = (
    Pad(
        path=LOGBOEK,
        method="GET",
        handler=_lijst,
        recht=Recht.LOGBOEK_ZIEN,
        handeling="logboek inzien",
        doel=DOEL,
        menu="Logboek",
    ),
    Pad(path=INZAGE, method="GET", handler=_inzage, recht=Recht.LOGBOEK_ZIEN),
    Pad(
        path=INZAGE,
        method="POST",
        handler=_zoek,
        recht=Recht.LOGBOEK_ZIEN,
        handeling="inzage in logboek",
        doel=DOEL,
        budget="zoeken",
    ),
)

"""Controle: hand over a message before it is sent, and see what would become of it."""

from __future__ import annotations

from datetime import timedelta

from starlette.datastructures import UploadFile
from starlette.responses import Response

from gateway.http.pad import Pad
from gateway.http.verzoek import Verzoek
from gateway.http.vooraf import Gevolg, alone, with_own_data
from gateway.toegang.rechten import Recht
from gateway.web.opmaak import toon
from gateway.web.pages import woorden

PATH = "/controle"
FILE_BYTES = 26_214_400
# Around the file stands a form.
BYTECAP = FILE_BYTES + 64 * 1024
TREFKANS_DAYS = 365
SHOWN = 50


def _formulier(verzoek: Verzoek) -> Response:
    return _toon(verzoek, None, [])


def _controleer(verzoek: Verzoek) -> Response:
    given = verzoek.vraag.formulier.get("bestand")
    body = given.file.read(FILE_BYTES + 1) if isinstance(given, UploadFile) else b""
    if not body:
        return _toon(verzoek, None, [("bestand", "kies een bestand met een bericht")])
    if verzoek.veld("gegevens") == "geen":
        return _toon(verzoek, alone(verzoek.omgeving, body), [])
    return _toon(verzoek, with_own_data(verzoek.omgeving, verzoek.bereik, body), [])


def _toon(verzoek: Verzoek, gevolg: Gevolg | None, fouten: list[tuple[str, str]]) -> Response:
    omgeving = verzoek.omgeving
    since = omgeving.clock() - timedelta(days=TREFKANS_DAYS)
    findings = [] if gevolg is None else gevolg.findings[:SHOWN]
    context = {
        "gevolg": gevolg,
        "oordeel": None if gevolg is None else woorden.OORDELEN[gevolg.outcome.verdict],
        "bevindingen": [
            (one, woorden.tekst_van(omgeving.teksten, one.rule, one.retourcode)) for one in findings
        ],
        "meer": 0 if gevolg is None else gevolg.aantal - len(findings),
        "trefkans": omgeving.store.controles.trefkans(verzoek.bereik, since),
        "fouten": fouten,
        "woorden": woorden,
    }
    return toon(verzoek, "controle.html", context)


PADEN = (
    Pad(path=PATH, method="GET", handler=_formulier, recht=Recht.CONTROLEREN, menu="Controleren"),
    Pad(
        path=PATH,
        method="POST",
        handler=_controleer,
        recht=Recht.CONTROLEREN,
        handeling="bericht gecontroleerd",
        soort="E",
        budget="zoeken",
        bytecap=BYTECAP,
    ),
)

"""The correction assistant of an aanbieder: what it can put right, and the file that does so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from gateway.errors import WrongUse
from gateway.http.pad import Pad
from gateway.http.verzoek import Verzoek
from gateway.ledger.correctie.bericht import Berichtnummers
from gateway.ledger.correctie.regels import Bron, Onmogelijk
from gateway.ledger.correctie.rijen import referentie
from gateway.periods.maanden import month_before
from gateway.pipeline.correctie.vraag import Correctievraag, Reden
from gateway.pipeline.kennis import dag_van
from gateway.pipeline.ports import Partijen
from gateway.records.declaratie import Prestatie
from gateway.toegang.rechten import Recht
from gateway.web.opmaak import gemeentenaam, toon
from gateway.web.pages import woorden
from gateway.web.pages.berichten import download
from gateway.web.pages.buiten import CORRECTIES, meldingen
from gateway.web.pages.eigen import PATH as EIGEN
from gateway.werk.correctie import Gemaakt
from gateway.werk.eigen_correctie import (
    Overzicht,
    Plek,
    overview,
    own_parties,
    question,
    wijze_of,
)
from gateway.werk.maanden import month_of, months_between

PATH = CORRECTIES
SHOWN, LONGEST = 200, 40
REDENEN: Mapping[str, str] = {
    Reden.AFGEWEZEN: "afgewezen regels opnieuw indienen",
    Reden.TARIEF: "toegekende regels met een andere prijs",
    Reden.TOEWIJZING: "toegekende regels buiten hun toewijzing",
}
# What is asked in the address, and what only the form of the message has.
VRAAG = ("bij", "reden", "van", "tot", "codes", "inkorten")
NUMMERS = ("identificatie", "declaratienummer", "referentiebegin", "maand")
Velden = Mapping[str, str]


def _pagina(verzoek: Verzoek) -> Response:
    given = {name: verzoek.vraag.zoek.get(name, "").strip()[:LONGEST] for name in VRAAG}
    velden, partijen = _filled(verzoek, given)
    if not given["reden"]:
        return _toon(verzoek, velden, partijen)
    try:
        vraag = _vraag(verzoek, velden)
        found = overview(_plek(verzoek).search(vraag), SHOWN)
    except WrongUse as wrong:
        return _toon(verzoek, velden, partijen, fout=str(wrong), status=422)
    _note(verzoek, vraag.partijen.gemeente, found.lines)
    return _toon(verzoek, velden, partijen, gevonden=_rows(verzoek, found))


def _maak(verzoek: Verzoek) -> Response:
    velden, partijen = _filled(verzoek, _posted(verzoek))
    try:
        gemaakt = _gemaakt(verzoek, velden)
    except WrongUse as wrong:
        return _toon(verzoek, velden, partijen, fout=str(wrong), status=422)
    context = {
        "gemaakt": gemaakt,
        "niet": _refused(verzoek, gemaakt.onmogelijk[:SHOWN]),
        "velden": velden,
        "path": PATH,
    }
    return toon(verzoek, "eigen/correctiebericht.html", context)


def _bestand(verzoek: Verzoek) -> Response:
    velden = _posted(verzoek)
    body = _gemaakt(verzoek, velden).bericht.body
    if body is None:
        raise WrongUse("er is niets meer te corrigeren")
    naam = "".join(one for one in velden["identificatie"] if one.isascii() and one.isalnum())
    return download(body, f"{naam or 'correctie'}.xml")


def _gemaakt(verzoek: Verzoek, velden: Velden) -> Gemaakt:
    vraag = _vraag(verzoek, velden)
    nummers = Berichtnummers(
        identificatie=velden["identificatie"],
        declaratienummer=velden["declaratienummer"],
        referentiebegin=velden["referentiebegin"],
        maand=month_of(velden["maand"]),
        dagtekening=dag_van(verzoek.omgeving.clock()),
    )
    gemaakt = _plek(verzoek).message(vraag, nummers)
    shown = [one.oud for one in gemaakt.onmogelijk[:SHOWN]]
    _note(verzoek, vraag.partijen.gemeente, [*gemaakt.bericht.regels, *shown])
    return gemaakt


def _posted(verzoek: Verzoek) -> dict[str, str]:
    return {name: verzoek.veld(name)[:LONGEST] for name in (*VRAAG, *NUMMERS)}


def _filled(verzoek: Verzoek, given: Velden) -> tuple[dict[str, str], Sequence[Partijen]]:
    """The fields with what they begin with, and with whom there is anything to correct."""
    vandaag = dag_van(verzoek.omgeving.clock())
    velden = dict.fromkeys((*VRAAG, *NUMMERS), "") | dict(given)
    velden["van"] = velden["van"] or month_before(vandaag, 6)
    velden["tot"] = velden["tot"] or month_before(vandaag, 1)
    velden["maand"] = velden["maand"] or month_before(vandaag, 1)
    try:
        begin, eind = months_between(velden["van"], velden["tot"])
    except WrongUse:
        return velden, ()
    return velden, own_parties(verzoek.omgeving.store, verzoek.bereik, begin, eind)


def _vraag(verzoek: Verzoek, velden: Velden) -> Correctievraag:
    gemeente, _, wet = velden["bij"].partition("-")
    if wet not in woorden.WETTEN:
        raise WrongUse("kies een gemeente en wet")
    codes = velden["codes"].replace(",", " ").split()
    wijze = wijze_of(velden["reden"], codes, inkorten=velden["inkorten"] == "ja")
    return question(verzoek.bereik, gemeente, wet, (velden["van"], velden["tot"]), wijze)


def _plek(verzoek: Verzoek) -> Plek:
    omgeving = verzoek.omgeving
    return Plek(omgeving.store, omgeving.kennis, omgeving.kennis_van, omgeving.clock())


def _note(verzoek: Verzoek, gemeente: str, lines: Sequence[Prestatie]) -> None:
    fingerprint = verzoek.omgeving.store.fingerprint
    verzoek.toont(gemeente, [fingerprint(bsn) for bsn in {line.bsn for line in lines}])


def _toon(
    verzoek: Verzoek,
    velden: Velden,
    partijen: Sequence[Partijen],
    *,
    gevonden: Mapping[str, Any] | None = None,
    fout: str = "",
    status: int = 200,
) -> Response:
    context = {
        "velden": velden,
        "fout": fout,
        "redenen": list(REDENEN.items()),
        "bij": [
            (
                f"{one.gemeente}-{one.wet}",
                f"{gemeentenaam(verzoek, one.gemeente)}, {woorden.WETTEN.get(one.wet, one.wet)}",
            )
            for one in partijen
        ],
        "gevonden": gevonden,
        "buiten": meldingen(verzoek) if gevonden is None else [],
        "woorden": woorden,
        "path": PATH,
    }
    return toon(verzoek, "eigen/correcties.html", context, status)


def _rows(verzoek: Verzoek, found: Overzicht) -> Mapping[str, Any]:
    return {
        "som": found.som,
        "correcties": [
            (one, referentie(one.oud), _adres(verzoek, one.bron)) for one in found.correcties
        ],
        "niet": _refused(verzoek, found.onmogelijk),
        "anders": found.anders,
    }


def _refused(
    verzoek: Verzoek, found: Sequence[Onmogelijk]
) -> Sequence[tuple[Onmogelijk, str, str]]:
    return [(one, referentie(one.oud), _adres(verzoek, one.bron)) for one in found]


def _adres(verzoek: Verzoek, bron: Bron) -> str:
    kenmerk = verzoek.omgeving.kenmerken.of("regel", bron.inbox_id, bron.regelnr)
    return f"{EIGEN}/regels/{kenmerk}"


PADEN = (
    Pad(
        path=PATH,
        method="GET",
        handler=_pagina,
        recht=Recht.EIGEN_ZIEN,
        handeling="correcties bekijken",
        menu="Correcties",
        budget="zoeken",
    ),
    Pad(
        path=PATH,
        method="POST",
        handler=_maak,
        recht=Recht.EIGEN_ZIEN,
        handeling="correctiebericht maken",
        soort="E",
        budget="export",
    ),
    Pad(
        path=f"{PATH}/bestand",
        method="POST",
        handler=_bestand,
        recht=Recht.EIGEN_ZIEN,
        handeling="correctiebericht opslaan",
        soort="E",
        budget="export",
    ),
)

"""Granted lines priced again, by a proposal or by what is in use: who has to correct what.

It takes longer than a request may, so it runs beside them, as a replay does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from starlette.datastructures import UploadFile
from starlette.responses import RedirectResponse, Response

from gateway.errors import NietGevonden, WrongUse
from gateway.http.pad import Pad
from gateway.http.taken import Taak
from gateway.http.verzoek import Verzoek
from gateway.ledger.correctie.rijen import referentie
from gateway.ledger.correctie.totaal import Som
from gateway.periods.maanden import month_before
from gateway.pipeline.correctie.herprijzing import (
    DoeHerprijzing,
    Herprijsd,
    Herprijsuitkomst,
    Herprijsvraag,
)
from gateway.pipeline.grondslag import OVEREENKOMSTEN
from gateway.pipeline.kennis import dag_van
from gateway.toegang.rechten import Recht
from gateway.web.opmaak import toon
from gateway.web.pages import woorden
from gateway.web.pages.uitvoer import bestand_van, uitvoerpad
from gateway.web.pages.vergelijken import BESTAND, BYTES, uploaded
from gateway.web.pages.verwijzingen import Verwijzingen
from gateway.web.uitvoer import Bedrag, Cel
from gateway.werk.maanden import months_between

PATH = "/overeenkomsten/herprijzen"
HERPRIJZING = "herprijzing"
SHOWN, GROEP = 200, 100
IN_GEBRUIK = "de overeenkomsten die nu in gebruik zijn"
KOPPEN = (
    *("aanbieder", "gemeente", "wet", "declaratie", "regel", "toewijzing", "product"),
    *("begindatum", "einddatum", "toegekend", "juist", "verschil", "cel", "wat er verandert"),
)


def _pagina(verzoek: Verzoek) -> Response:
    return _form(verzoek, "")


def _form(verzoek: Verzoek, fout: str, status: int = 200) -> Response:
    _doe(verzoek)
    vandaag = dag_van(verzoek.omgeving.clock())
    context = {
        "fout": fout,
        "van": verzoek.veld("van") or month_before(vandaag, 3),
        "tot": verzoek.veld("tot") or month_before(vandaag, 1),
        "taken": verzoek.omgeving.taken.latest(HERPRIJZING, verzoek.wie.kenmerk),
        "adres": _adres,
        "path": PATH,
    }
    return toon(verzoek, "herprijzen.html", context, status)


def _begin(verzoek: Verzoek) -> Response:
    doe = _doe(verzoek)
    try:
        naam, bestanden = _chosen(verzoek)
        begin, eind = months_between(verzoek.veld("van"), verzoek.veld("tot"))
    except WrongUse as wrong:
        return _form(verzoek, str(wrong), 422)
    vraag = Herprijsvraag(
        naam=naam,
        bestanden=bestanden,
        begin=begin,
        eind=eind,
        gemeenten=verzoek.bereik.gemeenten,
    )

    def run(taak: Taak) -> Herprijsuitkomst:
        return doe(vraag, taak.meld)

    wie = verzoek.wie.kenmerk
    return RedirectResponse(_adres(verzoek.omgeving.taken.begin(HERPRIJZING, wie, wie, run)), 303)


def _chosen(verzoek: Verzoek) -> tuple[str, Sequence[tuple[str, bytes]]]:
    """The file that was given, else what is in use."""
    given = verzoek.vraag.formulier.get(BESTAND)
    if isinstance(given, UploadFile) and given.filename:
        body, voorstel = uploaded(verzoek)
        return f"{voorstel.naam} {voorstel.versie}", [("voorstel.toml", body)]
    in_use = verzoek.omgeving.kennis.grondslag.of(OVEREENKOMSTEN)
    if not in_use:
        raise WrongUse("er zijn geen overeenkomsten in gebruik; kies een bestand met een voorstel")
    return IN_GEBRUIK, [(naam.rpartition("/")[2], body) for naam, body in in_use]


def _toon(verzoek: Verzoek) -> Response:
    taak = _taak(verzoek)
    uitkomst: Herprijsuitkomst | None = taak.uitkomst
    shown = [] if uitkomst is None else uitkomst.eerste[:SHOWN]
    _note(verzoek, shown)
    context = {
        "taak": taak,
        "uitkomst": uitkomst,
        "groepen": {} if uitkomst is None else _largest(uitkomst),
        "regels": [(one.partijen, one.correctie, referentie(one.correctie.oud)) for one in shown],
        "naar": Verwijzingen(verzoek),
        "hier": _adres(taak),
        "path": PATH,
        "mag_uitvoeren": verzoek.mag(Recht.EXPORTEREN),
    }
    return toon(verzoek, "herprijzing.html", context)


def _uitvoer(verzoek: Verzoek) -> Response:
    uitkomst: Herprijsuitkomst | None = _taak(verzoek).uitkomst
    if uitkomst is None:
        raise WrongUse("deze herprijzing is nog niet klaar")
    _note(verzoek, uitkomst.eerste)
    return bestand_van(verzoek, "herprijzing", KOPPEN, _rows(uitkomst.eerste))


def _rows(found: Sequence[Herprijsd]) -> Iterator[Sequence[Cel]]:
    for partijen, one in found:
        yield (
            partijen.aanbieder,
            partijen.gemeente,
            woorden.WETTEN.get(partijen.wet, partijen.wet),
            one.bron.declaratienummer,
            referentie(one.oud),
            str(one.oud.toewijzingnummer),
            one.oud.productcode,
            one.oud.begindatum.isoformat(),
            one.oud.einddatum.isoformat(),
            Bedrag(one.voor),
            Bedrag(one.na),
            Bedrag(one.verschil),
            one.cel,
            one.waarom,
        )


def _stop(verzoek: Verzoek) -> Response:
    taak = _taak(verzoek)
    taak.stop()
    return RedirectResponse(_adres(taak), 303)


def _note(verzoek: Verzoek, found: Sequence[Herprijsd]) -> None:
    fingerprint = verzoek.omgeving.store.fingerprint
    for gemeente, bsn in {(one.partijen.gemeente, one.correctie.oud.bsn) for one in found}:
        verzoek.toont(gemeente, [fingerprint(bsn)])


def _largest(uitkomst: Herprijsuitkomst) -> Mapping[str, Sequence[tuple[str, Som]]]:
    """The rows of each way of adding up, what changes most in front."""
    return {
        groep: sorted(sommen.items(), key=lambda one: (-abs(one[1].verschil), one[0]))[:GROEP]
        for groep, sommen in uitkomst.totalen.groepen.items()
    }


def _taak(verzoek: Verzoek) -> Taak:
    kenmerk = verzoek.vraag.delen["kenmerk"]
    found = verzoek.omgeving.taken.of(HERPRIJZING, kenmerk, verzoek.wie.kenmerk)
    if found is None:
        raise NietGevonden("deze herprijzing is er niet meer; begin een nieuwe")
    return found


def _doe(verzoek: Verzoek) -> DoeHerprijzing:
    doe = verzoek.omgeving.doe_herprijzing
    if doe is None:
        raise NietGevonden
    return doe


def _adres(taak: Taak) -> str:
    return f"{PATH}/{taak.kenmerk}"


PADEN = (
    Pad(path=PATH, method="GET", handler=_pagina, recht=Recht.WERK_ZIEN),
    Pad(
        path=PATH,
        method="POST",
        handler=_begin,
        recht=Recht.WERK_ZIEN,
        handeling="toegekende regels herprijzen",
        soort="E",
        bytecap=2 * BYTES,
        budget="export",
    ),
    Pad(
        path=f"{PATH}/{{kenmerk}}",
        method="GET",
        handler=_toon,
        recht=Recht.WERK_ZIEN,
        handeling="uitkomst van een herprijzing bekijken",
    ),
    Pad(
        path=f"{PATH}/{{kenmerk}}/stoppen",
        method="POST",
        handler=_stop,
        recht=Recht.WERK_ZIEN,
    ),
    uitvoerpad(f"{PATH}/{{kenmerk}}/uitvoer", _uitvoer, "herprijzing uitvoeren"),
)

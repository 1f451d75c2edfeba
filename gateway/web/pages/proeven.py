"""A proposal tried on invoices that were judged: what it would grant, and which lines flip.

It takes longer than a request may, so it runs beside them; its page tells how far it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from starlette.responses import RedirectResponse, Response

from gateway.errors import NietGevonden, WrongUse
from gateway.http.pad import Pad
from gateway.http.taken import Taak
from gateway.http.verzoek import Verzoek
from gateway.periods.maanden import month_before
from gateway.pipeline.effect import Telling
from gateway.pipeline.kennis import dag_van
from gateway.pipeline.proef import DoeProef, Proefuitkomst, Proefvraag
from gateway.toegang.rechten import Recht
from gateway.web.opmaak import toon
from gateway.web.pages.vergelijken import BYTES, uploaded
from gateway.web.pages.verwijzingen import Verwijzingen
from gateway.werk.maanden import months_between

K = TypeVar("K")
PROEF = "proef"
CELLEN, AANBIEDERS = 100, 100


def _pagina(verzoek: Verzoek) -> Response:
    return _form(verzoek, "")


def _form(verzoek: Verzoek, fout: str, status: int = 200) -> Response:
    _doe(verzoek)
    vandaag = dag_van(verzoek.omgeving.clock())
    context = {
        "fout": fout,
        "van": verzoek.veld("van") or month_before(vandaag, 3),
        "tot": verzoek.veld("tot") or month_before(vandaag, 1),
        "proeven": verzoek.omgeving.taken.latest(PROEF, verzoek.wie.kenmerk),
        "adres": _adres,
    }
    return toon(verzoek, "proef-nieuw.html", context, status)


def _begin(verzoek: Verzoek) -> Response:
    doe = _doe(verzoek)
    try:
        (_, body), voorstel = uploaded(verzoek)
        begin, eind = months_between(verzoek.veld("van"), verzoek.veld("tot"))
    except WrongUse as wrong:
        return _form(verzoek, str(wrong), 422)
    vraag = Proefvraag(
        naam=f"{voorstel.naam} {voorstel.versie}",
        voorstel=body,
        begin=begin,
        eind=eind,
        gemeenten=verzoek.bereik.gemeenten,
    )

    def run(taak: Taak) -> Proefuitkomst:
        return doe(vraag, taak.meld)

    wie = verzoek.wie.kenmerk
    taak = verzoek.omgeving.taken.begin(PROEF, wie, wie, run)
    return RedirectResponse(_adres(taak), 303)


def _toon(verzoek: Verzoek) -> Response:
    taak = _taak(verzoek)
    uitkomst: Proefuitkomst | None = taak.uitkomst
    if uitkomst is not None:
        _note_clients(verzoek, uitkomst)
    effect = None if uitkomst is None else uitkomst.effect
    context = {
        "taak": taak,
        "uitkomst": uitkomst,
        "aanbieders": [] if effect is None else _largest(effect.aanbieders)[:AANBIEDERS],
        "cellen": [] if effect is None else _largest(effect.cellen)[:CELLEN],
        "naar": Verwijzingen(verzoek),
        "hier": _adres(taak),
    }
    return toon(verzoek, "proef.html", context)


def _stop(verzoek: Verzoek) -> Response:
    taak = _taak(verzoek)
    taak.stop()
    return RedirectResponse(_adres(taak), 303)


def _note_clients(verzoek: Verzoek, uitkomst: Proefuitkomst) -> None:
    fingerprint = verzoek.omgeving.store.fingerprint
    for one in uitkomst.omslagen:
        client = fingerprint(one.verandering.line.bsn)
        verzoek.toont(one.partijen.gemeente, [client])


def _largest(rows: Mapping[K, Telling]) -> Sequence[tuple[K, Telling]]:
    """The rows in which anything changes, what changes most in front."""
    changed = [
        one
        for one in rows.items()
        if one[1].omgeslagen or one[1].verschil or one[1].herprijsd != one[1].voor
    ]
    return sorted(changed, key=lambda one: (-abs(one[1].verschil), str(one[0])))


def _taak(verzoek: Verzoek) -> Taak:
    found = verzoek.omgeving.taken.of(PROEF, verzoek.vraag.delen["kenmerk"], verzoek.wie.kenmerk)
    if found is None:
        raise NietGevonden("deze proef is er niet meer; begin een nieuwe")
    return found


def _doe(verzoek: Verzoek) -> DoeProef:
    doe = verzoek.omgeving.doe_proef
    if doe is None:
        raise NietGevonden
    return doe


def _adres(taak: Taak) -> str:
    return f"/overeenkomsten/proef/{taak.kenmerk}"


PADEN = (
    Pad(path="/overeenkomsten/proef", method="GET", handler=_pagina, recht=Recht.WERK_ZIEN),
    Pad(
        path="/overeenkomsten/proef",
        method="POST",
        handler=_begin,
        recht=Recht.WERK_ZIEN,
        handeling="voorstel naspelen",
        soort="E",
        bytecap=2 * BYTES,
        budget="export",
    ),
    Pad(
        path="/overeenkomsten/proef/{kenmerk}",
        method="GET",
        handler=_toon,
        recht=Recht.WERK_ZIEN,
        handeling="uitkomst van een proef bekijken",
    ),
    Pad(
        path="/overeenkomsten/proef/{kenmerk}/stoppen",
        method="POST",
        handler=_stop,
        recht=Recht.WERK_ZIEN,
    ),
)

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
from gateway.pipeline.grondslag import OVEREENKOMSTEN
from gateway.pipeline.kennis import dag_van
from gateway.toegang.rechten import Recht
from gateway.web.opmaak import toon
from gateway.web.pages import woorden
from gateway.web.pages.uitvoer import bestand_van, uitvoerpad
from gateway.web.pages.vergelijken import BESTAND, BYTES, uploaded
from gateway.web.pages.verwijzingen import Verwijzingen
from gateway.web.uitvoer import Bedrag, Cel
from gateway.werk.herprijzing import Herprijsd, Herprijsuitkomst, Herprijsvraag, herprijs
from gateway.werk.maanden import months_between
from gateway.werk.wijziging import Wijziging, unchanged, wijziging_of

PATH = "/overeenkomsten/herprijzen"
HERPRIJZING = "herprijzing"
SHOWN, GROEP = 200, 100
IN_GEBRUIK = "de overeenkomsten die nu in gebruik zijn"
KOPPEN = (
    *("aanbieder", "gemeente", "wet", "declaratie", "regel", "toewijzing", "product", "eenheid"),
    *("begindatum", "einddatum", "cel", "wat er verandert", "door het voorstel"),
    *("credit op regel", "credit volume", "credit tarief", "credit bedrag"),
    *("debet volume", "debet tarief", "debet bedrag", "verschil"),
)


def _pagina(verzoek: Verzoek) -> Response:
    return _form(verzoek, "")


def _form(verzoek: Verzoek, fout: str, status: int = 200) -> Response:
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
    try:
        naam, wijziging = _chosen(verzoek)
        begin, eind = months_between(verzoek.veld("van"), verzoek.veld("tot"))
    except WrongUse as wrong:
        return _form(verzoek, str(wrong), 422)
    vraag = Herprijsvraag(
        naam=naam,
        wijziging=wijziging,
        begin=begin,
        eind=eind,
        gemeenten=verzoek.bereik.gemeenten,
    )
    omgeving, wie = verzoek.omgeving, verzoek.wie.kenmerk

    def run(taak: Taak) -> Herprijsuitkomst:
        return herprijs(omgeving.store, omgeving.kennis_van, vraag, omgeving.clock(), taak.meld)

    return RedirectResponse(_adres(omgeving.taken.begin(HERPRIJZING, wie, wie, run)), 303)


def _chosen(verzoek: Verzoek) -> tuple[str, Wijziging]:
    """The file that was given in the place of what it replaces, else what is in use."""
    kennis = verzoek.omgeving.kennis
    given = verzoek.vraag.formulier.get(BESTAND)
    if isinstance(given, UploadFile) and given.filename:
        bestand, voorstel = uploaded(verzoek)
        in_use = kennis.grondslag.of(OVEREENKOMSTEN)
        wijziging = wijziging_of([bestand], in_use, kennis.gemeentecodes)
        return f"{voorstel.naam} {voorstel.versie}", wijziging
    if not kennis.overeenkomsten.alle:
        raise WrongUse("er zijn geen overeenkomsten in gebruik; kies een bestand met een voorstel")
    return IN_GEBRUIK, unchanged(kennis.overeenkomsten)


def _toon(verzoek: Verzoek) -> Response:
    taak = _taak(verzoek)
    uitkomst: Herprijsuitkomst | None = taak.uitkomst
    shown = [] if uitkomst is None else uitkomst.eerste[:SHOWN]
    _note(verzoek, shown)
    context = {
        "taak": taak,
        "uitkomst": uitkomst,
        "groepen": {} if uitkomst is None else _largest(uitkomst),
        "regels": [(one, referentie(one.correctie.oud)) for one in shown],
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
    """A line with the credit and the debet that the provider sends for it (OP366)."""
    for partijen, one, is_nieuw in found:
        oud, nieuw = one.oud, one.nieuw or one.oud
        yield (
            partijen.aanbieder,
            partijen.gemeente,
            woorden.WETTEN.get(partijen.wet, partijen.wet),
            one.bron.declaratienummer,
            referentie(oud),
            str(oud.toewijzingnummer),
            oud.productcode,
            oud.eenheid,
            oud.begindatum.isoformat(),
            oud.einddatum.isoformat(),
            one.cel,
            one.waarom,
            "ja" if is_nieuw else "nee",
            referentie(oud),
            oud.geleverd_volume,
            _bedrag(oud.producttarief),
            Bedrag(one.voor),
            nieuw.geleverd_volume,
            _bedrag(nieuw.producttarief),
            Bedrag(one.na),
            Bedrag(one.verschil),
        )


def _bedrag(cents: int | None) -> Cel:
    return None if cents is None else Bedrag(cents)


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
        for groep, sommen in uitkomst.run.totalen.groepen.items()
    }


def _taak(verzoek: Verzoek) -> Taak:
    kenmerk = verzoek.vraag.delen["kenmerk"]
    found = verzoek.omgeving.taken.of(HERPRIJZING, kenmerk, verzoek.wie.kenmerk)
    if found is None:
        raise NietGevonden("deze herprijzing is er niet meer; begin een nieuwe")
    return found


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

"""Clients: searched with a purpose, and all that hangs on one of them on one page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from starlette.responses import RedirectResponse, Response

from gateway.errors import NietGevonden
from gateway.http.pad import Pad
from gateway.http.verzoek import Verzoek
from gateway.pipeline.kennis import dag_van
from gateway.records.masker import is_bsn
from gateway.records.toewijzing import ToegewezenProduct
from gateway.store.inzage import clienten
from gateway.store.inzage.clienten import Clientbeeld
from gateway.toegang.rechten import Recht
from gateway.web.opmaak import toon
from gateway.web.pages import doelen, woorden
from gateway.web.pages.verwijzingen import Verwijzingen
from gateway.web.pages.zorglijn import tijdlijn

CIJFERS = 9
VERZOEKSOORTEN: Mapping[str, str] = {"315": "toewijzing (VOT)", "317": "wijziging (VOW)"}
_FOUT_BSN = "Dit is geen burgerservicenummer: vul negen cijfers in."
_ONBEKEND = "Van dit burgerservicenummer is hier niets bekend."


@dataclass(frozen=True, slots=True)
class _Som:
    """What the lines of a client come to."""

    lopend: int
    toegekend: int
    afgewezen: int
    wacht: int


def _zoekpagina(verzoek: Verzoek) -> Response:
    return _form(verzoek, {})


def _form(
    verzoek: Verzoek, fouten: Mapping[str, str], *, onbekend: str = "", status: int = 200
) -> Response:
    """The form; a number that was typed is not repeated."""
    context = {
        "fouten": fouten,
        "onbekend": onbekend,
        "doelen": doelen.KEUZES,
        "doel": verzoek.veld("doel"),
    }
    return toon(verzoek, "clienten.html", context, status)


def _zoek(verzoek: Verzoek) -> Response:
    """From a Bsn to a page whose address tells nothing."""
    bsn, doel = verzoek.veld("bsn").replace(" ", "").replace(".", ""), doelen.doel_van(verzoek)
    fouten = {}
    if len(bsn) != CIJFERS or not bsn.isascii() or not bsn.isdigit() or not is_bsn(bsn):
        fouten["bsn"] = _FOUT_BSN
    if doel is None:
        fouten["doel"] = doelen.ONTBREEKT
    if fouten:
        verzoek.is_verantwoord = True  # nothing was looked for
        return _form(verzoek, fouten, status=422)
    client = verzoek.omgeving.store.fingerprint(bsn)
    verzoek.toont("", [client])
    if not clienten.is_bekend(verzoek.omgeving.store.database, verzoek.bereik, client):
        return _form(verzoek, {}, onbekend=_ONBEKEND)
    return RedirectResponse(f"{Verwijzingen(verzoek).client(client)}?doel={doel}", 303)


def _pagina(verzoek: Verzoek) -> Response:
    """The page for the purpose in its address; who comes without one is asked for it first."""
    if doelen.doel_uit_adres(verzoek) is not None:
        return _client(verzoek, _beeld(verzoek))
    _gevonden(verzoek)
    verzoek.is_verantwoord = True  # nothing is shown
    return toon(verzoek, "client-doel.html", {"doelen": doelen.KEUZES, "hier": verzoek.vraag.pad})


def _toon_bsn(verzoek: Verzoek) -> Response:
    """The same page with the whole Bsn, for a purpose."""
    beeld = _beeld(verzoek)
    if doelen.doel_van(verzoek) is None:
        return _client(verzoek, beeld, fouten={"doel": doelen.ONTBREEKT}, status=422)
    return _client(verzoek, beeld, bsn=beeld.bsn)


def _beeld(verzoek: Verzoek) -> Clientbeeld:
    """The client in the address, as far as he may be seen; that he is looked at is noted."""
    found = _gevonden(verzoek)
    for gemeente in found.gemeenten:
        verzoek.toont(gemeente, [found.client])
    return found


def _gevonden(verzoek: Verzoek) -> Clientbeeld:
    """The client in the address; raises NietGevonden for one who may not be seen."""
    client = verzoek.omgeving.kenmerken.client(verzoek.vraag.delen["kenmerk"])
    if client is None:
        raise NietGevonden
    found = clienten.beeld_van(verzoek.omgeving.store.database, verzoek.bereik, client)
    if found is None:
        raise NietGevonden
    return found


def _client(
    verzoek: Verzoek,
    beeld: Clientbeeld,
    *,
    bsn: str | None = None,
    fouten: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    vandaag = dag_van(verzoek.omgeving.clock())
    saldi = [one.saldo for one in beeld.toewijzingen]
    som = _Som(
        lopend=sum(_runs(one.product, vandaag) for one in beeld.toewijzingen),
        toegekend=sum(one.toegekend for one in saldi),
        afgewezen=sum(one.afgewezen for one in saldi),
        wacht=sum(one.wacht for one in saldi),
    )
    context = {
        "beeld": replace(beeld, bsn=""),
        "bsn": bsn or f"*****{beeld.bsn[5:]}",
        "is_heel": bsn is not None,
        "tijdlijn": tijdlijn(beeld, vandaag),
        "som": som,
        "vandaag": vandaag,
        "loopt": _runs,
        "naar": Verwijzingen(verzoek),
        "woorden": woorden,
        "verzoeksoorten": VERZOEKSOORTEN,
        "teksten": verzoek.omgeving.teksten,
        "doelen": doelen.KEUZES,
        "fouten": fouten or {},
        "hier": verzoek.vraag.pad.removesuffix("/bsn"),
    }
    return toon(verzoek, "client.html", context, status)


def _runs(product: ToegewezenProduct, vandaag: date) -> bool:
    if product.is_ingetrokken or product.is_verwijderd or product.ingangsdatum > vandaag:
        return False
    return product.einddatum is None or product.einddatum >= vandaag


PADEN = (
    Pad(path="/clienten", method="GET", handler=_zoekpagina, recht=Recht.BSN_ZIEN, menu="Cliënten"),
    Pad(
        path="/clienten",
        method="POST",
        handler=_zoek,
        recht=Recht.BSN_ZIEN,
        handeling="cliënt zoeken",
        budget="zoeken",
    ),
    Pad(
        path="/clienten/{kenmerk}",
        method="GET",
        handler=_pagina,
        recht=Recht.WERK_ZIEN,
        handeling="cliënt bekijken",
    ),
    Pad(
        path="/clienten/{kenmerk}/bsn",
        method="POST",
        handler=_toon_bsn,
        recht=Recht.BSN_ZIEN,
        handeling="burgerservicenummer bekijken",
        budget="zoeken",
    ),
)

"""Verzoeken: what aanbieders asked for, and the answer that becomes a 301 or a 319.

An answer is an opdracht that goes through the inbox like one of the backoffice: it is judged before
anything is sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import msgspec
from starlette.responses import RedirectResponse, Response

from gateway.errors import Gearchiveerd, MessageRefused, NietGevonden, WrongUse
from gateway.http.pad import Pad
from gateway.http.spoor import traceparent_of
from gateway.http.verzoek import Verzoek
from gateway.messages.reader import Source
from gateway.pipeline.kennis import dag_van
from gateway.records.verzoek import AangevraagdProduct, NieuwProduct, TeWijzigenProduct
from gateway.store.inzage.blad import Blad
from gateway.store.inzage.toewijzingen import Toewijzingfilter
from gateway.store.inzage.verzoeken import Verzoekfilter, Verzoekrij
from gateway.toegang.rechten import Recht
from gateway.web.opmaak import toon
from gateway.web.pages import adressen, woorden
from gateway.web.pages.toekenning import day_of, toewijzing_van, velden_van

PATH = "/verzoeken"
LINES = 50
OPEN = ("open", "in onderzoek")
STATEN = {"": OPEN, "toegekend": ("toegekend",), "afgewezen": ("afgewezen",), "alle": ()}
WOONPLAATSBEGINSEL = "8"
Gevraagd = AangevraagdProduct | NieuwProduct | TeWijzigenProduct


def _lijst(verzoek: Verzoek) -> Response:
    welke, na = verzoek.vraag.zoek.get("staat", ""), verzoek.vraag.zoek.get("na")
    blad = gevonden(verzoek, welke, LINES, na)
    here = f"{PATH}?staat={welke}" if welke in STATEN and welke else PATH
    context = {
        "verzoeken": [(one, adressen.van(verzoek, "verzoek", one.nummer)) for one in blad.rijen],
        "welke": welke,
        "volgende": f"{here}{'&' if '?' in here else '?'}na={blad.volgende}"
        if blad.volgende
        else None,
        "begin": here if na else None,
        "woorden": woorden,
    }
    return toon(verzoek, "verzoeken.html", context)


def gevonden(verzoek: Verzoek, welke: str, omvang: int, na: str | None) -> Blad[Verzoekrij]:
    """A page of the requests that are as far as is asked for; they show their clients."""
    filter_ = Verzoekfilter(staten=STATEN.get(welke, OPEN))
    blad = verzoek.omgeving.store.verzoeken.zoek(verzoek.bereik, filter_, omvang, na)
    for one in blad.rijen:
        verzoek.toont(one.partijen.gemeente, [one.client])
    return blad


def _een(verzoek: Verzoek) -> Response:
    een = _verzoek(verzoek)
    verzoek.toont(een.partijen.gemeente, [een.client])
    vandaag = dag_van(verzoek.omgeving.clock())
    gevraagd = _gevraagd(verzoek, een)
    context = {
        "een": een,
        "gevraagd": gevraagd,
        "velden": next(map(velden_van, _aangevraagd(gevraagd)), None),
        "eenheden": [("", "geen"), *verzoek.omgeving.eenheden.items()],
        "frequenties": [("", "geen"), *verzoek.omgeving.frequenties.items()],
        "bericht": adressen.bericht(verzoek, een.inbox_id),
        "is_open": een.staat in OPEN,
        "kent_client": _knows_client(verzoek, een),
        "is_te_laat": een.staat in OPEN and een.termijn < vandaag,
        "redenen": list(verzoek.omgeving.afwijsredenen.items()),
        "path": adressen.van(verzoek, "verzoek", een.nummer),
        "woorden": woorden,
    }
    return toon(verzoek, "verzoek.html", context)


def _antwoord(verzoek: Verzoek) -> Response:
    """Have the answer made, judged and sent."""
    een = _verzoek(verzoek)
    if een.staat not in OPEN:
        raise WrongUse("dit verzoek is al beantwoord")
    verzoek.toont(een.partijen.gemeente, [een.client])
    now = verzoek.omgeving.clock()
    opdracht = {**_opdracht(verzoek, een, now), **_keuze(verzoek, een)}
    naam = f"pagina-verzoek-{een.nummer}-{now:%Y%m%d%H%M%S}.json"
    taken = verzoek.omgeving.store.inbox.receive(
        naam, [msgspec.json.encode(opdracht)], spoor=traceparent_of(verzoek.spoor)
    )
    return RedirectResponse(adressen.bericht(verzoek, taken.inbox_id), 303)


def _opdracht(verzoek: Verzoek, een: Verzoekrij, now: datetime) -> dict[str, Any]:
    partijen = een.partijen
    return {
        "opdracht": "",
        "kenmerk": f"verzoek {een.nummer} door {verzoek.wie.kenmerk} op {now:%Y-%m-%d %H:%M:%S}",
        "gemeente": partijen.gemeente,
        "aanbieder": partijen.aanbieder,
        "wet": partijen.wet,
        "referentieAanbieder": een.referentie_aanbieder,
    }


def _keuze(verzoek: Verzoek, een: Verzoekrij) -> dict[str, Any]:
    """What the button that was pressed asks for; raises WrongUse for what is missing."""
    match verzoek.veld("doe"):
        case "toekennen":
            vanaf = verzoek.veld("vanaf")
            told: dict[str, Any] = {"opdracht": "toekenning"}
            if vanaf:
                told |= {"vanaf": day_of(vanaf), "instemming": bool(verzoek.veld("instemming"))}
            return told
        case "anders":
            asked = next(_aangevraagd(_gevraagd(verzoek, een)), None)
            if asked is None:
                raise WrongUse("een VOW wordt toegekend zoals hij is gevraagd, of afgewezen")
            return {"opdracht": "toekenning", "toewijzingen": [toewijzing_van(verzoek, asked)]}
        case "onderzoeken":
            return {"opdracht": "antwoord", "antwoord": "in onderzoek"}
        case "afwijzen":
            reden, andere = verzoek.veld("reden"), verzoek.veld("andere")
            if reden not in verzoek.omgeving.afwijsredenen:
                raise WrongUse("kies waarom u het verzoek afwijst", veld="reden")
            told = {"opdracht": "antwoord", "antwoord": "afgewezen", "redenAfwijzing": reden}
            if reden == WOONPLAATSBEGINSEL:
                told["verantwoordelijkeGemeente"] = andere
            return told
    raise WrongUse("kies wat u met dit verzoek wilt doen")


def _aangevraagd(gevraagd: Iterable[Gevraagd]) -> Iterator[AangevraagdProduct]:
    """The product of a VOT; none of a VOW."""
    return (one for one in gevraagd if isinstance(one, AangevraagdProduct))


def _verzoek(verzoek: Verzoek) -> Verzoekrij:
    nummer, _ = adressen.nummer_van(verzoek, "verzoek")
    found = verzoek.omgeving.store.verzoeken.een(verzoek.bereik, nummer)
    if found is None:
        raise NietGevonden
    return found


def _knows_client(verzoek: Verzoek, een: Verzoekrij) -> bool:
    """Whether the person can be copied from an earlier 301; else only the backoffice knows him."""
    filter_ = Toewijzingfilter(bsn=een.bsn, gemeente=een.partijen.gemeente, wet=een.partijen.wet)
    return bool(verzoek.omgeving.store.toewijzingen.zoek(verzoek.bereik, filter_, 1).rijen)


def _gevraagd(verzoek: Verzoek, een: Verzoekrij) -> list[Gevraagd]:
    """What was asked for, read back from the message; empty when it is in an archive."""
    omgeving = verzoek.omgeving
    try:
        source = Source(omgeving.store.message(een.inbox_id), omgeving.kennis.bytecap)
        records = [record for _, record in omgeving.kennis.reader.open(source).records()]
    except (Gearchiveerd, MessageRefused):
        return []
    return [
        one
        for one in records
        if isinstance(one, NieuwProduct | TeWijzigenProduct)
        or (
            isinstance(one, AangevraagdProduct)
            and one.referentie_aanbieder == een.referentie_aanbieder
        )
    ]


PADEN = (
    Pad(
        path=PATH,
        method="GET",
        handler=_lijst,
        recht=Recht.WERK_ZIEN,
        handeling="verzoeken bekijken",
        menu="Verzoeken",
    ),
    Pad(
        path=PATH + "/{kenmerk}",
        method="GET",
        handler=_een,
        recht=Recht.WERK_ZIEN,
        handeling="verzoek bekijken",
    ),
    Pad(
        path=PATH + "/{kenmerk}",
        method="POST",
        handler=_antwoord,
        recht=Recht.BEOORDELEN,
        handeling="verzoek beantwoorden",
        soort="U",
    ),
)

"""Toewijzingen and clienten: an assignment with its use, and all that there is of one client."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from gateway.errors import NietGevonden
from gateway.http.pad import Pad
from gateway.http.verzoek import Verzoek
from gateway.periods.volume import UUR, in_minutes, total_limit
from gateway.records.masker import holds_bsn
from gateway.store.inzage.blad import Blad
from gateway.store.inzage.toewijzingen import Toewijzingfilter, Toewijzingrij, Toewijzingverhaal
from gateway.store.inzage.verzoeken import Verzoekrij
from gateway.toegang.rechten import Recht
from gateway.web.opmaak import toon
from gateway.web.pages import adressen, woorden

PATH = "/toewijzingen"
LINES = 50
TIJD = ("01", UUR)
FIELDS = ("nummer", "aanbieder", "product")
_NUMBER = re.compile(r"[0-9]{1,12}")
_LOOKS_LIKE_BSN = (
    "dit kan een BSN zijn, en dat mag niet in een adres; zoek een cliënt op bij Cliënten"
)


@dataclass(frozen=True, slots=True)
class Gebruik:
    """What was used of an assignment; `deel` is how much of a hundred, None without a limit.

    A volume of time is in hours with a remainder in minutes.
    """

    volume: str
    toegestaan: str | None
    deel: int | None


def _lijst(verzoek: Verzoek) -> Response:
    velden, fouten = velden_van(verzoek.vraag.zoek)
    na = verzoek.vraag.zoek.get("na")
    blad = None
    if not fouten:
        blad = gevonden(verzoek, velden, LINES, na)
    asked = {name: value for name, value in velden.items() if value}
    more = blad and blad.volgende and f"{PATH}?{urlencode({**asked, 'na': blad.volgende})}"
    context = {
        "velden": velden,
        "fouten": fouten,
        "toewijzingen": [] if blad is None else [(one, naar(verzoek, one)) for one in blad.rijen],
        "volgende": more,
        "begin": (f"{PATH}?{urlencode(asked)}" if asked else PATH) if na else None,
        "woorden": woorden,
    }
    return toon(verzoek, "toewijzingen.html", context)


def velden_van(gegeven: Mapping[str, Any]) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """What was filled in to look for assignments, and what is wrong with it."""
    velden = {name: str(gegeven.get(name, "")).strip()[:40] for name in FIELDS}
    return velden, _fouten(velden)


def gevonden(
    verzoek: Verzoek, velden: Mapping[str, str], omvang: int, na: str | None
) -> Blad[Toewijzingrij]:
    """A page of the assignments that fields look for; they show their clients."""
    filter_ = Toewijzingfilter(
        toewijzingnummer=int(velden["nummer"]) if velden["nummer"] else None,
        aanbieder=velden["aanbieder"] or None,
        productcode=velden["product"] or None,
    )
    blad = verzoek.omgeving.store.toewijzingen.zoek(verzoek.bereik, filter_, omvang, na)
    _toont(verzoek, blad.rijen)
    return blad


def _fouten(velden: dict[str, str]) -> list[tuple[str, str]]:
    nummer = velden["nummer"]
    if nummer and _NUMBER.fullmatch(nummer) is None:
        return [("nummer", "een toewijzingnummer heeft alleen cijfers, hoogstens twaalf")]
    return [("nummer", _LOOKS_LIKE_BSN)] if holds_bsn(nummer) else []


def _een(verzoek: Verzoek) -> Response:
    store, bereik = verzoek.omgeving.store, verzoek.bereik
    nummer, partij = adressen.nummer_van(verzoek, "toewijzing")
    found = store.toewijzingen.een(bereik, nummer, partij)
    if found is None:
        raise NietGevonden
    _toont(verzoek, [found.rij])
    na = verzoek.vraag.zoek.get("na")
    blad = store.regels.van_toewijzing(bereik, (nummer, partij), LINES, na)
    path = naar(verzoek, found.rij)
    starts = [one for many in found.leveringen.starts.values() for one in many]
    stops = [one for many in found.leveringen.stops.values() for one in many]
    context = {
        "een": found,
        "product": found.rij.product,
        "gebruik": gebruik_van(found),
        "versies": [
            (one, None if one.inbox_id is None else adressen.bericht(verzoek, one.inbox_id))
            for one in reversed(found.versies)
        ],
        "starts": starts,
        "stops": stops,
        "regels": [
            (one, adressen.van(verzoek, "regel", one.inbox_id, one.regelnr)) for one in blad.rijen
        ],
        "volgende": f"{path}?na={blad.volgende}" if blad.volgende else None,
        "begin": path if na else None,
        "woorden": woorden,
    }
    return toon(verzoek, "toewijzing.html", context)


def gebruik_van(verhaal: Toewijzingverhaal) -> Gebruik:
    """What was granted against what may be, in volume, or in euros for a budget."""
    product, stand = verhaal.rij.product, verhaal.stand
    omvang = product.omvang
    if omvang is None:
        return Gebruik(str(stand.volume), None, _part(stand.bedrag, product.budget))
    limit = total_limit(omvang, product.ingangsdatum, product.einddatum)
    is_time = omvang.eenheid in TIJD
    if limit is not None and is_time:
        limit = in_minutes(limit, omvang.eenheid)
    told = _hours if is_time else str
    return Gebruik(
        told(stand.volume), None if limit is None else told(limit), _part(stand.volume, limit)
    )


def _part(used: int, limit: int | None) -> int | None:
    return None if not limit else max(0, min(100, 100 * used // limit))


def _hours(minutes: int) -> str:
    hours, rest = divmod(abs(minutes), 60)
    sign = "-" if minutes < 0 else ""
    return f"{sign}{hours} uur" + (f" en {rest} minuten" if rest else "")


def naar(verzoek: Verzoek, rij: Toewijzingrij) -> str:
    """Where an assignment is."""
    return adressen.van(verzoek, "toewijzing", rij.product.toewijzingnummer, rij.partij)


def _toont(verzoek: Verzoek, rijen: Sequence[Toewijzingrij | Verzoekrij]) -> None:
    for one in rijen:
        verzoek.toont(one.partijen.gemeente, [one.client])


PADEN = (
    Pad(
        path=PATH,
        method="GET",
        handler=_lijst,
        recht=Recht.WERK_ZIEN,
        handeling="toewijzingen zoeken",
        menu="Toewijzingen",
    ),
    Pad(
        path=PATH + "/{kenmerk}",
        method="GET",
        handler=_een,
        recht=Recht.WERK_ZIEN,
        handeling="toewijzing bekijken",
    ),
)

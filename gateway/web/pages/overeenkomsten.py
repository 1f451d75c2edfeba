"""Agreements: their prices as a table with what they are used for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

from starlette.responses import Response

from gateway.agreements.pagina.woorden import opsomming, periode
from gateway.errors import NietGevonden, WrongUse
from gateway.http.klein import sees_small
from gateway.http.pad import Pad
from gateway.http.verzoek import Verzoek
from gateway.ledger.sturing import Meting, Verbruik
from gateway.pipeline.kennis import dag_van
from gateway.records.overeenkomst import Overeenkomst
from gateway.toegang.rechten import Recht
from gateway.web.opmaak import gemeentenaam, toon
from gateway.web.pages import cijfers, woorden
from gateway.web.pages.aanbieders import cellen_van
from gateway.web.pages.matrix import matrix_of
from gateway.web.pages.verwijzingen import Verwijzingen

VARIANTEN: Mapping[str, str] = {
    "inspanning": "inspanningsgericht",
    "output": "outputgericht",
    "taak": "taakgericht",
}
PEILDATA: Mapping[str, str] = {
    "ingangsdatum": "de ingangsdatum van de toewijzing",
    "productperiode": "het begin van de productperiode",
}
ALLES = "alles"


def _lijst(verzoek: Verzoek) -> Response:
    own = [_as_seen_by(one, verzoek.wie.aanbieder) for one in in_zicht(verzoek)]
    vandaag = _vandaag(verzoek)
    meting, ziet = meting_of(verzoek), ziet_gebruik(verzoek)
    context = {
        "rijen": [
            {
                "een": one,
                "geldig": _geldig(one),
                "nu": sum(cel.covers(vandaag) for cel in one.cellen),
                "gebruik": _together(meting, one, vandaag.year),
            }
            for one in own
        ],
        "ziet_gebruik": ziet,
        "telt_nog": ziet and meting is None,
        "is_aanbieder": verzoek.wie.aanbieder is not None,
        "mag_spelen": verzoek.mag(Recht.WERK_ZIEN) and verzoek.omgeving.doe_proef is not None,
        "mag_beheren": verzoek.mag(Recht.BEHEREN),
        "jaar": vandaag.year,
        **_woorden(verzoek),
    }
    return toon(verzoek, "overeenkomsten.html", context)


def _pagina(verzoek: Verzoek) -> Response:
    een = _gevraagd(verzoek)
    asked = verzoek.vraag.zoek.get("op", "").strip()
    op = None if asked == ALLES else _dag(asked) or _vandaag(verzoek)
    meting, ziet = meting_of(verzoek), ziet_gebruik(verzoek)
    jaar = _vandaag(verzoek).year
    own = verzoek.wie.aanbieder
    context = {
        "een": een,
        "op": op,
        "matrix": matrix_of(
            een,
            op,
            _per_cel(meting, een, jaar),
            partial(gemeentenaam, verzoek),
        ),
        "geldig": _geldig(een),
        "contracten": [
            (one, cellen_van(one), periode(one.vanaf, one.tot))
            for one in een.aanbieders
            if own in (None, one.agb)
        ],
        "ziet_gebruik": ziet,
        "telt_nog": ziet and meting is None,
        "jaar": jaar,
        "is_aanbieder": own is not None,
        "plafonds": _plafonds(verzoek, een),
        **_woorden(verzoek),
    }
    return toon(verzoek, "overeenkomst.html", context)


def in_zicht(verzoek: Verzoek) -> Sequence[Overeenkomst]:
    """The agreements in use of the municipalities that are seen."""
    seen = verzoek.bereik.gemeenten
    alle = verzoek.omgeving.kennis.overeenkomsten.alle
    return [one for one in alle if not seen.isdisjoint(one.gemeenten)]


def _gevraagd(verzoek: Verzoek) -> Overeenkomst:
    wanted = verzoek.vraag.delen["id"], verzoek.vraag.delen["versie"]
    for one in in_zicht(verzoek):
        if (one.id, one.versie) == wanted:
            return _as_seen_by(one, verzoek.wie.aanbieder)
    raise NietGevonden


def _as_seen_by(one: Overeenkomst, agb: str | None) -> Overeenkomst:
    """An agreement without the prices that are for other providers alone, for who is one."""
    if agb is None:
        return one
    own = [cel for cel in one.cellen if cel.aanbieders is None or agb in cel.aanbieders]
    return replace(one, cellen=tuple(own))


def _plafonds(verzoek: Verzoek, een: Overeenkomst) -> Sequence[tuple[str, int]]:
    if verzoek.wie.aanbieder is not None:
        return []
    seen = verzoek.bereik.gemeenten
    return [(code, cents) for code, cents in een.drempels.plafond.items() if code in seen]


def ziet_gebruik(verzoek: Verzoek) -> bool:
    """Whether who looks may see what prices are used for: of cells, that may be one client."""
    if not verzoek.mag(Recht.STURING_ZIEN):
        return False
    return sees_small(verzoek, verzoek.bereik_van(Recht.STURING_ZIEN))


def meting_of(verzoek: Verzoek) -> Meting | None:
    """The use that may be seen, None also while it is counted."""
    if not ziet_gebruik(verzoek):
        return None
    found = cijfers.meting(verzoek, verzoek.bereik_van(Recht.STURING_ZIEN))
    return None if found is None else found.uitkomst


def _per_cel(meting: Meting | None, een: Overeenkomst, jaar: int) -> Mapping[str, Verbruik]:
    if meting is None:
        return {}
    own = (one for one in meting.cellen if one.sleutel[:2] == (een.id, een.versie))
    return {one.sleutel[2]: one for one in own if one.jaar == jaar}


def _together(meting: Meting | None, een: Overeenkomst, jaar: int) -> tuple[int, int] | None:
    """Assignments and eurocents of an agreement; None where nobody has any."""
    rows = _per_cel(meting, een, jaar).values()
    if not rows:
        return None
    return sum(one.toewijzingen for one in rows), sum(one.toegekend for one in rows)


def _geldig(een: Overeenkomst) -> str:
    begins = [cel.vanaf for cel in een.cellen]
    ends = [cel.tot for cel in een.cellen]
    last = None if None in ends else max((day for day in ends if day), default=None)
    return periode(min(begins, default=None), last)


def _woorden(verzoek: Verzoek) -> dict[str, Any]:
    return {
        "naar": Verwijzingen(verzoek),
        "varianten": VARIANTEN,
        "peildata": PEILDATA,
        "wetten": lambda codes: opsomming(woorden.WETTEN.get(one, one) for one in codes),
    }


def _dag(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise WrongUse("schrijf de datum als jjjj-mm-dd") from None


def _vandaag(verzoek: Verzoek) -> date:
    return dag_van(verzoek.omgeving.clock())


PADEN = (
    Pad(
        path="/overeenkomsten",
        method="GET",
        handler=_lijst,
        recht=Recht.OVEREENKOMSTEN_ZIEN,
        menu="Overeenkomsten",
    ),
    Pad(
        path="/overeenkomsten/{id}/{versie}",
        method="GET",
        handler=_pagina,
        recht=Recht.OVEREENKOMSTEN_ZIEN,
    ),
)

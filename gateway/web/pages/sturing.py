"""Figures to steer by: use and spending, ceilings, settlement, and what runs out or ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from starlette.responses import Response

from gateway.http.klein import cijferbereik, sees_small
from gateway.http.pad import Pad
from gateway.http.verzoek import Verzoek
from gateway.ledger.aflopend import TOEWIJZING
from gateway.ledger.radar import Radar
from gateway.ledger.sturing import Meting, Verbruik
from gateway.ledger.tempo import Uitputting
from gateway.periods.hoeveelheid import in_time, in_units
from gateway.periods.maanden import month_before
from gateway.periods.volume import MINUUT, UUR
from gateway.pipeline.kennis import dag_van
from gateway.store.inzage import sturing
from gateway.toegang.rechten import Recht
from gateway.toegang.wie import Bereik
from gateway.web.opmaak import gemeentekeuzes, toon
from gateway.web.pages import cijfers, woorden
from gateway.web.pages.grafiek import Grafiek, grafiek
from gateway.web.pages.vandaag import plafond_per_maand
from gateway.web.pages.verwijzingen import Verwijzingen

MAANDEN, RIJEN, VOORUIT = 12, 25, 20
OPRAKEN: Mapping[str, str] = {
    "TR321": "de maand is vol",
    "TR322": "het volume raakt op",
    "TR369": "het budget raakt op",
}


@dataclass(frozen=True, slots=True)
class Verdeling:
    """Use in one way of adding up; `meer` counts the rows that are not shown."""

    titel: str
    kop: str
    rijen: Sequence[Verbruik]
    meer: int


def _pagina(verzoek: Verzoek) -> Response:
    omgeving, vandaag = verzoek.omgeving, dag_van(verzoek.omgeving.clock())
    database = omgeving.store.database
    gemeenten = sturing.gemeenten_van(database, verzoek.bereik)
    bereik, gekozen = bereik_van(
        verzoek, verzoek.vraag.zoek.get("gemeente", ""), next(iter(gemeenten), "")
    )
    sees_all = sees_small(verzoek, bereik)
    meting = cijfers.meting(verzoek, bereik) if sees_all else None
    radar = cijfers.radar(verzoek, bereik)
    jaar = _jaar(verzoek, vandaag)
    eerste = month_before(vandaag, MAANDEN - 1)
    context = {
        "gemeenten": gebiedkeuzes(verzoek, gemeenten),
        "gekozen": gekozen,
        "jaar": jaar,
        "jaren": [(str(one), str(one)) for one in (vandaag.year, vandaag.year - 1)],
        "grafieken": _grafieken(verzoek, bereik, eerste) if sees_all else [],
        "meting": _meting(meting.uitkomst if meting else None, jaar),
        "geteld": None if radar is None else radar.begonnen,
        "telt_nog": radar is None or (sees_all and meting is None),
        "radar": _radar(radar.uitkomst if radar else None, sees_all=sees_all),
        "ziet_alles": sees_all,
        "dagen": cijfers.DAGEN_VOORUIT,
        "naar": Verwijzingen(verzoek),
        "woorden": woorden,
        "opraken": OPRAKEN,
        "hoeveel": _hoeveel,
        "vandaag": vandaag,
    }
    return toon(verzoek, "sturing.html", context)


def bereik_van(verzoek: Verzoek, asked: str, first: str = "") -> tuple[Bereik, str]:
    """What the figures are over, and the municipality where it is one of several.

    Who sees some of them, and asks for none, gets the first one.
    """
    own = verzoek.bereik
    is_whole = own.gemeenten >= verzoek.omgeving.bediend
    wanted = asked or ("" if is_whole else first or min(own.gemeenten))
    bereik = cijferbereik(verzoek, own, wanted)
    chosen = next(iter(bereik.gemeenten))
    is_of_all = is_whole and bereik == own and (not asked or len(own.gemeenten) > 1)
    return bereik, "" if is_of_all else chosen


def gebiedkeuzes(verzoek: Verzoek, gemeenten: Iterable[str]) -> Sequence[tuple[str, str]]:
    """The areas that may be chosen: never a part beside the whole, for who sees no clients."""
    own = verzoek.bereik
    may_all = own.gemeenten >= verzoek.omgeving.bediend and cijferbereik(verzoek, own, "") == own
    may_each = sees_small(verzoek, own) or not may_all
    return [
        *([("", "alle gemeenten")] if may_all else []),
        *(gemeentekeuzes(verzoek, gemeenten) if may_each else []),
    ]


def _jaar(verzoek: Verzoek, vandaag: date) -> int:
    return (
        vandaag.year - 1
        if verzoek.vraag.zoek.get("jaar") == str(vandaag.year - 1)
        else (vandaag.year)
    )


def _grafieken(verzoek: Verzoek, bereik: Bereik, eerste: str) -> Sequence[Grafiek]:
    """One for each law, against a twelfth of the notional ceilings."""
    plafonds = plafond_per_maand(verzoek, bereik, eerste)
    maanden = verzoek.omgeving.store.vandaag.maanden(bereik, eerste)
    return [
        grafiek(
            woorden.WETTEN.get(wet, wet),
            [
                (woorden.maandnaam(one.maand), one.toegekend, one.afgewezen)
                for one in maanden
                if one.wet == wet
            ],
            plafonds.get(wet),
        )
        for wet in sorted({one.wet for one in maanden})
    ]


def _meting(meting: Meting | None, jaar: int) -> dict[str, Any] | None:
    if meting is None:
        return None
    whole = next((one for one in meting.totaal if one.jaar == jaar), None)
    return {
        "totaal": whole,
        "verdelingen": [
            _verdeling("Per wet", "Wet", meting.wetten, jaar),
            _verdeling("Per gemeente", "Gemeente", meting.gemeenten, jaar),
            _verdeling("Per aanbieder", "Aanbieder", meting.aanbieders, jaar),
            _verdeling("Per profiel en cel", "Overeenkomst en cel", meting.cellen, jaar),
        ],
    }


def _verdeling(titel: str, kop: str, rijen: Sequence[Verbruik], jaar: int) -> Verdeling:
    own = [one for one in rijen if one.jaar == jaar]
    return Verdeling(titel, kop, own[:RIJEN], max(0, len(own) - RIJEN))


def _radar(radar: Radar | None, *, sees_all: bool) -> dict[str, Any] | None:
    """What ends of agreements is for all; everything else is of assignments, so of clients."""
    if radar is None:
        return None
    aflopend = [one for one in radar.aflopend if one.soort != TOEWIJZING]
    found = {"aflopend": aflopend[:VOORUIT], "aflopend_aantal": len(aflopend)}
    if not sees_all:
        return found | {"toewijzingen": []}
    own = [one for one in radar.aflopend if one.soort == TOEWIJZING]
    return found | {
        "lopend": radar.lopend,
        "opraken": radar.uitputting[:VOORUIT],
        "opraken_aantal": len(radar.uitputting),
        "opraken_belang": sum(_belang(one) for one in radar.uitputting),
        "toewijzingen": own[:VOORUIT],
        "toewijzingen_aantal": len(own),
        "ruimte": radar.ruimte[:RIJEN],
        "verrekening": radar.verrekening[:RIJEN],
        "gebruik": radar.gebruik[:RIJEN],
    }


def _belang(one: Uitputting) -> int:
    return one.belang or 0


def _hoeveel(volume: int, eenheid: str) -> str:
    """A volume in words: time is in minutes here."""
    return in_time(volume) if eenheid in (MINUUT, UUR) else in_units(volume, eenheid)


PADEN = (
    Pad(
        path="/sturing",
        method="GET",
        handler=_pagina,
        recht=Recht.STURING_ZIEN,
        handeling="sturingscijfers bekijken",
        menu="Sturing",
    ),
)

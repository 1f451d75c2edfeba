"""Figures to steer by: use and spending, ceilings, settlement, and what runs out or ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from starlette.responses import Response

from gateway.errors import NietGevonden
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
from gateway.web.pages.cijfers import Getoond
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
    rijen: Sequence[Getoond]
    meer: int


def _pagina(verzoek: Verzoek) -> Response:
    omgeving, vandaag = verzoek.omgeving, dag_van(verzoek.omgeving.clock())
    database = omgeving.store.database
    gemeenten = sturing.gemeenten_van(database, verzoek.bereik)
    bereik, gekozen = bereik_van(
        verzoek, verzoek.vraag.zoek.get("gemeente", ""), next(iter(gemeenten), "")
    )
    sees_all = cijfers.sees_small(verzoek, bereik)
    meting, radar = cijfers.meting(verzoek, bereik), cijfers.radar(verzoek, bereik)
    jaar = _jaar(verzoek, vandaag)
    eerste = month_before(vandaag, MAANDEN - 1)
    context = {
        "gemeenten": _keuzes(verzoek, gemeenten),
        "gekozen": gekozen,
        "jaar": jaar,
        "jaren": [(str(one), str(one)) for one in (vandaag.year, vandaag.year - 1)],
        "grafieken": _grafieken(verzoek, bereik, eerste),
        "meting": _meting(meting.uitkomst if meting else None, jaar, sees_all=sees_all),
        "geteld": None if meting is None else meting.begonnen,
        "radar": _radar(radar.uitkomst if radar else None, sees_all=sees_all),
        "ziet_alles": sees_all,
        "kleinste": cijfers.KLEINSTE,
        "dagen": cijfers.DAGEN_VOORUIT,
        "naar": Verwijzingen(verzoek),
        "woorden": woorden,
        "opraken": OPRAKEN,
        "hoeveel": _hoeveel,
        "vandaag": vandaag,
    }
    return toon(verzoek, "sturing.html", context)


def bereik_van(verzoek: Verzoek, asked: str, first: str = "") -> tuple[Bereik, str]:
    """What the figures are over: the municipality that is asked for, or all where those are seen.

    Who sees some of them gets the first one.
    """
    own = verzoek.bereik
    if not asked and own.gemeenten >= verzoek.omgeving.bediend:
        return own, ""
    chosen = asked or first or min(own.gemeenten)
    if chosen not in own.gemeenten:
        raise NietGevonden
    return Bereik(frozenset({chosen}), own.aanbieder), chosen


def _keuzes(verzoek: Verzoek, gemeenten: Sequence[str]) -> Sequence[tuple[str, str]]:
    alle = verzoek.bereik.gemeenten >= verzoek.omgeving.bediend
    return [*([("", "alle gemeenten")] if alle else []), *gemeentekeuzes(verzoek, gemeenten)]


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


def _meting(meting: Meting | None, jaar: int, *, sees_all: bool) -> dict[str, Any] | None:
    if meting is None:
        return None
    whole = next((one for one in meting.totaal if one.jaar == jaar), None)
    return {
        "totaal": whole,
        "verdelingen": [
            _verdeling("Per wet", "Wet", meting.wetten, jaar, sees_all=sees_all),
            _verdeling("Per gemeente", "Gemeente", meting.gemeenten, jaar, sees_all=sees_all),
            _verdeling("Per aanbieder", "Aanbieder", meting.aanbieders, jaar, sees_all=sees_all),
            _verdeling(
                "Per profiel en cel", "Overeenkomst en cel", meting.cellen, jaar, sees_all=sees_all
            ),
        ],
    }


def _verdeling(
    titel: str, kop: str, rijen: Sequence[Verbruik], jaar: int, *, sees_all: bool
) -> Verdeling:
    own = [one for one in rijen if one.jaar == jaar]
    shown = cijfers.shown(own, sees_all=sees_all)
    return Verdeling(titel, kop, shown[:RIJEN], max(0, len(shown) - RIJEN))


def _radar(radar: Radar | None, *, sees_all: bool) -> dict[str, Any] | None:
    """Assignments one by one only for who may see clients; for others how many there are."""
    if radar is None:
        return None
    aflopend = [one for one in radar.aflopend if one.soort != TOEWIJZING]
    own = [one for one in radar.aflopend if one.soort == TOEWIJZING]
    return {
        "lopend": radar.lopend,
        "opraken": radar.uitputting[:VOORUIT] if sees_all else [],
        "opraken_aantal": len(radar.uitputting),
        "opraken_belang": sum(_belang(one) for one in radar.uitputting),
        "aflopend": aflopend[:VOORUIT],
        "aflopend_aantal": len(aflopend),
        "toewijzingen": own[:VOORUIT] if sees_all else [],
        "toewijzingen_aantal": len(own),
        "ruimte": radar.ruimte[:RIJEN],
        "verrekening": radar.verrekening[:RIJEN],
        "gebruik": [
            (one, not sees_all and one.zorg.in_zorg < cijfers.KLEINSTE)
            for one in radar.gebruik[:RIJEN]
        ],
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

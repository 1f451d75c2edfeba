"""Figures over the whole store, counted aside, and what of them is too small to be told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from gateway.http import klein
from gateway.http.omgeving import Omgeving
from gateway.http.taken import Taak
from gateway.http.verzoek import Verzoek
from gateway.ledger.aflopend import Venster
from gateway.ledger.regio.verborgen import KLEINSTE as KLEINSTE
from gateway.ledger.regio.verborgen import hidden_sums
from gateway.ledger.sturing import Verbruik
from gateway.pipeline.kennis import dag_van
from gateway.pipeline.klok import Klok, Lopend
from gateway.store.inzage import sturing
from gateway.toegang.wie import Bereik

sees_small = klein.sees_small
HOUDBAAR, WACHT = timedelta(hours=1), 2.0
# What should have come changes with every message, and the first thing of a day is to look at it.
UITGEBLEVEN_HOUDBAAR = timedelta(minutes=1)
DAGEN_VOORUIT = 60


@dataclass(frozen=True, slots=True)
class Getoond:
    """A row as somebody sees it; `is_klein` where it is about too few clients for who looks."""

    rij: Verbruik
    is_klein: bool


def meting(verzoek: Verzoek, bereik: Bereik) -> Taak | None:
    """Use and spending: the latest that was counted, None while the first is not there."""
    omgeving = verzoek.omgeving

    def count() -> Any:
        return sturing.meting_van(
            omgeving.store.database,
            bereik,
            omgeving.kennis.overeenkomsten,
            dag_van(omgeving.clock()),
        )

    return _counted(verzoek, "meting", bereik, count)


def radar(verzoek: Verzoek, bereik: Bereik) -> Taak | None:
    """What runs out, ends and is settled: the latest that was counted."""
    omgeving = verzoek.omgeving

    def look() -> Any:
        return sturing.radar_van(
            omgeving.store.database,
            bereik,
            omgeving.kennis.overeenkomsten,
            Venster(dag_van(omgeving.clock()), DAGEN_VOORUIT),
        )

    return _counted(verzoek, "radar", bereik, look)


def klok_van(omgeving: Omgeving) -> Klok:
    """The clock of terms by what this installation knows."""
    kennis = omgeving.kennis
    return Klok(
        kennis.types,
        kennis.termijnen,
        kennis.beleid_of,
        kennis.vrije_dagen,
        omgeving.store.rol,
        omgeving.settings.terugkijkdagen,
    )


def uitgebleven(verzoek: Verzoek, bereik: Bereik) -> Sequence[Lopend] | None:
    """What should have come from others by now, as it was a minute ago at most.

    It goes over every assignment of the days that are looked back, and so is counted aside; None
    while the first count is not there.
    """
    omgeving = verzoek.omgeving
    vandaag = dag_van(omgeving.clock())

    def look() -> Sequence[Lopend]:
        awaited = klok_van(omgeving).uitgebleven(omgeving.store.termijnen.within(bereik), vandaag)
        return [one for one in awaited if one.stand(vandaag) == "ontbreekt"]

    found = omgeving.taken.cijfers(
        "uitgebleven", _key(bereik), look, houdbaar=UITGEBLEVEN_HOUDBAAR, wacht=WACHT, telt=False
    )
    return None if found is None else found.uitkomst


def _counted(verzoek: Verzoek, soort: str, bereik: Bereik, count: Callable[[], Any]) -> Taak | None:
    taken = verzoek.omgeving.taken
    return taken.cijfers(soort, _key(bereik), count, houdbaar=HOUDBAAR, wacht=WACHT)


def _key(bereik: Bereik) -> str:
    return f"{bereik.scope} {bereik.aanbieder or ''}"


def shown(rijen: Sequence[Verbruik], *, sees_all: bool) -> Sequence[Getoond]:
    """Rows that stand beside their sum: what is too small is hidden, see `hidden_sums`."""
    if sees_all:
        return [Getoond(one, False) for one in rijen]
    small = hidden_sums({one.sleutel: one.clienten for one in rijen})
    # By their place they would tell between which amounts they are.
    hidden = sorted((one for one in rijen if one.sleutel in small), key=lambda one: one.sleutel)
    seen = [Getoond(one, False) for one in rijen if one.sleutel not in small]
    return [*seen, *(Getoond(one, True) for one in hidden)]

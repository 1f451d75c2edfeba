"""Figures over the whole store, counted aside, for who may see the clients behind them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from gateway.errors import NietToegestaan
from gateway.http.klein import sees_small
from gateway.http.omgeving import Omgeving
from gateway.http.taken import Taak
from gateway.http.verzoek import Verzoek
from gateway.ledger.aflopend import Venster
from gateway.pipeline.kennis import dag_van
from gateway.pipeline.klok import Klok, Lopend
from gateway.store.inzage import sturing
from gateway.toegang.wie import Bereik

HOUDBAAR, WACHT = timedelta(hours=1), 2.0
# What should have come changes with every message, and the first thing of a day is to look at it.
UITGEBLEVEN_HOUDBAAR = timedelta(minutes=1)
DAGEN_VOORUIT = 60


def meting(verzoek: Verzoek, bereik: Bereik) -> Taak | None:
    """Use and spending: the latest that was counted, None while the first is not there.

    Rows of it may be about one client: raises NietToegestaan for who may not see those.
    """
    if not sees_small(verzoek, bereik):
        raise NietToegestaan
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

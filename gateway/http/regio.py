"""The figures of a region, counted aside for pages and API alike."""

from __future__ import annotations

from datetime import timedelta

from gateway.http.omgeving import Omgeving
from gateway.http.taken import Taak
from gateway.ledger.regio.rapport import Regiocijfers
from gateway.pipeline.kennis import dag_van
from gateway.store.inzage.regio import regio_van
from gateway.toegang.wie import Bereik

# It goes over everything that ever was, for tariffs that are set once a year.
HOUDBAAR, WACHT = timedelta(hours=12), 2.0
# The years that are shown; one more is counted to compare with.
JAREN = 2


def regiotaak(omgeving: Omgeving, bereik: Bereik) -> Taak | None:
    """The task with the latest figures; None while the first ones are counted."""
    vandaag = dag_van(omgeving.clock())

    def count() -> Regiocijfers:
        jaren = [vandaag.year - back for back in range(JAREN + 1)]
        kennis, database = omgeving.kennis, omgeving.store.database
        return regio_van(database, bereik, kennis.overeenkomsten, omgeving.regio, jaren, vandaag)

    return omgeving.taken.cijfers("regio", bereik.scope, count, houdbaar=HOUDBAAR, wacht=WACHT)

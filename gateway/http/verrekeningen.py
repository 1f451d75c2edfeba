"""What municipalities may have to settle, as their own 319 messages tell it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from sqlalchemy.engine import Connection

from gateway.http.verzoek import Verzoek
from gateway.messages.reader import Source
from gateway.pipeline.kennis import dag_van
from gateway.store.geld.nazorg.verrekeningrijen import clienten_of
from gateway.store.geld.nazorg.woonplaats import Woonplaatsen
from gateway.store.noteren import Noteer, no_log
from gateway.toegang.wie import Bereik

BACK = timedelta(days=365)


def propose_found(verzoek: Verzoek, bereik: Bereik, noteer: Noteer = no_log) -> Sequence[int]:
    """Read the 319 messages of a year again, and propose what they tell; returns the new items.

    `noteer` is what else is written in their transaction.
    """
    omgeving = verzoek.omgeving
    kennis, store = omgeving.kennis, omgeving.store

    def lees(inbox_id: int) -> Iterator[object]:
        source = Source(store.message(inbox_id), kennis.bytecap)
        return (record for _, record in kennis.reader.open(source).records())

    zoeker = Woonplaatsen(store.database, lees, omgeving.bediend)
    codes = [one.code for one in kennis.types.all() if one.nummer == "319"]
    found = list(zoeker.zoek(bereik, codes, dag_van(omgeving.clock()) - BACK))

    def write(connection: Connection, /, *nummers: int) -> None:
        """Who proposes nothing has looked only, and never comes here."""
        noteer(connection, *nummers)
        for nummer, van, client in clienten_of(connection, nummers):
            verzoek.toont(van, [client], f"verrekening {nummer}")
        store.logboek.schrijf(connection, verzoek.verantwoord())

    return store.verrekeningen.add_found(verzoek.wie, bereik, found, write)

"""What municipalities may have to settle, as their own 319 messages tell it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from sqlalchemy.engine import Connection

from gateway.http.verzoek import Verzoek
from gateway.messages.reader import Source
from gateway.pipeline.kennis import dag_van
from gateway.store.geld.nazorg.verrekeningopgave import Gevonden
from gateway.store.geld.nazorg.woonplaats import Woonplaatsen
from gateway.store.noteren import Noteer
from gateway.store.toegang.logboek import Betrokkene
from gateway.toegang.wie import Bereik

BACK = timedelta(days=365)


def propose_found(verzoek: Verzoek, bereik: Bereik) -> Sequence[int]:
    """Read the 319 messages of a year again, and propose what they tell; returns the new items."""
    omgeving = verzoek.omgeving
    kennis, store = omgeving.kennis, omgeving.store

    def lees(inbox_id: int) -> Iterator[object]:
        source = Source(store.message(inbox_id), kennis.bytecap)
        return (record for _, record in kennis.reader.open(source).records())

    zoeker = Woonplaatsen(store.database, lees, omgeving.bediend)
    codes = [one.code for one in kennis.types.all() if one.nummer == "319"]
    made: list[int] = []
    for found in zoeker.zoek(bereik, codes, dag_van(omgeving.clock()) - BACK):
        noteer = _noteer_van(verzoek, found)
        made += store.verrekeningen.add_found(verzoek.wie, bereik, found, noteer)
    return made


def _noteer_van(verzoek: Verzoek, een: Gevonden) -> Noteer:
    """Accounts for what is proposed of one client; who proposes nothing has looked only."""

    def write(connection: Connection, /, *nummers: int) -> None:
        about = [Betrokkene(een.van, een.client, f"verrekening {nummer}") for nummer in nummers]
        handeling = replace(verzoek.verantwoord(gemeente=een.van), betrokkenen=about)
        verzoek.omgeving.store.logboek.schrijf(connection, handeling)

    return write

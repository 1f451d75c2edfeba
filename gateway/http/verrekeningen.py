"""What municipalities may have to settle, as their own 319 messages tell it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from gateway.http.verzoek import Verzoek
from gateway.messages.reader import Source
from gateway.pipeline.kennis import dag_van
from gateway.store.geld.nazorg.woonplaats import Woonplaatsen
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
        if new := store.verrekeningen.add_found(verzoek.wie, bereik, found):
            verzoek.toont(found.van, [found.client])
            made += new
    return made

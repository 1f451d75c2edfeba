"""The pages on a small made-up region whose messages were all handled."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from gateway.config import read_settings
from gateway.inlezen import kennisstand_of, load_kennis
from gateway.serving import listen, omgeving_of, serving
from gateway.store.store import StoreOptions, open_store
from tests.integration.berichten import read_once
from tests.integration.streek import Streek, handled
from tests.web.huis import ROYAAL, Huis, Klok, iedereen

REGELS, ZAAD = 200, 5
# Threads that count aside, while the page that began them goes on.
ASIDE = ("meting", "radar", "balans", "uitgebleven", "prognose", "terugblik", "regio", "sluiting")
# All messages of the region have come in by then, and its year goes on.
NA_AFLOOP = datetime(2026, 7, 20, 9, 0, tzinfo=UTC)


@dataclass(slots=True)
class Streekhuis:
    """A running gateway, and what stands in its store."""

    huis: Huis
    streek: Streek

    def een(self, query: str, *values: Any) -> Any:
        """One value out of the store."""
        return self.streek.rows(query, *values)[0][0]


@contextmanager
def streekhuis(folder: Path) -> Iterator[Streekhuis]:
    """A gateway whose region is done, with a user for every role."""
    streek, klok = handled(folder, ZAAD, REGELS), Klok(NA_AFLOOP)
    settings = read_settings({})
    with read_once():
        kennis = load_kennis(settings, streek.agreements)
    codes = {one.naam: one.code for one in kennis.types.all()}
    store = open_store(streek.store, klok, StoreOptions(codes=codes, rol="gemeente"))
    try:
        store.werkvolger.catch_up()
        plek = listen(settings, "127.0.0.1", 0)
        stand = kennisstand_of(kennis, store.beleidsversies, store.registerkennis)
        omgeving = omgeving_of(settings, stand, store, klok, plek.adres)
        port = plek.socket.getsockname()[1]
        made = Huis(replace(omgeving, grenzen=ROYAAL), klok, port)
        iedereen(made)
        with serving(plek, made.omgeving):
            yield Streekhuis(made, streek)
            made.omgeving.taken.close()
        for one in made.bezoekers:
            one.client.close()
    finally:
        store.close()


@contextmanager
def statements(made: Huis) -> Iterator[list[str]]:
    """What is asked of the store within it, of who reads while others count aside."""
    told: list[str] = []
    engine = made.store.database.engine

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if threading.current_thread().name not in ASIDE:
            told.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield told
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)

"""A gateway with pages and work in it: held invoices, rejected lines, and who may decide."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from gateway.bootstrap import Installation
from gateway.config import Settings
from gateway.deviations.policy import Beleid
from gateway.pipeline.kennisstand import Kennisstand
from gateway.serving import listen, omgeving_of, serving
from gateway.toegang.rechten import Rol
from gateway.toegang.wie import ALLE
from tests.integration.berichten import BASE, made
from tests.integration.test_hold import HOLD
from tests.integration.test_hold import Huis as Verwerking
from tests.web.huis import KAMPEN, ROYAAL, ZWOLLE, Huis, Klok

BEDENKTIJD = timedelta(minutes=10)


@dataclass(slots=True, kw_only=True)
class Werkhuis(Huis):
    """The same with what judges beside it."""

    verwerking: Verwerking
    folder: Path

    @property
    def left(self) -> list[tuple[str, bytes]]:
        """Every answer that left."""
        return self.verwerking.uit.left

    @property
    def installation(self) -> Installation:
        return self.verwerking.installation

    def at(self, moment: datetime) -> None:
        """Let time pass for all of it, and handle what is due by then."""
        self.verwerking.at(moment)
        self.store.werkvolger.catch_up()

    def later_on(self, passed: timedelta) -> None:
        self.at(self.verwerking.klok.now + passed)

    def take_in(self, *bodies: bytes) -> list[str]:
        """Handle messages; gives their verdicts."""
        found = self.verwerking.take(*bodies)
        self.store.werkvolger.catch_up()
        return found


@contextmanager
def werkhuis(folder: Path, beleid: Beleid = HOLD) -> Iterator[Werkhuis]:
    """A gateway on the store that a folder stands for, empty but for its users."""
    verwerking = Verwerking(folder, beleid)
    settings = Settings(gemeenten=(ZWOLLE, KAMPEN), port=0)
    plek = listen(settings, "127.0.0.1", 0)
    kennis = replace(verwerking.installation.kennis, gemeenten=frozenset({ZWOLLE, KAMPEN}))
    store = verwerking.installation.store
    omgeving = omgeving_of(settings, Kennisstand(kennis), store, verwerking.klok, plek.adres)
    omgeving = replace(omgeving, grenzen=ROYAAL)
    poort = plek.socket.getsockname()[1]
    huis = Werkhuis(
        omgeving=omgeving, klok=Klok(), poort=poort, verwerking=verwerking, folder=folder
    )
    for naam in ("anna", "bram"):
        huis.maak(naam, {ZWOLLE: {Rol.BEOORDELAAR}})
    huis.maak("kampen", {KAMPEN: {Rol.BEOORDELAAR}})
    huis.maak("lezer", {ALLE: {Rol.LEZER}})
    try:
        with serving(plek, omgeving):
            yield huis
        for one in huis.bezoekers:
            one.client.close()
    finally:
        verwerking.installation.close()


def held() -> tuple[bytes, bytes]:
    """An assignment message and an invoice of which both lines are held."""
    return made("JW301"), made("JW323")


def rejected() -> tuple[bytes, bytes]:
    """The same with an invoice of which lines are rejected as well."""
    return made("JW301"), (BASE / "JW323.xml").read_bytes()

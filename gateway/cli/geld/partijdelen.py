"""What both groups below `gateway assignments` share: their options, and what they log."""

from __future__ import annotations

import click
from sqlalchemy.engine import Connection

from gateway.cli.verantwoord import handeling_of
from gateway.store.store import SqlStore
from gateway.store.toegang.logboek import Betrokkene

DOEL = "toewijzingen wijzigen"
SHOWN = 200
STORE = click.option("--store", help="SQLAlchemy-URL; zonder deze die van de instellingen.")
WETTEN = click.Choice(["jeugdwet", "wmo"])


class Noteer:
    """Accounts for a change in its own transaction."""

    def __init__(
        self, store: SqlStore, naam: str, soort: str, nummer: int, over: str = "partij"
    ) -> None:
        self._store = store
        self._handeling = handeling_of(naam, soort, Betrokkene(object=f"{over} {nummer}"), DOEL)

    def __call__(self, connection: Connection, /, *_nummers: int) -> None:
        """Write it in the log of processing."""
        self._store.logboek.schrijf(connection, self._handeling)

    def alone(self) -> None:
        """The same in a transaction of its own."""
        self._store.logboek.write(self._handeling)

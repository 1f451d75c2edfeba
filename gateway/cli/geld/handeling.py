"""What a command about money writes in the log of processing, in the transaction of its change."""

from __future__ import annotations

from datetime import date

from sqlalchemy.engine import Connection

from gateway.cli.verantwoord import handeling_of
from gateway.errors import WrongUse
from gateway.store.noteren import Noteer
from gateway.store.store import SqlStore
from gateway.store.toegang.logboek import Betrokkene


def noteer_van(store: SqlStore, naam: str, soort: str, over: str) -> Noteer:
    """Accounts for an act (C or U) about something."""

    def write(connection: Connection, /, *_nummers: int) -> None:
        handeling = handeling_of(naam, soort, Betrokkene(object=over), naam)
        store.logboek.schrijf(connection, handeling)

    return write


def dag_of(optie: str, text: str) -> date:
    """A day as an option gives it; raises WrongUse that names the option."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise WrongUse(f"{optie} {text}: dit is geen datum als 2026-01-31") from None

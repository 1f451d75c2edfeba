"""What commands about the register of providers have in common."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import click

from gateway.cli.opened import opened_store
from gateway.cli.verantwoord import handeling_of
from gateway.config import read_settings
from gateway.errors import WrongUse
from gateway.pipeline.kennis import dag_van
from gateway.records.aanbieder import Aanbieder
from gateway.store.noteren import Noteer
from gateway.store.store import SqlStore
from gateway.store.toegang.logboek import Betrokkene

STORE = click.option("--store", help="SQLAlchemy-URL; zonder deze die van de instellingen.")
REDEN = click.option("--reden", required=True, help="Waarom; komt in het logboek. Zonder BSN.")
NUMMER = click.argument("nummer", type=int)
GEMEENTE = re.compile(r"^[0-9]{4}$", re.ASCII)


class _Dag(click.ParamType[date]):
    """A day as 2026-01-31."""

    name = "dag"

    def convert(self, value: Any, param: click.Parameter | None, ctx: Any) -> date:
        """The day; a wrong one is a wrong call."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise WrongUse(f"{value}: dit is geen datum als 2026-01-31") from None


DAG = _Dag()
VANAF = click.option("--vanaf", type=DAG, help="Eerste dag; zonder deze vandaag.")
TOT = click.option("--tot", type=DAG, help="Laatste dag.")


@contextmanager
def opened(store: str | None, *, changes: bool = True) -> Iterator[SqlStore]:
    """The store; one that is changed is brought up to date first."""
    with opened_store(read_settings(os.environ), store, updates=changes) as found:
        yield found


def today() -> date:
    """The day in the Netherlands."""
    return dag_van(datetime.now(UTC))


def noteer_van(store: SqlStore, naam: str, over: str, reden: str) -> Noteer:
    """Accounts for a change in its own transaction: what, about which provider, and why."""
    handeling = handeling_of(naam, "U", Betrokkene(object=over), reden)
    return lambda connection, *_: store.logboek.schrijf(connection, handeling)


def aanbieder_van(store: SqlStore, wie: str) -> Aanbieder:
    """A provider by our number or by its AGB code, today's holder or else the last one."""
    stand = store.register.stand()
    if len(wie) == 8:
        found = stand.houder(wie, today()) or stand.laatste_houder(wie)
    else:
        found = stand.aanbieders.get(int(wie)) if wie.isdecimal() else None
    if found is None:
        raise WrongUse(f"{wie} staat niet in het aanbiedersregister")
    return found


def checked_gemeente(code: str) -> str:
    """A municipality by its code."""
    if not GEMEENTE.match(code):
        raise WrongUse(f"{code} is geen gemeentecode van vier cijfers")
    return code

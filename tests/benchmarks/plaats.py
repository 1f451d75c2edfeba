"""Prepares a store with assignments and starts, to be copied for every measured run."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from gateway.bootstrap import Installation, Place, install, load_kennis
from gateway.cli.process import CAP
from gateway.config import read_settings
from gateway.logs import configure_logs
from gateway.pipeline.kennis import AMSTERDAM
from gateway.pipeline.ports import Outcome, Partijen
from tests.benchmarks.declaraties import AANBIEDER, GEMEENTE, assignments, starts

AT_ONCE = 20_000
MOMENT = datetime(2025, 5, 8, 12, tzinfo=AMSTERDAM)


class Nergens:
    """Takes what leaves."""

    def deliver(self, naam: str, soort: str, body: object) -> None:
        """Nothing to do."""


def opened(database: Path | str, agreements: Path | None = None) -> Installation:
    """A gateway on a database file or URL, durable as in production."""
    configure_logs("json", logging.CRITICAL)
    settings = read_settings({})
    kennis = replace(load_kennis(settings, agreements), bytecap=CAP)
    clock: Callable[[], datetime] = lambda: MOMENT  # noqa: E731 - a clock that stands still
    place = Place(url=database if isinstance(database, str) else f"sqlite:///{database}")
    return install(settings, kennis, clock, place, {"antwoord": Nergens()})


def seed(database: Path | str, lines: int, clients: list[str]) -> None:
    """Fill a new store with one assignment and one start a line."""
    installation = opened(database)
    store = installation.store
    partijen = Partijen(GEMEENTE, "jeugdwet", AANBIEDER)
    products, begun = list(assignments(lines, clients)), list(starts(lines, clients))
    for place in range(0, lines, AT_ONCE):
        taken = store.inbox.receive(f"{place}.xml", [b"<seed>%d</seed>" % place])
        claim = store.inbox.claim(taken.inbox_id)
        assert claim is not None
        with store.unit_of_work(claim) as uow:
            uow.add_toewijzingen(GEMEENTE, "jeugdwet", products[place : place + AT_ONCE])
            uow.add_leveringen(partijen, begun[place : place + AT_ONCE])
            uow.finish(Outcome("invalid", 1))
            uow.commit()
    installation.close()

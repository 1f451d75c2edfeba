"""Opens the gateway that is measured, and fills its store with assignments and starts."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.bootstrap import Installation, Place, install
from gateway.cli.process import CAP
from gateway.config import read_settings
from gateway.inlezen import load_kennis
from gateway.logs import configure_logs
from gateway.pipeline.kennis import AMSTERDAM
from gateway.pipeline.ports import Outcome, Partijen
from gateway.store.statements import row_of
from gateway.store.tables import levering, partij, toewijzing
from tests.benchmarks.declaraties import GEMEENTE, Kring, assignments, starts

AT_ONCE = 20_000
WET = "jeugdwet"
MOMENT = datetime(2026, 1, 8, 12, tzinfo=AMSTERDAM)


class Nergens:
    """Takes what leaves."""

    def deliver(self, naam: str, soort: str, body: object) -> None:
        """Nothing to do."""


def shift_to(moment: datetime) -> float:
    """Seconds between now and the moment that a gateway is to take for now."""
    return moment.timestamp() - time.time()


def opened(
    database: Path | str,
    agreements: Path | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    shift: float | None = None,
    updates: bool = True,
) -> Installation:
    """A gateway on a database file or URL, durable as in production, with a shifted clock."""
    configure_logs("json", logging.CRITICAL)
    settings = read_settings(environment or {})
    kennis = replace(load_kennis(settings, agreements), bytecap=CAP)
    ahead = shift_to(MOMENT) if shift is None else shift
    url = database if isinstance(database, str) else f"sqlite:///{database}"
    place = Place(url=url, updates=updates)

    def clock() -> datetime:
        return datetime.fromtimestamp(time.time() + ahead, UTC)

    return install(settings, kennis, clock, place, {"antwoord": Nergens()})


def seed(database: Path | str, kring: Kring, started: int | None = None) -> None:
    """Fill a new store with assignments, and with a start for so many of them (else for all)."""
    installation = opened(database)
    store = installation.store
    taken = store.inbox.receive("begin.xml", [b"<seed/>"])
    claim = store.inbox.claim(taken.inbox_id)
    assert claim is not None
    of_aanbieder = {kring.aanbieder(n * kring.block): 0 for n in range(kring.providers)}
    with store.unit_of_work(claim) as uow:
        for aanbieder in of_aanbieder:
            uow.add_leveringen(Partijen(GEMEENTE, WET, aanbieder), [])
        uow.finish(Outcome("invalid", 1))
        uow.commit()
    with store._ground.database.writing(GEMEENTE) as connection:
        for row in connection.execute(sa.select(partij)):
            of_aanbieder[row.aanbieder] = row.id
        shared = {"van_volgnr": claim.volgnr}
        _fill(
            connection,
            toewijzing,
            (
                row_of(one)
                | shared
                | {"gemeente": GEMEENTE, "wet": WET, "partij_id": of_aanbieder[one.aanbieder]}
                | {"bsn_hash": store.fingerprint(one.bsn)}
                for one in assignments(kring)
            ),
        )
        begun = range(kring.lines if started is None else started)
        _fill(
            connection,
            levering,
            (
                row_of(one)
                | shared
                | {"soort": "start", "partij_id": of_aanbieder[kring.aanbieder(index)]}
                | {"bsn_hash": store.fingerprint(one.bsn)}
                for index, one in zip(begun, starts(kring, begun), strict=True)
            ),
        )
    installation.close()


def _fill(connection: Connection, table: sa.Table, rows: Iterator[dict[str, Any]]) -> None:
    """Insert many rows; what their table has no column for is left out."""
    while chunk := list(islice(rows, AT_ONCE)):
        known = chunk[0].keys() & table.c.keys()
        connection.execute(sa.insert(table), [{k: row[k] for k in known} for row in chunk])

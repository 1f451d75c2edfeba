"""The log of processing: who read or changed what of whom, why, and what came of it.

The columns are those of Logboek Dataverwerkingen with the extension of NEN 7513: one row per
client, as children of one row for the act where there are several.  A row holds the hash of the row
before it, and its own hash is over all of its columns: who changes, adds or takes out one breaks
the chain.
Writers go one after another, so that there is one chain.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.store import postgres
from gateway.store.engine import ALL, Database, rows_of
from gateway.store.instellingen import read_setting
from gateway.store.toegang.tables import ANKER, verwerking

UNSET, GOED, FOUT = 0, 1, 2
NO_HASH = "0" * 64
# The act by which the oldest days of the log go.
INGEKORT = "logboek inkorten"
# In the place of a fingerprint: whoever has anything in a municipality.
IEDEREEN = "*"
SYSTEEM = "urn:nld:systeem:ijw-iwmo-gateway"
_ACTIVITEIT = f"{SYSTEEM}:verwerking:"
_COLUMNS = tuple(column.name for column in verwerking.c if column.name != "hash")


@dataclass(frozen=True, slots=True)
class Spoor:
    """Where an act stands in a chain of acts over systems (W3C Trace Context)."""

    trace_id: str
    span_id: str
    parent_span_id: str | None = None


@dataclass(frozen=True, slots=True)
class Betrokkene:
    """What an act was about: a client by the fingerprint of his Bsn, and what was seen.

    `kenmerk` is IEDEREEN for an act that goes over all clients of the municipality.
    """

    gemeente: str | None = None
    kenmerk: str | None = None
    object: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Handeling:
    """One act; `begin` and `einde` are milliseconds since 1970.

    `soort` is C, R, U, D or E (make, read, change, remove, do) as NEN 7513 has it.  `wie` is the
    user, or what was given as one at a login that failed; `rollen` those that he acts by.
    """

    naam: str
    soort: str
    spoor: Spoor
    begin: int
    einde: int
    wie: str
    weergave: str = ""
    rollen: Sequence[str] = ()
    doel: str = ""
    adres: str = ""
    uitkomst: int = GOED
    gemeente: str | None = None
    betrokkenen: Sequence[Betrokkene] = ()


class Logboek:
    """The log of this store; nothing in it is ever changed."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    @property
    def database(self) -> Database:
        """Where it is kept."""
        return self._database

    def write(self, handeling: Handeling) -> None:
        """Write an act in a transaction of its own."""
        with self._database.writing(ALL) as connection:
            self.schrijf(connection, handeling)

    def schrijf(self, connection: Connection, handeling: Handeling) -> None:
        """Write an act in a transaction that changes something, as the last thing in it.

        From here on the transaction sees all municipalities, and others wait for their turn.
        """
        if not self._database.is_sqlite:
            postgres.wait_for_log(connection)
        self._database.scope(connection, ALL)
        last = connection.execute(_LAST).first()
        today = self._clock().astimezone(UTC).date()
        # A clock that was put back starts no earlier day: rows stand in the order of writing.
        dag = today if last is None else max(today, last.dag)
        nr = last.nr + 1 if last is not None and last.dag == dag else 1
        vorige = NO_HASH if last is None else last.hash
        rows = []
        for place, row in enumerate(_rows(handeling)):
            made = {**row, "dag": dag, "nr": nr + place, "vorige": vorige}
            vorige = hash_of_row(made)
            rows.append({**made, "hash": vorige})
        connection.execute(sa.insert(verwerking), rows)

    def rows(
        self, vanaf: date | None = None, tot: date | None = None
    ) -> Iterator[Mapping[str, Any]]:
        """The rows of these days (inclusive), in the order of writing, a few at a time."""
        query = sa.select(verwerking).order_by(verwerking.c.dag, verwerking.c.nr)
        if vanaf is not None:
            query = query.where(verwerking.c.dag >= vanaf)
        if tot is not None:
            query = query.where(verwerking.c.dag <= tot)
        with self._database.long_snapshot() as connection:
            for row in rows_of(connection, query):
                yield dict(zip((*_COLUMNS, "hash"), row, strict=True))

    def anker(self) -> str:
        """The hash that the first row follows: none, or that of the last row that had its time."""
        with self._database.snapshot() as connection:
            kept = read_setting(connection, ANKER)
        return NO_HASH if kept is None else kept.split()[-1]

    def last_hash_before(self, dag: date) -> str | None:
        """The hash of the last row before a day, None where there is none."""
        query = _LAST.where(verwerking.c.dag < dag)
        with self._database.snapshot() as connection:
            found = connection.execute(query).first()
        return None if found is None else str(found.hash)


_LAST = (
    sa.select(verwerking.c.dag, verwerking.c.nr, verwerking.c.hash)
    .order_by(verwerking.c.dag.desc(), verwerking.c.nr.desc())
    .limit(1)
)


def hash_of_row(row: Mapping[str, Any]) -> str:
    """The hash over everything in a row but the hash itself."""
    text = msgspec.json.encode([row[name] for name in _COLUMNS])
    return hashlib.sha256(text).hexdigest()


def _rows(handeling: Handeling) -> Iterator[dict[str, Any]]:
    """One row for the act; of several clients, each is a child of it."""
    betrokkenen = list(handeling.betrokkenen)
    if len(betrokkenen) == 1:
        yield _row(handeling, handeling.spoor, betrokkenen[0])
        return
    spoor = handeling.spoor
    yield _row(handeling, spoor, Betrokkene(gemeente=handeling.gemeente))
    for one in betrokkenen:
        yield _row(handeling, Spoor(spoor.trace_id, secrets.token_hex(8), spoor.span_id), one)


def _row(handeling: Handeling, spoor: Spoor, over: Betrokkene) -> dict[str, Any]:
    return {
        "trace_id": spoor.trace_id,
        "span_id": spoor.span_id,
        "parent_span_id": spoor.parent_span_id,
        "status_code": handeling.uitkomst,
        "name": handeling.naam,
        "start_time": handeling.begin,
        "end_time": handeling.einde,
        "foreign_operation": None,
        "resource": _json({"service.name": SYSTEEM, "nen7513.AuditSourceId": SYSTEEM}),
        "attributes": _json(_attributes(handeling, over)),
        "gemeente": over.gemeente or handeling.gemeente,
        "wie": handeling.wie,
        "betrokkene": over.kenmerk,
    }


def _attributes(handeling: Handeling, over: Betrokkene) -> dict[str, Any]:
    found: dict[str, Any] = {
        "dpl.core.processing_activity_id": _ACTIVITEIT + handeling.naam.replace(" ", "-"),
        "dpl.nen7513.eventTypeCode": handeling.soort,
        "dpl.nen7513.users": [
            {
                "userID": handeling.wie,
                "userName": handeling.weergave,
                "roleIDCode": list(handeling.rollen),
                "purposeOfUse": handeling.doel,
                "networkAccessPointID": handeling.adres,
            }
        ],
    }
    if over.kenmerk is not None:
        found["dpl.core.data_subject_id"] = over.kenmerk
        found["dpl.core.data_subject_id_type"] = "allen" if over.kenmerk == IEDEREEN else "BSN"
    if over.object is not None:
        found["dpl.nen7513.participants"] = [
            {"participantObjectID": over.object, "participantObjectIDTypeCode": SYSTEEM}
        ]
    return found


def _json(value: Mapping[str, Any]) -> str:
    return msgspec.json.encode(value).decode()

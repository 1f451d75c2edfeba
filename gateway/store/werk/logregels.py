"""What people did with causes, lines and decisions, in order: only added to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.records.masker import mask
from gateway.store.werk.tables import werklog
from gateway.toegang.wie import Wie

# What somebody did; the steps of a decision have the words of its state.
GENOMEN, TOEGEWEZEN, LOSGELATEN, NOTITIE = "genomen", "toegewezen", "losgelaten", "notitie"


@dataclass(frozen=True, slots=True)
class Logregel:
    """Something that somebody did: `soort` is what, `tekst` his words about it.

    `besluit_id` is the decision that it is a step of.
    """

    moment: datetime
    wie: str
    naam: str
    soort: str
    tekst: str
    besluit_id: int | None = None


@dataclass(frozen=True, slots=True)
class Waarover:
    """What a line of the log is about; a line of an invoice by its message and number."""

    gemeente: str
    oorzaak_id: int | None = None
    besluit_id: int | None = None
    inbox_id: int | None = None
    regelnr: int | None = None


def write_log(
    connection: Connection, wie: Wie, moment: float, over: Waarover, soort: str, tekst: str = ""
) -> None:
    """Add that somebody did something; a Bsn in his words is hidden."""
    told = mask(tekst)
    about = {name: getattr(over, name) for name in Waarover.__slots__}
    row = {"at": moment, "wie": wie.kenmerk, "naam": wie.naam, "soort": soort, "tekst": told}
    connection.execute(sa.insert(werklog), row | about)


def read_log(
    connection: Connection, *wanted: sa.ColumnElement[bool], most: int = 200
) -> Sequence[Logregel]:
    """The last lines of the log about something, the newest first."""
    query = sa.select(werklog).where(*wanted).order_by(werklog.c.id.desc()).limit(most)
    return [_regel_of(row) for row in connection.execute(query)]


def _regel_of(row: Any) -> Logregel:
    moment = datetime.fromtimestamp(row.at, UTC)
    return Logregel(moment, row.wie, row.naam, row.soort, row.tekst, row.besluit_id)

"""Answers to requests that may come again: the same key gives the same answer, and one effect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.store.engine import Conflict, Database
from gateway.store.inbox import Clock
from gateway.store.toegang.tables import herhaling

# Longer than any request takes: whoever began it is gone by then.
LEASE_SECONDS = 60.0
KEPT_SECONDS = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Antwoord:
    """What was answered the first time."""

    status: int
    koppen: Mapping[str, str]
    inhoud: bytes


class Stand(Enum):
    """What there is to say of a request that comes with a key, when there is no answer yet."""

    AAN_DE_BEURT = auto()  # nobody does it: do it now
    BEZIG = auto()  # somebody does it
    ANDER_VERZOEK = auto()  # the key was used for something else


@dataclass(frozen=True, slots=True)
class Herkomst:
    """A request by whom it is of, its key, and the hash of what it asks."""

    van: str
    sleutel: str
    sha256: str


class Herhalingen:
    """Remembers for a day what was answered."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def begin(self, verzoek: Herkomst) -> Antwoord | Stand:
        """The answer of the first time, or whether this request may begin."""
        try:
            return self._begin(verzoek)
        except Conflict:
            # The same request came in beside this one in the same instant.
            return Stand.BEZIG

    def end(self, verzoek: Herkomst, antwoord: Antwoord) -> None:
        """Keep the answer, to be given again."""
        with self._database.writing() as connection:
            self.write(connection, verzoek, antwoord)

    def write(self, connection: Connection, verzoek: Herkomst, antwoord: Antwoord) -> None:
        """The same in the transaction of what was asked: either both come true or none."""
        given = {
            "status": antwoord.status,
            "koppen": msgspec.json.encode(antwoord.koppen).decode(),
            "inhoud": antwoord.inhoud,
        }
        connection.execute(sa.update(herhaling).where(*_is(verzoek)).values(given))

    def drop(self, verzoek: Herkomst) -> None:
        """Forget a request that came to nothing: it may be tried again under the same key."""
        with self._database.writing() as connection:
            connection.execute(
                sa.delete(herhaling).where(*_is(verzoek), herhaling.c.status.is_(None))
            )

    def free_all(self) -> None:
        """At the start of the only owner of a store: nobody is at work on anything any more."""
        with self._database.writing() as connection:
            connection.execute(sa.delete(herhaling).where(herhaling.c.status.is_(None)))

    def _begin(self, verzoek: Herkomst) -> Antwoord | Stand:
        now = self._clock().timestamp()
        own = {"van": verzoek.van, "sleutel": verzoek.sleutel}
        fresh = own | {"verzoek_sha256": verzoek.sha256, "begonnen_at": now}
        with self._database.writing() as connection:
            ended = now - KEPT_SECONDS
            connection.execute(sa.delete(herhaling).where(herhaling.c.begonnen_at < ended))
            kept = sa.select(herhaling).where(*_is(verzoek)).with_for_update()
            row = connection.execute(kept).one_or_none()
            if row is None:
                connection.execute(sa.insert(herhaling), fresh)
                return Stand.AAN_DE_BEURT
            if row.verzoek_sha256 != verzoek.sha256:
                return Stand.ANDER_VERZOEK
            if row.status is not None:
                return _antwoord_of(row)
            if row.begonnen_at > now - LEASE_SECONDS:
                return Stand.BEZIG
            again = sa.update(herhaling).where(*_is(verzoek)).values(begonnen_at=now)
            connection.execute(again)
            return Stand.AAN_DE_BEURT


def _is(verzoek: Herkomst) -> tuple[sa.ColumnElement[bool], ...]:
    return (herhaling.c.van == verzoek.van, herhaling.c.sleutel == verzoek.sleutel)


def _antwoord_of(row: Any) -> Antwoord:
    return Antwoord(row.status, msgspec.json.decode(row.koppen), row.inhoud)

"""Who works on a cause, and what people wrote with it or with a line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.errors import AlBeoordeeld, WrongUse
from gateway.store.engine import Database
from gateway.store.inbox import Clock
from gateway.store.noteren import Noteer, no_log
from gateway.store.tables import inbox
from gateway.store.werk.logregels import (
    GENOMEN,
    LOSGELATEN,
    NOTITIE,
    TOEGEWEZEN,
    Logregel,
    Waarover,
    read_log,
    write_log,
)
from gateway.store.werk.tables import oorzaak, werklog
from gateway.toegang.wie import Bereik, Wie

LONGEST_NOTE = 4_000
NO_CAUSE, NO_MESSAGE = "deze oorzaak bestaat niet", "dit bericht bestaat niet"


class Overleg:
    """Taking, assigning and notes; raises WrongUse for what is outside the Bereik."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def take(self, bereik: Bereik, wie: Wie, oorzaak_id: int, noteer: Noteer = no_log) -> None:
        """Work on a cause oneself; raises AlBeoordeeld when somebody else does."""
        with self._writing(bereik) as connection:
            row = self._cause(connection, bereik, oorzaak_id)
            if row.eigenaar not in (None, wie.kenmerk):
                raise AlBeoordeeld(f"{row.eigenaar_naam} werkt al aan deze oorzaak")
            self._give(connection, row, wie, (wie.kenmerk, wie.naam), GENOMEN)
            noteer(connection)

    def assign(
        self,
        bereik: Bereik,
        wie: Wie,
        oorzaak_id: int,
        aan: tuple[str, str],
        noteer: Noteer = no_log,
    ) -> None:
        """Let another work on a cause: his id for the log, and his name."""
        with self._writing(bereik) as connection:
            row = self._cause(connection, bereik, oorzaak_id)
            self._give(connection, row, wie, aan, TOEGEWEZEN)
            noteer(connection)

    def let_go(self, bereik: Bereik, wie: Wie, oorzaak_id: int, noteer: Noteer = no_log) -> None:
        """Leave a cause to whoever takes it."""
        with self._writing(bereik) as connection:
            row = self._cause(connection, bereik, oorzaak_id)
            self._give(connection, row, wie, (None, None), LOSGELATEN)
            noteer(connection)

    def note(
        self, bereik: Bereik, wie: Wie, oorzaak_id: int, tekst: str, noteer: Noteer = no_log
    ) -> None:
        """Write something with a cause."""
        told = _checked(tekst)
        with self._writing(bereik) as connection:
            row = self._cause(connection, bereik, oorzaak_id)
            write_log(connection, wie, self._now(), Waarover(row.gemeente, row.id), NOTITIE, told)
            noteer(connection)

    def note_line(
        self,
        bereik: Bereik,
        wie: Wie,
        regel: tuple[int, int | None],
        tekst: str,
        noteer: Noteer = no_log,
    ) -> None:
        """Write something with a message, or with one line in it: its number there."""
        inbox_id, regelnr = regel
        told = _checked(tekst)
        own = (inbox.c.id == inbox_id, inbox.c.gemeente.in_(sorted(bereik.gemeenten)))
        with self._writing(bereik) as connection:
            gemeente = connection.execute(sa.select(inbox.c.gemeente).where(*own)).scalar()
            if gemeente is None:
                raise WrongUse(NO_MESSAGE)
            over = Waarover(gemeente, inbox_id=inbox_id, regelnr=regelnr)
            write_log(connection, wie, self._now(), over, NOTITIE, told)
            noteer(connection)

    def about_cause(self, bereik: Bereik, oorzaak_id: int) -> Sequence[Logregel]:
        """What people did with a cause and the decisions on it, the newest in front."""
        return self._read(bereik, werklog.c.oorzaak_id == oorzaak_id)

    def about_message(
        self, bereik: Bereik, inbox_id: int, regelnr: int | None = None
    ) -> Sequence[Logregel]:
        """What people wrote with a message, or with one line in it."""
        wanted = [werklog.c.inbox_id == inbox_id]
        if regelnr is not None:
            wanted.append(werklog.c.regelnr == regelnr)
        return self._read(bereik, *wanted)

    def about_decision(self, bereik: Bereik, besluit_id: int) -> Sequence[Logregel]:
        """The steps of a decision."""
        return self._read(bereik, werklog.c.besluit_id == besluit_id)

    def _read(self, bereik: Bereik, *wanted: sa.ColumnElement[bool]) -> Sequence[Logregel]:
        with self._database.snapshot(bereik.scope) as connection:
            within = werklog.c.gemeente.in_(sorted(bereik.gemeenten))
            return read_log(connection, *wanted, within)

    def _cause(self, connection: Connection, bereik: Bereik, oorzaak_id: int) -> Any:
        wanted = (oorzaak.c.id == oorzaak_id, oorzaak.c.gemeente.in_(sorted(bereik.gemeenten)))
        row = connection.execute(sa.select(oorzaak).where(*wanted).with_for_update()).one_or_none()
        if row is None:
            raise WrongUse(NO_CAUSE)
        return row

    def _give(
        self,
        connection: Connection,
        row: Any,
        wie: Wie,
        aan: tuple[str | None, str | None],
        soort: str,
    ) -> None:
        owner = {"eigenaar": aan[0], "eigenaar_naam": aan[1]}
        connection.execute(sa.update(oorzaak).where(oorzaak.c.id == row.id).values(owner))
        told = aan[1] or "" if soort == TOEGEWEZEN else ""
        write_log(connection, wie, self._now(), Waarover(row.gemeente, row.id), soort, told)

    @contextmanager
    def _writing(self, bereik: Bereik) -> Iterator[Connection]:
        with self._database.writing(bereik.scope) as connection:
            yield connection

    def _now(self) -> float:
        return self._clock().timestamp()


def _checked(tekst: str) -> str:
    told = tekst.strip()
    if not told or len(told) > LONGEST_NOTE:
        raise WrongUse(f"schrijf een notitie van hoogstens {LONGEST_NOTE} tekens")
    return told

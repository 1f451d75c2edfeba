"""What every transaction stands on, and a connection that sees only who it is asked about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.config import Rol
from gateway.errors import TemporaryFailure
from gateway.pipeline.ports import Partijen
from gateway.store.bsn import Fingerprinter
from gateway.store.engine import NONE, Conflict, Database, insert_one, translated
from gateway.store.statements import row_of
from gateway.store.tables import partij
from gateway.store.vraag import Rows, Values, Vast, Vraag

# Municipality, law and provider together get a number once: so many of them are remembered.
PARTIJEN = 50_000


@dataclass(frozen=True, slots=True)
class Ground:
    """What every transaction stands on: the same for the whole store.

    `codes` gives the Berichtcode of a berichttype, `rol` is the side that the store is of.
    `kenmerksleutel` is what ids for outside are made with, `eerder` makes the fingerprints that a
    Bsn had under the keys before, the oldest in front.  `kept` are the hashes of knowledge that
    is known to be in the store, `partijen` the numbers of parties that are.
    """

    database: Database
    fingerprint: Fingerprinter
    codes: Mapping[str, str]
    rol: Rol = "gemeente"
    kenmerksleutel: bytes = b""
    eerder: Sequence[Fingerprinter] = ()
    kept: set[str] = field(default_factory=set)
    partijen: dict[Partijen, int] = field(default_factory=dict)

    @property
    def first_fingerprint(self) -> Fingerprinter:
        """The one under the first key of the store, for what is of no client and keeps it."""
        return self.eerder[0] if self.eerder else self.fingerprint

    def remember(self, partijen: Mapping[Partijen, int]) -> None:
        """These parties are in the store to stay."""
        if len(self.partijen) > PARTIJEN:
            self.partijen.clear()
        self.partijen.update(partijen)


class Bron(Protocol):
    """Where facts are read."""

    def partij(self, partijen: Partijen) -> int | None:
        """The small number of a partij; None before its first fact."""

    def rows(self, query: Vraag, values: Values) -> Rows:
        """The rows of a statement about the `gemeente` among its values (or several of them)."""


class Zicht:
    """A connection that sees only the municipalities that are asked about, and knows its parties.

    What it found or made itself is `ours`: to be remembered once that is certain to stay.
    """

    def __init__(self, ground: Ground, connection: Connection) -> None:
        self.connection = connection
        self.is_sqlite = ground.database.is_sqlite
        self.ours: dict[Partijen, int] = {}
        self._ground = ground
        self._gemeenten = NONE

    def on(self, gemeenten: str | None) -> None:
        """See these municipalities (with commas between them) from here on."""
        if gemeenten and gemeenten != self._gemeenten:
            self._ground.database.scope(self.connection, gemeenten)
            self._gemeenten = gemeenten

    def partij(self, partijen: Partijen) -> int | None:
        """The small number of a partij; None before its first fact."""
        known = self._ground.partijen.get(partijen) or self.ours.get(partijen)
        if known is None:
            with translated():
                self.on(partijen.gemeente)
                found = _PARTIJ.rows(self.connection, row_of(partijen))
            if found:
                known = self.ours[partijen] = found[0].id
        return known

    def rows(self, query: Vraag, values: Values) -> Rows:
        """See `Bron`."""
        return self.rows_of_all(query, [values])[0]

    def rows_of_all(self, query: Vraag, all_values: Sequence[Values]) -> Sequence[Rows]:
        """The rows of a statement for each set of values; only their municipalities are seen."""
        with translated():
            self.on(",".join(sorted({values["gemeente"] for values in all_values})))
            return query.rows_of_all(self.connection, all_values)

    def partij_made(self, partijen: Partijen) -> int:
        """The small number of a partij, made when it is new."""
        found = self.partij(partijen)
        if found is not None:
            return found
        try:
            with translated(), self.connection.begin_nested():
                made = insert_one(self.connection, partij, row_of(partijen))
        except Conflict as error:
            raise TemporaryFailure("een nieuwe aanbieder wordt net opgeslagen") from error
        self.ours[partijen] = made
        return made


_PARTIJ = Vast(
    lambda _: sa.select(partij.c.id).where(
        partij.c.gemeente == sa.bindparam("gemeente"),
        partij.c.wet == sa.bindparam("wet"),
        partij.c.aanbieder == sa.bindparam("aanbieder"),
    )
)

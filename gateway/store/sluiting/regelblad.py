"""The lines behind an amount: of a municipality, and of one aanbieder or of all."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import cast

from sqlalchemy.engine import Connection

from gateway.ledger.sluiting.regels import Sluitregel
from gateway.store.engine import Database
from gateway.store.inzage.blad import Blad, place_of, write_place
from gateway.store.sluiting.stromen import Regelvraag, Sleutel, stromen

# Where a line is: in which stream, and its key there.
Plaats = tuple[int, int, int, int]


class Regelblad:
    """Reads lines, a page at a time or all of them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def blad(self, vraag: Regelvraag, omvang: int, na: str | None = None) -> Blad[Sluitregel]:
        """A page of lines."""
        place = None if na is None else cast("Plaats", place_of(na, int, int, int, int))
        with self._database.snapshot(vraag.bereik.scope) as connection:
            found = list(islice(_after(connection, vraag, place, omvang + 1), omvang + 1))
        shown = found[:omvang]
        more = write_place(shown[-1][0]) if len(found) > omvang else None
        return Blad([one for _, one in shown], more)

    def alle(self, vraag: Regelvraag) -> Iterator[Sluitregel]:
        """Every line, from one state of the store."""
        with self._database.long_snapshot(vraag.bereik.scope) as connection:
            yield from (one for _, one in _after(connection, vraag, None, None))


def _after(
    connection: Connection, vraag: Regelvraag, place: Plaats | None, most: int | None
) -> Iterator[tuple[Plaats, Sluitregel]]:
    """The lines after a place, through all streams."""
    first, after = (0, None) if place is None else (place[0], place[1:])
    for nr, stroom in enumerate(stromen(vraag)):
        if nr < first:
            continue
        na: Sleutel | None = after if nr == first else None
        for key, one in stroom.lees(connection, na, most):
            yield (nr, *key), one

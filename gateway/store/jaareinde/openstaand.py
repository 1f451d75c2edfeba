"""Reads what was submitted and has no answer yet: of such invoices only the bytes are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy.engine import Connection

from gateway.errors import GatewayError
from gateway.ledger.jaareinde.stand import Sleutel
from gateway.periods.verdelen import per_year
from gateway.records.declaratie import Prestatie
from gateway.store.engine import Database, rows_of
from gateway.store.jaareinde import vragen
from gateway.store.jaareinde.vragen import Jaarvraag
from gateway.store.pieces import StoredPieces
from gateway.store.tables import inbox_stuk


class Ingelezen(NamedTuple):
    """An invoice as it was read: under which law, from whom, and its lines."""

    wet: str
    aanbieder: str
    regels: Iterable[Prestatie]


# Reads an invoice from its bytes, None for what is none; raises GatewayError where it cannot.
Lees = Callable[[Iterable[bytes]], Ingelezen | None]


class Openregel(NamedTuple):
    """A line without an answer, and what of it is of the year (eurocents with a sign)."""

    inbox_id: int
    wet: str
    aanbieder: str
    prestatie: Prestatie
    in_jaar: int

    @property
    def sleutel(self) -> Sleutel:
        """Of which balance it is."""
        return Sleutel(self.wet, self.aanbieder, self.prestatie.productcode)


@dataclass(slots=True)
class Openstaand:
    """Hands out the open lines of a year; afterwards `onleesbaar` tells what could not be read."""

    database: Database
    connection: Connection
    vraag: Jaarvraag
    codes: Sequence[str]
    lees: Lees
    onleesbaar: list[int] = field(default_factory=list)

    def regels(self) -> Iterator[Openregel]:
        """Every open line, also those of other years, in order of intake and of the document."""
        rows = list(rows_of(self.connection, vragen.open_messages(self.vraag, self.codes)))
        for inbox_id, count in rows:
            try:
                yield from self._of_message(inbox_id, count)
            except GatewayError:
                self.onleesbaar.append(inbox_id)

    def _of_message(self, inbox_id: int, count: int) -> Sequence[Openregel]:
        read = self.lees(StoredPieces(self.database, inbox_stuk, inbox_id, count))
        wanted = self.vraag.aanbieder
        if read is None or wanted not in (None, read.aanbieder):
            return ()
        # Whole before anything of it counts: only its last byte tells that it is a good message.
        return [
            Openregel(inbox_id, read.wet, read.aanbieder, one, _in_year(one, self.vraag.jaar))
            for one in read.regels
        ]


def _in_year(one: Prestatie, jaar: int) -> int:
    return per_year(one.ondertekend, one.begindatum, one.einddatum).get(jaar, 0)

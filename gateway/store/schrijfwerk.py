"""What messages write, gathered up to where it has to be there: then it goes per table.

What one message writes the next one may have to see: whoever reads has it written first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.errors import TemporaryFailure
from gateway.store import statements
from gateway.store.bsn import Fingerprinter
from gateway.store.bulk import AT_ONCE, insert_all, update_all
from gateway.store.regels import Regels, Rows, numbers_for, write_regels
from gateway.store.tables import besteding, declaratie, inbox, toewijzing
from gateway.store.zicht import Zicht

LOST = "het bericht is intussen aan een ander gegeven"
Row = Mapping[str, Any]


@dataclass(slots=True)
class _Declaratie:
    """A Declaratie with its lines, none where there are none to write."""

    row: Row
    regels: Rows = ()


class Schrijfwerk:
    """The rows of one transaction that are not written yet."""

    def __init__(self, fingerprint: Fingerprinter) -> None:
        self._fingerprint = fingerprint
        self._gemeenten: set[str] = set()
        self._rows: dict[sa.Table, list[Iterable[Row]]] = {}
        self._toewijzingen: dict[tuple[Any, ...], Row] = {}
        self._declaraties: list[_Declaratie] = []
        self._ended: dict[tuple[str, ...], list[Row]] = {}

    def on(self, gemeente: str) -> None:
        """What comes is of this municipality."""
        if gemeente:
            self._gemeenten.add(gemeente)

    def add(self, table: sa.Table, rows: Iterable[Row]) -> None:
        """Rows to insert, all with the same keys; they are asked for when they are written."""
        self._rows.setdefault(table, []).append(rows)

    def add_toewijzing(self, zicht: Zicht, row: Row) -> None:
        """A version of an assignment, which ends the same version unless it is the same."""
        key = statements.versie_of(row)
        if key in self._toewijzingen:
            self.write(zicht)
        self._toewijzingen[key] = row

    def add_declaratie(self, row: Row) -> None:
        """A Declaratie."""
        self._declaraties.append(_Declaratie(row))

    def add_regels(self, regels: Rows) -> None:
        """The lines of the Declaratie that was just added."""
        if not self._declaraties:
            raise RuntimeError("add_declaratie goes before add_prestaties")
        self._declaraties[-1].regels = regels

    def end(self, row: Row) -> None:
        """What becomes of an inbox row, found by its `id` and the `volgnr` of this judgement."""
        self._ended.setdefault(tuple(row), []).append(row)

    def write(self, zicht: Zicht) -> None:
        """Write it all; raises TemporaryFailure when a message is no longer in our hands."""
        zicht.on(",".join(sorted(self._gemeenten)))
        connection = zicht.connection
        if self._toewijzingen:
            _write_toewijzingen(connection, [*self._toewijzingen.values()], zicht.is_sqlite)
            self._toewijzingen.clear()
        if self._declaraties:
            self._write_declaraties(connection)
            self._declaraties.clear()
        for table, rows in self._rows.items():
            for part in _parts(chain.from_iterable(rows)):
                insert_all(connection, table, part)
        self._rows.clear()
        for ended in self._ended.values():
            if update_all(connection, inbox, ended, keys=2) != len(ended):
                raise TemporaryFailure(LOST)
        self._ended.clear()
        self._gemeenten.clear()

    def _write_declaraties(self, connection: Connection) -> None:
        """Declaraties, their lines behind each other, and what the granted ones come to."""
        last, numbers = numbers_for(connection, len(self._declaraties))
        owned = [
            ((one.row["partij_id"], number, one.row["van_volgnr"]), one.regels)
            for number, one in zip(numbers, self._declaraties, strict=True)
        ]
        written = write_regels(connection, last, self._fingerprint, owned)
        rows: list[Row] = []
        spent: list[Row] = []
        for number, one, regels in zip(numbers, self._declaraties, written, strict=True):
            span = {"id": number, "regel_van": regels.van, "regel_tot": regels.tot}
            rows.append({**one.row, **span})
            spent += _spent(one.row, regels)
        insert_all(connection, declaratie, rows)
        insert_all(connection, besteding, spent)


def _spent(row: Row, regels: Regels) -> Iterator[Row]:
    """What a message adds to the granted amounts per year and product."""
    own = {name: row[name] for name in ("partij_id", "inbox_id", "van_volgnr")}
    for (jaar, productcode), bedrag in regels.besteed.items():
        if bedrag:
            yield own | {"jaar": jaar, "productcode": productcode, "bedrag": bedrag}


def _write_toewijzingen(connection: Connection, rows: Sequence[Row], is_sqlite: bool) -> None:
    """Versions of assignments; one that stands already is ended, or stays when it is the same."""
    standing = statements.standing_versies(connection, rows, is_sqlite)
    fresh, ended = [], []
    for row in rows:
        before = standing.get(statements.versie_of(row))
        if before is not None:
            if statements.is_repeated(before, row):
                continue
            ended.append((before["id"], row["van_volgnr"]))
        fresh.append(row)
    if ended:
        statements.end_toewijzingen(connection, ended)
    insert_all(connection, toewijzing, fresh)


def _parts(rows: Iterable[Row]) -> Iterator[Sequence[Row]]:
    waiting = iter(rows)
    while part := list(islice(waiting, AT_ONCE)):
        yield part

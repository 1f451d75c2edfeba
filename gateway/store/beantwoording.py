"""Makes true what a 325 says of a 323 of our own: its lines end as sent, and stand as judged.

The rows are copied inside the database, whatever their number.  The refused lines come over from
the caller in chunks, and are written per combination of codes; all others are granted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.pipeline.ports import Geweigerd
from gateway.records.declaratie import GRANTED, REFUSED
from gateway.store.bouwstenen import KEYS, among, as_keys
from gateway.store.engine import insert_one
from gateway.store.ledger_balances import JAAR, SIGNED
from gateway.store.regels import last_before
from gateway.store.statements import REGELS
from gateway.store.tables import besteding, declaratie, prestatie

AT_ONCE = 1_000
_NEW = {"van_volgnr", "tot_volgnr", "declaratie_id", "toegekend", "retourcodes"}
_KEPT = [one.name for one in prestatie.c if one.name not in _NEW and one.name != "id"]


class Beantwoording:
    """One answered Declaratie; raises NoResultFound when nothing of the message stands."""

    def __init__(
        self, connection: Connection, inbox_id: int, volgnr: int, *, is_sqlite: bool
    ) -> None:
        self._connection = connection
        self._inbox_id = inbox_id
        self._volgnr = volgnr
        self._is_sqlite = is_sqlite
        standing = sa.select(declaratie).where(
            declaratie.c.inbox_id == inbox_id, declaratie.c.tot_volgnr.is_(None)
        )
        self._old = connection.execute(standing).mappings().one()
        self._own = (
            prestatie.c.declaratie_id == self._old["id"],
            prestatie.c.tot_volgnr.is_(None),
        )
        span = prestatie.c.id.between(self._old["regel_van"], self._old["regel_tot"])
        self._pending = (span, *self._own)
        self._last = 0
        self._by_id = among(prestatie.c.id, is_sqlite)

    def run(self, toegekend: int, geweigerd: Iterable[Sequence[Geweigerd]]) -> None:
        """Write it all; `toegekend` are signed eurocents."""
        ended = {"tot_volgnr": self._volgnr}
        self._execute(sa.update(declaratie).where(declaratie.c.id == self._old["id"]).values(ended))
        new = self._new_declaratie(toegekend)
        before = self._last = last_before(self._connection)
        for chunk in geweigerd:
            for begin in range(0, len(chunk), AT_ONCE):
                self._refuse(new, chunk[begin : begin + AT_ONCE])
        self._copy(new, GRANTED, "", *self._pending)
        self._execute(sa.update(prestatie).where(*self._pending).values(ended))
        lines = {"welke": new, "regel_van": before, "regel_tot": self._last}
        self._connection.execute(REGELS, lines)
        self._spend(new, before)

    def _new_declaratie(self, toegekend: int) -> int:
        row = {name: value for name, value in self._old.items() if name not in ("id", "tot_volgnr")}
        row |= {"toegekend": toegekend, "van_volgnr": self._volgnr}
        return insert_one(self._connection, declaratie, row)

    def _refuse(self, new: int, chunk: Sequence[Geweigerd]) -> None:
        """Some refused lines; they are found by ReferentieNummer, which has an index."""
        codes = {volgnr: found for volgnr, _, found in chunk}
        lines = sa.select(prestatie.c.id, prestatie.c.volgnr).where(
            prestatie.c.partij_id == self._old["partij_id"],
            among(prestatie.c.referentienummer, self._is_sqlite),
            *self._own,
        )
        given = {KEYS: as_keys([one[1] for one in chunk], self._is_sqlite)}
        by_codes: dict[str, list[int]] = {}
        for number, volgnr in self._connection.execute(lines, given):
            if volgnr in codes:
                by_codes.setdefault(codes[volgnr], []).append(number)
        for found, numbers in by_codes.items():
            keys = {KEYS: as_keys(numbers, self._is_sqlite)}
            self._copy(new, REFUSED, found, self._by_id, given=keys)
            ending = sa.update(prestatie).where(self._by_id).values(tot_volgnr=self._volgnr)
            self._connection.execute(ending, keys)

    def _copy(
        self,
        new: int,
        toegekend: int,
        codes: str,
        *wanted: sa.ColumnElement[bool],
        given: dict[str, Any] | None = None,
    ) -> None:
        """Lines as they are from now on, numbered on in the order in which they were stored."""
        fresh = {
            "declaratie_id": new,
            "van_volgnr": self._volgnr,
            "toegekend": toegekend,
            "retourcodes": codes,
        }
        values = [sa.literal(value, prestatie.c[name].type) for name, value in fresh.items()]
        number = self._last + sa.func.row_number().over(order_by=prestatie.c.id)
        rows = sa.select(number, *(prestatie.c[name] for name in _KEPT), *values).where(*wanted)
        copying = sa.insert(prestatie).from_select(["id", *_KEPT, *fresh], rows)
        done = self._connection.execute(
            copying, given or {}, execution_options={"preserve_rowcount": True}
        )
        self._last += done.rowcount

    def _spend(self, new: int, before: int) -> None:
        """What the message adds to the granted amounts per year and product, counted anew."""
        of_message = (besteding.c.inbox_id == self._inbox_id, besteding.c.tot_volgnr.is_(None))
        self._execute(sa.update(besteding).where(*of_message).values(tot_volgnr=self._volgnr))
        own = {
            "partij_id": self._old["partij_id"],
            "inbox_id": self._inbox_id,
            "van_volgnr": self._volgnr,
        }
        total = sa.func.sum(SIGNED, type_=sa.BigInteger)
        rows = (
            sa.select(
                *(sa.literal(value, besteding.c[name].type) for name, value in own.items()),
                sa.cast(JAAR, sa.Integer),
                prestatie.c.productcode,
                total,
            )
            .where(
                prestatie.c.id.between(before + 1, self._last),
                prestatie.c.declaratie_id == new,
                prestatie.c.toegekend == GRANTED,
            )
            .group_by(JAAR, prestatie.c.productcode)
            .having(total != 0)
        )
        names = [*own, "jaar", "productcode", "bedrag"]
        self._execute(sa.insert(besteding).from_select(names, rows))

    def _execute(self, statement: sa.Insert | sa.Update) -> None:
        self._connection.execute(statement)

"""Gives every cause its number: made once, kept for good, and remembered by who follows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.store.bouwstenen import KEYS, among, as_keys
from gateway.store.werk.tables import oorzaak

# The date of what has no term: everything with one stands before it.
NOOIT = date(9999, 12, 31)
SLEUTEL = ("gemeente", "wet", "rule", "retourcode", "product", "aanbieder")
REMEMBERED = 200_000
Sleutel = tuple[str, ...]


class Oorzaaknummers:
    """What was found or made in a transaction counts only once that was committed (`keep`)."""

    def __init__(self, is_sqlite: bool) -> None:
        self._is_sqlite = is_sqlite
        self._known: dict[Sleutel, int] = {}
        self._new: dict[Sleutel, int] = {}
        columns = (oorzaak.c[name] for name in SLEUTEL)
        self._query = sa.select(oorzaak.c.id, *columns).where(among(oorzaak.c.aanbieder, is_sqlite))

    def of(self, connection: Connection, findings: Sequence[Any]) -> Sequence[int]:
        """The cause of each finding, made where it is new."""
        wanted = {_sleutel(row): row for row in findings}
        missing = [one for one in wanted if one not in self._known and one not in self._new]
        if missing:
            self._find(connection, sorted({one[-1] for one in missing}))
            new = [one for one in missing if one not in self._new]
            self._make(connection, {one: wanted[one] for one in new})
        found = {one: self._new.get(one) or self._known[one] for one in wanted}
        return [found[_sleutel(row)] for row in findings]

    def keep(self) -> None:
        """Remember what this transaction found or made: it was committed."""
        if len(self._known) > REMEMBERED:
            self._known.clear()
        self._known |= self._new
        self._new.clear()

    def forget(self) -> None:
        """Another transaction begins, and the one before it may have been undone."""
        self._new.clear()

    def _find(self, connection: Connection, aanbieders: Sequence[str]) -> None:
        given = {KEYS: as_keys(aanbieders, self._is_sqlite)}
        for row in connection.execute(self._query, given):
            self._new[tuple(row[1:])] = row.id

    def _make(self, connection: Connection, new: dict[Sleutel, Any]) -> None:
        if new:
            rows = [_row(sleutel, finding) for sleutel, finding in new.items()]
            made = connection.scalars(_MAKE, rows)
            self._new |= dict(zip(new, made, strict=True))


_MAKE = sa.insert(oorzaak).returning(oorzaak.c.id, sort_by_parameter_order=True)


def _row(sleutel: Sleutel, finding: Any) -> dict[str, Any]:
    named = dict(zip(SLEUTEL, sleutel, strict=True))
    return named | {
        "termijn": NOOIT,
        "oudste_at": finding.received_at,
        "voorbeeld": finding.text,
    }


def _sleutel(row: Any) -> Sleutel:
    return (row.gemeente, row.wet, row.rule, row.code, row.product, row.aanbieder)

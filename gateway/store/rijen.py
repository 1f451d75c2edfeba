"""Turns rows as the driver gives them into records; rows of SQLAlchemy cost more than a query."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from gateway.records.declaratie import Declaratie, Prestatie
from gateway.records.extra import NO_EXTRA
from gateway.records.header import Header
from gateway.records.levering import StartProduct, StopProduct
from gateway.records.toewijzing import ToegewezenProduct
from gateway.records.verzoek import Verzoekstand
from gateway.store.columns import HEADER

Plain = tuple[Any, ...]


class _Days(dict[Any, Any]):
    """Dates by what the driver gives: SQLite their text, PostgreSQL themselves; None stays None.

    Many rows have few different dates, and looking one up costs less than a call.
    """

    def __missing__(self, value: Any) -> date | None:
        if len(self) >= DAYS_AT_ONCE:
            self.clear()
        found: date | None = date.fromisoformat(value) if isinstance(value, str) else value
        self[value] = found
        return found


DAYS_AT_ONCE = 8_192
DAY = _Days()
_DAYS_OF_TOEWIJZING = [
    ToegewezenProduct._fields.index(name)
    for name in ("bekend_op", "toewijzingsdatum", "ingangsdatum", "einddatum")
]


def prestatie_of(row: Sequence[Any]) -> Prestatie:
    """The record of a stored line, whose columns are those of `columns.PRESTATIE`."""
    codes = row[-1]
    found = tuple(codes.split()) if codes else ()
    values: Plain = ("", *row[:7], DAY[row[7]], DAY[row[8]], *row[9:-1], found, NO_EXTRA)
    return Prestatie._make(values)


def toewijzing_of(row: Plain) -> ToegewezenProduct:
    """The record of a stored assignment version (`columns.TOEWIJZING`)."""
    values = ["", *row, NO_EXTRA]
    for place in _DAYS_OF_TOEWIJZING:
        values[place] = DAY[values[place]]
    return ToegewezenProduct._make(values)


def start_of(row: Plain) -> StartProduct:
    """The record of a stored start (`columns.LEVERING`)."""
    bsn, nummer, categorie, code, ingang, begin, _, _, status, _ = row
    values: Plain = ("", bsn, nummer, categorie, code, DAY[ingang], DAY[begin], status, NO_EXTRA)
    return StartProduct._make(values)


def stop_of(row: Plain) -> StopProduct:
    """The record of a stored stop (`columns.LEVERING`)."""
    begin, reden, eind, status, _ = row[5:]
    values: Plain = ("", *row[:4], DAY[row[4]], DAY[begin], reden, DAY[eind], status, NO_EXTRA)
    return StopProduct._make(values)


def header_of(row: Plain) -> Header:
    """The Header of a stored 323 (`columns.HEADER`)."""
    values: Plain = ("", *row[:4], DAY[row[4]], *row[5 : len(HEADER)])
    return Header(*values)


def declaratie_of(row: Plain) -> Declaratie:
    """The record of a stored Declaratie (`columns.DECLARATIE`)."""
    return Declaratie("", row[0], DAY[row[1]], DAY[row[2]], DAY[row[3]], *row[4:])


def verzoekstand_of(row: Plain) -> Verzoekstand:
    """How far a stored request is (`queries.VERZOEK`)."""
    soort, referentie, staat, onderzocht, inbox_id = row
    return Verzoekstand(soort, referentie, staat, bool(onderzocht), inbox_id)

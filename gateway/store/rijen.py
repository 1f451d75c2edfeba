"""Turns rows as the driver gives them into records; rows of SQLAlchemy cost more than a query."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from gateway.records.declaratie import Declaratie, Prestatie
from gateway.records.header import Header
from gateway.records.levering import StartProduct, StopProduct
from gateway.records.toewijzing import ToegewezenProduct
from gateway.store.queries import HEADER

Plain = tuple[Any, ...]


@lru_cache(maxsize=8192)
def _parsed(text: str) -> date:
    return date.fromisoformat(text)


def as_day(value: Any) -> date:
    """A date, which SQLite gives as its text."""
    found: date = _parsed(value) if isinstance(value, str) else value
    return found


def day(value: Any) -> date | None:
    """A date or nothing."""
    return None if value is None else as_day(value)


def prestatie_of(row: Sequence[Any]) -> Prestatie:
    """The record of a stored line, whose columns are those of `queries.PRESTATIE`."""
    codes = row[-1]
    found = tuple(codes.split()) if codes else ()
    values: Plain = ("", *row[:7], as_day(row[7]), as_day(row[8]), *row[9:-1], found)
    return Prestatie._make(values)


def toewijzing_of(row: Plain) -> ToegewezenProduct:
    """The record of a stored assignment version (`queries.TOEWIJZING`)."""
    known, since = as_day(row[2]), as_day(row[7])
    first, last = as_day(row[9]), day(row[10])
    values: Plain = ("", *row[:2], known, *row[3:7], since, row[8], first, last, *row[11:])
    return ToegewezenProduct._make(values)


def start_of(row: Plain) -> StartProduct:
    """The record of a stored start (`queries.START`)."""
    values: Plain = ("", *row[:4], day(row[4]), as_day(row[5]), row[6])
    return StartProduct._make(values)


def stop_of(row: Plain) -> StopProduct:
    """The record of a stored stop (`queries.STOP`)."""
    begin, reden, eind, status = row[5:]
    dates_and_reason = (as_day(begin), reden, as_day(eind))
    values: Plain = ("", *row[:4], day(row[4]), *dates_and_reason, status)
    return StopProduct._make(values)


def header_of(row: Plain) -> Header:
    """The Header of a stored 323 (`queries.HEADER`)."""
    values: Plain = ("", *row[:4], as_day(row[4]), *row[5 : len(HEADER)])
    return Header(*values)


def declaratie_of(row: Plain) -> Declaratie:
    """The record of a stored Declaratie (`queries.DECLARATIE`)."""
    return Declaratie("", row[0], as_day(row[1]), as_day(row[2]), as_day(row[3]), *row[4:])

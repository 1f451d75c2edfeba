"""Recomputes the chain of the log of processing, and names the first row that does not fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from gateway.store.toegang.logboek import INGEKORT, NO_HASH, Logboek, hash_of_row


@dataclass(frozen=True, slots=True)
class Gevonden:
    """How many rows were right, the hash of the last of them, and where the chain breaks."""

    regels: int
    hash: str
    breuk: str | None = None


def controleer(logboek: Logboek, dag: date | None = None) -> Gevonden:
    """The log as a whole, or one day of it after the last row before it.

    Where its oldest days had their time, it begins after them, and a later row tells of that.
    """
    begin = logboek.anker()
    expected = begin if dag is None else logboek.last_hash_before(dag) or begin
    found = Gevonden(0, expected)
    is_told = begin == NO_HASH or dag is not None
    number, day = 0, None
    for row in logboek.rows(dag, dag):
        number = number + 1 if row["dag"] == day else 1
        day = row["dag"]
        # Only the first break says where it went wrong: after it nothing fits.
        if found.breuk is None:
            found = _next(found, row, number)
        is_told = is_told or (row["name"] == INGEKORT and begin in row["attributes"])
    if found.breuk is None and not is_told:
        return replace(found, breuk="het begin is weg, en geen regel vertelt dat het is ingekort")
    return found


def _next(before: Gevonden, row: Mapping[str, Any], number: int) -> Gevonden:
    where = f"dag {row['dag']}, regel {row['nr']}"
    if row["vorige"] != before.hash or row["nr"] != number:
        return replace(before, breuk=f"{where}: hiervoor is iets weggehaald of veranderd")
    if row["hash"] != hash_of_row(row):
        return replace(before, breuk=f"{where}: deze regel is veranderd")
    return Gevonden(before.regels + 1, row["hash"])

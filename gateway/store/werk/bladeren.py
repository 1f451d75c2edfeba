"""Goes on from a place in a list that is sorted by a key of numbers and dates."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa

from gateway.errors import WrongUse
from gateway.store.inzage.blad import read_place

LARGEST = 2**63
NO_PLACE = "deze plaats in de lijst bestaat niet"


def from_place(
    query: sa.Select[Any], key: tuple[sa.Column[Any], ...], falls: bool, na: str | None
) -> sa.Select[Any]:
    """In order of a key, behind a place in it."""
    query = query.order_by(*(one.desc() if falls else one for one in key))
    if na is None:
        return query
    place = read_place(na)
    if len(place) != len(key):
        raise WrongUse(NO_PLACE)
    values = [_value(column, one) for column, one in zip(key, place, strict=True)]
    own, there = sa.tuple_(*key), sa.tuple_(*values)
    return query.where(own < there if falls else own > there)


def _value(column: sa.Column[Any], told: Any) -> sa.BindParameter[Any]:
    if isinstance(column.type, sa.Date):
        try:
            return sa.literal(date.fromisoformat(told), column.type)
        except (TypeError, ValueError):
            raise WrongUse(NO_PLACE) from None
    if not isinstance(told, (int, float)) or abs(told) >= LARGEST:
        raise WrongUse(NO_PLACE)
    return sa.literal(told, column.type)

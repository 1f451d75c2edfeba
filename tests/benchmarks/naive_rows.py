"""The ORM of the naive way: a class for each table of the product that a large invoice touches."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import DeclarativeBase

from gateway.store import tables


class Rij(DeclarativeBase):
    """The classes below are mapped on the tables of the product."""

    metadata = tables.metadata


class PartijRij(Rij):
    """Municipality, law and aanbieder together."""

    __table__ = tables.partij


class ToewijzingRij(Rij):
    """A version of an assignment."""

    __table__ = tables.toewijzing


class LeveringRij(Rij):
    """A start or a stop."""

    __table__ = tables.levering


class DeclaratieRij(Rij):
    """An invoice."""

    __table__ = tables.declaratie


class PrestatieRij(Rij):
    """A judged line of an invoice."""

    __table__ = tables.prestatie


def record_of(kind: Any, row: Rij, **given: Any) -> Any:
    """The record of a row, with what the row does not have."""
    left = {"pad", "extra", *given}
    names = [name for name in kind._fields if name not in left]
    return kind(pad="", **{name: getattr(row, name) for name in names}, **given)

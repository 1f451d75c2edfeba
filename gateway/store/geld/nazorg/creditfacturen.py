"""A creditfactuur: takes lines of an approved invoice outside the traffic back, each once.

It is an invoice like any other, with the same lines below nothing: a second person approves it, and
the next run pays that much less.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.errors import WrongUse
from gateway.store.geld.nazorg.tables import GOEDGEKEURD, VERVALLEN, factuur, factuurregel

F, L = factuur.c, factuurregel.c
_credit, _van_credit = factuurregel.alias("credit"), factuur.alias("creditfactuur")


@dataclass(frozen=True, slots=True, kw_only=True)
class Creditopgave:
    """A creditfactuur as somebody puts it down; no `regels` told takes back all that stands.

    `document_sha256` is the hash of the paper or file.
    """

    factuurnummer: str
    factuurdatum: date
    regels: Sequence[int] = ()
    document_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Credit:
    """By which creditfactuur a line is taken back, or will be once that is approved."""

    nummer: int
    factuurnummer: str
    staat: str


def refuse_other(row: Any, opgave: Creditopgave) -> None:
    """Raise WrongUse for an invoice of which nothing can be taken back, or not so early."""
    if row.tegen_id is not None:
        raise WrongUse("dit is zelf een creditfactuur; leg een nieuwe factuur vast")
    if row.staat != GOEDGEKEURD:
        raise WrongUse("deze factuur telt niet: alleen wat is goedgekeurd, is te crediteren")
    if opgave.factuurdatum < row.factuurdatum:
        raise WrongUse("de creditfactuur is van voor de factuur zelf")


def taken_back(connection: Connection, nummer: int, welke: Sequence[int]) -> Sequence[Any]:
    """The lines of an invoice that are to be taken back, those told or all that stand.

    Raises WrongUse for a line that is not there or that is taken back already.
    """
    gone = credits_of(connection, nummer)
    query = sa.select(factuurregel).where(L.factuur_id == nummer).order_by(L.volgnr)
    lines = {row.volgnr: row for row in connection.execute(query)}
    for one in welke:
        if one not in lines:
            raise WrongUse(f"regel {one} staat niet op deze factuur")
        if one in gone:
            told = f"regel {one} is al gecrediteerd met factuur {gone[one].factuurnummer}"
            raise WrongUse(told)
    found = [row for volgnr, row in lines.items() if (volgnr in welke or not welke)]
    found = [row for row in found if row.volgnr not in gone]
    if not found:
        raise WrongUse("van deze factuur is alles al gecrediteerd")
    return found


def against(row: Any) -> dict[str, Any]:
    """The line that takes a line back."""
    same = {name: getattr(row, name) for name in _SAME}
    return same | {"volume": -row.volume, "bedrag": -row.bedrag, "tegen_id": row.id}


def credits_of(connection: Connection, nummer: int) -> Mapping[int, Credit]:
    """By which creditfactuur each line of an invoice is taken back, by the number of the line."""
    query = (
        sa.select(L.volgnr, _van_credit.c.id, _van_credit.c.factuurnummer, _van_credit.c.staat)
        .join_from(factuurregel, _credit, _credit.c.tegen_id == L.id)
        .join(_van_credit, _van_credit.c.id == _credit.c.factuur_id)
        .where(L.factuur_id == nummer, _credit.c.staat != VERVALLEN)
    )
    return {row[0]: Credit(*row[1:]) for row in connection.execute(query)}


_SAME = ("gemeente", "volgnr", "productcode", "eenheid", "begindatum", "einddatum", "tarief")
# A line that asks for something: none that takes back, or that an approved one took back.
ASKS = sa.and_(
    L.tegen_id.is_(None),
    ~sa.exists()
    .where(
        _credit.c.tegen_id == L.id,
        _credit.c.staat != VERVALLEN,
        _van_credit.c.id == _credit.c.factuur_id,
        _van_credit.c.staat == GOEDGEKEURD,
    )
    .correlate(factuurregel),
)

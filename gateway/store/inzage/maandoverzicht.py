"""The statement of a month: what an aanbieder asked for in it, and what became of every cent.

An invoice is of the month in which its period begins, with all its lines.  One that was rejected as
a whole counts as not sent, and is in no statement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from gateway.ledger.boek import Saldo
from gateway.periods.maanden import last_of_month
from gateway.records.declaratie import GRANTED, REFUSED
from gateway.store.engine import Database
from gateway.store.inzage.binnen import partij_in
from gateway.store.inzage.blad import Blad, blad_of, place_of
from gateway.store.inzage.declaratieregels import REGELS, Regelrij, regel_of
from gateway.store.inzage.vandaag import first_day
from gateway.store.ledger_balances import OF_DECLARATIE, SALDO, SIGNED, stands
from gateway.store.tables import declaratie, partij, prestatie
from gateway.toegang.wie import Bereik


@dataclass(frozen=True, slots=True)
class Afwijzing:
    """What was rejected with the same retourcodes; `bedrag` in eurocents, credits subtracted."""

    retourcodes: tuple[str, ...]
    regels: int
    bedrag: int


@dataclass(frozen=True, slots=True)
class Maandoverzicht:
    """A month: the rejections add up to what `saldo` says was rejected."""

    maand: str
    declaraties: int
    saldo: Saldo
    afwijzingen: Sequence[Afwijzing]


class Maandoverzichten:
    """Reads of one month (`YYYY-MM`), each within a Bereik; raise WrongUse for no month."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def van(self, bereik: Bereik, maand: str, wet: str | None = None) -> Maandoverzicht:
        """The statement of a month, of one law or of both; empty where nothing was sent."""
        own = [*_own(bereik, maand), *([] if wet is None else [partij.c.wet == wet])]
        with self._database.snapshot(bereik.scope) as connection:
            row = connection.execute(_SALDO.where(*own)).one()
            grounds = connection.execute(_AFWIJZINGEN.where(*own)).all()
        found = [Afwijzing(tuple(one[0].split()), one[1], int(one[2])) for one in grounds]
        return Maandoverzicht(
            maand=maand,
            declaraties=row[0],
            saldo=Saldo._make(map(int, row[1:])),
            afwijzingen=sorted(found, key=lambda one: (-abs(one.bedrag), one.retourcodes)),
        )

    def regels(
        self,
        bereik: Bereik,
        maand: str,
        omvang: int,
        vanaf: str | None = None,
        *,
        toegekend: bool | None = None,
    ) -> Blad[Regelrij]:
        """A page of the lines of a month, in the order in which they were judged."""
        query = REGELS.where(*_own(bereik, maand), OF_DECLARATIE)
        if toegekend is not None:
            query = query.where(prestatie.c.toegekend == (GRANTED if toegekend else REFUSED))
        if vanaf is not None:
            query = query.where(prestatie.c.id > place_of(vanaf, int)[0])
        page = query.order_by(prestatie.c.id).limit(omvang + 1)
        with self._database.snapshot(bereik.scope) as connection:
            return blad_of(connection.execute(page).all(), omvang, regel_of, "id")


def _own(bereik: Bereik, maand: str) -> tuple[sa.ColumnElement[bool], ...]:
    first = first_day(maand)
    return (
        partij_in(bereik),
        declaratie.c.begindatum.between(first, last_of_month(first)),
        stands(declaratie),
    )


def _of_lines(*columns: Any) -> sa.Select[Any]:
    return (
        sa.select(*columns)
        .join_from(partij, declaratie, declaratie.c.partij_id == partij.c.id)
        .join(prestatie, OF_DECLARATIE)
    )


_SALDO = _of_lines(sa.func.count(sa.distinct(declaratie.c.id)), *SALDO)
_AFWIJZINGEN = (
    _of_lines(prestatie.c.retourcodes, sa.func.count(), sa.func.sum(SIGNED))
    .where(prestatie.c.toegekend == REFUSED)
    .group_by(prestatie.c.retourcodes)
)

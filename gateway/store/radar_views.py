"""Reads for the radar: running assignments with what was granted on them, spending, clients."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.ledger.gebruik import Zorg
from gateway.ledger.ruimte import Besteding
from gateway.ledger.tempo import Gebruik, Lopend
from gateway.ledger.verrekening import Afname
from gateway.ledger.volger import Volger
from gateway.store.bouwstenen import Select
from gateway.store.columns import TOEWIJZING
from gateway.store.engine import rows_of
from gateway.store.ledger_balances import SIGNED, P, stands
from gateway.store.rijen import Plain, toewijzing_of
from gateway.store.tables import besteding, levering, partij, prestatie, toewijzing

GEMEENTE = "gemeente"
TIJDELIJK = "20"
SIGNED_VOLUME = sa.case((P.debet_credit == "D", P.geleverd_volume), else_=-P.geleverd_volume)
_WIE = (partij.c.gemeente, partij.c.wet, partij.c.aanbieder)


def _of_gemeente() -> sa.ColumnElement[bool]:
    """Whether a party is of the municipality that is asked for, if any is."""
    asked: sa.BindParameter[str | None] = sa.bindparam(GEMEENTE, type_=sa.String)
    return sa.or_(asked.is_(None), partij.c.gemeente == asked)


def _summed(column: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    return sa.func.sum(column, type_=sa.BigInteger)


# Both by party and number, so that they can be walked side by side.
VERSIES = (
    sa.select(
        toewijzing.c.partij_id,
        toewijzing.c.toewijzingnummer,
        partij.c.gemeente,
        partij.c.wet,
        toewijzing.c.bsn_hash,
        *TOEWIJZING,
    )
    .join_from(toewijzing, partij, partij.c.id == toewijzing.c.partij_id)
    .where(stands(toewijzing), _of_gemeente())
    .order_by(toewijzing.c.partij_id, toewijzing.c.toewijzingnummer)
)
GEBRUIK = (
    sa.select(
        P.partij_id,
        P.toewijzingnummer,
        P.begindatum,
        P.einddatum,
        P.eenheid,
        _summed(SIGNED_VOLUME),
        _summed(SIGNED),
    )
    .join_from(prestatie, partij, partij.c.id == P.partij_id)
    .where(stands(prestatie), P.toegekend == 1, _of_gemeente())
    .group_by(P.partij_id, P.toewijzingnummer, P.begindatum, P.einddatum, P.eenheid)
    .having(sa.or_(_summed(SIGNED_VOLUME) != 0, _summed(SIGNED) != 0))
    .order_by(P.partij_id, P.toewijzingnummer)
)
BESTEED = (
    sa.select(*_WIE, besteding.c.productcode, besteding.c.jaar, _summed(besteding.c.bedrag))
    .join_from(besteding, partij, partij.c.id == besteding.c.partij_id)
    .where(stands(besteding))
    .group_by(*_WIE, besteding.c.productcode, besteding.c.jaar)
)
AFNAME = (
    sa.select(
        *_WIE,
        P.productcode,
        P.eenheid,
        P.begindatum,
        sa.func.max(P.einddatum, type_=sa.Date),
        _summed(SIGNED_VOLUME),
        _summed(SIGNED),
    )
    .join_from(prestatie, partij, partij.c.id == P.partij_id)
    .where(
        stands(prestatie),
        P.toegekend == 1,
        P.productcode.in_(sa.bindparam("productcodes", expanding=True)),
    )
    .group_by(*_WIE, P.productcode, P.eenheid, P.begindatum)
)


START, STOP = levering.alias("start"), levering.alias("stop")
_TODAY: sa.BindParameter[date] = sa.bindparam("vandaag", type_=sa.Date)
_SINCE: sa.BindParameter[date] = sa.bindparam("jaarbegin", type_=sa.Date)


def _ended(*how: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Whether a stop with the same key ended a start."""
    names = ("toewijzingnummer", "productcategorie", "productcode", "begindatum")
    return sa.exists().where(
        STOP.c.soort == "stop",
        stands(STOP),
        STOP.c.partij_id == START.c.partij_id,
        STOP.c.bsn_hash == START.c.bsn_hash,
        *(STOP.c[name].is_not_distinct_from(START.c[name]) for name in names),
        *how,
    )


def _clients(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.count(sa.distinct(sa.case((condition, START.c.bsn_hash))))


def _zorg() -> Select:
    """Clients by their starts: a stop ends care from the day after it."""
    product = (
        sa.func.coalesce(START.c.productcategorie, ""),
        sa.func.coalesce(START.c.productcode, ""),
        START.c.toewijzingnummer.is_not(None),
    )
    is_over = _ended(STOP.c.einddatum < _TODAY)
    has_stopped = _ended(
        STOP.c.reden_beeindiging != TIJDELIJK, STOP.c.einddatum.between(_SINCE, _TODAY)
    )
    return (
        sa.select(
            *_WIE,
            *product,
            _clients(sa.and_(START.c.begindatum <= _TODAY, ~is_over)),
            _clients(START.c.begindatum.between(_SINCE, _TODAY)),
            _clients(has_stopped),
        )
        .join_from(START, partij, partij.c.id == START.c.partij_id)
        .where(
            START.c.soort == "start",
            stands(START),
            _of_gemeente(),
            sa.or_(
                START.c.toewijzingnummer.is_(None),
                START.c.productcode.in_(sa.bindparam("productcodes", expanding=True)),
            ),
        )
        .group_by(*_WIE, *product)
        .order_by(*_WIE, *product)
    )


ZORG = _zorg()


class Radarbron:
    """Hands out what the radar looks at, on one snapshot; satisfies `ledger.radar.Bron`."""

    def __init__(self, connection: Connection, gemeente: str | None) -> None:
        self._connection = connection
        self._gemeente = gemeente

    def lopend(self) -> Iterator[Lopend]:
        """See `radar.Bron`."""
        gebruik = Volger((row[:2], row) for row in self._rows(GEBRUIK))
        for key, rows in groupby(self._rows(VERSIES), key=itemgetter(0, 1)):
            for _ in gebruik.before(key):
                pass  # lines on a number that nobody knows any more
            *_, gemeente, wet, client = (row := _latest(list(rows)))[:5]
            product = toewijzing_of(row[5:])
            used = tuple(_gebruik(one) for one in gebruik.at(key))
            if not product.is_verwijderd:
                yield Lopend(
                    gemeente=gemeente, wet=wet, client=client, toewijzing=product, gebruik=used
                )

    def besteed(self) -> dict[Besteding, int]:
        """See `radar.Bron`."""
        return {
            Besteding._make((*row[:4], int(row[4]))): int(row[5]) for row in self._rows(BESTEED)
        }

    def afname(self, productcodes: Sequence[str]) -> list[Afname]:
        """See `radar.Bron`."""
        return [
            Afname._make((*row[:7], int(row[7]), int(row[8])))
            for row in self._rows(AFNAME, productcodes=list(productcodes))
        ]

    def zorg(self, productcodes: Sequence[str], vandaag: date) -> list[Zorg]:
        """See `radar.Bron`."""
        rows = self._rows(
            ZORG,
            productcodes=list(productcodes),
            vandaag=vandaag,
            jaarbegin=date(vandaag.year, 1, 1),
        )
        return [Zorg._make((*row[:5], bool(row[5]), *row[6:])) for row in rows]

    def _rows(self, query: sa.Select[Any], **given: Any) -> Iterator[Plain]:
        return rows_of(self._connection, query, {GEMEENTE: self._gemeente, **given})


def _latest(rows: Sequence[Plain]) -> Plain:
    """The version with the latest moment of assigning (IV013)."""
    return max(rows, key=lambda row: toewijzing_of(row[5:]).versie)


def _gebruik(row: Plain) -> Gebruik:
    return Gebruik._make((*row[2:5], int(row[5]), int(row[6])))

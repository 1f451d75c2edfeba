"""Figures over everything that somebody may see: counted aside, for they go over all lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.agreements.match import Overeenkomsten
from gateway.ledger.aflopend import Venster
from gateway.ledger.radar import Radar, look
from gateway.ledger.ruimte import Besteding
from gateway.ledger.sturing import Jaarregels, Meting, Zorgstuk, measure
from gateway.ledger.volger import Volger
from gateway.records.declaratie import GRANTED
from gateway.store.columns import TOEWIJZING
from gateway.store.engine import Database, rows_of
from gateway.store.inzage.binnen import partij_in
from gateway.store.ledger_balances import JAAR, SIGNED, P, stands
from gateway.store.radar_views import Radarbron
from gateway.store.rijen import Plain, toewijzing_of
from gateway.store.tables import partij, prestatie, toewijzing
from gateway.toegang.wie import Bereik

JAREN = 2


def gemeenten_van(database: Database, bereik: Bereik) -> Sequence[str]:
    """The municipalities of which there is anything to be seen."""
    query = sa.select(partij.c.gemeente).where(partij_in(bereik)).distinct()
    with database.snapshot(bereik.scope) as connection:
        return sorted(connection.scalars(query))


def meting_van(
    database: Database, bereik: Bereik, overeenkomsten: Overeenkomsten, vandaag: date
) -> Meting:
    """Use and spending of this year and the one before; goes over all lines of those years."""
    jaren = [vandaag.year - back for back in range(JAREN)]
    with database.long_snapshot(bereik.scope) as connection:
        return measure(_stukken(connection, bereik, jaren[-1]), overeenkomsten, jaren)


def radar_van(
    database: Database, bereik: Bereik, overeenkomsten: Overeenkomsten, venster: Venster
) -> Radar:
    """What runs out, ends and is settled; goes over all assignments and their lines.

    Over all municipalities of the Bereik, or over its only one.
    """
    gemeente = next(iter(bereik.gemeenten)) if len(bereik.gemeenten) == 1 else None
    with database.long_snapshot(bereik.scope) as connection:
        bron = _Eigen(connection, gemeente)
        return look(bron, overeenkomsten, venster, gemeente)


class _Eigen(Radarbron):
    """The same without the spending of municipalities that were not asked for."""

    def __init__(self, connection: Connection, gemeente: str | None) -> None:
        super().__init__(connection, gemeente)
        self._own = gemeente

    def besteed(self) -> dict[Besteding, int]:
        """See `radar.Bron`."""
        found = super().besteed()
        return {key: cents for key, cents in found.items() if self._own in (None, key.gemeente)}


def _summed(column: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    return sa.cast(sa.func.sum(column), sa.BigInteger)


_WIE = (partij.c.gemeente, partij.c.wet, partij.c.aanbieder)
_KEY = itemgetter(0, 1)
# Both by party and number, so that they can be walked side by side.
_VERSIES = (
    sa.select(
        toewijzing.c.partij_id,
        toewijzing.c.toewijzingnummer,
        *_WIE,
        toewijzing.c.bsn_hash,
        *TOEWIJZING,
    )
    .join_from(toewijzing, partij, partij.c.id == toewijzing.c.partij_id)
    .where(stands(toewijzing))
    .order_by(toewijzing.c.partij_id, toewijzing.c.toewijzingnummer)
)
_BEFORE_PRODUCT = 6
_REGELS = (
    sa.select(
        P.partij_id,
        P.toewijzingnummer,
        *_WIE,
        P.productcode,
        P.eenheid,
        sa.cast(JAAR, sa.Integer),
        sa.func.min(P.begindatum, type_=sa.Date),
        sa.func.count(),
        _summed(SIGNED),
    )
    .join_from(prestatie, partij, partij.c.id == P.partij_id)
    .where(
        stands(prestatie),
        P.toegekend == GRANTED,
        P.begindatum >= sa.bindparam("sinds", type_=sa.Date),
    )
    .group_by(P.partij_id, P.toewijzingnummer, *_WIE, P.productcode, P.eenheid, JAAR)
    .order_by(P.partij_id, P.toewijzingnummer)
)
_BEFORE_LINES = 5


def _stukken(connection: Connection, bereik: Bereik, jaar: int) -> Iterator[Zorgstuk]:
    """Every assignment with its granted lines since the begin of a year."""
    rows = rows_of(connection, _REGELS.where(partij_in(bereik)), {"sinds": date(jaar, 1, 1)})
    lines = Volger((_KEY(row), row) for row in rows)
    versies = rows_of(connection, _VERSIES.where(partij_in(bereik)))
    for key, group in groupby(versies, key=_KEY):
        yield from (_zonder(row) for _, row in lines.before(key))
        found: list[Plain] = list(group)
        products = [(toewijzing_of(row[_BEFORE_PRODUCT:]), row) for row in found]
        product, row = max(products, key=lambda one: one[0].versie)
        regels = [_jaarregels(one) for one in lines.at(key)]
        gemeente, wet, aanbieder, client = row[2:_BEFORE_PRODUCT]
        yield Zorgstuk(gemeente, wet, aanbieder, client, product, regels)
    yield from (_zonder(row) for _, row in lines.rest())


def _zonder(row: Any) -> Zorgstuk:
    gemeente, wet, aanbieder = row[2:_BEFORE_LINES]
    return Zorgstuk(gemeente, wet, aanbieder, None, None, [_jaarregels(row)])


def _jaarregels(row: Any) -> Jaarregels:
    code, eenheid, jaar, begin, aantal, bedrag = row[_BEFORE_LINES:]
    return Jaarregels(code, eenheid, int(jaar), begin, int(aantal), int(bedrag))

"""Adds up per provider and month what was asked for and what was granted."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.periods.maanden import first_of_month, last_of_month
from gateway.store.bouwstenen import KEYS, among, as_keys
from gateway.store.tables import declaratie, partij
from gateway.store.werk.tables import maandstand


def count_months(connection: Connection, berichten: Sequence[int], is_sqlite: bool) -> None:
    """Count the months again that the invoices among some messages are about."""
    query = _TOUCHED.where(among(declaratie.c.inbox_id, is_sqlite))
    touched = connection.execute(query, {KEYS: as_keys(berichten, is_sqlite)}).all()
    if not touched:
        return
    months = {(row.partij_id, f"{row.begindatum:%Y-%m}"): row for row in touched}
    days = [row.begindatum for row in months.values()]
    counting = _MONTHS.where(among(declaratie.c.partij_id, is_sqlite))
    parties = sorted({partij_id for partij_id, _ in months})
    given = {"van": first_of_month(min(days)), "tot": last_of_month(max(days))}
    counted = connection.execute(counting, given | {KEYS: as_keys(parties, is_sqlite)}).mappings()
    connection.execute(_FORGET, [{"partij": one, "welke": maand} for one, maand in months])
    rows = []
    for row in counted:
        found = months.get((row["partij_id"], row["maand"]))
        if found is not None:
            named = {name: getattr(found, name) for name in ("gemeente", "wet", "aanbieder")}
            rows.append(dict(row) | named)
    if rows:
        connection.execute(sa.insert(maandstand), rows)


def _sum(column: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.cast(sa.func.sum(column), sa.BigInteger), 0)


_TOUCHED = sa.select(
    declaratie.c.partij_id,
    declaratie.c.begindatum,
    *(partij.c[name] for name in ("gemeente", "wet", "aanbieder")),
).join_from(declaratie, partij, partij.c.id == declaratie.c.partij_id)
_TOTAAL = sa.case(
    (declaratie.c.debet_credit == "C", -declaratie.c.totaal_bedrag),
    else_=declaratie.c.totaal_bedrag,
)
# A date begins with its year and month, on both databases.
_MAAND = sa.func.substr(sa.cast(declaratie.c.begindatum, sa.Text), 1, 7)
_MONTHS = (
    sa.select(
        declaratie.c.partij_id,
        _MAAND.label("maand"),
        sa.func.count().label("declaraties"),
        _sum(_TOTAAL).label("ingediend"),
        _sum(declaratie.c.toegekend).label("toegekend"),
    )
    .where(
        declaratie.c.begindatum.between(
            sa.bindparam("van", type_=sa.Date), sa.bindparam("tot", type_=sa.Date)
        ),
        declaratie.c.tot_volgnr.is_(None),
    )
    .group_by(declaratie.c.partij_id, _MAAND)
)
_FORGET = sa.delete(maandstand).where(
    maandstand.c.partij_id == sa.bindparam("partij"), maandstand.c.maand == sa.bindparam("welke")
)

"""Adds up per provider and month what was asked for and granted, and how messages were judged."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.periods.maanden import first_of_month, last_of_month
from gateway.pipeline.kennis import AMSTERDAM, dag_van
from gateway.store.bouwstenen import KEYS, among, as_keys
from gateway.store.inzage.binnen import GEMEENTE
from gateway.store.tables import declaratie, inbox, partij
from gateway.store.werk.tables import maandstand, oordeelstand


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


def count_verdicts(connection: Connection, berichten: Sequence[int], is_sqlite: bool) -> None:
    """Count the verdicts again on what came in like some messages: between whom, of which kind.

    A month at a time: of two parties no more is looked at than what went between them in it.
    """
    query = _CAME_IN.where(among(inbox.c.id, is_sqlite))
    alike: dict[date, tuple[set[str], set[str]]] = {}
    for row in connection.execute(query, {KEYS: as_keys(berichten, is_sqlite)}):
        first = first_of_month(dag_van(datetime.fromtimestamp(row.received_at, UTC)))
        paren, codes = alike.setdefault(first, (set(), set()))
        paren.add(row.paar)
        codes.add(row.berichtcode)
    forget, count = _of_kinds(oordeelstand, is_sqlite), _of_kinds(inbox, is_sqlite)
    counted = sa.insert(oordeelstand).from_select(_COUNTED, _VERDICTS.where(*count))
    for first, (paren, codes) in alike.items():
        given = {
            KEYS: as_keys(sorted(paren), is_sqlite),
            CODES: as_keys(sorted(codes), is_sqlite),
            "welke": f"{first:%Y-%m}",
        }
        bounds = {"van": _begin_of(first), "tot": _begin_of(last_of_month(first) + _A_DAY)}
        connection.execute(_NO_VERDICTS.where(*forget), given)
        connection.execute(counted, given | bounds)


def _of_kinds(table: sa.Table, is_sqlite: bool) -> tuple[sa.ColumnElement[bool], ...]:
    """Between some parties, and of some kinds of messages."""
    return (
        among(table.c.paar, is_sqlite),
        among(table.c.berichtcode, is_sqlite, CODES),
    )


def _begin_of(day: date) -> float:
    return datetime.combine(day, time(), tzinfo=AMSTERDAM).timestamp()


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


def _judged(verdict: str) -> sa.ColumnElement[int]:
    return sa.func.sum(sa.case((inbox.c.verdict == verdict, 1), else_=0))


# The verdicts that count, by the column in which they are counted.
_COLUMNS = {"goed": "accepted", "deels": "partly", "afgewezen": "rejected"}
CODES = "codes"
_A_DAY = timedelta(days=1)
_MONTH: sa.BindParameter[str] = sa.bindparam("welke", type_=sa.String)
_OF_MESSAGE = (inbox.c.paar, inbox.c.berichtcode, GEMEENTE.label("gemeente"), inbox.c.afzender)
_COUNTED = ["maand", "paar", "berichtcode", "gemeente", "afzender", *_COLUMNS]
_CAME_IN = sa.select(inbox.c.paar, inbox.c.berichtcode, inbox.c.received_at).where(
    inbox.c.paar.is_not(None), inbox.c.berichtcode.is_not(None)
)
_VERDICTS = (
    sa.select(_MONTH, *_OF_MESSAGE, *map(_judged, _COLUMNS.values()))
    .where(
        inbox.c.received_at >= sa.bindparam("van", type_=sa.Double),
        inbox.c.received_at < sa.bindparam("tot", type_=sa.Double),
        inbox.c.verdict.in_(sorted(_COLUMNS.values())),
        inbox.c.afzender.is_not(None),
    )
    .group_by(*_OF_MESSAGE)
)
_NO_VERDICTS = sa.delete(oordeelstand).where(oordeelstand.c.maand == _MONTH)

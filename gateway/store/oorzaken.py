"""Reads open findings by cause: which there are, what they come to, and in which messages.

A finding is open while nothing has overtaken it: a rejected line until the same care was granted
after all, what was said of an own assignment until a later version came.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from gateway.deviations.causes import Omvang, Oorzaak, OpenOorzaak
from gateway.store.engine import Database
from gateway.store.tables import (
    AANGEHOUDEN,
    KLAAR,
    bevinding,
    inbox,
    ontheven,
    partij,
    prestatie,
    toewijzing,
)

AT_ONCE = 1_000
NOTHING = ""

_PRODUCT = sa.func.coalesce(bevinding.c.cel, bevinding.c.productcode, NOTHING)
_CODE = sa.func.coalesce(bevinding.c.retourcode, NOTHING)
# The columns of a cause, in the order of the fields of Oorzaak.
_OORZAAK = (
    partij.c.gemeente,
    partij.c.wet,
    bevinding.c.rule,
    _CODE.label("code"),
    _PRODUCT.label("product"),
    partij.c.aanbieder,
)


class Oorzaken:
    """Reads of the open findings; each method sees one state."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open(self, gemeente: str | None = None) -> list[OpenOorzaak]:
        """Every open cause, the one with most at stake first."""
        query = (
            sa.select(
                *_OORZAAK,
                sa.func.count(),
                sa.func.coalesce(sa.func.sum(bevinding.c.belang), 0),
                sa.func.count(sa.distinct(bevinding.c.inbox_id)),
                sa.func.count(sa.distinct(bevinding.c.toewijzingnummer)),
                sa.func.count(
                    sa.distinct(
                        sa.case((inbox.c.staat == AANGEHOUDEN, bevinding.c.inbox_id), else_=None)
                    )
                ),
                sa.func.min(bevinding.c.text),
            )
            .select_from(_FROM)
            .where(*_open(gemeente))
            .group_by(*_OORZAAK)
        )
        with self._database.snapshot() as connection:
            found = [_open_of(row) for row in connection.execute(query)]
        return sorted(found, key=_order)

    def berichten(self, oorzaak: Oorzaak) -> Sequence[tuple[int, str]]:
        """The messages with an open finding of a cause, with their state, in order of intake."""
        query = (
            sa.select(inbox.c.id, inbox.c.staat)
            .select_from(_FROM)
            .where(*_open(oorzaak.gemeente), *_of(oorzaak))
            .distinct()
            .order_by(inbox.c.id)
        )
        with self._database.snapshot() as connection:
            return [(row.id, row.staat) for row in connection.execute(query)]

    def regels(self, oorzaak: Oorzaak) -> Iterator[tuple[int, int | None]]:
        """The open findings of a cause: message, and number of the line where it is one."""
        last = 0
        query = (
            sa.select(bevinding.c.id, bevinding.c.inbox_id, bevinding.c.regelnr)
            .select_from(_FROM)
            .where(*_open(oorzaak.gemeente), *_of(oorzaak), bevinding.c.id > sa.bindparam("last"))
            .order_by(bevinding.c.id)
            .limit(AT_ONCE)
        )
        while True:
            with self._database.snapshot() as connection:
                rows = connection.execute(query, {"last": last}).all()
            yield from ((row.inbox_id, row.regelnr) for row in rows)
            if len(rows) < AT_ONCE:
                return
            last = rows[-1].id

    def ontheven(self, gemeente: str | None = None) -> Mapping[str, int]:
        """Per check how many deviations waivers cover, in order of code."""
        query = (
            sa.select(ontheven.c.rule, sa.func.sum(ontheven.c.aantal))
            .join_from(ontheven, inbox, inbox.c.id == ontheven.c.inbox_id)
            .where(ontheven.c.tot_volgnr.is_(None))
            .group_by(ontheven.c.rule)
            .order_by(ontheven.c.rule)
        )
        if gemeente is not None:
            query = query.where(inbox.c.gemeente == gemeente)
        with self._database.snapshot() as connection:
            return {row[0]: int(row[1]) for row in connection.execute(query)}


_FROM = bevinding.join(inbox, inbox.c.id == bevinding.c.inbox_id).join(
    partij, partij.c.id == bevinding.c.partij_id
)


def _open(gemeente: str | None) -> list[sa.ColumnElement[bool]]:
    """What makes a finding an open one."""
    wanted = [
        bevinding.c.tot_volgnr.is_(None),
        inbox.c.staat.in_((KLAAR, AANGEHOUDEN)),
        ~_granted_since(),
        ~_sent_since(),
    ]
    return wanted if gemeente is None else [*wanted, partij.c.gemeente == gemeente]


def _granted_since() -> sa.Exists:
    """Whether the care of a rejected line was granted in a later message."""
    return sa.exists().where(
        bevinding.c.effect == "reject",
        prestatie.c.partij_id == bevinding.c.partij_id,
        prestatie.c.toewijzingnummer == bevinding.c.toewijzingnummer,
        prestatie.c.productcode == bevinding.c.productcode,
        prestatie.c.begindatum == bevinding.c.begindatum,
        prestatie.c.debet_credit == "D",
        prestatie.c.toegekend == 1,
        prestatie.c.van_volgnr > bevinding.c.van_volgnr,
    )


def _sent_since() -> sa.Exists:
    """Whether a later version of the own assignment came."""
    return sa.exists().where(
        bevinding.c.klasse == "ToegewezenProduct",
        toewijzing.c.toewijzingnummer == bevinding.c.toewijzingnummer,
        toewijzing.c.gemeente == partij.c.gemeente,
        toewijzing.c.wet == partij.c.wet,
        toewijzing.c.van_volgnr > bevinding.c.van_volgnr,
    )


def _of(oorzaak: Oorzaak) -> list[sa.ColumnElement[bool]]:
    return [
        partij.c.wet == oorzaak.wet,
        partij.c.aanbieder == oorzaak.aanbieder,
        bevinding.c.rule == oorzaak.rule,
        _CODE == oorzaak.retourcode,
        _PRODUCT == oorzaak.product,
    ]


def _open_of(row: Any) -> OpenOorzaak:
    count, belang, berichten, toewijzingen, aangehouden, text = row[len(_OORZAAK) :]
    omvang = Omvang(count, int(belang), berichten, toewijzingen, aangehouden)
    return OpenOorzaak(Oorzaak(*row[: len(_OORZAAK)]), omvang, text)


def _order(one: OpenOorzaak) -> tuple[int, int, Oorzaak]:
    return (-abs(one.omvang.belang), -one.omvang.bevindingen, one.oorzaak)

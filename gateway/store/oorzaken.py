"""Reads open findings by cause: which there are, what they come to, and in which messages.

This asks the findings themselves.  What people work with all day is `werk`, which follows them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from gateway.deviations.causes import Omvang, Oorzaak, OpenOorzaak
from gateway.records.finding import Finding
from gateway.store.bevindingen import CODE, OORZAAK, PRODUCT, WITH_MESSAGE, is_open
from gateway.store.counters import VOLGNR, next_of, value_of
from gateway.store.engine import ALL, Database
from gateway.store.statements import finding_row
from gateway.store.tables import AANGEHOUDEN, KLAAR, bevinding, inbox, ontheven, partij
from gateway.store.views import finding_of
from gateway.store.werk.clienten import clienten_of
from gateway.store.werk.wachtrij import look_again

AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Gevonden:
    """An open finding with the message that it stands in."""

    inbox_id: int
    naam: str
    staat: str
    declaratie: str | None
    finding: Finding

    @property
    def is_held(self) -> bool:
        """Whether the message waits for a person."""
        return self.staat == AANGEHOUDEN


class Oorzaken:
    """Reads of the open findings; each method sees one state."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open(self, gemeente: str | None = None) -> list[OpenOorzaak]:
        """Every open cause, the one with most at stake first."""
        query = (
            sa.select(
                *OORZAAK,
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
            .select_from(WITH_MESSAGE)
            .where(*_open(gemeente))
            .group_by(*OORZAAK)
        )
        with self._database.snapshot() as connection:
            found = [_open_of(row) for row in connection.execute(query)]
        return sorted(found, key=_order)

    def bevindingen(self, oorzaak: Oorzaak) -> Iterator[Gevonden]:
        """The open findings of a cause, in order of message."""
        query = (
            sa.select(bevinding, inbox.c.naam, inbox.c.staat, inbox.c.declaratienummer)
            .select_from(WITH_MESSAGE)
            .where(
                *_open(oorzaak.gemeente),
                *_of(oorzaak),
                sa.tuple_(bevinding.c.inbox_id, bevinding.c.id)
                > sa.tuple_(sa.bindparam("bericht"), sa.bindparam("last")),
            )
            .order_by(bevinding.c.inbox_id, bevinding.c.id)
            .limit(AT_ONCE)
        )
        place = {"bericht": 0, "last": 0}
        while True:
            with self._database.snapshot() as connection:
                rows = connection.execute(query, place).all()
            for row in rows:
                nummer = row.declaratienummer
                yield Gevonden(row.inbox_id, row.naam, row.staat, nummer, finding_of(row))
            if len(rows) < AT_ONCE:
                return
            place = {"bericht": rows[-1].inbox_id, "last": rows[-1].id}

    def clienten(self, oorzaak: Oorzaak) -> Sequence[tuple[str, str]]:
        """Whom the open findings of a cause are about, each once: municipality, fingerprint."""
        own = sa.select(bevinding.c.id).select_from(WITH_MESSAGE)
        own = own.where(*_open(oorzaak.gemeente), *_of(oorzaak))
        with self._database.snapshot() as connection:
            rows = connection.execute(clienten_of(bevinding.c.id.in_(own)))
            return [(row.gemeente, row.bsn_hash) for row in rows]

    def peil(self) -> int:
        """The number of a judgement that knows everything that is known now."""
        with self._database.snapshot() as connection:
            return value_of(connection, VOLGNR) + 1

    def revise(self, inbox_id: int, findings: Iterable[Finding]) -> bool:
        """Put what is told of a settled message in place of what was told before.

        Only signals change: what was rejected stands in an answer that left.  False when the
        message is not settled.
        """
        with self._database.writing(ALL) as connection:
            row = connection.execute(_SETTLED, {"bericht": inbox_id}).one_or_none()
            if row is None:
                return False
            volgnr = next_of(connection, VOLGNR)
            connection.execute(_END_SIGNALS, {"bericht": inbox_id, "tot_volgnr": volgnr})
            added = [finding_row(one, inbox_id, volgnr, row.partij_id) for one in findings]
            if added:
                connection.execute(sa.insert(bevinding), added)
            look_again(connection, [(inbox_id, None)])
            return True

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


_SETTLED = (
    sa.select(sa.func.max(bevinding.c.partij_id).label("partij_id"))
    .join_from(inbox, bevinding, bevinding.c.inbox_id == inbox.c.id)
    .where(inbox.c.id == sa.bindparam("bericht"), inbox.c.staat == KLAAR)
    .group_by(inbox.c.id)
)
# What stands at a line or an assignment; a signal at the Header is about the bytes themselves.
_END_SIGNALS = sa.update(bevinding).where(
    bevinding.c.inbox_id == sa.bindparam("bericht"),
    bevinding.c.tot_volgnr.is_(None),
    bevinding.c.effect != "reject",
    bevinding.c.toewijzingnummer.is_not(None),
)


def _open(gemeente: str | None) -> list[sa.ColumnElement[bool]]:
    wanted = is_open()
    return wanted if gemeente is None else [*wanted, partij.c.gemeente == gemeente]


def _of(oorzaak: Oorzaak) -> list[sa.ColumnElement[bool]]:
    return [
        partij.c.wet == oorzaak.wet,
        partij.c.aanbieder == oorzaak.aanbieder,
        bevinding.c.rule == oorzaak.rule,
        CODE == oorzaak.retourcode,
        PRODUCT == oorzaak.product,
    ]


def _open_of(row: Any) -> OpenOorzaak:
    count, belang, berichten, toewijzingen, aangehouden, text = row[len(OORZAAK) :]
    omvang = Omvang(count, int(belang), berichten, toewijzingen, aangehouden)
    return OpenOorzaak(Oorzaak(*row[: len(OORZAAK)]), omvang, text)


def _order(one: OpenOorzaak) -> tuple[int, int, Oorzaak]:
    return (-abs(one.omvang.belang), -one.omvang.bevindingen, one.oorzaak)

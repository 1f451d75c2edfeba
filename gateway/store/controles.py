"""A record of checks before sending: how often a line that was found good was granted later.

Of a line only a keyed hash is kept, and only until its Declaratie has come in and is judged; then
the counts stay.  A later check of the same Declaratie goes before an earlier one.  What follows the
judgements settles checks: who asks for the hit rate only reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.pipeline.ports import PRESTATIE_COLUMNS, Partijen
from gateway.records.declaratie import GRANTED
from gateway.store.bouwstenen import KEYS, among, as_keys
from gateway.store.bsn import Fingerprinter
from gateway.store.engine import Database, insert_one, rows_of
from gateway.store.inbox import Clock
from gateway.store.tables import (
    KLAAR,
    Id,
    declaratie,
    inbox,
    metadata,
    prestatie,
)
from gateway.toegang.wie import Bereik

AT_ONCE = 1_000
# A check whose Declaratie never came says nothing.
KEPT_SECONDS = 400 * 24 * 3600.0


controle = sa.Table(
    "controle",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("gemeente", sa.String(12), nullable=False),
    sa.Column("wet", sa.String(12), nullable=False),
    sa.Column("aanbieder", sa.String(12), nullable=False),
    sa.Column("declaratienummer", sa.String(40), nullable=False),
    sa.Column("gecontroleerd_at", sa.Double, nullable=False),
    sa.Column("regels", sa.Integer, nullable=False),
    sa.Column("goed", sa.Integer, nullable=False),
    sa.Column("ingediend", sa.Integer),
    sa.Column("toegekend", sa.Integer),
    sa.Index("controle_partij", "aanbieder", "gemeente", "gecontroleerd_at"),
    sa.Index(
        "controle_open",
        "aanbieder",
        "declaratienummer",
        sqlite_where=sa.text("ingediend IS NULL"),
        postgresql_where=sa.text("ingediend IS NULL"),
    ),
)

# A line that was found good; `hash` is over everything that a line says but its client.  It keeps
# the first key of the store: nobody can make it again with another one.
controle_regel = sa.Table(
    "controle_regel",
    metadata,
    sa.Column("controle_id", Id, sa.ForeignKey("controle.id"), primary_key=True),
    sa.Column("hash", sa.String(32), primary_key=True),
)

_SAID = (
    "referentienummer",
    "vorig_referentienummer",
    "toewijzingnummer",
    "productcategorie",
    "productcode",
    "begindatum",
    "einddatum",
    "geleverd_volume",
    "eenheid",
    "producttarief",
    "ingediend_bedrag",
    "debet_credit",
)
_PLACES = [PRESTATIE_COLUMNS.index(name) for name in _SAID]
_TOEGEKEND = PRESTATIE_COLUMNS.index("toegekend")


@dataclass(frozen=True, slots=True)
class Gecontroleerd:
    """A check of a 323: between whom, of which Declaratie, and its lines as PRESTATIE_COLUMNS."""

    partijen: Partijen
    declaratienummer: str
    regels: Iterable[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Trefkans:
    """Of the lines that a check found good: how many came in unchanged, and how many were granted.

    `controles` and `regels` count what was checked, also what did not come in yet.
    """

    controles: int
    regels: int
    goed: int
    ingediend: int
    toegekend: int


class Controles:
    """Keeps checks, and settles them once their Declaratie is judged."""

    def __init__(self, database: Database, fingerprint: Fingerprinter, clock: Clock) -> None:
        self._database = database
        self._fingerprint = fingerprint
        self._clock = clock
        self._of_messages = _JUDGED.where(among(inbox.c.id, database.is_sqlite))

    def add(self, found: Gecontroleerd) -> None:
        """Keep a check; what is known by now of the one before it is settled first."""
        partijen = found.partijen
        own = {
            "gemeente": partijen.gemeente,
            "wet": partijen.wet,
            "aanbieder": partijen.aanbieder,
            "declaratienummer": found.declaratienummer,
        }
        same = [controle.c[name] == own[name] for name in own]
        old = controle.c.gecontroleerd_at < self._now() - KEPT_SECONDS
        with self._database.writing(partijen.gemeente) as connection:
            self._settle(connection, connection.execute(_JUDGED.where(*same)).all())
            _forget(connection, sa.or_(sa.and_(*same), sa.and_(*same[:3], old)))
            counts = {"gecontroleerd_at": self._now(), "regels": 0, "goed": 0}
            controle_id = insert_one(connection, controle, own | counts)
            regels, goed = self._keep(connection, controle_id, found.regels)
            counted = {"regels": regels, "goed": goed}
            connection.execute(
                sa.update(controle).where(controle.c.id == controle_id).values(counted)
            )

    def settle(self, connection: Connection, berichten: Sequence[int]) -> None:
        """Count what became of the lines of checks whose Declaratie is in one of these messages."""
        keys = {KEYS: as_keys(berichten, self._database.is_sqlite)}
        self._settle(connection, connection.execute(self._of_messages, keys).all())

    def trefkans(self, bereik: Bereik, since: datetime) -> Trefkans:
        """The hit rate over the checks since a moment."""
        query = sa.select(
            sa.func.count(),
            *(
                sa.func.coalesce(sa.func.sum(controle.c[name]), 0)
                for name in ("regels", "goed", "ingediend", "toegekend")
            ),
        ).where(*_in(bereik), controle.c.gecontroleerd_at >= since.timestamp())
        with self._database.snapshot(bereik.scope) as connection:
            return Trefkans(*map(int, connection.execute(query).one()))

    def _keep(
        self, connection: Connection, controle_id: int, regels: Iterable[Sequence[Any]]
    ) -> tuple[int, int]:
        """Keep the lines that are good; returns how many lines there are, and how many of those."""
        count = 0
        goed: set[str] = set()
        for row in regels:
            count += 1
            if row[_TOEGEKEND] == GRANTED:
                goed.add(self._hash([row[place] for place in _PLACES]))
        waiting = iter(sorted(goed))
        while some := list(islice(waiting, AT_ONCE)):
            rows = [{"controle_id": controle_id, "hash": one} for one in some]
            connection.execute(sa.insert(controle_regel), rows)
        return count, len(goed)

    def _settle(self, connection: Connection, waiting: Sequence[Any]) -> None:
        for row in waiting:
            lines = controle_regel.c.controle_id == row.id
            goed = set(connection.scalars(sa.select(controle_regel.c.hash).where(lines)))
            counts = self._counted(connection, row.inbox_id, goed)
            connection.execute(sa.delete(controle_regel).where(lines))
            connection.execute(sa.update(controle).where(controle.c.id == row.id).values(counts))

    def _counted(self, connection: Connection, inbox_id: int, goed: set[str]) -> dict[str, int]:
        """Of a 323 that was rejected as a whole no line was granted, whatever it was."""
        declared = connection.execute(_DECLARED, {"bericht": inbox_id}).one_or_none()
        if declared is None:
            return {"ingediend": len(goed), "toegekend": 0}
        found: dict[str, bool] = {}
        for granted, values in self._submitted(connection, declared):
            found[self._hash(values)] = granted
        came_in = goed & found.keys()
        return {"ingediend": len(came_in), "toegekend": sum(found[one] for one in came_in)}

    def _submitted(
        self, connection: Connection, declared: Any
    ) -> Iterator[tuple[bool, Sequence[Any]]]:
        given = {"partij": declared.partij_id, "declaratie": declared.id}
        given |= {"van": declared.regel_van or 0, "tot": declared.regel_tot or 0}
        for row in rows_of(connection, _REGELS, given):
            yield row[0] == GRANTED, row[1:]

    def _hash(self, values: Sequence[Any]) -> str:
        return self._fingerprint("\0".join("" if one is None else str(one) for one in values))

    def _now(self) -> float:
        return self._clock().timestamp()


def _in(bereik: Bereik) -> tuple[sa.ColumnElement[bool], ...]:
    own = () if bereik.aanbieder is None else (controle.c.aanbieder == bereik.aanbieder,)
    return (controle.c.gemeente.in_(sorted(bereik.gemeenten)), *own)


def _forget(connection: Connection, which: sa.ColumnElement[bool]) -> None:
    """Drop checks that were not settled."""
    waiting = sa.and_(which, controle.c.ingediend.is_(None))
    gone = sa.select(controle.c.id).where(waiting)
    connection.execute(sa.delete(controle_regel).where(controle_regel.c.controle_id.in_(gone)))
    connection.execute(sa.delete(controle).where(waiting))


# Checks that wait, with the first time that their Declaratie came in and was judged.
_JUDGED = (
    sa.select(controle.c.id, sa.func.min(inbox.c.id).label("inbox_id"))
    .join_from(
        inbox,
        controle,
        sa.and_(
            controle.c.declaratienummer == inbox.c.declaratienummer,
            controle.c.gemeente == inbox.c.gemeente,
            controle.c.aanbieder == inbox.c.afzender,
            controle.c.gecontroleerd_at <= inbox.c.received_at,
        ),
    )
    .where(controle.c.ingediend.is_(None), inbox.c.staat == KLAAR)
    .group_by(controle.c.id)
    .order_by(controle.c.id)
)
_DECLARED = sa.select(
    declaratie.c.id, declaratie.c.partij_id, declaratie.c.regel_van, declaratie.c.regel_tot
).where(declaratie.c.inbox_id == sa.bindparam("bericht"), declaratie.c.tot_volgnr.is_(None))
_REGELS = sa.select(prestatie.c.toegekend, *(prestatie.c[name] for name in _SAID)).where(
    prestatie.c.id > sa.bindparam("van", type_=sa.BigInteger),
    prestatie.c.id <= sa.bindparam("tot", type_=sa.BigInteger),
    prestatie.c.partij_id == sa.bindparam("partij", type_=sa.BigInteger),
    prestatie.c.declaratie_id == sa.bindparam("declaratie", type_=sa.BigInteger),
)

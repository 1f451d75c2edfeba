"""Kinds of rows that go by their age, some at a time: what is found and what is removed of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, NamedTuple, Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.pipeline.kennis import AMSTERDAM
from gateway.store.archief import bytes_are_needed
from gateway.store.engine import Database
from gateway.store.envelop import envelop
from gateway.store.tables import (
    EVENT,
    GEPARKEERD,
    KLAAR,
    WERK,
    archief_bericht,
    bevinding,
    bewijs,
    inbox,
    inbox_stuk,
    outbox,
    outbox_stuk,
    toewijzing,
    verzoek,
)
from gateway.store.termijnen import IN_ONDERZOEK, OPEN
from gateway.store.toegang.tables import sessie
from gateway.store.werk.wachtrij import look_again

# So many rows are looked for and removed in one transaction: nobody waits for it.
AT_ONCE = 100
IDS: sa.BindParameter[Any] = sa.bindparam("welke", expanding=True)


class Weg(NamedTuple):
    """What goes, or went: its key, of whom it is, and what it comes to (eurocents).

    `kenmerk` is the fingerprint of a client, None for what is of no client in particular.  `gezien`
    is how it stood when it was found, for a kind that would have to look through the store again.
    """

    sleutel: Any
    gemeente: str
    aantal: int = 1
    bytes: int = 0
    bedrag: int = 0
    kenmerk: str | None = None
    gezien: Any = None


class Soort(Protocol):
    """A kind of things that go by their age; the day is the first of which they stay."""

    @property
    def naam(self) -> str:
        """How it is called, in the terms and in what is told."""

    def zoek(self, database: Database, dag: date) -> Iterator[Sequence[Weg]]:
        """What has had its time, some at a time."""

    def wis(self, connection: Connection, gevonden: Sequence[Weg], dag: date) -> Sequence[Weg]:
        """Remove it where that still holds; returns what went."""


@dataclass(frozen=True, slots=True)
class Rijen:
    """Rows that are found by a key in order, and how they are removed by it.

    `query` selects key, municipality, number, bytes and amount of what is older than `voor`.
    """

    naam: str
    query: sa.Select[Any]
    ways: Sequence[sa.Executable]
    begin: Any = 0
    after: Callable[[Connection, Sequence[Any]], None] | None = None

    def zoek(self, database: Database, dag: date) -> Iterator[Sequence[Weg]]:
        """See `Soort`; every step is a read of its own."""
        key = self.query.selected_columns[0]
        some = self.query.where(key > sa.bindparam("na")).order_by(key).limit(AT_ONCE)
        last = self.begin
        while True:
            with database.snapshot() as connection:
                given = {"na": last, "voor": begin_of(dag), "dag": dag}
                found = [Weg(*row) for row in connection.execute(some, given)]
            if not found:
                return
            yield found
            last = found[-1].sleutel

    def wis(self, connection: Connection, gevonden: Sequence[Weg], dag: date) -> Sequence[Weg]:
        """See `Soort`."""
        key = self.query.selected_columns[0]
        table = key.table if isinstance(key, sa.Column) else None
        again = self.query.where(key.in_(IDS)).with_for_update(of=table)
        given = {"welke": [one.sleutel for one in gevonden], "voor": begin_of(dag), "dag": dag}
        going = [Weg(*row) for row in connection.execute(again, given)]
        keys = [one.sleutel for one in going]
        if keys:
            for way in self.ways:
                connection.execute(way, {"welke": keys})
            if self.after is not None:
                self.after(connection, keys)
        return going


def begin_of(dag: date) -> float:
    """The first moment of a day in Amsterdam."""
    return datetime.combine(dag, time(), tzinfo=AMSTERDAM).timestamp()


def _kept(table: sa.Table, owner: sa.Column[Any]) -> sa.ScalarSelect[Any]:
    """How many bytes the pieces of a row take."""
    size = sa.func.coalesce(sa.func.sum(sa.func.length(table.c.data)), 0)
    return sa.select(size).where(table.c[0] == owner).correlate(owner.table).scalar_subquery()


def _has(table: sa.Table, owner: sa.Column[Any]) -> sa.ColumnElement[bool]:
    return sa.exists().where(table.c[0] == owner)


_VOOR: sa.BindParameter[float] = sa.bindparam("voor", type_=sa.Double)
# An assignment whose own end is that long ago is followed by no other one.
_IS_NEEDED = bytes_are_needed(
    sa.or_(
        toewijzing.c.einddatum.is_(None),
        toewijzing.c.einddatum >= sa.bindparam("dag", type_=sa.Date),
    )
)
_ONE: sa.ColumnElement[int] = sa.literal_column("1")
_NOTHING: sa.ColumnElement[int] = sa.literal_column("0")
# What stands in a message in the place of its municipality may be anything.
_GEMEENTE = sa.case((sa.func.length(inbox.c.gemeente) == sa.literal_column("4"), inbox.c.gemeente))
_OF_INBOX = sa.func.coalesce(_GEMEENTE, sa.literal_column("''"))
_EVENTS = sa.select(outbox.c.id).where(
    outbox.c.inbox_id.in_(IDS), outbox.c.soort == EVENT, outbox.c.sent_at.is_not(None)
)
# The name may be one that the sender chose; its ending tells what kind of message it was.
_GEWIST = sa.update(inbox).values(
    gewist=1, naam=sa.case((inbox.c.naam.like("%.json"), "gewist.json"), else_="gewist.xml")
)
NO_BYTES = (
    sa.delete(inbox_stuk).where(inbox_stuk.c.inbox_id.in_(IDS)),
    sa.delete(outbox_stuk).where(outbox_stuk.c.outbox_id.in_(_EVENTS)),
    _GEWIST.where(inbox.c.id.in_(IDS)),
)
NO_ANSWERS = (
    sa.delete(outbox_stuk).where(outbox_stuk.c.outbox_id.in_(IDS)),
    sa.update(outbox).where(outbox.c.id.in_(IDS)).values(gewist=1),
)
NO_FINDINGS = (
    sa.delete(bevinding).where(bevinding.c.inbox_id.in_(IDS)),
    sa.delete(bewijs).where(bewijs.c.inbox_id.in_(IDS)),
)
_HAS_OPEN_REQUEST = sa.exists().where(
    verzoek.c.inbox_id == inbox.c.id,
    verzoek.c.tot_volgnr.is_(None),
    verzoek.c.staat.in_((OPEN, IN_ONDERZOEK)),
)
_BELANG = (
    sa.select(sa.func.coalesce(sa.func.sum(bevinding.c.belang), 0))
    .where(bevinding.c.inbox_id == inbox.c.id, bevinding.c.tot_volgnr.is_(None))
    .correlate(inbox)
    .scalar_subquery()
)


def _ended(*where: sa.ColumnElement[bool]) -> tuple[sa.ColumnElement[bool], ...]:
    return inbox.c.finished_at < _VOOR, inbox.c.gewist == sa.literal_column("0"), *where


def _look_again(connection: Connection, keys: Sequence[Any]) -> None:
    """The worklist forgets what was found in these messages."""
    look_again(connection, [(one, None) for one in keys])


BERICHTEN = Rijen(
    "berichten",
    sa.select(inbox.c.id, _OF_INBOX, _ONE, _kept(inbox_stuk, inbox.c.id), _NOTHING).where(
        *_ended(inbox.c.staat == KLAAR, ~_IS_NEEDED),
        ~sa.exists().where(archief_bericht.c.inbox_id == inbox.c.id),
    ),
    NO_BYTES,
)
GEPARKEERDE = Rijen(
    "geparkeerd",
    sa.select(inbox.c.id, _OF_INBOX, _ONE, _kept(inbox_stuk, inbox.c.id), _NOTHING).where(
        *_ended(inbox.c.staat == GEPARKEERD)
    ),
    NO_BYTES,
)
ANTWOORDEN = Rijen(
    "antwoorden",
    sa.select(
        outbox.c.id,
        sa.func.coalesce(outbox.c.gemeente, sa.literal_column("''")),
        _ONE,
        _kept(outbox_stuk, outbox.c.id),
        _NOTHING,
    )
    .join_from(outbox, inbox, inbox.c.id == outbox.c.inbox_id)
    .where(
        outbox.c.soort != WERK,
        outbox.c.sent_at < _VOOR,
        outbox.c.gewist == sa.literal_column("0"),
        _has(outbox_stuk, outbox.c.id),
        ~_IS_NEEDED,
    ),
    NO_ANSWERS,
)
BEVINDINGEN = Rijen(
    "bevindingen",
    sa.select(inbox.c.id, _OF_INBOX, _ONE, _NOTHING, _BELANG).where(
        inbox.c.finished_at < _VOOR,
        inbox.c.staat == KLAAR,
        sa.or_(
            sa.exists().where(bevinding.c.inbox_id == inbox.c.id),
            sa.exists().where(bewijs.c.inbox_id == inbox.c.id),
        ),
        ~_HAS_OPEN_REQUEST,
    ),
    NO_FINDINGS,
    after=_look_again,
)
ENVELOPPEN = Rijen(
    "enveloppen",
    sa.select(
        envelop.c.id, envelop.c.gemeente, _ONE, sa.func.length(envelop.c.inhoud), _NOTHING
    ).where(envelop.c.gemaakt_at < _VOOR, envelop.c.inhoud.is_not(None)),
    (sa.update(envelop).where(envelop.c.id.in_(IDS)).values(inhoud=None),),
)
SESSIES = Rijen(
    "sessies",
    sa.select(sessie.c.hash, sa.literal_column("''"), _ONE, _NOTHING, _NOTHING).where(
        sessie.c.gezien_at < _VOOR
    ),
    (sa.delete(sessie).where(sessie.c.hash.in_(IDS)),),
    begin="",
)

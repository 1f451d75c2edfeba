"""Takes the bytes of old messages out of the store, once an archive holds them.

In four steps, each of which can be done again after a stop in between: note which messages go, give
some of them a file, write it, and only when that file is found whole on disk remove their bytes, a
few messages at a time.  What judging needs stays: facts, findings, receipts, the inbox row that
knows a repeat, and the answer that a repeat gets.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa

from gateway.errors import CouldNotFinish
from gateway.messages.opdrachten import ENDING, is_opdracht
from gateway.pipeline.kennis import AMSTERDAM
from gateway.store.archiefbestand import (
    Entry,
    Regel,
    Schrijver,
    file_sha256,
    problems,
    regels,
    written,
)
from gateway.store.engine import ALL, Database, insert_one
from gateway.store.inbox import Clock
from gateway.store.pieces import StoredPieces
from gateway.store.tables import (
    ANTWOORD,
    EVENT,
    KLAAR,
    WERK,
    archief,
    archief_bericht,
    inbox,
    inbox_stuk,
    outbox,
    outbox_stuk,
    toewijzing,
    verzoek,
)
from gateway.store.termijnen import IN_ONDERZOEK, OPEN
from gateway.store.views import Views

# So many rows are looked at in one transaction, and so many messages lose their bytes in one.
LOOKED_AT = 5_000
REMOVED_AT_ONCE = 100
# An archive holds at most so many messages, and stops growing after so many bytes of messages.
MOST_MESSAGES = 2_000
MOST_BYTES = 1 << 30
NOBODY = "zonder"
UIT = "uit"
_GEMEENTE = re.compile(r"[0-9]{4}")


@dataclass(frozen=True, slots=True)
class Deel:
    """One archive: its name, how many messages are in it, and its sha-256 once it is written."""

    nummer: int
    naam: str
    berichten: int
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Aangewezen:
    """What a look at old messages came to: how many go to an archive, and how many stay."""

    gaan: int
    blijven: int


def bytes_are_needed(*assignments: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Whether something may still be made of a message, or has to leave because of it.

    An event says nothing of what is in a message: one that nobody took yet keeps no bytes.
    `assignments` narrow down which of its assignments are meant, of those that stand.
    """
    left = outbox.alias("vertrek")
    return sa.or_(
        sa.exists().where(
            left.c.inbox_id == inbox.c.id,
            left.c.soort.not_in((WERK, EVENT)),
            left.c.sent_at.is_(None),
        ),
        # A new assignment of the same client is made from the last one.
        sa.exists().where(
            toewijzing.c.inbox_id == inbox.c.id, toewijzing.c.tot_volgnr.is_(None), *assignments
        ),
        # What is granted is read from the request itself.
        sa.exists().where(
            verzoek.c.inbox_id == inbox.c.id,
            verzoek.c.tot_volgnr.is_(None),
            verzoek.c.staat.in_((OPEN, IN_ONDERZOEK)),
        ),
    )


class Archief:
    """Makes archives of old messages, and knows in which one a message is."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._views = Views(database)

    def naam_of(self, inbox_id: int) -> str | None:
        """The archive that holds the bytes of a message, None for one that the store has."""
        query = (
            sa.select(archief.c.naam)
            .join(archief_bericht, archief_bericht.c.archief_id == archief.c.id)
            .where(archief_bericht.c.inbox_id == inbox_id, archief.c.sha256.is_not(None))
        )
        with self._database.snapshot() as connection:
            return connection.execute(query).scalar_one_or_none()

    def delen(self) -> Sequence[Deel]:
        """Every archive that was written, in the order in which they were made."""
        query = sa.select(archief).where(archief.c.sha256.is_not(None)).order_by(archief.c.id)
        with self._database.snapshot() as connection:
            return [_deel_of(row) for row in connection.execute(query)]

    def point_out(self, voor: datetime) -> Aangewezen:
        """Note every message that ended before a moment and of which the store needs no bytes."""
        gaan = blijven = last = 0
        with self._database.snapshot() as connection:
            highest = connection.execute(sa.select(sa.func.max(inbox.c.id))).scalar_one() or 0
        while last < highest:
            given = {"na": last, "tot": last + LOOKED_AT, "voor": voor.timestamp()}
            with self._database.writing(ALL) as connection:
                rows = connection.execute(_OLD, given).all()
                going = [_going(row) for row in rows if not row.is_nodig]
                if going:
                    connection.execute(sa.insert(archief_bericht), going)
            gaan += len(going)
            blijven += len(rows) - len(going)
            last += LOOKED_AT
        return Aangewezen(gaan, blijven)

    def run(self, folder: Path) -> Iterator[Deel]:
        """Bring to its end what was begun, then archive what was noted; hands out each archive."""
        for deel in self._unfinished():
            yield self._finish(folder, deel)
        while (next_ := self._next()) is not None:
            yield self._finish(folder, next_)

    def _unfinished(self) -> Sequence[Deel]:
        query = sa.select(archief).where(archief.c.afgerond_at.is_(None)).order_by(archief.c.id)
        with self._database.snapshot() as connection:
            return [_deel_of(row) for row in connection.execute(query)]

    def _next(self) -> Deel | None:
        """Give messages that wait for an archive a new one; None when none waits."""
        now = self._clock().timestamp()
        with self._database.writing(ALL) as connection:
            first = connection.execute(_WAITING).first()
            if first is None:
                return None
            key = {"gemeente": first.gemeente, "maand": first.maand}
            ids = list(_as_many_as_fit(connection.execute(_OF_MAAND, key).all()))
            before = connection.execute(_HOW_MANY, key).scalar_one()
            naam = f"{first.gemeente or NOBODY}-{first.maand}-{before + 1:03}.zip"
            row = {**key, "naam": naam, "berichten": len(ids), "gemaakt_at": now}
            nummer = insert_one(connection, archief, row)
            connection.execute(_IN_ARCHIEF, [{"welke": one, "nummer": nummer} for one in ids])
        return Deel(nummer, naam, len(ids), None)

    def _finish(self, folder: Path, deel: Deel) -> Deel:
        path = folder / deel.naam
        if deel.sha256 is None:
            self._write(path, deel)
        elif file_sha256(path) != deel.sha256:
            raise CouldNotFinish(
                f"archief {path} is weg of veranderd; van die berichten wordt niets meer gewist"
            )
        self._remove(path, deel)
        return deel

    def _write(self, path: Path, deel: Deel) -> None:
        """Write the file and read it back: from here on it is all that there is."""
        with written(path) as schrijver:
            for ids in self._of(deel):
                self._add(schrijver, ids)
        for problem in problems(path):
            raise CouldNotFinish(f"archief {path}: {problem}; er is niets gewist")
        found = {"sha256": file_sha256(path)}
        with self._database.writing(ALL) as connection:
            connection.execute(sa.update(archief).where(archief.c.id == deel.nummer), found)

    def _of(self, deel: Deel) -> Iterator[list[int]]:
        """The numbers of the messages of an archive, some at a time."""
        last = 0
        while True:
            with self._database.snapshot() as connection:
                given = {"nummer": deel.nummer, "na": last}
                found = list(connection.scalars(_BERICHTEN, given))
            if not found:
                return
            yield found
            last = found[-1]

    def _add(self, schrijver: Schrijver, ids: Sequence[int]) -> None:
        with self._database.snapshot() as connection:
            berichten = connection.execute(_INBOX, {"welke": ids}).all()
            left = connection.execute(_OUTBOX, {"welke": ids}).all()
        for row in berichten:
            entries = [schrijver.add(_bericht_naam(row), self._pieces(inbox_stuk, row))]
            entries += [
                schrijver.add(_uit_naam(one), self._pieces(outbox_stuk, one))
                for one in left
                if one.inbox_id == row.id
            ]
            entries += self._judgement(schrijver, row)
            schrijver.tell(_regel_of(row, entries))

    def _pieces(self, table: sa.Table, row: Any) -> StoredPieces:
        return StoredPieces(self._database, table, row.id, row.stukken)

    def _judgement(self, schrijver: Schrijver, row: Any) -> Iterator[Entry]:
        """What was decided on a message, and what was found in it."""
        if row.uitkomst is not None:
            yield schrijver.add(f"{row.id}/oordeel.json", [row.uitkomst])
        findings = (msgspec.json.encode(one) + b"\n" for one in self._views.findings(row.id))
        first = next(findings, None)
        if first is not None:
            yield schrijver.add(f"{row.id}/bevindingen.jsonl", _with(first, findings))

    def _remove(self, path: Path, deel: Deel) -> None:
        """Remove from the store what the archive holds by its own manifest, and no more.

        The answer stays: it is what a repeat of its message gets.  What was put out later stays
        too.
        """
        waiting = regels(path)
        while some := list(islice(waiting, REMOVED_AT_ONCE)):
            held = [_naam_of(entry) for one in some for entry in one.entries]
            given = {"welke": [one.inbox for one in some], "namen": [one for one in held if one]}
            with self._database.writing(ALL) as connection:
                connection.execute(_NO_STUKKEN, given)
                connection.execute(_NO_EVENTS, given)
        now = {"afgerond_at": self._clock().timestamp()}
        with self._database.writing(ALL) as connection:
            connection.execute(sa.update(archief).where(archief.c.id == deel.nummer), now)


_IDS: sa.BindParameter[Any] = sa.bindparam("welke", expanding=True)
_BYTES_ARE_NEEDED = bytes_are_needed()
_OLD = sa.select(
    inbox.c.id, inbox.c.gemeente, inbox.c.finished_at, _BYTES_ARE_NEEDED.label("is_nodig")
).where(
    inbox.c.id > sa.bindparam("na"),
    inbox.c.id <= sa.bindparam("tot"),
    inbox.c.staat == KLAAR,
    inbox.c.gewist == sa.literal_column("0"),
    inbox.c.finished_at < sa.bindparam("voor", type_=sa.Double),
    ~sa.exists().where(archief_bericht.c.inbox_id == inbox.c.id),
)
_WAITING = (
    sa.select(archief_bericht.c.gemeente, archief_bericht.c.maand)
    .where(archief_bericht.c.archief_id.is_(None))
    .order_by(archief_bericht.c.gemeente, archief_bericht.c.maand)
    .limit(1)
)
_OF_MAAND = (
    sa.select(archief_bericht.c.inbox_id, inbox.c.grootte)
    .join(inbox, inbox.c.id == archief_bericht.c.inbox_id)
    .where(
        archief_bericht.c.archief_id.is_(None),
        archief_bericht.c.gemeente == sa.bindparam("gemeente"),
        archief_bericht.c.maand == sa.bindparam("maand"),
    )
    .order_by(archief_bericht.c.inbox_id)
    .limit(MOST_MESSAGES)
)
_HOW_MANY = (
    sa.select(sa.func.count())
    .select_from(archief)
    .where(archief.c.gemeente == sa.bindparam("gemeente"), archief.c.maand == sa.bindparam("maand"))
)
_IN_ARCHIEF = (
    sa.update(archief_bericht)
    .where(archief_bericht.c.inbox_id == sa.bindparam("welke"))
    .values(archief_id=sa.bindparam("nummer"))
)
_BERICHTEN = (
    sa.select(archief_bericht.c.inbox_id)
    .where(
        archief_bericht.c.archief_id == sa.bindparam("nummer"),
        archief_bericht.c.inbox_id > sa.bindparam("na"),
    )
    .order_by(archief_bericht.c.inbox_id)
    .limit(REMOVED_AT_ONCE)
)
_INBOX = sa.select(inbox).where(inbox.c.id.in_(_IDS)).order_by(inbox.c.id)
_OUTBOX = (
    sa.select(outbox)
    .where(
        outbox.c.inbox_id.in_(_IDS),
        outbox.c.soort.in_((ANTWOORD, EVENT)),
    )
    .order_by(outbox.c.id)
)
_NO_STUKKEN = sa.delete(inbox_stuk).where(inbox_stuk.c.inbox_id.in_(_IDS))
_NO_EVENTS = sa.delete(outbox_stuk).where(
    outbox_stuk.c.outbox_id.in_(
        sa.select(outbox.c.id).where(
            outbox.c.inbox_id.in_(_IDS),
            outbox.c.soort == EVENT,
            outbox.c.sent_at.is_not(None),
            outbox.c.naam.in_(sa.bindparam("namen", expanding=True)),
        )
    )
)


def _going(row: Any) -> dict[str, Any]:
    """A message that goes: to the archive of its municipality and of the month that it ended in."""
    gemeente = row.gemeente or ""
    ended = datetime.fromtimestamp(row.finished_at, AMSTERDAM)
    return {
        "inbox_id": row.id,
        "gemeente": gemeente if _GEMEENTE.fullmatch(gemeente) else "",
        "maand": f"{ended:%Y-%m}",
    }


def _as_many_as_fit(rows: Iterable[Any]) -> Iterator[int]:
    size = 0
    for row in rows:
        yield row.inbox_id
        size += row.grootte
        if size >= MOST_BYTES:
            return


def _with(first: bytes, others: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from others


def _bericht_naam(row: Any) -> str:
    return f"{row.id}/bericht{ENDING if is_opdracht(row.naam) else '.xml'}"


def _uit_naam(row: Any) -> str:
    """The entry of what was sent; its name is our own, and safe as the name of a file."""
    return f"{row.inbox_id}/{UIT}/{row.naam}{'.xml' if row.soort == ANTWOORD else ENDING}"


def _naam_of(entry: Entry) -> str | None:
    """The name of the event that an entry holds, None for what is no event."""
    _, folder, naam = f"{entry.name}//".split("/")[:3]
    return naam.removesuffix(ENDING) if folder == UIT and naam.endswith(ENDING) else None


def _regel_of(row: Any, entries: list[Entry]) -> Regel:
    return Regel(
        inbox=row.id,
        name=row.naam,
        transport=row.transport_id,
        sender=row.afzender,
        receiver=row.ontvanger,
        municipality=row.gemeente,
        code=row.berichtcode,
        identification=row.identificatie,
        verdict=row.verdict,
        received=datetime.fromtimestamp(row.received_at, UTC).isoformat(),
        finished=datetime.fromtimestamp(row.finished_at, UTC).isoformat(),
        sha256=row.sha256,
        entries=entries,
    )


def _deel_of(row: Any) -> Deel:
    return Deel(row.id, row.naam, row.berichten, row.sha256)

"""Puts back what stood still: parked messages, and what could not be sent; tells what that came to.

Putting back is one transaction per message, which also counts it in its run: after a crash all is
as the last of them left it, and what was not reached still stands where it stood.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.errors import CouldNotFinish
from gateway.messages.opdrachten import is_opdracht, peek_opdracht
from gateway.messages.reader import Peek, peek
from gateway.store import announcements
from gateway.store.engine import ALL, Database, insert_one
from gateway.store.inbox import Clock
from gateway.store.kluis import kluis_of
from gateway.store.pieces import HEAD
from gateway.store.tables import (
    GEPARKEERD,
    NIEUW,
    WERK,
    herstel,
    inbox,
    inbox_stuk,
    outbox,
    poging,
)

Bron = Literal["geparkeerd", "onverzonden", "dood"]
OPDRACHT = "opdracht"
CODE_OF_GEMEENTE = 4
# Without a sign of life for so long, whoever was at work is gone.
SILENT_SECONDS = 300.0
KLAAR, GESTOPT, AFGEBROKEN = "klaar", "gestopt", "afgebroken"

NaamOf = Callable[[str | None], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gevonden:
    """Something that stands still: where, what it is, whose, why and since when.

    `nummer` is that of its inbox row, None for what no inbox took; `sleutel` is the number of its
    row, or what a dead message is known by.
    """

    bron: Bron
    sleutel: int | str
    nummer: int | None
    naam: str
    soort: str | None
    afzender: str
    gemeente: str
    reden: str
    op: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vraag:
    """Which of them are meant; what is None does not matter."""

    bronnen: frozenset[Bron]
    soort: str | None = None
    afzender: str | None = None
    gemeente: str | None = None
    reden: str | None = None
    sinds: datetime | None = None
    tot: datetime | None = None
    nummers: frozenset[int] = frozenset()
    sleutels: frozenset[str] = frozenset()

    def means(self, one: Gevonden) -> bool:
        """Whether this one is meant; `tot` itself is not."""
        return (
            one.bron in self.bronnen
            and self.soort in (None, one.soort)
            and self.afzender in (None, one.afzender)
            and self.gemeente in (None, one.gemeente)
            and (self.reden is None or self.reden.lower() in one.reden.lower())
            and (self.sinds is None or (one.op is not None and one.op >= self.sinds))
            and (self.tot is None or (one.op is not None and one.op < self.tot))
            and (not self.nummers or one.nummer in self.nummers)
            and (not self.sleutels or str(one.sleutel) in self.sleutels)
        )


@dataclass(frozen=True, slots=True)
class Gang:
    """How far a run is; `einde` is None while it is at work.

    `gemeenten` are those whose messages it puts back, None for any.
    """

    nummer: int
    vraag: str
    per_seconde: float
    totaal: int
    teruggezet: int
    overgeslagen: int
    begonnen_op: datetime
    gezien_op: datetime
    einde: str | None
    gemeenten: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Poging:
    """One attempt at a message; without an end it is the last one.

    `herstel` is the run that it began with, None for the first; `naam` what was to be sent, None
    for an attempt at the message itself.
    """

    nr: int
    naam: str | None
    herstel: int | None
    begonnen_op: datetime | None
    geeindigd_op: datetime | None
    reden: str | None


class Herstel:
    """What stands still in a store, and the runs that put it back."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def _head(self, row: Any) -> bytes:
        """The first bytes of a message, of its first piece; none when that is lost or damaged."""
        try:
            place = (inbox_stuk.name, row.id, 0)
            piece = kluis_of(self._database.engine).open(row.data or b"", place)
            return zlib.decompressobj().decompress(piece, HEAD)
        except (zlib.error, CouldNotFinish):
            return b""

    def geparkeerd(self, naam_of: NaamOf) -> Iterator[Gevonden]:
        """The parked messages in order of intake; `naam_of` gives the message type of a root."""
        with self._database.snapshot() as connection:
            for row in connection.execute(_GEPARKEERD, execution_options={"yield_per": 100}):
                found = peek_of(row.naam, self._head(row))
                yield Gevonden(
                    bron="geparkeerd",
                    sleutel=row.id,
                    nummer=row.id,
                    naam=row.naam,
                    soort=OPDRACHT if is_opdracht(row.naam) else naam_of(found.root),
                    afzender=found.afzender,
                    gemeente=row.gemeente or gemeente_of(found),
                    reden=row.reden or "",
                    op=_moment(row.finished_at),
                )

    def onverzonden(self) -> Iterator[Gevonden]:
        """What could not be sent when it was tried last, oldest first."""
        with self._database.snapshot() as connection:
            for row in connection.execute(_ONVERZONDEN, execution_options={"yield_per": 100}):
                yield Gevonden(
                    bron="onverzonden",
                    sleutel=row.id,
                    nummer=row.inbox_id,
                    naam=row.naam,
                    soort=row.berichttype,
                    afzender=row.afzender or "",
                    gemeente=row.gemeente or "",
                    reden=row.reden,
                    op=_moment(row.created_at),
                )

    def begin(
        self, vraag: str, per_seconde: float, totaal: int, gemeenten: Set[str] | None = None
    ) -> int:
        """Begin a run; gives its number.  Runs whose process is gone end here.

        `gemeenten` are those whose messages it puts back, None for any.
        """
        now = self._now()
        with self._database.writing(ALL) as connection:
            self._end_silent(connection, now)
            row = {"vraag": vraag, "per_seconde": per_seconde, "totaal": totaal, "teruggezet": 0}
            row |= {"overgeslagen": 0, "begonnen_at": now, "gezien_at": now, "stop": 0}
            row["gemeenten"] = None if gemeenten is None else ",".join(sorted(gemeenten))
            return insert_one(connection, herstel, row)

    def may_go_on(self, run: int) -> bool:
        """A sign of life of a run; False once somebody wants it to stop."""
        with self._database.writing(ALL) as connection:
            return self._is_wanted(connection, run)

    def put_back(self, run: int, one: Gevonden) -> bool:
        """Give what was found in the store a new attempt, and count it; False to stop.

        What went its way meanwhile is left alone, and counted as passed over.
        """
        move = self._park_again if one.bron == "geparkeerd" else self._send_again
        with self._database.writing(ALL) as connection:
            if not self._is_wanted(connection, run):
                return False
            self._count(connection, run, moved=move(connection, run, int(one.sleutel)))
            return True

    def note_dead(self, run: int, one: Gevonden) -> None:
        """Note the new attempt at a dead message, which is back in its queue, and count it."""
        ended = {"begonnen_at": None, "geeindigd_at": _seconds(one.op), "reden": one.reden}
        with self._database.writing(ALL) as connection:
            _add_attempt(connection, (run, self._now()), {"kenmerk": str(one.sleutel)}, ended)
            self._count(connection, run, moved=True)

    def end(self, run: int, einde: str) -> None:
        """A run came to its end."""
        with self._database.writing(ALL) as connection:
            connection.execute(_OF_RUN, {"gang": run, "geeindigd_at": self._now(), "einde": einde})

    def stop(self, runs: Collection[int] | None = None) -> int:
        """Have runs end at their next message, all where none are named; returns how many."""
        now = self._now()
        with self._database.writing(ALL) as connection:
            self._end_silent(connection, now)
            meant = sa.update(herstel).where(herstel.c.geeindigd_at.is_(None)).values(stop=1)
            if runs is not None:
                meant = meant.where(herstel.c.id.in_(sorted(runs)))
            return connection.execute(meant).rowcount

    def gangen(self) -> Sequence[Gang]:
        """The runs that did not end, in the order in which they began."""
        query = sa.select(herstel).where(herstel.c.geeindigd_at.is_(None)).order_by(herstel.c.id)
        before = self._now() - SILENT_SECONDS
        with self._database.snapshot() as connection:
            rows = connection.execute(query).all()
        return [_gang_of(row, AFGEBROKEN if row.gezien_at < before else None) for row in rows]

    def gang(self, run: int) -> Gang:
        """One run, as far as it came."""
        with self._database.snapshot() as connection:
            row = connection.execute(sa.select(herstel).where(herstel.c.id == run)).one()
        return _gang_of(row, row.einde)

    def pogingen(self, inbox_id: int) -> Sequence[Poging]:
        """Every attempt at a message and at sending what it led to; none when nothing was put back.

        Attempts at the message itself stand in front.
        """
        query = (
            sa.select(poging, outbox.c.naam)
            .join(outbox, outbox.c.id == poging.c.outbox_id, isouter=True)
            .where(poging.c.inbox_id == inbox_id)
            .order_by(sa.func.coalesce(poging.c.outbox_id, 0), poging.c.nr)
        )
        with self._database.snapshot() as connection:
            return [_poging_of(row) for row in connection.execute(query)]

    def _park_again(self, connection: Connection, run: int, inbox_id: int) -> bool:
        """Have a parked message judged as if it came in now; its row and bytes stay the same."""
        row = connection.execute(_PARKED, {"welke": inbox_id}).one_or_none()
        if row is None:
            return False
        now = self._now()
        ended = {
            "begonnen_at": row.received_at,
            "geeindigd_at": row.finished_at,
            "reden": row.reden,
        }
        _add_attempt(connection, (run, now), {"inbox_id": inbox_id, "outbox_id": None}, ended)
        connection.execute(_FRESH, {"welke": inbox_id, "next_at": now})
        announcements.announce(connection, [inbox_id], now)
        return True

    def _send_again(self, connection: Connection, run: int, outbox_id: int) -> bool:
        """Have something sent at once, under the same name and with the same bytes."""
        row = connection.execute(_UNSENT, {"welke": outbox_id}).one_or_none()
        if row is None:
            return False
        now = self._now()
        ended = {"begonnen_at": row.created_at, "geeindigd_at": now, "reden": row.reden}
        owner = {"inbox_id": row.inbox_id, "outbox_id": outbox_id}
        _add_attempt(connection, (run, now), owner, ended)
        connection.execute(_DUE, {"welke": outbox_id, "next_at": now})
        return True

    def _is_wanted(self, connection: Connection, run: int) -> bool:
        wanted = _OF_RUN.where(herstel.c.stop == 0, herstel.c.geeindigd_at.is_(None))
        return connection.execute(wanted, {"gang": run, "gezien_at": self._now()}).rowcount == 1

    def _count(self, connection: Connection, run: int, *, moved: bool) -> None:
        column = herstel.c.teruggezet if moved else herstel.c.overgeslagen
        connection.execute(_OF_RUN.values({column: column + 1}), {"gang": run})

    def _end_silent(self, connection: Connection, now: float) -> None:
        connection.execute(
            sa.update(herstel)
            .where(herstel.c.geeindigd_at.is_(None), herstel.c.gezien_at < now - SILENT_SECONDS)
            .values(geeindigd_at=now, einde=AFGEBROKEN)
        )

    def _now(self) -> float:
        return self._clock().timestamp()


def peek_of(naam: str, head: bytes) -> Peek:
    """What the first bytes tell of a message, or of an opdracht by the name that it came under."""
    return peek_opdracht(head) if is_opdracht(naam) else peek([head])


def gemeente_of(found: Peek) -> str:
    """The municipality among sender and receiver, empty when neither is one."""
    parties = (found.ontvanger, found.afzender)
    return next((code for code in parties if len(code) == CODE_OF_GEMEENTE), "")


_GEPARKEERD = (
    sa.select(
        inbox.c.id,
        inbox.c.naam,
        inbox.c.gemeente,
        inbox.c.reden,
        inbox.c.finished_at,
        inbox_stuk.c.data,
    )
    .join(
        inbox_stuk,
        sa.and_(inbox_stuk.c.inbox_id == inbox.c.id, inbox_stuk.c.nr == 0),
        isouter=True,
    )
    .where(
        inbox.c.staat == GEPARKEERD,
        inbox.c.staat != sa.literal_column("'klaar'"),
        inbox.c.gewist == sa.literal_column("0"),
    )
    .order_by(inbox.c.id)
)
_ONVERZONDEN = (
    sa.select(outbox, inbox.c.afzender)
    .join(inbox, inbox.c.id == outbox.c.inbox_id)
    .where(outbox.c.sent_at.is_(None), outbox.c.reden.is_not(None), outbox.c.soort != WERK)
    .order_by(outbox.c.id)
)
_PARKED = (
    sa.select(inbox)
    .where(
        inbox.c.id == sa.bindparam("welke"),
        inbox.c.staat == GEPARKEERD,
        inbox.c.gewist == sa.literal_column("0"),
    )
    .with_for_update()
)
_UNSENT = (
    sa.select(outbox)
    .where(
        outbox.c.id == sa.bindparam("welke"),
        outbox.c.sent_at.is_(None),
        outbox.c.reden.is_not(None),
    )
    .with_for_update()
)
_FRESH = (
    sa.update(inbox)
    .where(inbox.c.id == sa.bindparam("welke"))
    .values(
        staat=NIEUW,
        tries=0,
        next_at=sa.bindparam("next_at"),
        verdict=None,
        reden=None,
        finished_at=None,
    )
)
_DUE = (
    sa.update(outbox)
    .where(outbox.c.id == sa.bindparam("welke"))
    .values(tries=0, next_at=sa.bindparam("next_at"), reden=None, stil=0)
)
_OF_RUN = sa.update(herstel).where(herstel.c.id == sa.bindparam("gang"))


def _add_attempt(
    connection: Connection,
    run_at: tuple[int, float],
    owner: Mapping[str, Any],
    ended: Mapping[str, Any],
) -> None:
    """End the last attempt at something with what is known of it, and begin the next one."""
    run, now = run_at
    own = [poging.c[name].is_not_distinct_from(value) for name, value in owner.items()]
    query = sa.select(poging.c.id, poging.c.nr).where(*own).order_by(poging.c.nr.desc()).limit(1)
    last = connection.execute(query).first()
    if last is None:
        nr = 1
        connection.execute(sa.insert(poging), {**owner, **ended, "nr": nr})
    else:
        nr = last.nr
        known = {name: ended[name] for name in ("geeindigd_at", "reden")}
        connection.execute(sa.update(poging).where(poging.c.id == last.id).values(known))
    begun = {**owner, "nr": nr + 1, "herstel_id": run, "begonnen_at": now}
    connection.execute(sa.insert(poging), begun)


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _seconds(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()


def _gang_of(row: Any, einde: str | None) -> Gang:
    return Gang(
        nummer=row.id,
        vraag=row.vraag,
        per_seconde=row.per_seconde,
        totaal=row.totaal,
        teruggezet=row.teruggezet,
        overgeslagen=row.overgeslagen,
        begonnen_op=datetime.fromtimestamp(row.begonnen_at, UTC),
        gezien_op=datetime.fromtimestamp(row.gezien_at, UTC),
        einde=einde,
        gemeenten=None if row.gemeenten is None else frozenset(row.gemeenten.split(",")),
    )


def _poging_of(row: Any) -> Poging:
    return Poging(
        nr=row.nr,
        naam=row.naam,
        herstel=row.herstel_id,
        begonnen_op=_moment(row.begonnen_at),
        geeindigd_op=_moment(row.geeindigd_at),
        reden=row.reden,
    )

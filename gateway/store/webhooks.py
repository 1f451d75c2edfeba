"""Who is told of events at an address of his own, and how far each event is on its way there.

A subscription reads the events in the order of the outbox, from where it was made; each that it
wants gets a row of its own.  So what one subscriber does not take holds up no other.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.errors import WrongUse
from gateway.store.engine import ALL, Database, insert_one
from gateway.store.inbox import Clock
from gateway.store.inzage.gebeurtenissen import Gebeurtenisseninzage
from gateway.store.pieces import StoredPieces
from gateway.store.tables import EVENT, Id, metadata, outbox, outbox_stuk
from gateway.store.toegang.logboek import Handeling, Logboek
from gateway.toegang.wie import ALLE

# Each has a sender of its own, so there are no more than can be waited for at once.
MOST = 32
AT_ONCE = 20
# How long a sender has for what it took, before another one may try.
LEASE_SECONDS = 600.0
FIRST_WAIT, LONGEST_WAIT = 5.0, 6 * 3600.0
# With these waits between them: a day and a half.
TRIES = 18
SECRET, SECRET_BYTES = "whsec_", 32

# `soorten` are kinds of events and `gemeenten` codes, each with commas between them; no `soorten`:
# all of them.  `gelezen` is the last row of the outbox that it was looked at for.
abonnement = sa.Table(
    "abonnement",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("naam", sa.String(80), nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("geheim", sa.Text, nullable=False),
    sa.Column("soorten", sa.Text, nullable=False),
    sa.Column("gemeenten", sa.Text, nullable=False),
    sa.Column("gelezen", sa.BigInteger, nullable=False),
    sa.Column("gemaakt_at", sa.Double, nullable=False),
    sa.Column("gestopt_at", sa.Double),
)
# An event that a subscriber has yet to get; with `dood_at` nobody tries any more until it is set
# back.  What arrived has no row: the subscription has read beyond it.
# No foreign key to the event: every announcement that is used up would be looked for here.
aflevering = sa.Table(
    "aflevering",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("abonnement_id", Id, sa.ForeignKey("abonnement.id"), nullable=False),
    sa.Column("outbox_id", Id, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("next_at", sa.Double, nullable=False),
    sa.Column("dood_at", sa.Double),
    sa.Column("reden", sa.Text),
    sa.Index("aflevering_uniek", "abonnement_id", "outbox_id", unique=True),
    sa.Index("aflevering_wachtend", "abonnement_id", "id"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Aanvraag:
    """A subscription that is asked for; no `soorten`: all, and `gemeenten` may be (ALLE,)."""

    naam: str
    url: str
    soorten: Sequence[str] = ()
    gemeenten: Sequence[str] = (ALLE,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Abonnement:
    """A subscription as it is shown, without its secret; `wacht` and `dood` are counts."""

    nummer: int
    naam: str
    url: str
    soorten: Sequence[str]
    gemeenten: Sequence[str]
    is_gestopt: bool
    wacht: int
    dood: int


@dataclass(frozen=True, slots=True)
class Aflevering:
    """An event that is to be sent: its name and document as they stand in the outbox."""

    nummer: int
    naam: str
    tries: int
    body: StoredPieces

    def document(self) -> dict[str, Any]:
        """The document; raises CouldNotFinish where the store has it no longer."""
        found: dict[str, Any] = msgspec.json.decode(b"".join(self.body))
        return found


@dataclass(frozen=True, slots=True)
class Doel:
    """Where the events of a subscription go; its secret is never shown, not by `repr` either."""

    nummer: int
    url: str
    sleutel: bytes

    def __repr__(self) -> str:
        return f"Doel({self.nummer})"


@dataclass(frozen=True, slots=True)
class Dood:
    """An event that nobody tries to send any more."""

    nummer: int
    abonnement: int
    naam: str
    tries: int
    reden: str


class Webhooks:
    """Makes and ends subscriptions, and hands out what is to be sent for each."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        logboek: Logboek,
        gebeurtenissen: Gebeurtenisseninzage,
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._database = database
        self._clock = clock
        self._logboek = logboek
        self._gebeurtenissen = gebeurtenissen
        self._random = random

    def make(self, aanvraag: Aanvraag, handeling: Handeling) -> tuple[int, str]:
        """A new subscription from here on: its number, and its secret, shown this once.

        Raises WrongUse where there are as many as there may be.
        """
        geheim = SECRET + base64.b64encode(self._random(SECRET_BYTES)).decode()
        with self._database.writing(ALL) as connection:
            if connection.execute(_COUNT).scalar_one() >= MOST:
                raise WrongUse(f"er zijn al {MOST} abonnementen; stop er eerst een")
            row = {
                "naam": aanvraag.naam,
                "url": aanvraag.url,
                "geheim": geheim,
                "soorten": ",".join(sorted(set(aanvraag.soorten))),
                "gemeenten": ",".join(sorted(set(aanvraag.gemeenten))),
                "gelezen": connection.execute(_LAST).scalar_one(),
                "gemaakt_at": self._now(),
            }
            nummer = insert_one(connection, abonnement, row)
            self._logboek.schrijf(connection, handeling)
        return nummer, geheim

    def list(self) -> Sequence[Abonnement]:
        """All subscriptions, also those that ended, in the order in which they were made."""
        with self._database.reading() as connection:
            return [_abonnement_of(row) for row in connection.execute(_ALL)]

    def stop(self, nummer: int, handeling: Handeling) -> bool:
        """End a subscription at once; False when there is none, or it was ended before."""
        ended = (
            sa.update(abonnement)
            .where(abonnement.c.id == nummer, abonnement.c.gestopt_at.is_(None))
            .values(gestopt_at=self._now(), geheim="")
        )
        with self._database.writing(ALL) as connection:
            is_ended = connection.execute(ended).rowcount == 1
            if is_ended:
                waiting = aflevering.c.abonnement_id == nummer
                connection.execute(sa.delete(aflevering).where(waiting))
                self._logboek.schrijf(connection, handeling)
        return is_ended

    def doelen(self) -> Sequence[Doel]:
        """Where events go now."""
        with self._database.reading() as connection:
            rows = connection.execute(_ACTIVE).all()
        return [Doel(row.id, row.url, key_of(row.geheim)) for row in rows]

    def spread(self) -> None:
        """Give every event that came since to who wants it.

        Raises TemporaryFailure when it stays unclear which ones came.
        """
        until = self._gebeurtenissen.settled()
        with self._database.writing() as connection:
            for row in connection.execute(_ACTIVE.with_for_update()).all():
                last = connection.execute(_LAST).scalar_one() if until is None else until
                if last > row.gelezen:
                    _give(connection, row, last, self._now())

    def due(self, nummer: int) -> Sequence[Aflevering]:
        """What is to be sent for a subscription now, oldest first; nobody else gets it."""
        now = self._now()
        with self._database.writing() as connection:
            rows = connection.execute(_due(nummer, now)).all()
            ids = [row.id for row in rows]
            _set(connection, ids, next_at=now + LEASE_SECONDS)
        return [
            Aflevering(
                row.id,
                row.naam,
                row.tries,
                StoredPieces(self._database, outbox_stuk, row.outbox_id, row.stukken),
            )
            for row in rows
        ]

    def sent(self, one: Aflevering) -> None:
        """It arrived."""
        with self._database.writing() as connection:
            connection.execute(sa.delete(aflevering).where(aflevering.c.id == one.nummer))

    def failed(self, one: Aflevering, reden: str) -> bool:
        """It did not arrive, and is tried again after a wait that grows; True when it is dead."""
        now, tries = self._now(), one.tries + 1
        is_dead = tries >= TRIES
        wait = min(FIRST_WAIT * 2.0**one.tries, LONGEST_WAIT)
        self._set(
            [one.nummer],
            next_at=now + wait,
            tries=tries,
            reden=reden,
            dood_at=now if is_dead else None,
        )
        return is_dead

    def give_back(self, left: Sequence[Aflevering], seconds: float) -> None:
        """These were not tried: their turn comes after so many seconds."""
        self._set([one.nummer for one in left], next_at=self._now() + seconds)

    def dood(self, nummer: int | None = None) -> Sequence[Dood]:
        """What is dead, of one subscription or of all."""
        query = _DEAD if nummer is None else _DEAD.where(aflevering.c.abonnement_id == nummer)
        with self._database.reading() as connection:
            return [Dood(*row) for row in connection.execute(query)]

    def redrive(self, nummer: int, handeling: Handeling) -> int:
        """Try again what is dead of a subscription; returns how many events that are."""
        again = (
            sa.update(aflevering)
            .where(aflevering.c.abonnement_id == nummer, aflevering.c.dood_at.is_not(None))
            .values(dood_at=None, tries=0, next_at=self._now())
        )
        with self._database.writing(ALL) as connection:
            count = connection.execute(again).rowcount
            if count:
                self._logboek.schrijf(connection, handeling)
        return count

    def _set(self, ids: Sequence[int], **values: Any) -> None:
        with self._database.writing() as connection:
            _set(connection, ids, **values)

    def _now(self) -> float:
        return self._clock().timestamp()


def key_of(geheim: str) -> bytes:
    """What a secret signs with."""
    return base64.b64decode(geheim.removeprefix(SECRET))


_RUNS = abonnement.c.gestopt_at.is_(None)
_COUNT = sa.select(sa.func.count()).select_from(abonnement).where(_RUNS)
_ACTIVE = sa.select(abonnement).where(_RUNS).order_by(abonnement.c.id)
_LAST = sa.select(sa.func.coalesce(sa.func.max(outbox.c.id), 0))


def _counted(*where: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
    own = aflevering.c.abonnement_id == abonnement.c.id
    query = sa.select(sa.func.count()).where(own, *where)
    return query.scalar_subquery()


_ALL = sa.select(
    abonnement,
    _counted(aflevering.c.dood_at.is_(None)).label("wacht"),
    _counted(aflevering.c.dood_at.is_not(None)).label("dood"),
).order_by(abonnement.c.id)
_DEAD = (
    sa.select(
        aflevering.c.id,
        aflevering.c.abonnement_id,
        outbox.c.naam,
        aflevering.c.tries,
        aflevering.c.reden,
    )
    .join_from(aflevering, outbox, outbox.c.id == aflevering.c.outbox_id)
    .where(aflevering.c.dood_at.is_not(None))
    .order_by(aflevering.c.id)
)


def _give(connection: Connection, row: Any, until: int, now: float) -> None:
    """Make rows for the events that a subscription wants and has not been looked at for."""
    wanted = [
        outbox.c.soort == EVENT,
        outbox.c.id > row.gelezen,
        outbox.c.id <= until,
    ]
    if row.soorten:
        wanted.append(outbox.c.berichttype.in_(row.soorten.split(",")))
    if ALLE not in row.gemeenten.split(","):
        wanted.append(outbox.c.gemeente.in_(row.gemeenten.split(",")))
    found = sa.select(sa.literal(row.id), outbox.c.id, sa.literal(0), sa.literal(now))
    names = ["abonnement_id", "outbox_id", "tries", "next_at"]
    rows = found.where(*wanted).order_by(outbox.c.id)
    connection.execute(sa.insert(aflevering).from_select(names, rows))
    read = sa.update(abonnement).where(abonnement.c.id == row.id)
    connection.execute(read.values(gelezen=until))


def _due(nummer: int, now: float) -> sa.Select[Any]:
    moment = aflevering.c.next_at
    return (
        sa.select(
            aflevering.c.id,
            aflevering.c.outbox_id,
            aflevering.c.tries,
            outbox.c.naam,
            outbox.c.stukken,
        )
        .join_from(aflevering, outbox, outbox.c.id == aflevering.c.outbox_id)
        .where(
            aflevering.c.abonnement_id == nummer,
            aflevering.c.dood_at.is_(None),
            # What waits longer than anything does was told to by a clock that ran ahead.
            sa.or_(moment <= now, moment > now + LONGEST_WAIT),
        )
        .order_by(aflevering.c.id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True, of=aflevering)
    )


def _set(connection: Connection, ids: Sequence[int], **values: Any) -> None:
    if ids:
        connection.execute(sa.update(aflevering).where(aflevering.c.id.in_(ids)).values(values))


def _abonnement_of(row: Any) -> Abonnement:
    return Abonnement(
        nummer=row.id,
        naam=row.naam,
        url=row.url,
        soorten=tuple(row.soorten.split(",")) if row.soorten else (),
        gemeenten=tuple(row.gemeenten.split(",")),
        is_gestopt=row.gestopt_at is not None,
        wacht=row.wacht,
        dood=row.dood,
    )

"""What the network does with what leaves: how often it was offered, sent back, or not taken now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.errors import GatewayError
from gateway.store.engine import ALL, Database
from gateway.store.envelop import UIT, WACHTEND, Terug, envelop
from gateway.store.inbox import Clock
from gateway.store.tables import ENVELOP, bevriezing, outbox

# What came back only for the moment is not offered again at once: it would go round and round.
AGAIN_SECONDS = 60.0


class Bevroren(GatewayError):
    """The network takes nothing of this berichttype now."""


@dataclass(frozen=True, slots=True)
class Bevriezing:
    """A berichttype that the network does not take, until when at least, and how much waits."""

    functie: str
    sinds: datetime
    tot: datetime
    wachtend: int


@dataclass(frozen=True, slots=True)
class Netwerkstand:
    """How it goes with the network: what is frozen, and how much waits for somebody.

    `geweigerd` counts what it refused for good, `onzeker` the envelopes that were set aside, and
    `dubbel` how often it has a second answer to one message.
    """

    bevroren: Sequence[Bevriezing]
    geweigerd: int
    onzeker: int
    dubbel: int


class Verzending:
    """Keeps what was offered to the network; every method is a transaction of its own."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def begin(self, referentienummer: str, bevroren: float) -> int:
        """An envelope is offered to the network now; returns how often it was before.

        Raises Bevroren for a berichttype that it does not take.  When its time is over one goes
        first: only if that was not sent back within `bevroren` seconds the rest follows.
        """
        with self._database.writing(ALL) as connection:
            row = connection.execute(_SENT, {"nummer": referentienummer}).one()
            if row.functie is not None:
                self._look_whether_frozen(connection, row.functie, bevroren)
            connection.execute(_OFFERED, {"welke": row.id})
        return int(row.pogingen)

    def bevries(self, functie: str, seconds: float) -> None:
        """The network takes nothing of this berichttype for so long."""
        with self._database.writing() as connection:
            freeze(connection, functie, self._now(), seconds)

    def ontdooi(self, functie: str) -> bool:
        """Somebody knows that a berichttype is taken again; False for one that was not frozen."""
        with self._database.writing() as connection:
            gone = sa.delete(bevriezing).where(bevriezing.c.functie == functie)
            return connection.execute(gone).rowcount > 0

    def vervalt(self, referentienummer: str) -> None:
        """The network refused an envelope: what is in it leaves in another one, or not at all."""
        with self._database.writing(ALL) as connection:
            connection.execute(_GONE, {"nummer": referentienummer})

    def stand(self) -> Netwerkstand:
        """What the network does not take now, and what it brought that nobody looked at."""
        with self._database.snapshot(ALL) as connection:
            frozen = [
                Bevriezing(row.functie, _moment(row.sinds), _moment(row.tot), row.wachtend)
                for row in connection.execute(_FROZEN)
            ]
            refused = connection.execute(_REFUSED).scalar_one()
            return Netwerkstand(frozen, refused, *map(int, connection.execute(WACHTEND).one()))

    def _look_whether_frozen(self, connection: Connection, functie: str, seconds: float) -> None:
        row = connection.execute(_FREEZE, {"soort": functie}).one_or_none()
        if row is None:
            return
        if row.tot > self._now():
            raise Bevroren(f"het netwerk neemt nu geen {functie} aan")
        if row.proef:
            connection.execute(sa.delete(bevriezing).where(bevriezing.c.functie == functie))
        else:
            connection.execute(
                sa.update(bevriezing)
                .where(bevriezing.c.functie == functie)
                .values(tot=self._now() + seconds, proef=1)
            )

    def _now(self) -> float:
        return self._clock().timestamp()


def send_back(connection: Connection, envelop_id: int, terug: Terug, now: float) -> None:
    """A message did not arrive: its envelope is void, and it waits to leave in another one.

    Once for each envelope, however often the network says so.  An envelope that tells a fault says
    all that there is to say, and is left as it is.
    """
    row = connection.execute(_OF, {"welke": envelop_id}).one_or_none()
    if row is None:
        return
    waits = not terug.stil and terug.bevroren is None
    if terug.bevroren is not None:
        freeze(connection, row.functie, now, terug.bevroren)
    connection.execute(_GONE, {"nummer": row.referentienummer})
    if row.outbox_id is not None:
        connection.execute(
            sa.update(outbox)
            .where(outbox.c.id == row.outbox_id, outbox.c.soort != ENVELOP)
            .values(
                sent_at=None,
                next_at=now + AGAIN_SECONDS if waits else now,
                tries=0,
                reden=terug.reden,
                stil=int(terug.stil),
                terug=outbox.c.terug + 1,
            )
        )


def freeze(connection: Connection, functie: str, now: float, seconds: float) -> None:
    """Let nothing of a berichttype leave for so long."""
    connection.execute(
        _FREEZES, {"functie": functie, "sinds": now, "tot": now + seconds, "proef": 0}
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


_SENT = sa.select(envelop.c.id, envelop.c.functie, envelop.c.pogingen).where(
    envelop.c.referentienummer == sa.bindparam("nummer"), envelop.c.richting == UIT
)
_OF = (
    sa.select(envelop.c.functie, envelop.c.referentienummer, envelop.c.outbox_id)
    .where(
        envelop.c.id == sa.bindparam("welke"),
        envelop.c.functie.is_not(None),
        envelop.c.vervallen == 0,
    )
    .with_for_update()
)
_OFFERED = (
    sa.update(envelop)
    .where(envelop.c.id == sa.bindparam("welke"))
    .values(pogingen=envelop.c.pogingen + 1)
)
_GONE = (
    sa.update(envelop)
    .where(envelop.c.referentienummer == sa.bindparam("nummer"), envelop.c.richting == UIT)
    .values(vervallen=1)
)
_FREEZE = (
    sa.select(bevriezing).where(bevriezing.c.functie == sa.bindparam("soort")).with_for_update()
)
_FREEZES = sa.text(
    "INSERT INTO bevriezing (functie, sinds, tot, proef) VALUES (:functie, :sinds, :tot, :proef) "
    "ON CONFLICT (functie) DO UPDATE SET tot = excluded.tot, proef = excluded.proef"
)
_WAITS = sa.and_(outbox.c.sent_at.is_(None), outbox.c.berichttype == bevriezing.c.functie)
_FROZEN = sa.select(
    bevriezing,
    sa.select(sa.func.count())
    .select_from(outbox)
    .where(_WAITS)
    .scalar_subquery()
    .label("wachtend"),
).order_by(bevriezing.c.functie)
_REFUSED = (
    sa.select(sa.func.count())
    .select_from(outbox)
    .where(outbox.c.sent_at.is_(None), outbox.c.stil == 1)
)

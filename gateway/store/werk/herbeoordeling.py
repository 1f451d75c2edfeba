"""Messages of decisions to judge again: which comes next, and how far each decision is.

A message that is judged again counts no more in its decision, so that what is left is found back
after a restart.  Of several processes one at a time takes a message, so that each is judged once;
killed between judging and marking, it is judged once more, which changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa

from gateway.store.engine import ALL, Database
from gateway.store.inbox import Clock
from gateway.store.werk.logregels import Waarover, write_log
from gateway.store.werk.soorten import Soort
from gateway.store.werk.tables import BEZET, GELDT, TELT_NIET, besluit, besluit_post
from gateway.toegang.wie import Bereik, Wie

KLAAR = "klaar"
BEURT = "herbeoordeling"


@dataclass(frozen=True, slots=True)
class Taak:
    """A message that has to be judged again because of a decision."""

    besluit_id: int
    inbox_id: int


@dataclass(frozen=True, slots=True)
class Voortgang:
    """How many messages of a decision were judged again, of how many."""

    gedaan: int
    totaal: int


class Herbeoordelingen:
    """Reads and marks what has to be judged again."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    @contextmanager
    def beurt(self) -> Iterator[Taak | None]:
        """What comes next, kept from other processes meanwhile; None while one of them is at it."""
        with self._database.turn(BEURT) as is_ours:
            yield self.next() if is_ours else None

    def next(self) -> Taak | None:
        """The first message of the oldest decision that is not done."""
        with self._database.snapshot() as connection:
            row = connection.execute(_NEXT).first()
        return None if row is None else Taak(row.besluit_id, row.inbox_id)

    def done(self, taak: Taak) -> None:
        """A message was judged again; after the last one the log says that the decision is done."""
        with self._database.writing(ALL) as connection:
            which = {"welk": taak.besluit_id}
            connection.execute(_DONE, {**which, "bericht": taak.inbox_id})
            if connection.execute(_LEFT, which).first() is not None:
                return
            now = self._clock().timestamp()
            row = connection.execute(_FINISH, {**which, "nu": now}).one_or_none()
            if row is not None:
                wie = Wie(row.wie, row.naam, "gebruiker")
                over = Waarover(row.gemeente, row.oorzaak_id, taak.besluit_id)
                write_log(connection, wie, now, over, KLAAR, "alle berichten opnieuw beoordeeld")

    def voortgang(self, bereik: Bereik, besluit_id: int) -> Voortgang:
        """How far a decision is."""
        seen = besluit_post.c.gemeente.in_(sorted(bereik.gemeenten))
        with self._database.snapshot(bereik.scope) as connection:
            row = connection.execute(_PROGRESS.where(seen), {"welk": besluit_id}).one()
        return Voortgang(row.totaal - row.over, row.totaal)


_WELK: sa.BindParameter[int] = sa.bindparam("welk", type_=sa.BigInteger)
_OF_IT = besluit_post.c.besluit_id == _WELK
_WAITS = besluit_post.c.telt == BEZET
# The words are those of the index.
_OPEN = (
    besluit.c.soort == sa.literal_column(f"'{Soort.HERSTEL.value}'"),
    besluit.c.staat == sa.literal_column(f"'{GELDT}'"),
    besluit.c.tot_at.is_(None),
)
_NEXT = (
    sa.select(besluit_post.c.besluit_id, besluit_post.c.inbox_id)
    .join_from(besluit, besluit_post, besluit_post.c.besluit_id == besluit.c.id)
    .where(*_OPEN, _WAITS)
    .order_by(besluit_post.c.besluit_id, besluit_post.c.inbox_id)
    .limit(1)
)
_DONE = (
    sa.update(besluit_post)
    .where(_OF_IT, besluit_post.c.inbox_id == sa.bindparam("bericht", type_=sa.BigInteger))
    .values(telt=TELT_NIET)
)
_LEFT = sa.select(besluit_post.c.inbox_id).where(_OF_IT, _WAITS).limit(1)
_FINISH = (
    sa.update(besluit)
    .where(besluit.c.id == _WELK, *_OPEN)
    .values(tot_at=sa.bindparam("nu"))
    .returning(*(besluit.c[name] for name in ("wie", "naam", "gemeente", "oorzaak_id")))
)
_PROGRESS = sa.select(
    sa.func.count(sa.distinct(besluit_post.c.inbox_id)).label("totaal"),
    sa.func.count(sa.distinct(sa.case((_WAITS, besluit_post.c.inbox_id), else_=None))).label(
        "over"
    ),
).where(_OF_IT)

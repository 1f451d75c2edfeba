"""The inbox: durable intake, and leases that give a message to one worker at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack, closing
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.errors import MessageRefused
from gateway.pipeline.ports import Claim
from gateway.store import announcements
from gateway.store.beurten import announced
from gateway.store.bouwstenen import KEYS, as_keys
from gateway.store.engine import Conflict, Database
from gateway.store.opname import Intake, Offer, store_all
from gateway.store.oppakken import (
    AT_ONCE,
    FREE,
    Taken,
    Terms,
    forget_announcements,
    free_ended,
    park,
    take_up,
)
from gateway.store.pieces import TOGETHER, Packed
from gateway.store.tables import (
    AANGEHOUDEN,
    BEZIG,
    NIEUW,
    inbox,
    outbox,
)
from gateway.store.verzamelaar import Verzamelaar
from gateway.store.vraag import Vast
from gateway.store.waits import wait_after
from gateway.store.werk.wachtrij import look_again

Clock = Callable[[], datetime]


class Inbox:
    """Takes messages in and hands them out; every method is a transaction of its own."""

    def __init__(self, database: Database, clock: Clock, terms: Terms) -> None:
        self._database = database
        self._clock = clock
        self._terms = terms
        self._samen: Verzamelaar[tuple[Offer, Packed], Intake] = Verzamelaar(
            self._stored, AT_ONCE, singly=(MessageRefused, Conflict)
        )

    def receive(
        self,
        naam: str,
        chunks: Iterable[bytes],
        transport_id: str | None = None,
        spoor: str | None = None,
    ) -> Intake:
        """Store a message durably, with the announcement that there is work.

        The same bytes again give the first row.  `spoor` is the traceparent that came with them.
        Small ones that are offered at the same time are stored in one transaction.
        Raises MessageRefused for a transport number that was used for other bytes.
        """
        with closing(Packed(chunks)) as packed:
            offered = Offer(naam, transport_id, spoor), packed
            store = self._samen.answer if packed.size <= TOGETHER else self._stored_alone
            try:
                return store(offered)
            except Conflict:
                # The same message came in by another door in the same instant: now it is known.
                return self._stored_alone(offered)

    def receive_all(self, offers: Sequence[tuple[Offer, bytes]]) -> Sequence[Intake]:
        """Store small messages durably in one transaction, or none of them.

        Raises as `receive` does, and Conflict when one of them comes in by another door in the
        same instant; who offers them can then offer each by itself.
        """
        with ExitStack() as stack:
            return self._stored(
                [(offer, stack.enter_context(closing(Packed([body])))) for offer, body in offers]
            )

    def take_up(self, inbox_ids: Sequence[int]) -> Taken:
        """Take the first of these messages in hand: a handful, or one (see `oppakken`)."""
        try:
            with self._database.marking() as connection:
                taken = take_up(connection, inbox_ids, self._now(), self._terms)
        except Conflict:
            # Another worker took a message between the same parties in the same instant.
            if len(inbox_ids) > 1:
                return Taken(self.take_up(inbox_ids[:1]).claims, inbox_ids[1:])
            with self._database.marking() as connection:
                forget_announcements(connection, inbox_ids)
            taken = Taken((), behind=inbox_ids)
        self._look_again(taken)
        return taken

    def claim(self, inbox_id: int) -> Claim | None:
        """Take one message in hand; None when it is not waiting, or not its turn."""
        return next(iter(self.take_up([inbox_id]).claims), None)

    def take(self) -> Taken | None:
        """Take the first announced messages that nobody else is taking; None when there are none.

        This is how workers share a store without a queue beside it: the announcements are used up
        in the transaction that makes the claims.
        """
        try:
            taken = self._take(AT_ONCE)
        except Conflict:
            # Another worker took a message between the same parties in the same instant.
            try:
                taken = self._take(1)
            except Conflict:
                taken = self._pass_by()
        if taken is not None:
            self._look_again(taken)
        return taken

    def _look_again(self, taken: Taken) -> None:
        """Whoever was in the way may have ended before it could see that these wait."""
        if taken.behind:
            announcements.announce_next(self._database, taken.behind, self._now())

    def _take(self, most: int) -> Taken | None:
        with self._database.marking() as connection:
            found = _NEXT_WORK.rows(connection, {"hoogstens": most})
            if not found:
                return None
            taken = take_up(connection, [row.inbox_id for row in found], self._now(), self._terms)
            left = set(taken.left)
            self._use_up(connection, [row.id for row in found if row.inbox_id not in left])
            return taken

    def _pass_by(self) -> Taken | None:
        """Leave the first announced message to who has the one before it in hand."""
        with self._database.marking() as connection:
            found = _NEXT_WORK.rows(connection, {"hoogstens": 1})
            behind = [row.inbox_id for row in found]
            forget_announcements(connection, behind)
            self._use_up(connection, [row.id for row in found])
            return Taken((), behind=behind) if behind else None

    def _use_up(self, connection: Connection, announced_ids: Sequence[int]) -> None:
        ids = as_keys(announced_ids, self._database.is_sqlite)
        announcements.USED_UP.run(connection, {KEYS: ids})

    def renew(self, claim: Claim) -> bool:
        """Keep a claim for another term; False when it was lost."""
        until = self._now() + self._terms.lease_seconds
        with self._database.marking() as connection:
            return update_held(connection, claim, {"lease_until": until})

    def release(self, claim: Claim) -> bool:
        """Give a message back, to be tried again after a growing wait; False when it was lost."""
        now = self._now()
        with self._database.writing() as connection:
            next_at = now + wait_after(claim.tries)
            released = update_held(connection, claim, FREE | {"next_at": next_at})
        announcements.announce_next(self._database, [claim.inbox_id], now)
        return released

    def park(self, inbox_id: int, reason: str, token: str | None = None) -> bool:
        """Keep a message for an operator; False when it is done, or no longer of this token."""
        now = self._now()
        with self._database.writing() as connection:
            parked = park(connection, inbox_id, reason, now, token)
        announcements.announce_next(self._database, [inbox_id], now)
        return parked

    def resume(self, inbox_id: int) -> bool:
        """Have a held message judged again as it is now; False when it is not held.

        Its day of decision stays what it was: it follows from the day of receipt.
        """
        now = self._now()
        fresh = FREE | {"tries": 0, "next_at": now, "besluit_op": None}
        with self._database.writing() as connection:
            changed = connection.execute(
                sa.update(inbox)
                .where(inbox.c.id == inbox_id, inbox.c.staat == AANGEHOUDEN)
                .values(fresh)
            )
            announcements.announce(connection, [inbox_id] * changed.rowcount, now)
            look_again(connection, [(inbox_id, None)] * changed.rowcount)
            return changed.rowcount == 1

    def free_all(self) -> int:
        """At the start of the only owner of a store: no claim and no queue survived."""
        with self._database.writing() as connection:
            freed = connection.execute(sa.update(inbox).where(inbox.c.staat == BEZIG).values(FREE))
            connection.execute(
                sa.update(inbox)
                .where(inbox.c.staat.in_((NIEUW, AANGEHOUDEN)))
                .values(announced_at=None)
            )
        self.sweep()
        return freed.rowcount

    def sweep(self, *, ignore_waits: bool = False) -> int:
        """Announce again what was left behind; returns how many messages."""
        total = 0
        while True:
            found = self._sweep_some(ignore_waits)
            total += found
            if found < announcements.AT_ONCE:
                return total

    def _now(self) -> float:
        return self._clock().timestamp()

    def _sweep_some(self, ignore_waits: bool) -> int:
        now = self._now()
        with self._database.writing() as connection:
            free_ended(connection, now)
            return announcements.announce_left_behind(connection, now, ignore_waits=ignore_waits)

    def _stored_alone(self, offered: tuple[Offer, Packed]) -> Intake:
        return self._stored([offered])[0]

    def _stored(self, offered: Sequence[tuple[Offer, Packed]]) -> Sequence[Intake]:
        with self._database.writing() as connection:
            return store_all(connection, offered, self._now())


_NEXT_WORK = Vast(
    lambda _: (
        announced(outbox.c.id, outbox.c.inbox_id)
        .limit(sa.bindparam("hoogstens", type_=sa.Integer))
        .with_for_update(skip_locked=True)
    )
)
_UPDATE = sa.update(inbox).where(inbox.c.id == sa.bindparam("bericht"))
_UPDATE_HELD = _UPDATE.where(inbox.c.token == sa.bindparam("houder"), inbox.c.staat == BEZIG)


def update_held(connection: Connection, claim: Claim, values: Mapping[str, Any]) -> bool:
    """Change the row of a claim; False when the claim was lost, and then nothing changes."""
    holder = {"bericht": claim.inbox_id, "houder": claim.token}
    return connection.execute(_UPDATE_HELD, {**values, **holder}).rowcount == 1

"""Throws lists away that somebody froze to decide on, and then did not decide on."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from gateway.store.engine import ALL, Database
from gateway.store.inbox import Clock
from gateway.store.werk.tables import CONCEPT, besluit, besluit_post

# So long a list waits for who made it: the same day, and the evening after it.
TERM = timedelta(hours=24)
AT_ONCE = 100


class Opruimer:
    """Looks by the clock of the store; what was proposed or decided always stays."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def run_once(self) -> int:
        """Throw away the lists whose term has passed; returns how many, a hundred at most."""
        before = (self._clock() - TERM).timestamp()
        old = (
            sa.select(besluit.c.id)
            .where(besluit.c.staat == CONCEPT, besluit.c.gemaakt_at < before)
            .order_by(besluit.c.id)
            .limit(AT_ONCE)
            .with_for_update()
        )
        with self._database.writing(ALL) as connection:
            chosen = connection.scalars(old).all()
            if chosen:
                posts = sa.delete(besluit_post).where(besluit_post.c.besluit_id.in_(chosen))
                connection.execute(posts)
                connection.execute(sa.delete(besluit).where(besluit.c.id.in_(chosen)))
        return len(chosen)

"""The buckets of all processes that serve one store on PostgreSQL: one statement per request.

They go by the clock of the database, and are not kept through a crash of it: all are full then.
"""

from __future__ import annotations

from itertools import count

import sqlalchemy as sa

from gateway.store.engine import Database

# After so many requests of a process those that are full are forgotten.
CLEAN_EVERY = 1_000
_NOW = "extract(epoch FROM clock_timestamp())"
_TAKE = sa.text(
    "INSERT INTO emmer AS oud (budget, wie, vol_at) "  # noqa: S608 - our words
    f"VALUES (:budget, :wie, {_NOW} + :tussen) ON CONFLICT (budget, wie) DO UPDATE "
    f"SET vol_at = greatest(oud.vol_at, {_NOW}) + :tussen "
    f"WHERE greatest(oud.vol_at, {_NOW}) + :tussen <= {_NOW} + :vult RETURNING vol_at"
)
_CLEAN = sa.text(f"DELETE FROM emmer WHERE vol_at < {_NOW}")  # noqa: S608 - our words


class Emmers:
    """Takes from a bucket that others take from too."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._taken = count(1)

    def take(self, budget: str, wie: str, tussen: float, vult: float) -> bool:
        """Take one, when there is one: it comes back in `tussen` seconds, all in `vult`."""
        given = {"budget": budget, "wie": wie, "tussen": tussen, "vult": vult}
        with self._database.writing() as connection:
            taken = connection.execute(_TAKE, given).one_or_none()
            if next(self._taken) % CLEAN_EVERY == 0:
                connection.execute(_CLEAN)
        return taken is not None

"""A handful of small messages that are judged and settled one after another in one transaction.

Each of them sees what the ones before it changed; satisfies `ports.Store`.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import sqlalchemy as sa

from gateway.errors import CouldNotFinish
from gateway.pipeline.ports import Claim, Store
from gateway.store.bouwstenen import KEYS, among, as_keys
from gateway.store.engine import Database, translated
from gateway.store.facts import Facts
from gateway.store.queries import Queries
from gateway.store.tables import inbox_stuk
from gateway.store.transactie import Transactie
from gateway.store.unit_of_work import SqlUnitOfWork
from gateway.store.vraag import Vraag


class Handvol:
    """The store as these messages see it; what is not about them is asked of the store itself."""

    def __init__(
        self, store: Store, transactie: Transactie, queries: Queries[Vraag], claims: Sequence[Claim]
    ) -> None:
        self._store = store
        self._transactie = transactie
        self._queries = queries
        database = transactie.ground.database
        self._bodies = _bodies(database, [claim.inbox_id for claim in claims])

    def pieces(self, inbox_id: int) -> Iterable[bytes]:
        """See `ports.Store`."""
        try:
            return [zlib.decompress(one) for one in self._bodies[inbox_id]]
        except (KeyError, zlib.error):
            raise CouldNotFinish("een deel van de bytes is weg of beschadigd") from None

    def message(self, inbox_id: int) -> Iterable[bytes]:
        """See `ports.Store`."""
        return self._store.message(inbox_id)

    def next_toewijzingnummer(self, gemeente: str, wet: str) -> int:
        """See `ports.Store`."""
        return self._store.next_toewijzingnummer(gemeente, wet)

    @contextmanager
    def facts(self, claim: Claim) -> Iterator[Facts]:
        """See `ports.Store`."""
        with self._transactie.written() as zicht:
            yield Facts(zicht, self._queries, claim, self._transactie.ground.fingerprint)

    @contextmanager
    def unit_of_work(self, claim: Claim) -> Iterator[SqlUnitOfWork]:
        """See `ports.Store`."""
        yield SqlUnitOfWork(self._transactie, claim)


def _bodies(database: Database, inbox_ids: Sequence[int]) -> Mapping[int, Sequence[bytes]]:
    """The compressed pieces of these messages, which are small."""
    query = (
        sa.select(inbox_stuk.c.inbox_id, inbox_stuk.c.data)
        .where(among(inbox_stuk.c.inbox_id, database.is_sqlite))
        .order_by(inbox_stuk.c.inbox_id, inbox_stuk.c.nr)
    )
    found: dict[int, list[bytes]] = {}
    with translated(), database.engine.connect() as connection:
        for inbox_id, data in connection.execute(
            query, {KEYS: as_keys(inbox_ids, database.is_sqlite)}
        ):
            found.setdefault(inbox_id, []).append(data)
    return found

"""A handful of small messages that are judged and settled one after another in one transaction.

All are judged first, on what the store knows; one that was judged on something that another one
before it changes is judged once more, when it is its turn.  Satisfies `ports.Hand`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

import sqlalchemy as sa

from gateway.errors import CouldNotFinish
from gateway.pipeline.ports import Claim, Partijen, Store
from gateway.store.bouwstenen import KEYS, among, as_keys
from gateway.store.facts import Facts
from gateway.store.kluis import DAMAGED, kluis_of
from gateway.store.pieces import unpacked
from gateway.store.queries import Queries
from gateway.store.samen import ask, is_beside_others, side_by_side
from gateway.store.sporen import Sporen
from gateway.store.tables import inbox_stuk
from gateway.store.transactie import Transactie
from gateway.store.unit_of_work import SqlUnitOfWork
from gateway.store.vraag import Rows, Values, Vast, Vraag
from gateway.store.zicht import Zicht

T = TypeVar("T")
Asked = tuple[Vraag, Values]


class Handvol:
    """The store as these messages see it; what is not about them is asked of the store itself."""

    def __init__(
        self, store: Store, transactie: Transactie, queries: Queries[Vraag], claims: Sequence[Claim]
    ) -> None:
        self._store = store
        self._transactie = transactie
        self._queries = queries
        self._claims = claims
        self._sporen = {claim.inbox_id: Sporen() for claim in claims}
        with transactie.writing() as zicht:
            self._bodies = _bodies(zicht, [claim.inbox_id for claim in claims])
            self._kluis = kluis_of(zicht.connection)

    def pieces(self, inbox_id: int) -> Iterable[bytes]:
        """See `ports.Store`."""
        try:
            pieces = self._bodies[inbox_id]
        except KeyError:
            raise CouldNotFinish(DAMAGED) from None
        return [
            unpacked(self._kluis, data, (inbox_stuk.name, inbox_id, number))
            for number, data in enumerate(pieces)
        ]

    def message(self, inbox_id: int) -> Iterable[bytes]:
        """See `ports.Store`."""
        return self._store.message(inbox_id)

    def next_toewijzingnummer(self, gemeente: str, wet: str) -> int:
        """See `ports.Store`."""
        return self._store.next_toewijzingnummer(gemeente, wet)

    def side_by_side(self, judge: Callable[[Claim], T]) -> Sequence[T]:
        """See `ports.Hand`."""
        if len(self._claims) == 1:
            judged: Sequence[T] = [judge(self._claims[0])]
        else:
            works = [partial(judge, claim) for claim in self._claims]
            judged = side_by_side(works, self._answers)
        self._transactie.judged()
        return judged

    def is_outdated(self, claim: Claim) -> bool:
        """See `ports.Hand`."""
        return self._sporen[claim.inbox_id].is_touched_by(self._transactie.veranderd)

    @contextmanager
    def facts(self, claim: Claim) -> Iterator[Facts]:
        """See `ports.Store`."""
        sporen = self._sporen[claim.inbox_id] = Sporen()
        with self._transactie.written() as zicht:
            bron = _Bron(zicht, sporen)
            yield Facts(bron, self._queries, claim, self._transactie.ground.fingerprint)

    @contextmanager
    def unit_of_work(self, claim: Claim) -> Iterator[SqlUnitOfWork]:
        """See `ports.Store`."""
        yield SqlUnitOfWork(self._transactie, claim)

    def _answers(self, asked: Sequence[Asked]) -> Sequence[Rows]:
        """The rows for what several messages ask, with one statement for each kind of fact."""
        places: dict[str, list[int]] = {}
        for place, (query, _) in enumerate(asked):
            places.setdefault(query.naam, []).append(place)
        answers: dict[int, Rows] = {}
        with self._transactie.written() as zicht:
            for alike in places.values():
                query = asked[alike[0]][0]
                found = zicht.rows_of_all(query, [asked[place][1] for place in alike])
                answers.update(zip(alike, found, strict=True))
        return [answers[place] for place in range(len(asked))]


class _Bron:
    """Where one message of a hand reads its facts: by itself, or in one go with the others."""

    def __init__(self, zicht: Zicht, sporen: Sporen) -> None:
        self._zicht = zicht
        self._sporen = sporen

    def partij(self, partijen: Partijen) -> int | None:
        """See `Bron`."""
        found = self._zicht.partij(partijen)
        if found is None:
            self._sporen.missed(partijen.gemeente, partijen.aanbieder)
        return found

    def rows(self, query: Vraag, values: Values) -> Rows:
        """See `Bron`."""
        self._sporen.asked(query.naam, values)
        if is_beside_others():
            found: Rows = ask((query, values))
            return found
        return self._zicht.rows(query, values)


def _bodies(zicht: Zicht, inbox_ids: Sequence[int]) -> Mapping[int, Sequence[bytes]]:
    """The compressed pieces of these messages, which are small."""
    found: dict[int, list[bytes]] = {}
    given = {KEYS: as_keys(inbox_ids, zicht.is_sqlite)}
    for inbox_id, data in _STUKKEN.rows(zicht.connection, given):
        found.setdefault(inbox_id, []).append(data)
    return found


_STUKKEN = Vast(
    lambda is_sqlite: (
        sa.select(inbox_stuk.c.inbox_id, inbox_stuk.c.data)
        .where(among(inbox_stuk.c.inbox_id, is_sqlite))
        .order_by(inbox_stuk.c.inbox_id, inbox_stuk.c.nr)
    )
)

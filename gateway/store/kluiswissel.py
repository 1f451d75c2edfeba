"""Enciphers what stands under another key, or under none, with the first key; a little at a time.

Every step is a transaction over some pieces: a stop in between loses nothing, and going on again
passes over what is done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import sqlalchemy as sa

from gateway.errors import WrongUse
from gateway.store.engine import ALL, Database
from gateway.store.envelop import envelop
from gateway.store.kluis import Kluis, kluis_of, name_of, retire
from gateway.store.tables import inbox_stuk, outbox_stuk

# So many pieces are looked at and enciphered in one transaction: at most so many MiB.
AT_ONCE = 16
LONGEST_BEGIN = 18
ZONDER = ""


class Plaatsen(NamedTuple):
    """Where bytes stand: whose, which of his, and the bytes themselves."""

    owner: sa.Column[Any]
    number: sa.ColumnElement[int]
    data: sa.Column[Any]

    @property
    def table(self) -> sa.Table:
        """The table that they are of."""
        return self.data.table


PLAATSEN = (
    Plaatsen(inbox_stuk.c.inbox_id, inbox_stuk.c.nr, inbox_stuk.c.data),
    Plaatsen(outbox_stuk.c.outbox_id, outbox_stuk.c.nr, outbox_stuk.c.data),
    # A bare nought would be the place of a column to sort by.
    Plaatsen(envelop.c.sleutel, sa.literal_column("(0 + 0)", sa.Integer), envelop.c.inhoud),
)


class Kluiswissel:
    """The bytes of messages of a store, by the key under which they stand."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kluis: Kluis = kluis_of(database.engine)

    def count(self) -> Counter[str]:
        """How many pieces stand under each key, '' for those under none."""
        found: Counter[str] = Counter()
        with self._database.long_snapshot() as connection:
            for one in PLAATSEN:
                begin = sa.func.substr(one.data, 1, LONGEST_BEGIN)
                query = sa.select(begin).where(one.data.is_not(None))
                query = query.execution_options(yield_per=1_000)
                for data in connection.scalars(query):
                    found[name_of(bytes(data)) or ZONDER] += 1
        return found

    def run(self) -> int:
        """Encipher everything with the first key; returns how many pieces changed."""
        if self._kluis.actief is None:
            raise WrongUse("er is geen sleutel; zet GATEWAY_KLUIS")
        return sum(done for one in PLAATSEN for done in self._steps(one))

    def retire(self) -> list[str]:
        """Forget the keys under which nothing stands any more, apart from the first; which ones."""
        left = self.count()
        gone = {one for one in self._kluis.merken if not left[one]} - {self._kluis.actief}
        with self._database.writing(ALL) as connection:
            retire(connection, gone)
        return sorted(map(str, gone))

    def _steps(self, one: Plaatsen) -> Iterator[int]:
        begin = self._kluis.begin
        other = (
            sa.select(one.owner, one.number, one.data)
            .where(sa.func.substr(one.data, 1, len(begin)) != sa.bindparam("begin", begin))
            .order_by(one.owner, one.number)
            .limit(AT_ONCE)
            .with_for_update()
        )
        last: tuple[Any, ...] = ()
        while True:
            after = [sa.tuple_(one.owner, one.number) > sa.tuple_(*last)] if last else []
            with self._database.writing(ALL) as connection:
                rows = connection.execute(other.where(*after)).all()
                if not rows:
                    return
                connection.execute(_update(one), [self._again(one, row) for row in rows])
                last = tuple(rows[-1][:2])
            yield len(rows)

    def _again(self, one: Plaatsen, row: Any) -> dict[str, Any]:
        owner, number, data = row
        place = (one.table.name, owner, number)
        opened = self._kluis.open(bytes(data), place)
        return {"van": owner, "welke": number, "nieuw": self._kluis.seal(opened, place)}


def _update(one: Plaatsen) -> sa.Update:
    return (
        sa.update(one.table)
        .where(
            one.owner == sa.bindparam("van"),
            one.number == sa.bindparam("welke", type_=sa.Integer),
        )
        .values({one.data.name: sa.bindparam("nieuw", type_=sa.LargeBinary)})
    )

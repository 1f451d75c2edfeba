"""Keeps the worklist up with the findings: a step at a time, by one at a time.

Each step takes some messages from the queue, makes their posts anew, takes away what they overtook
of others, and counts the causes that were touched.  It also settles the checks before sending of
what was judged, and the credit requests that were answered by it.  A step that did not commit is
done again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.pipeline.kennis import dag_van
from gateway.store import postgres
from gateway.store.bevindingen import ONDERWERP, OORZAAK, WITH_MESSAGE, is_open
from gateway.store.bouwstenen import KEYS, among, as_keys
from gateway.store.controles import Controles
from gateway.store.engine import ALL, Database
from gateway.store.geld.nazorg.creditvolger import Creditvolger
from gateway.store.geld.nazorg.verrekeningvolger import Verrekeningvolger
from gateway.store.tables import AANGEHOUDEN, bevinding, inbox
from gateway.store.werk import stand
from gateway.store.werk.inhalen import Ingehaald
from gateway.store.werk.oorzaaknummers import NOOIT, Oorzaaknummers
from gateway.store.werk.tables import oorzaak, werk_wachtrij, werkpost

MESSAGES, FINDINGS = 500, 5_000
# How far it is behind is told up to so many: every page of the worklist asks for it.
MOST_BEHIND = 1_000


@dataclass(frozen=True, slots=True)
class _Stap:
    """Rows of the queue that are done in one transaction, and their messages.

    `na` is behind which finding a message that is too large for one step goes on; for all others
    it is 0.
    """

    rijen: Sequence[Any]
    berichten: Sequence[int]
    na: int = 0
    is_groot: bool = False


class Werkvolger:
    """Makes the posts and counts of the worklist follow the store."""

    def __init__(self, database: Database, controles: Controles) -> None:
        self._database = database
        self._controles = controles
        self._credits = Creditvolger(database.is_sqlite)
        self._verrekeningen = Verrekeningvolger(database.is_sqlite)
        self._is_sqlite = database.is_sqlite
        self._ingehaald = Ingehaald(database.is_sqlite)
        self._by_message = among(werkpost.c.inbox_id, database.is_sqlite)
        self._oorzaken = Oorzaaknummers(database.is_sqlite)
        self._found = _FOUND.where(among(bevinding.c.inbox_id, database.is_sqlite))
        self._counted = _COUNTED.where(among(bevinding.c.inbox_id, database.is_sqlite))

    def catch_up(self, steps: int | None = None) -> int:
        """Follow until nothing waits, or for so many steps; returns how many messages were done."""
        total = 0
        while steps is None or steps > 0:
            done = self._step()
            if done is None:
                break
            total += done
            steps = None if steps is None else steps - 1
        return total

    def behind(self) -> int:
        """How many messages wait to be looked at; no more than `MOST_BEHIND` are counted."""
        with self._database.snapshot() as connection:
            return connection.execute(_WAITING).scalar_one()

    def rebuild(self) -> int:
        """Make the whole worklist anew; what people did stays.  Returns how many messages."""
        with self._database.writing(ALL) as connection:
            connection.execute(_EVERYTHING)
        return self.catch_up()

    def _step(self) -> int | None:
        """One transaction; None when nothing waits, or another one follows at this moment."""
        self._oorzaken.forget()
        with self._database.writing(ALL) as connection:
            if not self._database.is_sqlite and not postgres.has_turn(connection, "werk"):
                return None
            stap = self._next(connection)
            if stap is None:
                return None
            touched = self._ingehaald.take_away(connection, stap.rijen) if not stap.na else set()
            touched |= self._renew(connection, stap)
            count_again(connection, touched, is_sqlite=self._is_sqlite)
        self._oorzaken.keep()
        return len(stap.berichten)

    def _next(self, connection: Connection) -> _Stap | None:
        """The first of the queue: as many messages as fit in a step, or a part of a large one."""
        rows = connection.execute(_FIRST).all()
        if not rows:
            return None
        ids = list(dict.fromkeys(row.inbox_id for row in rows))
        counted = connection.execute(self._counted, {KEYS: as_keys(ids, self._is_sqlite)}).all()
        sizes: dict[int, int] = {row.inbox_id: row.aantal for row in counted}
        first = rows[0]
        if sizes.get(first.inbox_id, 0) > FINDINGS:
            return _Stap([first], [first.inbox_id], first.na, is_groot=True)
        chosen: list[Any] = []
        berichten: dict[int, None] = {}
        size = 0
        for row in rows:
            if row.inbox_id not in berichten:
                size += sizes.get(row.inbox_id, 0)
                if size > FINDINGS:
                    break
                berichten[row.inbox_id] = None
            chosen.append(row)
        return _Stap(chosen, list(berichten))

    def _renew(self, connection: Connection, stap: _Stap) -> set[int]:
        """Make the posts of some messages anew; returns the causes that they are or were of."""
        keys = {KEYS: as_keys(stap.berichten, self._is_sqlite), "na": stap.na}
        query = self._found.limit(FINDINGS) if stap.is_groot else self._found
        found = connection.execute(query, keys).all()
        more = stap.is_groot and len(found) == FINDINGS
        until = (werkpost.c.bevinding_id <= found[-1].id,) if more else ()
        old = sa.delete(werkpost).where(self._by_message, werkpost.c.bevinding_id > stap.na, *until)
        touched = {*connection.scalars(old.returning(werkpost.c.oorzaak_id), keys)}
        if found:
            causes = self._oorzaken.of(connection, found)
            _write(
                connection, [_post(row, cause) for row, cause in zip(found, causes, strict=True)]
            )
            touched |= {*causes}
        queue = werk_wachtrij.c.id.in_([row.id for row in stap.rijen])
        if more:
            connection.execute(sa.update(werk_wachtrij).where(queue).values(na=found[-1].id))
        else:
            connection.execute(sa.delete(werk_wachtrij).where(queue))
            done = [row.inbox_id for row in stap.rijen]
            stand.count_months(connection, done, self._is_sqlite)
            stand.count_verdicts(connection, done, self._is_sqlite)
            self._controles.settle(connection, stap.berichten)
            self._credits.settle(connection, stap.berichten)
            self._verrekeningen.settle(connection, stap.berichten)
        return touched


def count_again(connection: Connection, oorzaken: Iterable[int], *, is_sqlite: bool) -> None:
    """Count what stands open of some causes.

    In two steps: PostgreSQL would count again for each cause in a table that grew since it last
    looked how large it is.
    """
    keys = sorted(oorzaken)
    if keys:
        query = _COUNTED_POSTS.where(among(werkpost.c.oorzaak_id, is_sqlite))
        found = connection.execute(query, {KEYS: as_keys(keys, is_sqlite)})
        counted = {row["oorzaak_id"]: row for row in found.mappings()}
        connection.execute(_SET_COUNTS, [_counts_of(key, counted.get(key)) for key in keys])


def _counts_of(oorzaak_id: int, row: sa.RowMapping | None) -> dict[str, Any]:
    """The counts of a cause as they are set; nothing stands open of one without a row."""
    counts = _NOTHING if row is None else {name: row[name] for name in _COUNTS}
    return {"welke": oorzaak_id} | {f"nu_{name}": value for name, value in counts.items()}


def _write(connection: Connection, posts: Sequence[tuple[Any, ...]]) -> None:
    if connection.dialect.name == "sqlite":
        names = [column.name for column in _COLUMNS]
        connection.execute(
            sa.insert(werkpost), [dict(zip(names, one, strict=True)) for one in posts]
        )
    else:
        postgres.copy_rows(connection, _COLUMNS, posts)


def _post(row: Any, oorzaak_id: int) -> tuple[Any, ...]:
    """A post in the order of `_COLUMNS`."""
    held = row.staat == AANGEHOUDEN
    belang = row.belang or 0
    due = dag_van(datetime.fromtimestamp(row.besluit_op, UTC)) if held and row.besluit_op else NOOIT
    own = (row.id, oorzaak_id, belang, abs(belang), int(held), due)
    return (*own, *(getattr(row, name) for name in _TAKEN))


_TAKEN = (
    *(
        "inbox_id",
        "partij_id",
        "gemeente",
        "wet",
        "rule",
        "onderwerp",
        "effect",
        "klasse",
        "regelnr",
    ),
    *("reference", "productcode", "toewijzingnummer", "begindatum", "overeenkomst"),
    *("received_at", "van_volgnr"),
)
_COLUMNS = [
    werkpost.c[name]
    for name in (
        *("bevinding_id", "oorzaak_id", "belang", "gewicht", "aangehouden", "termijn"),
        *_TAKEN,
    )
]
_OF_FINDING = (
    *("id", "inbox_id", "partij_id", "effect", "klasse", "regelnr", "reference", "productcode"),
    *("toewijzingnummer", "begindatum", "overeenkomst", "belang", "van_volgnr", "text"),
)
_FOUND = (
    sa.select(
        *OORZAAK,
        *(bevinding.c[name] for name in _OF_FINDING),
        ONDERWERP.label("onderwerp"),
        inbox.c.received_at,
        inbox.c.staat,
        inbox.c.besluit_op,
    )
    .select_from(WITH_MESSAGE)
    .where(*is_open(), bevinding.c.id > sa.bindparam("na", type_=sa.BigInteger))
    .order_by(bevinding.c.id)
)
_COUNTED = (
    sa.select(bevinding.c.inbox_id, sa.func.count().label("aantal"))
    .where(bevinding.c.tot_volgnr.is_(None))
    .group_by(bevinding.c.inbox_id)
)
_FIRST = sa.select(werk_wachtrij).order_by(werk_wachtrij.c.id).limit(MESSAGES)
_WAITING = sa.select(sa.func.count()).select_from(
    sa.select(werk_wachtrij.c.id).limit(MOST_BEHIND).subquery()
)
_EVERYTHING = sa.insert(werk_wachtrij).from_select(
    ["inbox_id", "volgnr"],
    sa.select(inbox.c.id, sa.null()).where(inbox.c.volgnr.is_not(None)).order_by(inbox.c.id),
)


_HELD = sa.case((werkpost.c.aangehouden == 1, werkpost.c.inbox_id), else_=None)
_BELANG = sa.cast(sa.func.sum(werkpost.c.belang), sa.BigInteger)
_COUNTS: dict[str, sa.ColumnElement[Any]] = {
    "bevindingen": sa.func.count(),
    "belang": _BELANG,
    "gewicht": sa.func.abs(_BELANG),
    "berichten": sa.func.count(sa.distinct(werkpost.c.inbox_id)),
    "toewijzingen": sa.func.count(sa.distinct(werkpost.c.toewijzingnummer)),
    "aangehouden": sa.func.count(sa.distinct(_HELD)),
    "termijn": sa.func.min(werkpost.c.termijn),
    "oudste_at": sa.func.min(werkpost.c.received_at),
    "overeenkomst": sa.func.min(werkpost.c.overeenkomst),
}
_COUNTED_POSTS = sa.select(
    werkpost.c.oorzaak_id, *(what.label(name) for name, what in _COUNTS.items())
).group_by(werkpost.c.oorzaak_id)
_NOTHING: dict[str, Any] = dict.fromkeys(_COUNTS, 0) | {
    "termijn": NOOIT,
    "oudste_at": 0.0,
    "overeenkomst": None,
}
_SET_COUNTS = (
    sa.update(oorzaak)
    .where(oorzaak.c.id == sa.bindparam("welke"))
    .values({name: sa.bindparam(f"nu_{name}") for name in _COUNTS})
)

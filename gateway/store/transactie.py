"""The transaction in which messages are settled: of one message, or of a handful together.

It begins at the first use, so that everything can be prepared outside it, and first looks whether
the claims still hold: who lost a lease meanwhile changes nothing.  SQLite has one writer at a time:
there what is judged in it is read before it begins to write, so that nobody waits for the judging.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.errors import GatewayError, TemporaryFailure
from gateway.pipeline.ports import Claim
from gateway.store import announcements
from gateway.store.bouwstenen import KEYS, among, as_keys
from gateway.store.bulk import insert_numbered
from gateway.store.engine import NONE, translated
from gateway.store.pieces import Packed, store_pieces
from gateway.store.schrijfwerk import LOST, Schrijfwerk
from gateway.store.sporen import Veranderd
from gateway.store.tables import BEZIG, inbox, outbox, outbox_stuk
from gateway.store.vraag import Vast
from gateway.store.werk.wachtrij import look_again
from gateway.store.zicht import Ground, Zicht


class Transactie:
    """One transaction for some claims; `close` undoes what was not committed.

    Who reads here sees what was settled before in it.
    """

    def __init__(
        self, ground: Ground, claims: Sequence[Claim], now: float, *, judges: bool = False
    ) -> None:
        """`judges` when the facts are read in it as well."""
        self.ground = ground
        self.now = now
        self._claims = claims
        self._judges = judges
        self._zicht: Zicht | None = None
        self.werk = Schrijfwerk(ground.fingerprint)
        self.veranderd = Veranderd()
        self._held: dict[int, Any] = {}
        self._left: set[int] = {claim.inbox_id for claim in claims}
        self._kept: set[str] = set()
        self._uit: list[tuple[Mapping[str, Any], Packed]] = []

    @property
    def is_of_several(self) -> bool:
        """Whether messages after one another are settled in it."""
        return len(self._claims) > 1

    @property
    def zicht(self) -> Zicht:
        """The connection, of a transaction that has begun; see `writing` for who uses it."""
        if self._zicht is None:
            self._begin(writes=not self._reads_first)
        assert self._zicht is not None  # noqa: S101 - for mypy
        return self._zicht

    def judged(self) -> None:
        """Everything is judged: from here on there is writing.

        What was read stays true meanwhile: messages between the same parties are in one worker's
        hands at a time, and whoever lost its claims is told so at the beginning of the writing.
        """
        zicht = self._zicht
        if zicht is not None and self._reads_first:
            with translated():
                zicht.connection.commit()
                zicht.connection.close()
            self.ground.remember(zicht.ours)
            self._begin(writes=True)

    @contextmanager
    def writing(self) -> Iterator[Zicht]:
        """The same, with failures of the database told in our words."""
        zicht = self.zicht
        with translated():
            yield zicht

    @contextmanager
    def written(self) -> Iterator[Zicht]:
        """The same, once what was gathered is written: for who reads or changes it."""
        with self.writing() as zicht:
            self.werk.write(zicht)
            yield zicht

    def is_judged_before(self, claim: Claim) -> bool:
        """Whether there may be something of an earlier judgement of this message."""
        row = self._row_of(claim)
        return row.kennis is not None or row.verdict is not None

    def first_volgnr(self, claim: Claim) -> int | None:
        """The judgement from which on the Identificatie of a message counts as used."""
        first: int | None = self._row_of(claim).van_volgnr
        return first

    def put_out(self, row: Mapping[str, Any], packed: Packed) -> None:
        """Have something leave after the commit; what all messages put out is written at once."""
        self._uit.append(({**row, "stukken": packed.count}, packed))

    def settled(self, claim: Claim, kennis: str | None) -> None:
        """One of the claims has come to an end; the last one commits them all."""
        self._left.remove(claim.inbox_id)
        if kennis is not None:
            self._kept.add(kennis)
        if not self._left:
            self._commit()

    def close(self) -> None:
        """Undo what was not committed, and give the connection back."""
        for _, packed in self._uit:
            packed.close()
        self._uit.clear()
        zicht, self._zicht = self._zicht, None
        if zicht is not None:
            with translated():
                zicht.connection.close()

    def _row_of(self, claim: Claim) -> Any:
        """The inbox row of a claim, as it was when the transaction began."""
        assert self.zicht  # noqa: S101 - it has begun
        return self._held[claim.inbox_id]

    @property
    def _reads_first(self) -> bool:
        return self._judges and self.ground.database.is_sqlite

    def _begin(self, *, writes: bool) -> None:
        self._zicht = None
        database = self.ground.database
        with translated():
            connection = (
                database.begin_writing(one_state=self._judges)
                if writes
                else database.engine.connect()
            )
            try:
                self._zicht = Zicht(self.ground, connection)
                self._hold(self._zicht)
            except BaseException:
                self._zicht = None
                connection.close()
                raise

    def _hold(self, zicht: Zicht) -> None:
        """Keep the rows of the claims; raises TemporaryFailure when one was lost."""
        is_sqlite = self.ground.database.is_sqlite
        keys = as_keys([claim.inbox_id for claim in self._claims], is_sqlite)
        rows = _HOLDERS.rows(zicht.connection, {KEYS: keys})
        self._held = {row.id: row for row in rows if row.staat == BEZIG}
        for claim in self._claims:
            row = self._held.get(claim.inbox_id)
            if row is None or row.token != claim.token:
                raise TemporaryFailure(LOST)
        if len(rows) == 1:
            zicht.on(rows[0].gemeente)

    def _commit(self) -> None:
        with self.written() as zicht:
            ids = [claim.inbox_id for claim in self._claims]
            # The queues of all municipalities, and no facts.
            self.ground.database.scope(zicht.connection, NONE)
            self._write_out(zicht.connection)
            look_again(zicht.connection, [(one.inbox_id, one.volgnr) for one in self._claims])
            zicht.connection.commit()
            self.ground.remember(zicht.ours)
        self.ground.kept.update(self._kept)
        self.close()
        # It is settled, whatever becomes of this.
        with suppress(GatewayError):
            announcements.announce_next(self.ground.database, ids, self.now)

    def _write_out(self, connection: Connection) -> None:
        """What leaves, in the order in which it was put out, with its bytes."""
        if not self._uit:
            return
        rows = [{"identificatie": None, **row} for row, _ in self._uit]
        numbers = insert_numbered(connection, outbox, rows)
        bodies = (packed for _, packed in self._uit)
        store_pieces(connection, outbox_stuk, zip(numbers, bodies, strict=True))


_COLUMNS = ("id", "staat", "token", "gemeente", "verdict", "kennis", "van_volgnr")
_HOLDERS = Vast(
    lambda is_sqlite: (
        sa.select(*(inbox.c[name] for name in _COLUMNS))
        .where(among(inbox.c.id, is_sqlite))
        .order_by(inbox.c.id)
        .with_for_update()
    )
)

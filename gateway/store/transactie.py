"""The transaction in which messages are settled: of one message, or of a handful together.

It begins at the first use, so that everything can be prepared outside it, and first looks whether
the claims still hold: who lost a lease meanwhile changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.config import Rol
from gateway.errors import GatewayError, TemporaryFailure
from gateway.pipeline.ports import Claim, Partijen
from gateway.store import announcements
from gateway.store.bouwstenen import KEYS, among, as_keys
from gateway.store.bsn import Fingerprinter
from gateway.store.engine import NONE, Conflict, Database, insert_one, translated
from gateway.store.pieces import Packed, store_pieces
from gateway.store.statements import row_of
from gateway.store.tables import BEZIG, inbox, outbox, outbox_stuk, partij

# Municipality, law and provider together get a number once: so many of them are remembered.
PARTIJEN = 50_000
LOST = "het bericht is intussen aan een ander gegeven"


@dataclass(frozen=True, slots=True)
class Ground:
    """What every transaction stands on: the same for the whole store.

    `codes` gives the Berichtcode of a berichttype, `rol` is the side that the store is of.  `kept`
    are the hashes of knowledge that is known to be in the store, `partijen` the numbers of parties
    that are.
    """

    database: Database
    fingerprint: Fingerprinter
    codes: Mapping[str, str]
    rol: Rol = "gemeente"
    kept: set[str] = field(default_factory=set)
    partijen: dict[Partijen, int] = field(default_factory=dict)

    def remember(self, partijen: Mapping[Partijen, int]) -> None:
        """These parties are in the store to stay."""
        if len(self.partijen) > PARTIJEN:
            self.partijen.clear()
        self.partijen.update(partijen)


class Zicht:
    """A connection that sees only the municipalities that are asked about, and knows its parties.

    What it found or made itself is `ours`: to be remembered once that is certain to stay.
    """

    def __init__(self, ground: Ground, connection: Connection) -> None:
        self.connection = connection
        self.is_sqlite = ground.database.is_sqlite
        self.ours: dict[Partijen, int] = {}
        self._ground = ground
        self._gemeenten = NONE

    def on(self, gemeenten: str | None) -> None:
        """See these municipalities (with commas between them) from here on."""
        if gemeenten and gemeenten != self._gemeenten:
            self._ground.database.scope(self.connection, gemeenten)
            self._gemeenten = gemeenten

    def partij(self, partijen: Partijen) -> int | None:
        """The small number of a partij; None before its first fact."""
        known = self._ground.partijen.get(partijen) or self.ours.get(partijen)
        if known is None:
            self.on(partijen.gemeente)
            known = self.connection.execute(_PARTIJ, row_of(partijen)).scalar_one_or_none()
            if known is not None:
                self.ours[partijen] = known
        return known

    def partij_made(self, partijen: Partijen) -> int:
        """The small number of a partij, made when it is new."""
        self.on(partijen.gemeente)
        found = self.partij(partijen)
        if found is not None:
            return found
        try:
            with translated(), self.connection.begin_nested():
                made = insert_one(self.connection, partij, row_of(partijen))
        except Conflict as error:
            raise TemporaryFailure("een nieuwe aanbieder wordt net opgeslagen") from error
        self.ours[partijen] = made
        return made


class Transactie:
    """One transaction for some claims; `close` undoes what was not committed.

    Who reads here sees what was settled before in it.
    """

    def __init__(self, ground: Ground, claims: Sequence[Claim], now: float) -> None:
        self.ground = ground
        self.now = now
        self._claims = claims
        self._zicht: Zicht | None = None
        self._judged: set[int] = set()
        self._left: set[int] = {claim.inbox_id for claim in claims}
        self._kept: set[str] = set()
        self._uit: list[tuple[Mapping[str, Any], Packed]] = []

    @contextmanager
    def writing(self) -> Iterator[Zicht]:
        """The connection, of a transaction that has begun."""
        with translated():
            if self._zicht is None:
                self._begin()
            assert self._zicht is not None  # noqa: S101 - for mypy
            yield self._zicht

    def is_judged_before(self, claim: Claim) -> bool:
        """Whether there may be something of an earlier judgement of this message."""
        return claim.inbox_id in self._judged

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

    def _begin(self) -> None:
        connection = self.ground.database.begin_writing(one_state=len(self._claims) > 1)
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
        query = _HOLDERS.where(among(inbox.c.id, is_sqlite)).order_by(inbox.c.id)
        rows = zicht.connection.execute(query.with_for_update(), {KEYS: keys}).all()
        held = {row.id: row for row in rows if row.staat == BEZIG}
        for claim in self._claims:
            row = held.get(claim.inbox_id)
            if row is None or row.token != claim.token:
                raise TemporaryFailure(LOST)
            if row.kennis is not None or row.verdict is not None:
                self._judged.add(row.id)
        if len(rows) == 1:
            zicht.on(rows[0].gemeente)

    def _commit(self) -> None:
        with self.writing() as zicht:
            ids = [claim.inbox_id for claim in self._claims]
            # The queues of all municipalities, and no facts.
            self.ground.database.scope(zicht.connection, NONE)
            self._write_out(zicht.connection)
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
        numbers = connection.scalars(_PUT_OUT, rows).all()
        bodies = (packed for _, packed in self._uit)
        store_pieces(connection, outbox_stuk, zip(numbers, bodies, strict=True))


_PARTIJ = sa.select(partij.c.id).where(
    partij.c.gemeente == sa.bindparam("gemeente"),
    partij.c.wet == sa.bindparam("wet"),
    partij.c.aanbieder == sa.bindparam("aanbieder"),
)
_PUT_OUT = sa.insert(outbox).returning(outbox.c.id, sort_by_parameter_order=True)
_HOLDERS = sa.select(
    *(inbox.c[name] for name in ("id", "staat", "token", "gemeente", "verdict", "kennis"))
)

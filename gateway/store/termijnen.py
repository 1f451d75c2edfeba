"""Messages whose answer is still owed, and the events that tell of it, each put out once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from gateway.messages.reader import Peek, peek
from gateway.pipeline.klok import Openstaand, OpenVerzoek
from gateway.store.engine import Database, insert_one
from gateway.store.inbox import Clock
from gateway.store.pieces import Packed, StoredPieces, store_pieces
from gateway.store.tables import (
    AANGEHOUDEN,
    ANTWOORD,
    EVENT,
    KLAAR,
    inbox,
    inbox_stuk,
    outbox,
    outbox_stuk,
    partij,
    verzoek,
)

# So many of the oldest are looked at; who has more in arrears knows that already.
AT_ONCE = 1_000


# Both halves have an index of their own, which holds only what they look for.
_OWED = sa.union(
    sa.select(inbox.c.id).where(inbox.c.staat != sa.literal_column(f"'{KLAAR}'")),
    sa.select(outbox.c.inbox_id).where(outbox.c.soort == ANTWOORD, outbox.c.sent_at.is_(None)),
)

# `staat` of a request that has no final answer.
OPEN, IN_ONDERZOEK = "open", "in onderzoek"
_VERZOEKEN = (
    sa.select(
        verzoek.c.inbox_id,
        inbox.c.berichtcode,
        inbox.c.identificatie,
        partij.c.gemeente,
        partij.c.aanbieder,
        verzoek.c.ontvangen_op,
        verzoek.c.dagtekening,
        verzoek.c.staat,
        verzoek.c.termijn,
    )
    .join_from(verzoek, partij, partij.c.id == verzoek.c.partij_id)
    .join(inbox, inbox.c.id == verzoek.c.inbox_id)
    .where(verzoek.c.staat.in_((OPEN, IN_ONDERZOEK)), verzoek.c.tot_volgnr.is_(None))
    .order_by(verzoek.c.termijn, verzoek.c.id)
    .limit(AT_ONCE)
)


class Termijnen:
    """Reads what is still owed and puts out events; every method is a transaction of its own."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def openstaand(self, received_before: datetime | None = None) -> Sequence[Openstaand]:
        """The oldest messages that came to no end, or whose answer did not leave yet."""
        query = sa.select(inbox).where(inbox.c.id.in_(_OWED))
        if received_before is not None:
            query = query.where(inbox.c.received_at < received_before.timestamp())
        with self._database.snapshot() as connection:
            rows = connection.execute(query.order_by(inbox.c.id).limit(AT_ONCE)).all()
        return [self._openstaand(row) for row in rows]

    def verzoeken(self) -> Sequence[OpenVerzoek]:
        """The requests without a final answer, those that are due first in front."""
        with self._database.snapshot() as connection:
            return [_verzoek(row) for row in connection.execute(_VERZOEKEN)]

    def tell(self, event: str, inbox_id: int, gemeente: str, data: Mapping[str, Any]) -> bool:
        """Put an event out, once for a message and a term; False when that was done before."""
        naam = f"{event}_{data['termijn']}_{inbox_id}"
        told = {"soort": event, "gemeente": gemeente, "inbox": inbox_id, "data": dict(data)}
        packed = Packed([msgspec.json.encode(told)])
        try:
            with self._database.writing() as connection:
                # The lock keeps two who look at the same moment from telling it twice.
                lock = sa.select(inbox.c.id).where(inbox.c.id == inbox_id).with_for_update()
                connection.execute(lock)
                known = sa.select(outbox.c.id).where(
                    outbox.c.inbox_id == inbox_id, outbox.c.soort == EVENT, outbox.c.naam == naam
                )
                if connection.execute(known).first() is not None:
                    return False
                now = self._clock().timestamp()
                row = {
                    "soort": EVENT,
                    "naam": naam,
                    "inbox_id": inbox_id,
                    "gemeente": gemeente,
                    "berichttype": event,
                    "stukken": packed.count,
                    "created_at": now,
                    "next_at": now,
                    "tries": 0,
                }
                store_pieces(connection, outbox_stuk, insert_one(connection, outbox, row), packed)
                return True
        finally:
            packed.close()

    def _openstaand(self, row: Any) -> Openstaand:
        """A row as the clock sees it; only a message that was never judged is opened for it."""
        seen = Peek()
        if row.berichtcode is None:
            seen = peek(StoredPieces(self._database, inbox_stuk, row.id, row.stukken))
        moment = row.besluit_op if row.staat == AANGEHOUDEN else None
        return Openstaand(
            inbox_id=row.id,
            received_at=datetime.fromtimestamp(row.received_at, UTC),
            berichtcode=row.berichtcode,
            root=seen.root,
            afzender=row.afzender or seen.afzender,
            ontvanger=row.ontvanger,
            identificatie=row.identificatie or seen.identificatie,
            besluit_op=None if moment is None else datetime.fromtimestamp(moment, UTC),
        )


def _verzoek(row: Any) -> OpenVerzoek:
    return OpenVerzoek(
        inbox_id=row.inbox_id,
        berichtcode=row.berichtcode,
        gemeente=row.gemeente,
        aanbieder=row.aanbieder,
        identificatie=row.identificatie,
        ontvangen_op=row.ontvangen_op,
        dagtekening=row.dagtekening,
        in_onderzoek=row.staat == IN_ONDERZOEK,
        termijn=row.termijn,
    )

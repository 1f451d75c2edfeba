"""Messages whose answer is still owed, and the events that tell of it, each put out once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.messages.reader import Peek, peek
from gateway.pipeline.kennis import AMSTERDAM
from gateway.pipeline.klok import Openstaand, OpenToewijzing, OpenVerzoek
from gateway.store import uitgebleven
from gateway.store.engine import ALL, Database, insert_one, rows_of
from gateway.store.events import event_body
from gateway.store.inbox import Clock
from gateway.store.inzage.binnen import bericht_in, partij_in
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
from gateway.toegang.wie import Bereik

# So many of the oldest are looked at; who has more in arrears knows that already.
AT_ONCE = 1_000


# Both halves have an index of their own, which holds only what they look for.  Nobody can answer a
# message any more whose bytes had their time.
_OWED = sa.union(
    sa.select(inbox.c.id).where(
        inbox.c.staat != sa.literal_column(f"'{KLAAR}'"),
        inbox.c.gewist == sa.literal_column("0"),
    ),
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


@dataclass(frozen=True, slots=True)
class Melding:
    """An event about a term: which message it is about, and what is told (no BSN in it)."""

    event: str
    inbox_id: int
    gemeente: str
    data: Mapping[str, Any]

    @property
    def naam(self) -> str:
        """What it is known by: no two have the same name."""
        nummer = self.data.get("toewijzingnummer")
        parts = [self.event, self.data["termijn"], self.inbox_id, *([nummer] if nummer else [])]
        return "_".join(map(str, parts))

    def body(self, moment: float) -> bytes:
        """What the backoffice gets; `moment` is when it is told."""
        return event_body(self.event, self.gemeente, self.inbox_id, moment, self.data)


class Termijnen:
    """Reads what is still owed and puts out events; satisfies `klok.Bron`.

    With a Bereik it reads no more than that.
    """

    def __init__(self, database: Database, clock: Clock, bereik: Bereik | None = None) -> None:
        self._database = database
        self._clock = clock
        self._scope = ALL if bereik is None else bereik.scope
        self._bericht = () if bereik is None else (bericht_in(bereik),)
        self._partij = () if bereik is None else (partij_in(bereik),)

    def within(self, bereik: Bereik) -> Termijnen:
        """The same for who may see a part."""
        return Termijnen(self._database, self._clock, bereik)

    def openstaand(self, received_before: datetime | None = None) -> Sequence[Openstaand]:
        """The oldest messages that came to no end, or whose answer did not leave yet."""
        query = sa.select(inbox).where(inbox.c.id.in_(_OWED), *self._bericht)
        if received_before is not None:
            query = query.where(inbox.c.received_at < received_before.timestamp())
        with self._database.snapshot(self._scope) as connection:
            rows = connection.execute(query.order_by(inbox.c.id).limit(AT_ONCE)).all()
        return [self._openstaand(row) for row in rows]

    def verzoeken(self) -> Sequence[OpenVerzoek]:
        """The requests without a final answer, those that are due first in front."""
        query = _VERZOEKEN.where(*self._partij)
        with self._database.snapshot(self._scope) as connection:
            return [_verzoek(row) for row in connection.execute(query)]

    def onbeantwoord(self, codes: Iterable[str], sinds: date) -> Sequence[Openstaand]:
        """See `klok.Bron`."""
        begin = datetime.combine(sinds, time(), tzinfo=AMSTERDAM).timestamp()
        given = {uitgebleven.CODES: sorted(codes), uitgebleven.SINDS: begin}
        query = uitgebleven.ONBEANTWOORD.where(*self._bericht)
        with self._database.snapshot(self._scope) as connection:
            rows = connection.execute(query, given).all()
        return [self._openstaand(row) for row in rows]

    def zonder_start(self, sinds: date, vandaag: date) -> Sequence[OpenToewijzing]:
        """See `klok.Bron`."""
        return self._assignments(uitgebleven.ZONDER_START, sinds, vandaag)

    def zonder_stop(self, sinds: date, vandaag: date) -> Sequence[OpenToewijzing]:
        """See `klok.Bron`."""
        return self._assignments(uitgebleven.ZONDER_STOP, sinds, vandaag)

    def tell(self, meldingen: Iterable[Melding]) -> int:
        """Put events out that were not put out before; returns how many."""
        waiting = list({one.naam: one for one in meldingen}.values())
        begins = range(0, len(waiting), AT_ONCE)
        return sum(self._tell_some(waiting[begin : begin + AT_ONCE]) for begin in begins)

    def _tell_some(self, meldingen: Sequence[Melding]) -> int:
        """One transaction, in which nobody else tells of the same messages."""
        berichten = sorted({one.inbox_id for one in meldingen})
        about = sa.select(inbox.c.id).where(inbox.c.id.in_(berichten)).order_by(inbox.c.id)
        known = sa.select(outbox.c.naam).where(
            outbox.c.inbox_id.in_(berichten), outbox.c.soort == EVENT
        )
        with self._database.writing() as connection:
            connection.execute(about.with_for_update())
            told = set(connection.execute(known).scalars())
            new = [one for one in meldingen if one.naam not in told]
            for melding in new:
                self._put_out(connection, melding)
        return len(new)

    def _put_out(self, connection: Connection, melding: Melding) -> None:
        now = self._clock().timestamp()
        packed = Packed([melding.body(now)])
        try:
            row = {
                "soort": EVENT,
                "naam": melding.naam,
                "inbox_id": melding.inbox_id,
                "gemeente": melding.gemeente,
                "berichttype": melding.event,
                "stukken": packed.count,
                "created_at": now,
                "next_at": now,
                "tries": 0,
            }
            owner = insert_one(connection, outbox, row)
            store_pieces(connection, outbox_stuk, [(owner, packed)])
        finally:
            packed.close()

    def _assignments(
        self, query: sa.Select[Any], sinds: date, vandaag: date
    ) -> Sequence[OpenToewijzing]:
        given = {uitgebleven.SINDS: sinds, uitgebleven.VANDAAG: vandaag}
        wanted = query.where(*self._partij)
        with self._database.snapshot(self._scope) as connection:
            return [OpenToewijzing._make(row) for row in rows_of(connection, wanted, given)]

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

"""What came and went in an envelope: told once, answered the same, and tied to what it answers.

The message itself stands in the inbox, where everything else about it is.  What is no message, or
not sure to be one for us, is kept here as it came.

What a municipality sends has a tijdstipBericht beyond every one that it sent before, whatever the
clock does.  It is given in the transaction that keeps the envelope, so that both are there or none.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.errors import MessageRefused, NietGevonden
from gateway.periods.wandklok import tijdstip_bericht, wandklok
from gateway.store.counters import rise
from gateway.store.engine import ALL, Conflict, Database, insert_one
from gateway.store.envelop import (
    IN,
    NOT_TAKEN,
    UIT,
    WACHT,
    Apart,
    Bewaard,
    Kop,
    Lot,
    Schrijver,
    Vraag,
    envelop,
)
from gateway.store.inbox import Clock
from gateway.store.kluis import kluis_of
from gateway.store.pieces import Packed, store_pieces, unpacked
from gateway.store.tables import ANTWOORD, ENVELOP, outbox, outbox_stuk
from gateway.store.toegang.logboek import Handeling, Logboek
from gateway.store.verzending import send_back
from gateway.toegang.wie import Bereik

_OTHER = "dit referentienummer is door deze zender al gebruikt voor een ander bericht"
_ANSWERED = "op dit referentienummer ging al een retour van deze soort"


class Enveloppen:
    """Keeps envelopes; every method is a transaction of its own."""

    def __init__(self, database: Database, clock: Clock, logboek: Logboek) -> None:
        self._database = database
        self._clock = clock
        self._logboek = logboek

    def bekend(self, kop: Kop) -> Bewaard | None:
        """The same envelope as it was kept before; None for a new one.

        Raises MessageRefused for a number that its sender used for something else.
        """
        query = sa.select(envelop.c.sha256, envelop.c.antwoord, envelop.c.inbox_id).where(
            envelop.c.sleutel == kop.sleutel
        )
        with self._database.snapshot(ALL) as connection:
            found = connection.execute(query).one_or_none()
        if found is None:
            return None
        if found.sha256 != kop.sha256:
            raise MessageRefused(_OTHER)
        return Bewaard(antwoord=bytes(found.antwoord), inbox_id=found.inbox_id, is_new=False)

    def tijdstip(self, gemeente: str) -> str:
        """The tijdstipBericht for what a municipality says and nobody keeps."""
        with self._database.writing() as connection:
            return self._tijdstip(connection, gemeente)

    def heen(self, gemeente: str, referentienummer: str | None) -> int | None:
        """The envelope that a municipality sent under a number; None where there is none."""
        query = sa.select(envelop.c.id).where(
            envelop.c.referentienummer == referentienummer,
            envelop.c.richting == UIT,
            envelop.c.gemeente == gemeente,
        )
        with self._database.snapshot(gemeente) as connection:
            return connection.execute(query).scalars().first()

    def keep(self, kop: Kop, lot: Lot) -> Bewaard:
        """Keep an envelope that came, with the Fo01 that it gives.

        What its sender is told is what an equal one was told that was kept in the same instant.
        Raises MessageRefused as `bekend` does.
        """
        told = {
            "inbox_id": lot.inbox_id,
            "heen_id": lot.heen_id,
            "apart": lot.apart,
            "inhoud": None if lot.inhoud is None else self._sealed(kop.sleutel, lot.inhoud),
        }
        try:
            with self._database.writing(ALL) as connection:
                antwoord = lot.antwoord(self._tijdstip(connection, kop.gemeente))
                insert_one(connection, envelop, self._row(IN, kop) | told | {"antwoord": antwoord})
                if lot.fout is not None:
                    kop_fout, body = lot.fout(self._tijdstip(connection, kop.gemeente))
                    self._put_out(connection, kop_fout, body, lot.inbox_id)
                if lot.terug is not None and lot.heen_id is not None:
                    send_back(connection, lot.heen_id, lot.terug, self._clock().timestamp())
        except Conflict:
            known = self.bekend(kop)
            if known is None:
                raise
            return known
        return Bewaard(antwoord=antwoord, inbox_id=lot.inbox_id, is_new=True)

    def verstuurd(self, gemeente: str, sha256: str) -> tuple[str, bytes] | None:
        """The number and bytes of the envelope in which a message leaves; None where none does."""
        query = sa.select(envelop.c.referentienummer, envelop.c.sleutel, envelop.c.inhoud).where(
            envelop.c.richting == UIT,
            envelop.c.gemeente == gemeente,
            envelop.c.sha256 == sha256,
            envelop.c.vervallen == 0,
            envelop.c.inhoud.is_not(None),
        )
        with self._database.snapshot(gemeente) as connection:
            found = connection.execute(query).one_or_none()
        return None if found is None else (found.referentienummer, self._opened(found))

    def vraag_bij(self, gemeente: str, berichttype: str, identificatie: str) -> Vraag | None:
        """The envelope that an answer of this store is an answer to; None where none brought it."""
        query = (
            sa.select(envelop.c.referentienummer, envelop.c.tegenpartij)
            .join_from(outbox, envelop, outbox.c.inbox_id == envelop.c.inbox_id)
            .where(
                outbox.c.soort == sa.literal_column(f"'{ANTWOORD}'"),
                outbox.c.gemeente == gemeente,
                outbox.c.berichttype == berichttype,
                outbox.c.identificatie == identificatie,
                envelop.c.richting == IN,
            )
            .order_by(envelop.c.id)
        )
        with self._database.snapshot(gemeente) as connection:
            found = connection.execute(query).first()
        return None if found is None else Vraag(found.referentienummer, found.tegenpartij)

    def send(self, kop: Kop, schrijf: Schrijver) -> tuple[str, bytes]:
        """Keep an envelope that somebody takes to the network; returns its number and its bytes.

        Those are of an earlier one for the same message, where there is one.  Raises MessageRefused
        for a second retour of one kind to the same message: the network refuses it (CC11).
        """
        try:
            with self._database.writing(kop.gemeente) as connection:
                found = connection.execute(_LEAVES, _answer_of(kop)).scalar_one_or_none()
                inhoud = schrijf(self._tijdstip(connection, kop.gemeente))
                own = {"outbox_id": found, "inhoud": self._sealed(kop.sleutel, inhoud)}
                insert_one(connection, envelop, self._row(UIT, kop) | own)
        except Conflict:
            known = self.verstuurd(kop.gemeente, kop.sha256)
            if known is None:
                raise MessageRefused(_ANSWERED) from None
            return known
        return kop.referentienummer, inhoud

    def meld(self, kop: Kop, heen_id: int | None, apart: str) -> None:
        """Keep that the network told a fault at once, for somebody to look at; each one once."""
        own = {"heen_id": heen_id, "apart": apart}
        with suppress(Conflict), self._database.writing(ALL) as connection:
            insert_one(connection, envelop, self._row(IN, kop) | own)

    def apart(self) -> Sequence[Apart]:
        """Envelopes that were set aside and faults that came, until closed; the oldest first."""
        return self._shown(ALL, NOT_TAKEN, envelop.c.vervallen == 0)

    def wacht_op_iemand(self, bereik: Bereik) -> Sequence[Apart]:
        """Those that somebody has to look at, of the municipalities that may be seen."""
        own = envelop.c.gemeente.in_(sorted(bereik.gemeenten))
        return self._shown(bereik.scope, WACHT, own)

    def een_die_wacht(self, bereik: Bereik, nummer: int) -> Apart:
        """One of those; raises NietGevonden where there is none."""
        own = envelop.c.gemeente.in_(sorted(bereik.gemeenten))
        found = self._shown(bereik.scope, WACHT, own, envelop.c.id == nummer)
        if not found:
            raise NietGevonden("deze envelop ligt niet apart")
        return found[0]

    def _shown(self, scope: str, *where: sa.ColumnElement[bool]) -> Sequence[Apart]:
        query = sa.select(*_SHOWN).where(*where)
        with self._database.snapshot(scope) as connection:
            return [
                Apart(
                    nummer=row.id,
                    sinds=datetime.fromtimestamp(row.gemaakt_at, UTC),
                    gemeente=row.gemeente,
                    tegenpartij=row.tegenpartij,
                    berichtcode=row.berichtcode,
                    referentienummer=row.referentienummer,
                    functie=row.functie,
                    foutcode=row.foutcode,
                    reden=row.apart,
                    is_bericht=row.is_vol and row.foutcode is None,
                )
                for row in connection.execute(query.order_by(envelop.c.id))
            ]

    def inhoud(self, nummer: int) -> bytes:
        """An envelope as it was set aside; raises NietGevonden where there is none."""
        query = sa.select(envelop.c.sleutel, envelop.c.inhoud).where(
            NOT_TAKEN, envelop.c.id == nummer
        )
        with self._database.snapshot(ALL) as connection:
            found = connection.execute(query).one_or_none()
        if found is None or found.inhoud is None:
            raise NietGevonden("deze envelop is er niet")
        return self._opened(found)

    def taken(self, nummer: int, inbox_id: int, handeling: Handeling) -> None:
        """What was set aside is in the inbox now, and no longer here; who did so is in the log.

        So is who did the same at the same moment: he saw the message too.
        """
        moved = (
            sa.update(envelop)
            .where(NOT_TAKEN, envelop.c.id == nummer)
            .values(inbox_id=inbox_id, inhoud=None)
        )
        with self._database.writing(ALL) as connection:
            connection.execute(moved)
            self._logboek.schrijf(connection, handeling)

    def sluit(self, nummer: int, handeling: Handeling) -> bool:
        """Nothing more has to be done with what was set aside; False where there is none.

        It stays as long as any envelope does.
        """
        closed = (
            sa.update(envelop)
            .where(NOT_TAKEN, envelop.c.id == nummer, envelop.c.vervallen == 0)
            .values(vervallen=1)
        )
        with self._database.writing(ALL) as connection:
            is_closed = connection.execute(closed).rowcount > 0
            if is_closed:
                self._logboek.schrijf(connection, handeling)
        return is_closed

    def _sealed(self, sleutel: str, inhoud: bytes) -> bytes:
        """The bytes of an envelope as they are stored, bound to what it is known by."""
        kluis = kluis_of(self._database.engine)
        return kluis.seal(zlib.compress(inhoud, 1), (envelop.name, sleutel, 0))

    def _opened(self, row: Any) -> bytes:
        place = (envelop.name, row.sleutel, 0)
        return unpacked(kluis_of(self._database.engine), row.inhoud, place)

    def _tijdstip(self, connection: Connection, gemeente: str) -> str:
        stand = wandklok(self._clock())
        return tijdstip_bericht(rise(connection, f"tijdstip-{gemeente}", stand))

    def _put_out(self, connection: Connection, kop: Kop, body: bytes, inbox_id: int | None) -> None:
        """Have the Fo01 leave, in the transaction that answers for it."""
        row = self._row(UIT, kop) | {"inbox_id": inbox_id}
        now = row["gemaakt_at"]
        packed = Packed([body])
        try:
            item = {
                "soort": ENVELOP,
                "inbox_id": inbox_id,
                "naam": f"{kop.berichtcode}_{kop.gemeente}_{kop.referentienummer}",
                "gemeente": kop.gemeente,
                "berichttype": kop.berichtcode,
                "stukken": packed.count,
                "created_at": now,
                "next_at": now,
                "tries": 0,
            }
            outbox_id = insert_one(connection, outbox, item)
            store_pieces(connection, outbox_stuk, [(outbox_id, packed)])
            insert_one(connection, envelop, row | {"outbox_id": outbox_id})
        finally:
            packed.close()

    def _row(self, richting: str, kop: Kop) -> dict[str, Any]:
        return {
            "richting": richting,
            "sleutel": kop.sleutel,
            "sha256": kop.sha256,
            "gemeente": kop.gemeente,
            "tegenpartij": kop.tegenpartij,
            "berichtcode": kop.berichtcode,
            "referentienummer": kop.referentienummer,
            "crossrefnummer": kop.crossrefnummer,
            "functie": kop.functie,
            "foutcode": kop.foutcode,
            "gemaakt_at": self._clock().timestamp(),
        }


# All but the bytes.
_SHOWN = [
    *(
        envelop.c[name]
        for name in (
            *("id", "gemaakt_at", "gemeente", "tegenpartij", "berichtcode", "referentienummer"),
            *("functie", "foutcode", "apart"),
        )
    ),
    envelop.c.inhoud.is_not(None).label("is_vol"),
]


def _answer_of(kop: Kop) -> dict[str, str]:
    return {
        "gemeente": kop.gemeente,
        "berichttype": kop.functie or "",
        "identificatie": kop.identificatie or "",
    }


# Which row of the outbox has a message of these marks.
_LEAVES = sa.select(outbox.c.id).where(
    outbox.c.soort == sa.literal_column(f"'{ANTWOORD}'"),
    *(
        outbox.c[name] == sa.bindparam(name)
        for name in ("gemeente", "berichttype", "identificatie")
    ),
)

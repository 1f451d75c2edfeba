"""What came and went in an envelope: told once, answered the same, and tied to what it answers.

The message itself stands in the inbox, where everything else about it is.  What is no message, or
not sure to be one for us, is kept here as it came.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.errors import MessageRefused, NietGevonden
from gateway.store.engine import ALL, Conflict, Database, insert_one
from gateway.store.envelop import IN, UIT, Apart, Kop, Lot, Vraag, envelop
from gateway.store.inbox import Clock
from gateway.store.kluis import kluis_of
from gateway.store.pieces import Packed, store_pieces, unpacked
from gateway.store.tables import ANTWOORD, ENVELOP, outbox, outbox_stuk
from gateway.store.verzending import send_back

_OTHER = "dit referentienummer is door deze zender al gebruikt voor een ander bericht"
_ANSWERED = "op dit referentienummer ging al een retour van deze soort"


class Enveloppen:
    """Keeps envelopes; every method is a transaction of its own."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def antwoord_op(self, kop: Kop) -> bytes | None:
        """What the sender was told of the same envelope; None for a new one.

        Raises MessageRefused for a number that its sender used for something else.
        """
        query = sa.select(envelop.c.sha256, envelop.c.antwoord).where(
            envelop.c.sleutel == kop.sleutel
        )
        with self._database.snapshot(ALL) as connection:
            found = connection.execute(query).one_or_none()
        if found is None:
            return None
        if found.sha256 != kop.sha256:
            raise MessageRefused(_OTHER)
        return bytes(found.antwoord)

    def heen(self, gemeente: str, referentienummer: str | None) -> int | None:
        """The envelope that a municipality sent under a number; None where there is none."""
        query = sa.select(envelop.c.id).where(
            envelop.c.referentienummer == referentienummer,
            envelop.c.richting == UIT,
            envelop.c.gemeente == gemeente,
        )
        with self._database.snapshot(gemeente) as connection:
            return connection.execute(query).scalars().first()

    def keep(self, kop: Kop, lot: Lot) -> bytes:
        """Keep an envelope that came, with the Fo01 that it gives; returns what to tell its sender.

        That is what an equal one was told that was kept in the same instant.  Raises MessageRefused
        as `antwoord_op` does.
        """
        told = {
            "inbox_id": lot.inbox_id,
            "heen_id": lot.heen_id,
            "apart": lot.apart,
            "inhoud": None if lot.inhoud is None else self._sealed(kop.sleutel, lot.inhoud),
            "antwoord": lot.antwoord,
        }
        try:
            with self._database.writing(ALL) as connection:
                insert_one(connection, envelop, self._row(IN, kop) | told)
                if lot.fout is not None:
                    self._put_out(connection, lot)
                if lot.terug is not None and lot.heen_id is not None:
                    send_back(connection, lot.heen_id, lot.terug, self._clock().timestamp())
        except Conflict:
            known = self.antwoord_op(kop)
            if known is None:
                raise
            return known
        return lot.antwoord

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

    def send(self, kop: Kop, inhoud: bytes) -> tuple[str, bytes]:
        """Keep an envelope that somebody takes to the network; returns its number and its bytes.

        Those are of an earlier one for the same message, where there is one.  Raises MessageRefused
        for a second retour of one kind to the same message: the network refuses it (CC11).
        """
        row = self._row(UIT, kop) | {"inhoud": self._sealed(kop.sleutel, inhoud)}
        try:
            with self._database.writing(kop.gemeente) as connection:
                found = connection.execute(_LEAVES, _answer_of(kop)).scalar_one_or_none()
                insert_one(connection, envelop, row | {"outbox_id": found})
        except Conflict:
            known = self.verstuurd(kop.gemeente, kop.sha256)
            if known is None:
                raise MessageRefused(_ANSWERED) from None
            return known
        return kop.referentienummer, inhoud

    def apart(self) -> Sequence[Apart]:
        """Envelopes that were set aside and faults that came, oldest first."""
        query = sa.select(envelop).where(_NOT_TAKEN).order_by(envelop.c.id)
        with self._database.snapshot(ALL) as connection:
            return [
                Apart(
                    nummer=row.id,
                    gemeente=row.gemeente,
                    tegenpartij=row.tegenpartij,
                    berichtcode=row.berichtcode,
                    referentienummer=row.referentienummer,
                    functie=row.functie,
                    foutcode=row.foutcode,
                    reden=row.apart,
                )
                for row in connection.execute(query)
            ]

    def inhoud(self, nummer: int) -> bytes:
        """An envelope as it was set aside; raises NietGevonden where there is none."""
        query = sa.select(envelop.c.sleutel, envelop.c.inhoud).where(
            _NOT_TAKEN, envelop.c.id == nummer
        )
        with self._database.snapshot(ALL) as connection:
            found = connection.execute(query).one_or_none()
        if found is None or found.inhoud is None:
            raise NietGevonden("deze envelop is er niet")
        return self._opened(found)

    def taken(self, nummer: int, inbox_id: int) -> None:
        """What was set aside is in the inbox now, and no longer here."""
        with self._database.writing(ALL) as connection:
            connection.execute(
                sa.update(envelop)
                .where(_NOT_TAKEN, envelop.c.id == nummer)
                .values(inbox_id=inbox_id, inhoud=None)
            )

    def _sealed(self, sleutel: str, inhoud: bytes) -> bytes:
        """The bytes of an envelope as they are stored, bound to what it is known by."""
        kluis = kluis_of(self._database.engine)
        return kluis.seal(zlib.compress(inhoud, 1), (envelop.name, sleutel, 0))

    def _opened(self, row: Any) -> bytes:
        place = (envelop.name, row.sleutel, 0)
        return unpacked(kluis_of(self._database.engine), row.inhoud, place)

    def _put_out(self, connection: Connection, lot: Lot) -> None:
        """Have the Fo01 leave, in the transaction that answers for it."""
        assert lot.fout is not None  # noqa: S101 - who calls it looked
        kop, body = lot.fout
        row = self._row(UIT, kop) | {"inbox_id": lot.inbox_id}
        now = row["gemaakt_at"]
        packed = Packed([body])
        try:
            item = {
                "soort": ENVELOP,
                "inbox_id": lot.inbox_id,
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
_NOT_TAKEN = sa.and_(
    envelop.c.richting == sa.literal_column(f"'{IN}'"), envelop.c.inbox_id.is_(None)
)

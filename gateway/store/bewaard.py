"""Keeps what judgements rest on and what they came to: knowledge and receipts, both packed."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.pipeline.grondslag import Grondslag, kept_grondslag
from gateway.pipeline.ports import Bewijs, Claim
from gateway.store.engine import Database
from gateway.store.tables import bewijs, inbox, kennis

_FILES = msgspec.msgpack.Decoder(list[tuple[str, bytes]])
# Two workers may keep the same knowledge in the same instant; the first one is enough.
_KEEP = sa.text(
    "INSERT INTO kennis (hash, inhoud) VALUES (:hash, :inhoud) ON CONFLICT DO NOTHING"
).bindparams(sa.bindparam("inhoud", type_=sa.LargeBinary))
_END_BEWIJZEN = sa.update(bewijs).where(
    bewijs.c.inbox_id == sa.bindparam("bericht"), bewijs.c.tot_volgnr.is_(None)
)


def keep_grondslag(connection: Connection, grondslag: Grondslag) -> None:
    """Keep the files of a judgement; does nothing when they are there already."""
    found = sa.select(kennis.c.hash).where(kennis.c.hash == grondslag.hash)
    if connection.execute(found).first() is None:
        packed = zlib.compress(msgspec.msgpack.encode(list(grondslag.bestanden)))
        connection.execute(_KEEP, {"hash": grondslag.hash, "inhoud": packed})


def end_bewijzen(connection: Connection, claim: Claim) -> None:
    """End the receipts of an earlier judgement of the message."""
    ending = {"bericht": claim.inbox_id, "tot_volgnr": claim.volgnr}
    connection.execute(_END_BEWIJZEN, ending)


def bewijs_rows(claim: Claim, bewijzen: Iterable[Bewijs]) -> Iterator[dict[str, Any]]:
    """The receipts of a judgement as rows."""
    for regelnr, packed in bewijzen:
        yield {
            "inbox_id": claim.inbox_id,
            "regelnr": regelnr,
            "van_volgnr": claim.volgnr,
            "document": packed,
        }


class Bewaard:
    """Reads back what judgements were made with, and their receipts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def grondslag(self, sleutel: str) -> Grondslag | None:
        """The files with this hash, None when they were never kept."""
        query = sa.select(kennis.c.inhoud).where(kennis.c.hash == sleutel)
        with self._database.snapshot() as connection:
            packed = connection.execute(query).scalar_one_or_none()
        return None if packed is None else kept_grondslag(_FILES.decode(zlib.decompress(packed)))

    def sleutels(self) -> Sequence[str]:
        """The hashes of all that was ever judged with."""
        with self._database.snapshot() as connection:
            return list(connection.scalars(sa.select(kennis.c.hash).order_by(kennis.c.hash)))

    def kennis_of(self, inbox_id: int) -> str | None:
        """The hash of what the last judgement of a message knew, None when it was not kept."""
        query = sa.select(inbox.c.kennis).where(inbox.c.id == inbox_id)
        with self._database.snapshot() as connection:
            return connection.execute(query).scalar_one_or_none()

    def bewijs(self, inbox_id: int, regelnr: int) -> bytes | None:
        """The standing receipt of a line, packed; None when none was kept."""
        query = sa.select(bewijs.c.document).where(
            bewijs.c.inbox_id == inbox_id,
            bewijs.c.regelnr == regelnr,
            bewijs.c.tot_volgnr.is_(None),
        )
        with self._database.snapshot() as connection:
            return connection.execute(query).scalar_one_or_none()

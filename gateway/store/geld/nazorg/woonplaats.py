"""Finds the 319 messages that name a responsible municipality: what was paid since is to settle.

That a 319 named one stands only in its bytes, so that it is read again; for a command or a button,
not for a page.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date, datetime, time
from typing import Any

import sqlalchemy as sa

from gateway.errors import MessageParked, MessageRefused
from gateway.pipeline.kennis import AMSTERDAM
from gateway.records.header import Header
from gateway.records.verzoek import Verzoekantwoord, Woonplaatsbeginsel
from gateway.store.engine import Database
from gateway.store.geld.nazorg.tables import gemeenteverrekening
from gateway.store.geld.nazorg.verrekeningopgave import Gevonden
from gateway.store.inzage.binnen import GEMEENTE
from gateway.store.ledger_balances import stands
from gateway.store.tables import inbox, partij, verzoek
from gateway.toegang.wie import Bereik

JEUGDWET = "jeugdwet"
ACCEPTED = "accepted"
Lezen = Callable[[int], Iterable[object]]


class Woonplaatsen:
    """Looks for them within what somebody may see.

    `lees` gives the records of a message by its number; `bediend` are the municipalities that work
    with this store.
    """

    def __init__(self, database: Database, lees: Lezen, bediend: Collection[str]) -> None:
        self._database = database
        self._lees = lees
        self._bediend = bediend

    def zoek(self, bereik: Bereik, codes: Collection[str], sinds: date) -> Iterator[Gevonden]:
        """Those that came or went since a day and led to no item yet; `codes` are of the 319."""
        query = (
            sa.select(inbox.c.id, GEMEENTE.label("gemeente"))
            .where(
                inbox.c.berichtcode.in_(sorted(codes)),
                inbox.c.verdict == ACCEPTED,
                inbox.c.received_at >= datetime.combine(sinds, time(), AMSTERDAM).timestamp(),
                GEMEENTE.in_(sorted(bereik.gemeenten)),
                ~sa.exists().where(gemeenteverrekening.c.bericht_id == inbox.c.id),
            )
            .order_by(inbox.c.id)
        )
        with self._database.snapshot(bereik.scope) as connection:
            rows = connection.execute(query).all()
        for row in rows:
            yield from self._in_bericht(bereik, row)

    def _in_bericht(self, bereik: Bereik, row: Any) -> Iterator[Gevonden]:
        try:
            records = list(self._lees(row.id))
        except (MessageParked, MessageRefused):
            return
        kind = {type(one): one for one in records}
        header, antwoord = kind.get(Header), kind.get(Verzoekantwoord)
        elsewhere = kind.get(Woonplaatsbeginsel)
        if not (
            isinstance(header, Header)
            and isinstance(antwoord, Verzoekantwoord)
            and isinstance(elsewhere, Woonplaatsbeginsel)
        ):
            return
        given = {
            "gemeente": row.gemeente,
            "aanbieder": header.ontvanger,
            "referentie": antwoord.referentie_aanbieder,
        }
        with self._database.snapshot(bereik.scope) as connection:
            asked = connection.execute(_VERZOEK, given).first()
        if asked is not None and elsewhere.gemeente != row.gemeente:
            yield Gevonden(
                bericht_id=row.id,
                van=row.gemeente,
                aan=elsewhere.gemeente,
                wet=JEUGDWET,
                client=asked.bsn_hash,
                vanaf=asked.dagtekening,
                buiten=elsewhere.gemeente not in self._bediend,
            )


_VERZOEK = (
    sa.select(verzoek.c.bsn_hash, verzoek.c.dagtekening)
    .join_from(verzoek, partij, partij.c.id == verzoek.c.partij_id)
    .where(
        verzoek.c.referentie_aanbieder == sa.bindparam("referentie"),
        stands(verzoek),
        partij.c.gemeente == sa.bindparam("gemeente"),
        partij.c.aanbieder == sa.bindparam("aanbieder"),
        partij.c.wet == JEUGDWET,
    )
    .order_by(verzoek.c.id.desc())
)

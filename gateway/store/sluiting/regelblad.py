"""The lines behind an amount: of a municipality, and of one aanbieder or of all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from gateway.ledger.sluiting.regels import BEGIN, CREDITS, DAGEN, Sluitregel
from gateway.records.masker import mask_own
from gateway.store.bouwstenen import Select
from gateway.store.engine import Database, rows_of
from gateway.store.geld.betalen.tables import betaling
from gateway.store.inzage.binnen import partij_in
from gateway.store.inzage.blad import Blad, place_of, write_place
from gateway.store.ledger_balances import SIGNED, P
from gateway.store.sluiting import vragen
from gateway.store.tables import declaratie, partij
from gateway.toegang.wie import Bereik

_KEY = (P.partij_id, P.toewijzingnummer, P.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Regelvraag:
    """Which lines: of a kind of `ledger.sluiting.regels`, of a year, within a Bereik."""

    soort: str
    jaar: int
    bereik: Bereik
    blik: vragen.Betaalblik


class Regelblad:
    """Reads lines, a page at a time or all of them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def blad(self, vraag: Regelvraag, omvang: int, na: str | None = None) -> Blad[Sluitregel]:
        """A page of lines, by party and assignment."""
        query = _lines(vraag)
        if na is not None:
            query = query.where(sa.tuple_(*_KEY) > sa.tuple_(*place_of(na, int, int, int)))
        with self._database.snapshot(vraag.bereik.scope) as connection:
            rows = connection.execute(query.limit(omvang + 1)).all()
        more, shown = len(rows) > omvang, rows[:omvang]
        place = write_place(tuple(shown[-1][: len(_KEY)])) if more else None
        return Blad([_regel(row) for row in shown], place)

    def alle(self, vraag: Regelvraag) -> Iterator[Sluitregel]:
        """Every line, from one state of the store."""
        with self._database.long_snapshot(vraag.bereik.scope) as connection:
            yield from map(_regel, rows_of(connection, _lines(vraag)))


def _lines(vraag: Regelvraag) -> Select:
    begin, end = date(vraag.jaar, 1, 1), date(vraag.jaar, 12, 31)
    wanted: Mapping[str, tuple[sa.ColumnElement[bool], ...]] = {
        BEGIN: (P.begindatum.between(begin, end),),
        DAGEN: (P.begindatum <= end, P.einddatum >= begin),
        CREDITS: (P.debet_credit == "C",),
    }
    # In the order of Sluitregel, with the key and the Bsn that no reference may show in front.
    query = vragen.lines(
        sorted(vraag.bereik.gemeenten),
        *_KEY,
        P.bsn,
        declaratie.c.inbox_id,
        P.volgnr,
        partij.c.gemeente,
        partij.c.wet,
        partij.c.aanbieder,
        declaratie.c.declaratienummer,
        P.referentienummer,
        P.toewijzingnummer.label("nummer"),
        P.productcode,
        P.begindatum,
        P.einddatum,
        SIGNED,
        P.bsn_hash,
        vragen.state_of_line(vraag.blik),
        betaling.c.kenmerk,
    )
    return query.where(partij_in(vraag.bereik), *wanted.get(vraag.soort, ())).order_by(*_KEY)


def _regel(row: Any) -> Sluitregel:
    bsn, *known = row[len(_KEY) :]
    one = Sluitregel._make(known)
    return one._replace(referentienummer=mask_own(one.referentienummer, bsn))

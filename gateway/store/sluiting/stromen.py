"""The lines behind an amount as streams, each in an order in which it can be gone on with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.ledger.sluiting import regels as soorten
from gateway.ledger.sluiting.regels import Overlopend, Sluitregel, Startdelen
from gateway.records.masker import mask_own
from gateway.store.bouwstenen import Select
from gateway.store.engine import rows_of
from gateway.store.geld.betalen.tables import betaalrun
from gateway.store.geld.nazorg.tables import (
    factuur,
    factuurregel,
    gemeenteverrekening,
    gemeenteverrekening_regel,
)
from gateway.store.inzage.binnen import partij_in
from gateway.store.ledger_balances import SIGNED, P
from gateway.store.sluiting import factuurvragen, vragen
from gateway.store.tables import declaratie, partij
from gateway.toegang.wie import Bereik

L = factuurregel.c
Sleutel = tuple[int, int, int]
KEYS_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Regelvraag:
    """Which lines: of a kind of `ledger.sluiting.regels`, of a year, within a Bereik.

    `startdelen` are those of the year, `aan` with which municipality was settled (None: any).
    """

    soort: str
    jaar: int
    bereik: Bereik
    blik: vragen.Betaalblik
    startdelen: Startdelen
    aan: str | None = None

    @property
    def gemeenten(self) -> Sequence[str]:
        """The municipalities in order."""
        return sorted(self.bereik.gemeenten)

    @property
    def dagen(self) -> tuple[date, date]:
        """The first and the last day of the year."""
        return date(self.jaar, 1, 1), date(self.jaar, 12, 31)


class Stroom(Protocol):
    """Lines with their keys, in the order of these."""

    def lees(
        self, connection: Connection, na: Sleutel | None, most: int | None
    ) -> Iterator[tuple[Sleutel, Sluitregel]]:
        """The lines after a key; at least `most` of them, if there are so many."""


def stromen(vraag: Regelvraag) -> Sequence[Stroom]:
    """The streams that a kind of lines consists of, one after the other."""
    begin, end = vraag.dagen
    has_days = sa.and_(P.begindatum <= end, P.einddatum >= begin)
    invoice_days = sa.and_(L.begindatum <= end, L.einddatum >= begin)
    own = _own_parts(vraag)
    match vraag.soort:
        case soorten.FACTUREN:
            return [_invoices(vraag)]
        case soorten.VERREKENINGEN:
            return [_settlements(vraag)]
        case soorten.OVERLOPEND:
            return [_Startdelen(vraag, own)]
        case soorten.LASTEN:
            elsewhere = {
                key: one
                for key, one in own.items()
                if one.begindatum > end or one.einddatum < begin
            }
            lines = _lines(vraag, has_days)
            return [lines, _Startdelen(vraag, elsewhere), _invoices(vraag, invoice_days)]
        case soorten.FACTUURDAGEN:
            return [_invoices(vraag, invoice_days)]
        case soorten.BETALINGEN:
            released = betaalrun.c.vrijgegeven_at.is_not(None)
            return [_lines(vraag, released), _invoices(vraag, released)]
    wanted: Mapping[str, sa.ColumnElement[bool]] = {
        soorten.BEGIN: P.begindatum.between(begin, end),
        soorten.DAGEN: has_days,
        soorten.CREDITS: P.debet_credit == "C",
        soorten.OP_VERZOEK: vragen.asked_credits(),
    }
    return [_lines(vraag, wanted.get(vraag.soort, sa.true()))]


@dataclass(frozen=True, slots=True)
class _Vraagstroom:
    """What a statement gives, each row with the columns of `key` in front."""

    query: Select
    key: Sequence[sa.ColumnElement[Any]]
    regel: Callable[[Sequence[Any]], Sluitregel]

    def lees(
        self, connection: Connection, na: Sleutel | None, most: int | None
    ) -> Iterator[tuple[Sleutel, Sluitregel]]:
        query = self.query.order_by(*self.key)
        if na is not None:
            query = query.where(sa.tuple_(*self.key) > sa.tuple_(*na))
        # A page is read whole: who stops halfway would leave a cursor open.
        rows: Iterable[Sequence[Any]] = (
            rows_of(connection, query)
            if most is None
            else connection.execute(query.limit(most)).all()
        )
        for one, two, three, *row in rows:
            yield (one, two, three), self.regel(row)


@dataclass(frozen=True, slots=True)
class _Startdelen:
    """The lines that start parts were paid by, by message and number."""

    vraag: Regelvraag
    delen: Mapping[tuple[int, int], Overlopend]

    def lees(
        self, connection: Connection, na: Sleutel | None, most: int | None
    ) -> Iterator[tuple[Sleutel, Sluitregel]]:
        keys = iter(sorted(one for one in self.delen if na is None or one > na[:2]))
        while some := list(islice(keys, min(most or KEYS_AT_ONCE, KEYS_AT_ONCE))):
            berichten = sorted({inbox_id for inbox_id, _ in some})
            wanted = sa.and_(
                declaratie.c.inbox_id.in_(berichten),
                sa.tuple_(declaratie.c.inbox_id, P.volgnr).in_(some),
            )
            found = [one for _, one in _lines(self.vraag, wanted).lees(connection, None, None)]
            for one in sorted(found, key=lambda one: (one.inbox_id, one.regelnr)):
                yield (one.inbox_id or 0, one.regelnr, 0), one


def _own_parts(vraag: Regelvraag) -> Mapping[tuple[int, int], Overlopend]:
    """The start parts within the Bereik."""
    bereik = vraag.bereik
    return {
        key: one
        for key, one in vraag.startdelen.items()
        if one.gemeente in bereik.gemeenten and bereik.aanbieder in (None, one.aanbieder)
    }


def _lines(vraag: Regelvraag, wanted: sa.ColumnElement[bool]) -> _Vraagstroom:
    """Granted lines of the ledger, by party and assignment."""
    key = (P.partij_id, P.toewijzingnummer, P.id)
    # In the order of Sluitregel, with the Bsn that no reference may show in front.
    query = vragen.lines(
        vraag.gemeenten,
        vraag.blik,
        *key,
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
    )
    has_parts = vraag.soort in (soorten.LASTEN, soorten.OVERLOPEND)
    startdelen = vraag.startdelen if has_parts else {}

    def regel(row: Sequence[Any]) -> Sluitregel:
        bsn, *known = row
        one = Sluitregel(*known)
        part = startdelen.get((known[0], known[1]))
        return one._replace(
            declaratienummer=mask_own(one.declaratienummer, bsn),
            referentienummer=mask_own(one.referentienummer, bsn),
            over_jaren=None if part is None else part.jaren,
        )

    return _Vraagstroom(query.where(partij_in(vraag.bereik), wanted), key, regel)


def _invoices(vraag: Regelvraag, *wanted: sa.ColumnElement[bool]) -> _Vraagstroom:
    """Lines of approved invoices outside the traffic."""
    own, line = factuur.c, L
    key = (own.id, line.volgnr, line.id)
    query = factuurvragen.invoiced(
        vraag.gemeenten,
        vraag.blik,
        *key,
        line.volgnr.label("regelnr"),
        own.gemeente,
        own.wet,
        own.aanbieder,
        own.factuurnummer,
        sa.cast(line.volgnr, sa.String).label("regel"),
        own.toewijzingnummer,
        line.productcode,
        line.begindatum,
        line.einddatum,
        line.bedrag,
        own.client,
        own.id.label("nummer"),
    )

    def regel(row: Sequence[Any]) -> Sluitregel:
        *known, nummer, stand, betaald = row
        return Sluitregel._make((None, *known, stand, betaald, nummer, None))

    return _Vraagstroom(_of_aanbieder(query.where(*wanted), own.aanbieder, vraag), key, regel)


def _settlements(vraag: Regelvraag) -> _Vraagstroom:
    """Lines of settlements between municipalities, with the amounts that were settled."""
    own, line = gemeenteverrekening.c, gemeenteverrekening_regel.c
    key = (own.id, line.inbox_id, line.regelnr)
    query = vragen.settled(
        vraag.gemeenten,
        vraag.jaar,
        *key,
        P.bsn,
        own.id.label("nummer"),
        own.aan,
        line.inbox_id.label("bericht"),
        line.regelnr.label("regel"),
        own.van,
        own.wet,
        line.aanbieder,
        sa.func.coalesce(declaratie.c.declaratienummer, ""),
        sa.func.coalesce(P.referentienummer, ""),
        P.toewijzingnummer,
        line.productcode,
        line.begindatum,
        line.einddatum,
        line.bedrag,
        own.client,
    )
    if vraag.aan is not None:
        query = query.where(own.aan == vraag.aan)

    def regel(row: Sequence[Any]) -> Sluitregel:
        bsn, nummer, aan, *known = row
        one = Sluitregel._make((*known, f"post {nummer} met {aan}", None, None, None))
        return one._replace(
            declaratienummer=mask_own(one.declaratienummer, bsn or ""),
            referentienummer=mask_own(one.referentienummer, bsn or ""),
        )

    return _Vraagstroom(_of_aanbieder(query, line.aanbieder, vraag), key, regel)


def _of_aanbieder(query: Select, column: Any, vraag: Regelvraag) -> Select:
    aanbieder = vraag.bereik.aanbieder
    return query if aanbieder is None else query.where(column == aanbieder)

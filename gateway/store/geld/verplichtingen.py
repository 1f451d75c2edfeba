"""Reads for obligations and forecasts: streams over all assignments, now or as of a past day.

A fixed number of statements for each count, whatever its size.  Facts tell by their numbers which
judgement made and ended them; what stood on a day is what the last judgement before it saw.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.ledger.geld.aangifte import Aangifte
from gateway.ledger.geld.verplichting import Groep, Stop, Toegewezen, Versie
from gateway.ledger.volger import Volger
from gateway.pipeline.kennis import AMSTERDAM, dag_van
from gateway.records.declaratie import GRANTED
from gateway.store.columns import TOEWIJZING
from gateway.store.engine import rows_of
from gateway.store.geld.buitenverkeer import invoiced_between, outside_traffic
from gateway.store.geld.nazorg.tables import factuur, handtoewijzing
from gateway.store.geld.tables import voorstel
from gateway.store.inzage.binnen import partij_in
from gateway.store.ledger_balances import JAAR, SIGNED, P
from gateway.store.rijen import DAY, Plain, toewijzing_of
from gateway.store.tables import declaratie, inbox, levering, partij, prestatie, toewijzing
from gateway.toegang.wie import Bereik

TIJDELIJK = "20"
Voorwaarde = sa.ColumnElement[bool]
Sleutel = tuple[int, int]  # party and ToewijzingNummer
_KEY = itemgetter(0, 1)
# The numbers stand in the statement itself: what is grouped by has to be the same text twice.
_TWELVE, _ONE = (sa.literal_column(n, sa.Integer) for n in ("12", "1"))
_MAAND = (
    sa.cast(JAAR, sa.Integer) * _TWELVE
    + sa.cast(sa.extract("month", P.begindatum), sa.Integer)
    - _ONE
)


class Geschiedenis(NamedTuple):
    """What a store knows of a day: the number of the first judgement after it (`peil`).

    `vanaf` is the day of the first judgement that is known; both None where there was none.
    """

    peil: int | None
    vanaf: date | None


def history_on(connection: Connection, dag: date) -> Geschiedenis:
    """Up to which judgement a store goes at the begin of a day."""
    moment = datetime.combine(dag, time(), tzinfo=AMSTERDAM).timestamp()
    last, first = connection.execute(_HISTORY, {"moment": moment}).one()
    outside = [connection.execute(one, {"moment": moment}).scalar_one() for one in _BUITEN]
    peil = None if last is None else max(map(int, (last, *outside))) + 1
    began = None if first is None else dag_van(datetime.fromtimestamp(first, AMSTERDAM))
    return Geschiedenis(peil, began)


_HISTORY = sa.select(sa.func.max(inbox.c.volgnr), sa.func.min(inbox.c.finished_at)).where(
    inbox.c.finished_at < sa.bindparam("moment", type_=sa.Double)
)


# Who decides on an invoice, or puts an assignment down by hand, takes a number of the same row.
_BUITEN = (
    sa.select(sa.func.coalesce(sa.func.max(factuur.c.besluit_volgnr), 0))
    .join_from(factuur, voorstel, voorstel.c.id == factuur.c.voorstel_id)
    .where(voorstel.c.besloten_at < sa.bindparam("moment", type_=sa.Double)),
    sa.select(sa.func.coalesce(sa.func.max(handtoewijzing.c.van_volgnr), 0)).where(
        handtoewijzing.c.gemaakt_at < sa.bindparam("moment", type_=sa.Double)
    ),
)


class Verplichtingenbron:
    """Hands out assignments with what was granted on them; satisfies `ledger.geld.opname.Bron`.

    Without a `peil` the facts of now; with one those that the judgement with that number saw.
    """

    def __init__(self, connection: Connection, bereik: Bereik, peil: int | None = None) -> None:
        self._connection = connection
        self._bereik = bereik
        self._peil = peil

    def toewijzingen(self) -> Iterator[Toegewezen]:
        """See `opname.Bron`."""
        yield from joined(*(self._rows(query, table) for query, table in _STREAMS))
        yield from outside_traffic(self._connection, self._bereik, self._peil)

    def aangiften(self, begin: date, end: date) -> Iterator[Aangifte]:
        """See `opname.Bron`."""
        query = _AANGIFTEN.where(P.begindatum.between(begin, end))
        for wet, categorie, maand, dagtekening, bedrag in self._rows(query, prestatie):
            yield Aangifte(wet, categorie, int(maand), DAY[dagtekening], int(bedrag))

    def gerealiseerd(self, jaar: int) -> int:
        """What was granted and invoiced of a year of delivery: a sum over all lines of each."""
        dagen = date(jaar, 1, 1), date(jaar, 12, 31)
        granted = next(self._rows(_TOTAAL.where(P.begindatum.between(*dagen)), prestatie))
        query = invoiced_between(self._bereik, self._peil, *dagen)
        return int(granted[0]) + int(next(rows_of(self._connection, query))[0])

    def per_groep(self, jaar: int) -> Mapping[Groep, int]:
        """What was granted of a year of delivery by group."""
        begin, end = jaar * 12, jaar * 12 + 11
        found: dict[Groep, int] = {}
        for one in self.toewijzingen():
            cents = sum(bedrag for maand, bedrag in one.regels.items() if begin <= maand <= end)
            if cents:
                found[one.groep] = found.get(one.groep, 0) + cents
        return found

    def van(self, partij_id: int, nummers: Sequence[int]) -> Sequence[Toegewezen]:
        """Some assignments of one party, in the order of their numbers."""
        streams = (
            self._rows(
                query.where(table.c.partij_id == partij_id, table.c.toewijzingnummer.in_(nummers)),
                table,
            )
            for query, table in _STREAMS
        )
        return [one for one in joined(*streams) if one.versies]

    def _rows(self, query: sa.Select[Any], table: sa.Table) -> Iterator[Plain]:
        asked = query.where(partij_in(self._bereik), *_stood(table, self._peil))
        return rows_of(self._connection, asked)


def _stood(table: sa.Table, peil: int | None) -> tuple[Voorwaarde, ...]:
    van, tot = table.c.van_volgnr, table.c.tot_volgnr
    if peil is None:
        return (tot.is_(None),)
    return (van < peil, sa.or_(tot.is_(None), tot >= peil))


# All by party and number, so that they can be walked side by side.
_WIE = (partij.c.gemeente, partij.c.wet, partij.c.aanbieder)
_VERSIES = (
    sa.select(
        toewijzing.c.partij_id,
        toewijzing.c.toewijzingnummer,
        *_WIE,
        toewijzing.c.bsn_hash,
        toewijzing.c.inbox_id,
        *TOEWIJZING,
    )
    .join_from(toewijzing, partij, partij.c.id == toewijzing.c.partij_id)
    .order_by(toewijzing.c.partij_id, toewijzing.c.toewijzingnummer)
)
_BEFORE_PRODUCT = 7
_BEDRAG = sa.cast(sa.func.sum(SIGNED), sa.BigInteger)
_REGELS = (
    sa.select(P.partij_id, P.toewijzingnummer, *_WIE, P.productcategorie, _MAAND, _BEDRAG)
    .join_from(prestatie, partij, partij.c.id == P.partij_id)
    .where(P.toegekend == GRANTED)
    .group_by(P.partij_id, P.toewijzingnummer, *_WIE, P.productcategorie, _MAAND)
    .order_by(P.partij_id, P.toewijzingnummer)
)
_LEVERINGEN = (
    sa.select(
        levering.c.partij_id,
        levering.c.toewijzingnummer,
        levering.c.soort,
        levering.c.begindatum,
        levering.c.einddatum,
        levering.c.reden_beeindiging,
        levering.c.van_volgnr,
    )
    .join_from(levering, partij, partij.c.id == levering.c.partij_id)
    .where(levering.c.toewijzingnummer.is_not(None))
    .order_by(levering.c.partij_id, levering.c.toewijzingnummer)
)
_STREAMS = ((_VERSIES, toewijzing), (_REGELS, prestatie), (_LEVERINGEN, levering))
_AANGIFTEN = (
    sa.select(partij.c.wet, P.productcategorie, _MAAND, declaratie.c.header_dagtekening, _BEDRAG)
    .join_from(prestatie, partij, partij.c.id == P.partij_id)
    .join(declaratie, declaratie.c.id == P.declaratie_id)
    .where(P.toegekend == GRANTED)
    .group_by(partij.c.wet, P.productcategorie, _MAAND, declaratie.c.header_dagtekening)
)
_TOTAAL = (
    sa.select(sa.func.coalesce(_BEDRAG, 0))
    .join_from(prestatie, partij, partij.c.id == P.partij_id)
    .where(P.toegekend == GRANTED)
)


def joined(
    versies: Iterator[Plain], regels: Iterator[Plain], leveringen: Iterator[Plain]
) -> Iterator[Toegewezen]:
    """Assignments of their rows, each in order of party and number; lines alone come apart."""
    lines = Volger((_KEY(row), row) for row in regels)
    deliveries = Volger((_KEY(row), row) for row in leveringen)
    for key, group in groupby(versies, key=_KEY):
        yield from (_loose(row) for _, row in lines.before(key))
        for _ in deliveries.before(key):
            pass  # a start or stop on a number that nobody knows any more
        yield _toegewezen(list(group), list(lines.at(key)), list(deliveries.at(key)))
    yield from (_loose(row) for _, row in lines.rest())


def stops_of(connection: Connection, partij_id: int, nummers: Sequence[int]) -> Mapping[int, date]:
    """The days of the definitive stops of some assignments of a party, as they stand now."""
    query = _LEVERINGEN.where(
        levering.c.partij_id == partij_id,
        levering.c.toewijzingnummer.in_(nummers),
        *_stood(levering, None),
    )
    found: dict[int, date] = {}
    for (_, nummer), rows in groupby(rows_of(connection, query), key=_KEY):
        if (stop := _stop_of(list(rows))) is not None:
            found[nummer] = stop.einddatum
    return found


def _toegewezen(
    rows: Sequence[Plain], lines: Sequence[Plain], deliveries: Sequence[Plain]
) -> Toegewezen:
    versies = [Versie(toewijzing_of(row[_BEFORE_PRODUCT:]), row[6]) for row in rows]
    versies.sort(key=lambda one: one.product.versie)
    partij_id, nummer, gemeente, wet, aanbieder, client = rows[0][:6]
    regels: dict[int, int] = {}
    for *_, maand, bedrag in lines:
        regels[int(maand)] = regels.get(int(maand), 0) + int(bedrag)
    stop = _stop_of(deliveries)
    return Toegewezen(partij_id, nummer, gemeente, wet, aanbieder, client, versies, stop, regels)


def _loose(row: Plain) -> Toegewezen:
    partij_id, nummer, gemeente, wet, aanbieder, categorie, maand, bedrag = row
    regels = {int(maand): int(bedrag)}
    return Toegewezen(
        partij_id, nummer, gemeente, wet, aanbieder, None, (), None, regels, categorie
    )


def _stop_of(deliveries: Sequence[Plain]) -> Stop | None:
    """The last definitive stop; none where care began again after it."""
    starts = [DAY[begin] for _, _, soort, begin, *_ in deliveries if soort == "start"]
    stops = [
        Stop(DAY[einde], volgnr)
        for _, _, soort, _, einde, reden, volgnr in deliveries
        if soort == "stop" and einde is not None and reden != TIJDELIJK
    ]
    last = max(stops, default=None)
    if last is None or any(begin > last.einddatum for begin in starts):
        return None
    return last

"""Hands out the year as it stood at a mark: balances, lines, start parts and the population."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.agreements.match import Overeenkomsten
from gateway.ledger.cellen import Cellen, Geprijsd
from gateway.ledger.jaareinde.instellingen import Instellingen
from gateway.ledger.jaareinde.stand import NIETS, Jaarstand, Sleutel
from gateway.ledger.jaareinde.steekproef import Post
from gateway.ledger.jaareinde.traject import (
    Overloop,
    Startdeel,
    is_start_of,
    runs_over,
    start_products,
)
from gateway.periods.bedragen import half_up
from gateway.periods.verdelen import per_year
from gateway.pipeline.kennis import AMSTERDAM
from gateway.records.declaratie import GRANTED
from gateway.records.masker import mask_own
from gateway.store.engine import AT_ONCE, rows_of
from gateway.store.jaareinde import vragen
from gateway.store.jaareinde.facturen import Jaarfactuur, invoice_lines
from gateway.store.jaareinde.vragen import Jaarvraag
from gateway.store.ledger_balances import NUMMERS
from gateway.store.tables import inbox

Standen = dict[Sleutel, Jaarstand]


class Jaarregel(NamedTuple):
    """A granted line with what of it is of the year; amounts in eurocents with a sign.

    `client` is the fingerprint of its Bsn, which the numbers of the provider do not show.
    """

    inbox_id: int
    regelnr: int
    wet: str
    aanbieder: str
    declaratienummer: str
    referentienummer: str
    vorig_referentienummer: str | None
    toewijzingnummer: int
    productcategorie: str
    productcode: str
    begindatum: date
    einddatum: date
    bedrag: int
    in_jaar: int
    is_laat: bool
    client: str


class _Versie(NamedTuple):
    """The last version of an assignment as far as it tells a price and a period."""

    ingangsdatum: date | None = None
    einddatum: date | None = None
    eenheid: str | None = None


class Zorgdagen(NamedTuple):
    """The first day of care on an assignment, and the last one where it was stopped for good."""

    aanvang: date | None = None
    gestopt_op: date | None = None


class Jaarbron:
    """Reads of one year, all from one state of the store."""

    def __init__(
        self, connection: Connection, vraag: Jaarvraag, instellingen: Instellingen
    ) -> None:
        self._connection = connection
        self.vraag = vraag
        self.instellingen = instellingen
        self._late_from = late_from(instellingen, vraag.jaar)

    def standen(self) -> tuple[Standen, dict[int, int]]:
        """The balances of the year, and what is granted in every year, credits subtracted."""
        standen: Standen = {}
        jaren: dict[int, int] = {}
        for sleutel, jaar, stand in self._by_year():
            jaren[jaar] = jaren.get(jaar, 0) + stand.netto
            if jaar == self.vraag.jaar:
                standen[sleutel] = standen.get(sleutel, NIETS).plus(stand)
        return standen, jaren

    def _by_year(self) -> Iterator[tuple[Sleutel, int, Jaarstand]]:
        for row in self._rows(vragen.in_one_year(self.vraag, self._late_from)):
            count, debet, credit, laat, afgewezen = map(int, row[4:])
            yield Sleutel(*row[:3]), int(row[3]), Jaarstand(count, debet, credit, laat, afgewezen)
        for wet, aanbieder, code, begin, eind, bedrag, staat, moment in self._rows(
            vragen.over_years(self.vraag)
        ):
            for jaar, deel in per_year(bedrag, begin, eind).items():
                stand = _part(deel, is_granted=staat == GRANTED, is_late=self.is_late(moment))
                yield Sleutel(wet, aanbieder, code), jaar, stand

    def regels(self) -> Iterator[Jaarregel]:
        """Every granted line of the year, in the order of judging."""
        for row in self._rows(vragen.granted_lines(self.vraag)):
            *known, bedrag, moment, client, bsn = row
            in_jaar = per_year(bedrag, known[10], known[11]).get(self.vraag.jaar, 0)
            values = (*known, bedrag, in_jaar, self.is_late(moment), client)
            yield _zonder_bsn(Jaarregel._make(values), bsn)

    def populatie(self) -> Iterator[Post]:
        """What was granted and invoiced and nothing took back, with what of it is of the year."""
        for inbox_id, nr, aanbieder, bedrag, begin, eind in self._rows(
            vragen.population(self.vraag)
        ):
            in_jaar = per_year(bedrag, begin, eind).get(self.vraag.jaar, 0)
            if in_jaar > 0:
                yield Post(inbox_id, nr, aanbieder, in_jaar)
        posten = (one.post(self.vraag.jaar) for one in self.facturen())
        yield from (one for one in posten if one is not None)

    def facturen(self) -> Iterator[Jaarfactuur]:
        """Every line of an invoice outside the traffic, of all years."""
        for *known, is_open, is_gone in self._rows(invoice_lines(self.vraag)):
            yield Jaarfactuur._make((*known, bool(is_open), bool(is_gone)))

    def overloop(self, overeenkomsten: Overeenkomsten) -> Iterator[Overloop]:
        """The start parts of trajectories that move something into or out of the year."""
        products = sorted(start_products(overeenkomsten.alle))
        if not products:
            return
        mean = self._mean_days()
        for deel in self._start_parts(products, Cellen(overeenkomsten)):
            found = runs_over(deel, self.instellingen.duur, mean)
            if self.vraag.jaar in found.verschuiving or found.looptijd.eind is None:
                yield found

    def kennis(self) -> Iterator[tuple[str, int]]:
        """By what the lines of the year were judged (hash), and of how many messages."""
        for sleutel, count in self._rows(vragen.knowledge(self.vraag)):
            yield sleutel or "", count

    def is_late(self, moment: float | None) -> bool:
        """Whether what was granted or approved at a moment is late for the year."""
        return moment is not None and moment >= self._late_from

    def _start_parts(self, products: Sequence[str], cellen: Cellen) -> Iterator[Startdeel]:
        rows = self._rows(vragen.start_parts(self.vraag, products))
        before: tuple[int, int] | None = None
        while chunk := list(islice(rows, AT_ONCE)):
            nummers = sorted({row[8] for row in chunk})
            versies, dagen = self._versions(nummers), self._days_of_care(nummers)
            for row in chunk:
                own = (row[0], row[8])
                versie = versies.get(own, _Versie())
                plaats = cellen.plaats(self._priced(row, versie))
                if plaats is not None and is_start_of(plaats, is_first=own != before):
                    yield _start_part(row, versie, dagen.get(own, Zorgdagen()))
                before = own

    def _priced(self, row: Sequence[Any], versie: _Versie) -> Geprijsd:
        """What picks the cell of a line (`vragen.start_parts`)."""
        wet, aanbieder, code, eenheid = row[4:8]
        line = (wet, aanbieder, code, eenheid, row[10], versie.ingangsdatum, versie.eenheid)
        return Geprijsd(self.vraag.gemeente, *line)

    def _versions(self, nummers: Sequence[int]) -> Mapping[tuple[int, int], _Versie]:
        rows = self._rows(vragen.versions(self.vraag), {NUMMERS: nummers})
        return {(row[0], row[1]): _Versie(*row[2:]) for row in rows}

    def _days_of_care(self, nummers: Sequence[int]) -> Mapping[tuple[int, int], Zorgdagen]:
        found: dict[tuple[int, int], Zorgdagen] = {}
        for partij, nummer, soort, begin, eind in self._rows(
            vragen.deliveries(self.vraag), {NUMMERS: nummers}
        ):
            known = found.get((partij, nummer), Zorgdagen())
            first = begin if known.aanvang is None else min(known.aanvang, begin)
            stopped = eind if soort == "stop" else known.gestopt_op
            found[partij, nummer] = Zorgdagen(first, stopped)
        return found

    def _mean_days(self) -> Mapping[tuple[str, str], int]:
        """How many days care took on average, by law and product code."""
        sums: dict[tuple[str, str], tuple[int, int]] = {}
        for wet, code, begin, eind, count in self._rows(vragen.durations(self.vraag)):
            days, times = sums.get((wet, code), (0, 0))
            sums[wet, code] = (days + ((eind - begin).days + 1) * count, times + count)
        return {key: max(half_up(days, times), 1) for key, (days, times) in sums.items()}

    def _rows(
        self, query: sa.Select[Any], given: Mapping[str, Any] | None = None
    ) -> Iterator[tuple[Any, ...]]:
        return rows_of(self._connection, query, given)


def _zonder_bsn(regel: Jaarregel, bsn: str) -> Jaarregel:
    vorig = regel.vorig_referentienummer
    return regel._replace(
        declaratienummer=mask_own(regel.declaratienummer, bsn),
        referentienummer=mask_own(regel.referentienummer, bsn),
        vorig_referentienummer=vorig and mask_own(vorig, bsn),
    )


def last_message(connection: Connection) -> int:
    """The number of the last message that was taken in."""
    return int(
        connection.execute(sa.select(sa.func.coalesce(sa.func.max(inbox.c.id), 0))).scalar_one()
    )


def late_from(instellingen: Instellingen, jaar: int) -> float:
    """The first moment at which what is granted for a year is late."""
    day = instellingen.last_day(jaar) + timedelta(days=1)
    return datetime.combine(day, time(), tzinfo=AMSTERDAM).timestamp()


def with_open(standen: Standen, open_: Mapping[Sleutel, int]) -> None:
    """Add what has no answer yet to the balances."""
    for sleutel, bedrag in open_.items():
        standen[sleutel] = standen.get(sleutel, NIETS).plus(Jaarstand(open=bedrag))


def with_overloop(standen: Standen, jaar: int, overloop: Overloop) -> None:
    """Add what a start part moves into or out of the year to the balances."""
    moved = overloop.verschuiving.get(jaar, 0)
    deel = overloop.deel
    sleutel = Sleutel(deel.wet, deel.aanbieder, deel.productcode)
    stand = Jaarstand(vooruit=max(-moved, 0), overgenomen=max(moved, 0))
    if moved:
        standen[sleutel] = standen.get(sleutel, NIETS).plus(stand)


def _start_part(row: Sequence[Any], versie: _Versie, zorg: Zorgdagen) -> Startdeel:
    """The start part in a row of `vragen.start_parts`."""
    inbox_id, regelnr, wet, aanbieder, code, _, nummer, bedrag, begin, eind = row[2:]
    return Startdeel(
        inbox_id=inbox_id,
        regelnr=regelnr,
        wet=wet,
        aanbieder=aanbieder,
        productcode=code,
        toewijzingnummer=nummer,
        bedrag=bedrag,
        begindatum=begin,
        einddatum=eind,
        aanvang=zorg.aanvang or begin,
        toegewezen_tot=versie.einddatum,
        gestopt_op=zorg.gestopt_op,
    )


def _part(deel: int, *, is_granted: bool, is_late: bool) -> Jaarstand:
    """The balance of a part of one line: counted once in each of its years."""
    if not is_granted:
        return Jaarstand(1, afgewezen=deel)
    late = deel if is_late else 0
    return Jaarstand(1, max(deel, 0), max(-deel, 0), late)

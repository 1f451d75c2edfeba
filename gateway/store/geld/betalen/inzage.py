"""Reads of payment runs, payments and what is in them, each within a Bereik.

An aanbieder sees its own payments, once they are released.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.errors import NietGevonden, WrongUse
from gateway.ledger.geld.journaal import Post, Uitbetaling
from gateway.ledger.geld.specificatie import (
    Meegenomen,
    Specificatie,
    Specificatieregel,
    Stuktotaal,
)
from gateway.records.rekening import Rekening
from gateway.store.engine import AT_ONCE, Database
from gateway.store.geld.betalen.bladeren import lines_of, totalen, write_line
from gateway.store.geld.betalen.maken import Buiten, read_buiten
from gateway.store.geld.betalen.tables import (
    VAST,
    betaalpost,
    betaalregel,
    betaalrun,
    betaalsaldo,
    betaling,
)
from gateway.store.geld.crediteuren import crediteuren_op
from gateway.store.inzage.blad import Blad, blad_of, place_of
from gateway.toegang.wie import Bereik

OMVANG = 50
B, N, R = betaling.c, betaalrun.c, betaalregel.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run as it stands; amounts in eurocents, `voorstel` waits for a second person."""

    nummer: int
    gemeente: str
    staat: str
    tot: date
    vervalt_tot: date | None
    uitvoering: date
    naam: str
    gemaakt: datetime
    betalingen: int
    regels: int
    bedrag: int
    buiten: Sequence[Buiten]
    voorstel: int | None
    vrijgegeven: datetime | None
    vrijgegeven_naam: str | None
    bericht_id: str | None
    sha256: str | None
    betaald_op: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Betaling:
    """A payment as it stands; amounts in eurocents, see `tables.betaling`."""

    nummer: int
    run: int
    gemeente: str
    aanbieder: str
    rekening: Rekening
    kenmerk: str
    regels: int
    debet: int
    credit: int
    meegenomen: int
    bedrag: int
    doorgeschoven: int
    uitvoering: date
    runstaat: str
    betaald_op: date | None
    teruggekomen_op: date | None
    reden: str | None

    @property
    def stand(self) -> str:
        """How far it is, in a word."""
        if self.teruggekomen_op is not None:
            return "teruggekomen"
        if self.betaald_op is not None:
            return "betaald" if self.bedrag else "verrekend"
        return self.runstaat


class Betalingeninzage:
    """Reads; raise NietGevonden for what is not there, or not for who asks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def runs(self, bereik: Bereik, na: str | None = None, omvang: int = OMVANG) -> Blad[Run]:
        """All runs, the newest in front."""
        query = _RUNS.where(N.gemeente.in_(sorted(bereik.gemeenten)))
        if na is not None:
            query = query.where(N.id < place_of(na, int)[0])
        return self._blad(bereik, query.order_by(N.id.desc()), omvang, _run_of)

    def run(self, bereik: Bereik, nummer: int) -> Run:
        """One run."""
        query = _RUNS.where(N.id == nummer, N.gemeente.in_(sorted(bereik.gemeenten)))
        return _run_of(self._one(bereik, query, "deze betaalrun bestaat niet"))

    def betalingen(
        self,
        bereik: Bereik,
        *,
        run: int | None = None,
        na: str | None = None,
        omvang: int = OMVANG,
    ) -> Blad[Betaling]:
        """Payments, of one run or of all: the newest in front."""
        query = _BETALINGEN.where(*_may(bereik))
        if run is not None:
            query = query.where(B.run_id == run)
        if na is not None:
            query = query.where(B.id < place_of(na, int)[0])
        return self._blad(bereik, query.order_by(B.id.desc()), omvang, _betaling_of)

    def all_of(self, bereik: Bereik, run: int) -> Sequence[Betaling]:
        """All payments of a run, by aanbieder."""
        query = _BETALINGEN.where(*_may(bereik), B.run_id == run).order_by(B.aanbieder)
        with self._database.snapshot(bereik.scope) as connection:
            return [_betaling_of(row) for row in connection.execute(query)]

    def betaling(self, bereik: Bereik, nummer: int) -> Betaling:
        """One payment."""
        query = _BETALINGEN.where(B.id == nummer, *_may(bereik))
        return _betaling_of(self._one(bereik, query, "deze betaling bestaat niet"))

    def regels(
        self, bereik: Bereik, nummer: int, omvang: int, na: str | None = None
    ) -> Blad[Specificatieregel]:
        """A page of the lines of a payment: those of declaraties and then those of facturen."""
        with self._database.snapshot(bereik.scope) as connection:
            found = lines_of(connection, nummer, na, omvang + 1, *_may(bereik))
        more = len(found) > omvang
        last = found[omvang - 1] if more else None
        return Blad(found[:omvang], None if last is None else write_line(last))

    def meegenomen(self, bereik: Bereik, nummer: int) -> Sequence[Meegenomen]:
        """The earlier balances that a payment took along; for who was shown that payment."""
        with self._database.snapshot(bereik.scope) as connection:
            rows = connection.execute(_MEEGENOMEN, {"betaling": nummer})
            return [Meegenomen._make(row) for row in rows]

    def specificatie(self, bereik: Bereik, nummer: int) -> Specificatie:
        """A payment with what it is made of; its lines are read while they are asked for."""
        een = self.betaling(bereik, nummer)
        with self._database.snapshot(bereik.scope) as connection:
            stukken = connection.execute(totalen(nummer)).all()
        return Specificatie(
            gemeente=een.gemeente,
            aanbieder=een.aanbieder,
            kenmerk=een.kenmerk,
            rekening=een.rekening,
            uitvoering=een.uitvoering,
            betaald_op=None if een.teruggekomen_op else een.betaald_op,
            bedrag=een.bedrag,
            doorgeschoven=een.doorgeschoven,
            meegenomen=self.meegenomen(bereik, nummer),
            stukken=[Stuktotaal._make((*row[:5], int(row[5]))) for row in stukken],
            regels=self._all_lines(bereik, nummer),
        )

    def uitbetalingen(self, bereik: Bereik, run: int) -> Sequence[Uitbetaling]:
        """The payments of a run with their costs, for its journal.

        Raises WrongUse for a run that was not released: its lines may go in another one.
        """
        if self.run(bereik, run).staat not in VAST:
            raise WrongUse(f"betaalrun {run} is niet vrijgegeven; er is niets te boeken")
        own = sa.and_(B.run_id == run, B.gemeente.in_(sorted(bereik.gemeenten)))
        payments = _BETALINGEN.where(own).order_by(B.aanbieder)
        costs = (
            sa.select(betaalpost)
            .join_from(betaalpost, betaling, B.id == betaalpost.c.betaling_id)
            .where(own)
            .order_by(*betaalpost.primary_key.columns)
        )
        with self._database.snapshot(bereik.scope) as connection:
            rows = connection.execute(payments).all()
            crediteuren = _crediteuren(connection, rows)
            posten: dict[int, list[Post]] = {}
            for row in connection.execute(costs):
                posten.setdefault(row.betaling_id, []).append(
                    Post._make((*row[1:6], int(row.bedrag)))
                )
        return [
            Uitbetaling(
                row.aanbieder,
                row.kenmerk,
                row.bedrag,
                posten.get(row.id, []),
                row.teruggekomen_op,
                crediteuren.get(row.aanbieder),
            )
            for row in rows
        ]

    def _all_lines(self, bereik: Bereik, nummer: int) -> Iterator[Specificatieregel]:
        na: str | None = None
        while True:
            blad = self.regels(bereik, nummer, AT_ONCE, na)
            yield from blad.rijen
            na = blad.volgende
            if na is None:
                return

    def _one(self, bereik: Bereik, query: sa.Select[Any], unknown: str) -> Any:
        with self._database.snapshot(bereik.scope) as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise NietGevonden(unknown)
        return row

    def _blad(self, bereik: Bereik, query: sa.Select[Any], omvang: int, make: Any) -> Blad[Any]:
        with self._database.snapshot(bereik.scope) as connection:
            rows = connection.execute(query.limit(omvang + 1)).all()
        return blad_of(rows, omvang, make, "id")


def betaling_van_regel(connection: Connection, inbox_id: int, regelnr: int) -> int | None:
    """The number of the payment that a line is in, None for a line that is in none."""
    query = sa.select(R.betaling_id).where(R.inbox_id == inbox_id, R.regelnr == regelnr)
    found: int | None = connection.execute(query).scalar_one_or_none()
    return found


def _may(bereik: Bereik) -> tuple[sa.ColumnElement[bool], ...]:
    """Whether a payment may be seen."""
    own = B.gemeente.in_(sorted(bereik.gemeenten))
    if bereik.aanbieder is None:
        return (own,)
    return (own, B.aanbieder == bereik.aanbieder, N.staat.in_(VAST))


def _crediteuren(connection: Connection, rows: Sequence[Any]) -> Mapping[str, str]:
    """The numbers of creditors in the register, on the day that a run is paid."""
    if not rows:
        return {}
    who = [row.aanbieder for row in rows]
    return crediteuren_op(connection, rows[0].gemeente, who, rows[0].uitvoering)


def _run_of(row: Any) -> Run:
    return Run(
        nummer=row.id,
        gemeente=row.gemeente,
        staat=row.staat,
        tot=row.tot,
        vervalt_tot=row.vervalt_tot,
        uitvoering=row.uitvoering,
        naam=row.naam,
        gemaakt=datetime.fromtimestamp(row.gemaakt_at, UTC),
        betalingen=row.betalingen,
        regels=row.regels,
        bedrag=row.bedrag,
        buiten=read_buiten(row.buiten),
        voorstel=row.voorstel_id,
        vrijgegeven=_moment(row.vrijgegeven_at),
        vrijgegeven_naam=row.vrijgegeven_naam,
        bericht_id=row.bericht_id,
        sha256=row.sha256,
        betaald_op=row.betaald_op,
    )


def _betaling_of(row: Any) -> Betaling:
    return Betaling(
        nummer=row.id,
        run=row.run_id,
        gemeente=row.gemeente,
        aanbieder=row.aanbieder,
        rekening=Rekening(row.iban, row.tenaamstelling),
        kenmerk=row.kenmerk,
        regels=row.regels,
        debet=row.debet,
        credit=row.credit,
        meegenomen=row.meegenomen,
        bedrag=row.bedrag,
        doorgeschoven=row.doorgeschoven,
        uitvoering=row.uitvoering,
        runstaat=row.staat,
        betaald_op=row.betaald_op,
        teruggekomen_op=row.teruggekomen_op,
        reden=row.reden,
    )


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


_BETALING: sa.BindParameter[int] = sa.bindparam("betaling", type_=sa.BigInteger)
_RUNS = sa.select(betaalrun)
_BETALINGEN = sa.select(betaling, N.uitvoering, N.staat).join_from(
    betaling, betaalrun, N.id == B.run_id
)
_eerder = betaling.alias("eerder")
_MEEGENOMEN = (
    sa.select(betaalsaldo.c.soort, betaalsaldo.c.bedrag, _eerder.c.kenmerk)
    .join_from(betaalsaldo, _eerder, _eerder.c.id == betaalsaldo.c.uit_id)
    .where(betaalsaldo.c.in_id == _BETALING)
    .order_by(betaalsaldo.c.id)
)

"""Assignments as people look for them: each number of a party once, with its latest version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from gateway.agreements.keys import WETTEN
from gateway.periods.volume import MINUTES_PER_HOUR, UUR
from gateway.pipeline.ports import Leveringen, Partijen
from gateway.records.batch import Stand
from gateway.records.toewijzing import ToegewezenProduct
from gateway.store.bsn import Fingerprinter
from gateway.store.columns import LEVERING, TOEWIJZING
from gateway.store.engine import Database
from gateway.store.inzage.binnen import partij_in
from gateway.store.inzage.blad import Blad, blad_of, place_of
from gateway.store.inzage.delen import Deel, eerste_van
from gateway.store.rijen import start_of, stop_of, toewijzing_of
from gateway.store.tables import levering, partij, prestatie, toewijzing
from gateway.toegang.wie import Bereik


@dataclass(frozen=True, slots=True, kw_only=True)
class Toewijzingfilter:
    """What is looked for; what is absent does not matter; `op` is a day on which it runs."""

    toewijzingnummer: int | None = None
    bsn: str | None = None
    aanbieder: str | None = None
    gemeente: str | None = None
    wet: str | None = None
    productcode: str | None = None
    op: date | None = None


@dataclass(frozen=True, slots=True)
class Toewijzingrij:
    """One assignment, by its latest version; `partij` and its number are what it is known by."""

    partij: int
    partijen: Partijen
    client: str
    product: ToegewezenProduct


@dataclass(frozen=True, slots=True)
class Versie:
    """A version that stood or stands, and the message that made it (None: not known)."""

    product: ToegewezenProduct
    inbox_id: int | None
    staat: bool


@dataclass(frozen=True, slots=True)
class Toewijzingverhaal:
    """An assignment with all that hangs on it; versions oldest first (IV013).

    `stand` is what was granted on it, net of credits.
    """

    rij: Toewijzingrij
    versies: Sequence[Versie]
    leveringen: Leveringen
    stand: Stand


class Toewijzingeninzage:
    """Reads of assignments, each within a Bereik."""

    def __init__(self, database: Database, fingerprint: Fingerprinter) -> None:
        self._database = database
        self._fingerprint = fingerprint

    def zoek(
        self, bereik: Bereik, filter_: Toewijzingfilter, omvang: int, vanaf: str | None = None
    ) -> Blad[Toewijzingrij]:
        """A page of assignments, the one that came in last in front."""
        wanted = [*STANDS_LAST, *self._wanted(filter_)]
        if vanaf is not None:
            wanted.append(toewijzing.c.id < place_of(vanaf, int)[0])
        delen = [(*deel, *wanted) for deel in _delen(bereik, filter_)]
        if not delen:
            return Blad([], None)
        latest = (toewijzing.c.id.desc(),)
        first = eerste_van([toewijzing.c.id], latest, omvang + 1, delen)
        query = _ROWS.where(partij_in(bereik), first).order_by(*latest).limit(omvang + 1)
        with self._database.snapshot(bereik.scope) as connection:
            return blad_of(connection.execute(query).all(), omvang, _rij_of, "id")

    def een(self, bereik: Bereik, nummer: int, partij_id: int) -> Toewijzingverhaal | None:
        """An assignment with its story, None where it is not there for who asks."""
        own = (toewijzing.c.toewijzingnummer == nummer, toewijzing.c.partij_id == partij_id)
        with self._database.snapshot(bereik.scope) as connection:
            rows = connection.execute(_VERSIES.where(partij_in(bereik), *own)).all()
            if not rows:
                return None
            versies = sorted((_versie_of(row) for row in rows), key=lambda one: one.product.versie)
            standing = [one for one in versies if one.staat]
            given = {"partij": partij_id, "nummer": nummer}
            delivered = connection.execute(_LEVERINGEN, given).all()
            granted = connection.execute(_STAND, given).all()
        last = (standing or versies)[-1]
        row = rows[0]
        rij = Toewijzingrij(
            partij_id, Partijen(row.gemeente, row.wet, row.aanbieder), row.bsn_hash, last.product
        )
        return Toewijzingverhaal(
            rij, versies, _leveringen_of(delivered, nummer), _stand_of(granted)
        )

    def _wanted(self, filter_: Toewijzingfilter) -> list[sa.ColumnElement[bool]]:
        values: Mapping[sa.Column[Any], Any] = {
            toewijzing.c.toewijzingnummer: filter_.toewijzingnummer,
            toewijzing.c.productcode: filter_.productcode,
            toewijzing.c.wet: filter_.wet,
        }
        found = [column == value for column, value in values.items() if value is not None]
        if filter_.bsn is not None:
            found.append(toewijzing.c.bsn_hash == self._fingerprint(filter_.bsn))
        if filter_.op is not None:
            open_end = toewijzing.c.einddatum.is_(None)
            runs = sa.or_(open_end, toewijzing.c.einddatum >= filter_.op)
            found += [toewijzing.c.ingangsdatum <= filter_.op, runs]
        return found


_later = toewijzing.alias("later")
_IS_LATER = sa.and_(
    _later.c.toewijzingnummer == toewijzing.c.toewijzingnummer,
    _later.c.gemeente == toewijzing.c.gemeente,
    _later.c.wet == toewijzing.c.wet,
    _later.c.partij_id == toewijzing.c.partij_id,
    _later.c.tot_volgnr.is_(None),
    sa.tuple_(_later.c.toewijzingsdatum, _later.c.toewijzingstijd)
    > sa.tuple_(toewijzing.c.toewijzingsdatum, toewijzing.c.toewijzingstijd),
)
_ROWS = sa.select(
    toewijzing.c.id,
    toewijzing.c.inbox_id,
    toewijzing.c.partij_id,
    toewijzing.c.tot_volgnr,
    partij.c.gemeente,
    partij.c.wet,
    toewijzing.c.bsn_hash,
    *TOEWIJZING,
).join_from(toewijzing, partij, partij.c.id == toewijzing.c.partij_id)
STANDS_LAST = (toewijzing.c.tot_volgnr.is_(None), ~sa.exists(sa.select(1).where(_IS_LATER)))
_VERSIES = _ROWS.order_by(toewijzing.c.id)
_BEFORE = 7
_LEVERINGEN = (
    sa.select(levering.c.soort, *LEVERING)
    .where(
        levering.c.toewijzingnummer == sa.bindparam("nummer", type_=sa.BigInteger),
        levering.c.partij_id == sa.bindparam("partij", type_=sa.BigInteger),
        levering.c.tot_volgnr.is_(None),
    )
    .order_by(levering.c.id)
)
_SIGN = sa.case((prestatie.c.debet_credit == "D", 1), else_=-1)
_MINUTES = sa.case((prestatie.c.eenheid == UUR, MINUTES_PER_HOUR), else_=1)
_STAND = sa.select(
    sa.func.coalesce(sa.func.sum(_SIGN * _MINUTES * prestatie.c.geleverd_volume), 0),
    sa.func.coalesce(sa.func.sum(_SIGN * prestatie.c.ingediend_bedrag), 0),
).where(
    prestatie.c.toewijzingnummer == sa.bindparam("nummer", type_=sa.BigInteger),
    prestatie.c.partij_id == sa.bindparam("partij", type_=sa.BigInteger),
    prestatie.c.toegekend == 1,
    prestatie.c.tot_volgnr.is_(None),
)


def _delen(bereik: Bereik, filter_: Toewijzingfilter) -> list[Deel]:
    """The parts in which a filter looks: a municipality, or a provider in it under one law."""
    gemeenten = sorted(bereik.gemeenten)
    if filter_.gemeente is not None:
        gemeenten = [one for one in gemeenten if one == filter_.gemeente]
    agb = bereik.aanbieder or filter_.aanbieder
    if agb is None:
        return [(toewijzing.c.gemeente == gemeente,) for gemeente in gemeenten]
    if filter_.aanbieder not in (None, agb):
        return []
    return [
        (toewijzing.c.partij_id == _partij(gemeente, wet, agb),)
        for gemeente in gemeenten
        for wet in WETTEN
    ]


def _partij(gemeente: str, wet: str, agb: str) -> sa.ScalarSelect[int]:
    return (
        sa.select(partij.c.id)
        .where(partij.c.gemeente == gemeente, partij.c.wet == wet, partij.c.aanbieder == agb)
        .scalar_subquery()
    )


def _product_of(row: Any) -> ToegewezenProduct:
    return toewijzing_of(tuple(row)[_BEFORE:])


def _rij_of(row: Any) -> Toewijzingrij:
    product = _product_of(row)
    partijen = Partijen(row.gemeente, row.wet, product.aanbieder)
    return Toewijzingrij(row.partij_id, partijen, row.bsn_hash, product)


def _versie_of(row: Any) -> Versie:
    return Versie(_product_of(row), row.inbox_id, row.tot_volgnr is None)


def _leveringen_of(rows: Sequence[Any], nummer: int) -> Leveringen:
    starts = [start_of((*tuple(row)[1:], None)) for row in rows if row.soort == "start"]
    stops = [stop_of((*tuple(row)[1:], None)) for row in rows if row.soort == "stop"]
    return Leveringen({nummer: starts} if starts else {}, {nummer: stops} if stops else {})


def _stand_of(rows: Sequence[Any]) -> Stand:
    volume, bedrag = rows[0]
    return Stand(int(volume), int(bedrag))

"""Keeps what packs came to, for the page and the API: nobody adds up all lines for a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from gateway.errors import NietGevonden
from gateway.ledger.jaareinde.stand import Jaarstand, Sleutel, together
from gateway.store.bulk import insert_all
from gateway.store.engine import Database, insert_one
from gateway.store.inzage.blad import Blad, blad_of, place_of
from gateway.store.jaareinde.tables import BEDRAGEN, jaarafsluiting, jaarstand
from gateway.toegang.wie import Bereik

SHOWN = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Nieuw:
    """A pack that was just made: up to which judgement, and the sha-256 of its manifest."""

    gemeente: str
    jaar: int
    gemaakt: datetime
    volgnr: int
    map: str
    manifest: str
    klopt: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Afsluiting:
    """A pack that was made, and what the year came to in it."""

    nummer: int
    gemeente: str
    jaar: int
    gemaakt: datetime
    map: str
    manifest: str
    klopt: bool
    stand: Jaarstand


@dataclass(frozen=True, slots=True)
class Productstand:
    """What a pack says of a product of an aanbieder."""

    aanbieder: str
    wet: str
    productcode: str
    stand: Jaarstand


def keep(database: Database, een: Nieuw, standen: Mapping[Sleutel, Jaarstand]) -> int:
    """Keep what a pack came to; returns its number."""
    row = {
        "gemeente": een.gemeente,
        "jaar": een.jaar,
        "gemaakt_at": een.gemaakt.timestamp(),
        "volgnr": een.volgnr,
        "map": een.map,
        "manifest": een.manifest,
        "klopt": int(een.klopt),
        **together(standen.values())._asdict(),
    }
    with database.writing(een.gemeente) as connection:
        nummer = insert_one(connection, jaarafsluiting, row)
        own = {"jaarafsluiting_id": nummer, "gemeente": een.gemeente}
        rows = [
            {**own, **sleutel._asdict(), **stand._asdict()} for sleutel, stand in standen.items()
        ]
        insert_all(connection, jaarstand, rows)
    return nummer


class Afsluitingen:
    """Reads of packs, each within a Bereik; raise NietGevonden for what is not there."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(
        self, bereik: Bereik, omvang: int, na: str | None = None, jaar: int | None = None
    ) -> Blad[Afsluiting]:
        """A page of packs, the newest in front."""
        query = _ALL.where(jaarafsluiting.c.gemeente.in_(sorted(bereik.gemeenten)))
        if jaar is not None:
            query = query.where(jaarafsluiting.c.jaar == jaar)
        if na is not None:
            query = query.where(jaarafsluiting.c.id < place_of(na, int)[0])
        query = query.order_by(jaarafsluiting.c.id.desc()).limit(omvang + 1)
        with self._database.snapshot(bereik.scope) as connection:
            return blad_of(connection.execute(query).all(), omvang, _afsluiting_of, "id")

    def of_year(self, bereik: Bereik, gemeente: str, jaar: int) -> Sequence[Afsluiting]:
        """The last packs of a municipality and year, the newest in front."""
        own = (jaarafsluiting.c.gemeente == gemeente, jaarafsluiting.c.jaar == jaar)
        query = _ALL.where(*own, jaarafsluiting.c.gemeente.in_(sorted(bereik.gemeenten)))
        query = query.order_by(jaarafsluiting.c.id.desc()).limit(SHOWN)
        with self._database.snapshot(bereik.scope) as connection:
            return [_afsluiting_of(row) for row in connection.execute(query)]

    def last(self, bereik: Bereik, gemeente: str, jaar: int) -> Afsluiting | None:
        """The newest pack of a municipality and year."""
        return next(iter(self.of_year(bereik, gemeente, jaar)), None)

    def get(self, bereik: Bereik, nummer: int) -> Afsluiting:
        """One pack."""
        own = (
            jaarafsluiting.c.id == nummer,
            jaarafsluiting.c.gemeente.in_(sorted(bereik.gemeenten)),
        )
        with self._database.snapshot(bereik.scope) as connection:
            row = connection.execute(_ALL.where(*own)).one_or_none()
        if row is None:
            raise NietGevonden
        return _afsluiting_of(row)

    def blad(
        self,
        bereik: Bereik,
        nummer: int,
        omvang: int,
        na: str | None = None,
        aanbieder: str | None = None,
    ) -> Blad[Productstand]:
        """A page of what a pack says of products, of all aanbieders or of one."""
        key = (jaarstand.c.aanbieder, jaarstand.c.wet, jaarstand.c.productcode)
        own = [jaarstand.c.jaarafsluiting_id == nummer]
        own.append(jaarstand.c.gemeente.in_(sorted(bereik.gemeenten)))
        if aanbieder is not None:
            own.append(jaarstand.c.aanbieder == aanbieder)
        if na is not None:
            own.append(sa.tuple_(*key) > sa.tuple_(*place_of(na, str, str, str)))
        query = sa.select(jaarstand).where(*own).order_by(*key).limit(omvang + 1)
        with self._database.snapshot(bereik.scope) as connection:
            rows = connection.execute(query).all()
        return blad_of(rows, omvang, _product_of, "aanbieder", "wet", "productcode")

    def aanbieders(self, bereik: Bereik, nummer: int) -> Mapping[str, Jaarstand]:
        """What a pack says of every aanbieder."""
        own = (
            jaarstand.c.jaarafsluiting_id == nummer,
            jaarstand.c.gemeente.in_(sorted(bereik.gemeenten)),
        )
        query = _PER_AANBIEDER.where(*own)
        with self._database.snapshot(bereik.scope) as connection:
            return {row[0]: Jaarstand(*map(int, row[1:])) for row in connection.execute(query)}


_ALL = sa.select(jaarafsluiting)
_PER_AANBIEDER = (
    sa.select(
        jaarstand.c.aanbieder,
        *(sa.func.sum(jaarstand.c[name], type_=sa.BigInteger) for name in BEDRAGEN),
    )
    .group_by(jaarstand.c.aanbieder)
    .order_by(jaarstand.c.aanbieder)
)


def _product_of(row: Any) -> Productstand:
    stand = Jaarstand(*(int(getattr(row, name)) for name in BEDRAGEN))
    return Productstand(row.aanbieder, row.wet, row.productcode, stand)


def _afsluiting_of(row: Any) -> Afsluiting:
    return Afsluiting(
        nummer=row.id,
        gemeente=row.gemeente,
        jaar=row.jaar,
        gemaakt=datetime.fromtimestamp(row.gemaakt_at, UTC),
        map=row.map,
        manifest=row.manifest,
        klopt=bool(row.klopt),
        stand=Jaarstand(*(int(getattr(row, name)) for name in BEDRAGEN)),
    )

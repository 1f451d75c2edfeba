"""Versions of the policy of a municipality: proposed by one beheerder, confirmed by a second.

A version is a whole policy file.  From its day on the last one that was confirmed goes in the place
of the file of the municipality; nothing is ever thrown away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.errors import AlBeoordeeld, NietToegestaan
from gateway.pipeline.kennis import dag_van
from gateway.store.engine import ALL, Conflict, Database, insert_one, translated
from gateway.store.inbox import Clock
from gateway.store.tables import Id, metadata
from gateway.store.toegang.logboek import Handeling, Logboek
from gateway.store.toegang.personen import is_eigen, vier_ogen
from gateway.toegang.wie import Bereik, Wie

VOORGESTELD, GELDT, GEWEIGERD, INGETROKKEN = "voorgesteld", "geldt", "geweigerd", "ingetrokken"
_CHANGED = "het beleid is intussen veranderd of al voorgesteld; bekijk het opnieuw"
_DECIDED = "over dit voorstel is al beslist"

# `vanaf` is the first day on which a version is in force; moments are seconds since 1970 (UTC).
beleidsversie = sa.Table(
    "beleidsversie",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("gemeente", sa.String(12), nullable=False),
    sa.Column("inhoud", sa.Text, nullable=False),
    sa.Column("vanaf", sa.Date, nullable=False),
    sa.Column("staat", sa.String(12), nullable=False),
    sa.Column("toelichting", sa.Text, nullable=False),
    sa.Column("wie", sa.String(80), nullable=False),
    sa.Column("naam", sa.String(120), nullable=False),
    sa.Column("gemaakt_at", sa.Double, nullable=False),
    sa.Column("tweede", sa.String(80)),
    sa.Column("tweede_naam", sa.String(120)),
    sa.Column("besloten_at", sa.Double),
    sa.Index(
        "beleidsversie_voorstel",
        "gemeente",
        unique=True,
        sqlite_where=sa.text("staat = 'voorgesteld'"),
        postgresql_where=sa.text("staat = 'voorgesteld'"),
    ),
    sa.Index("beleidsversie_gemeente", "gemeente", "id"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Voorstel:
    """A policy file to be: `basis` is the number of the version that it changes, 0 for none."""

    gemeente: str
    inhoud: str
    vanaf: date
    toelichting: str
    basis: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Beleidsversie:
    """A version as it stands; `tweede_naam` is who decided on it, at `besloten`."""

    nummer: int
    gemeente: str
    inhoud: str
    vanaf: date
    staat: str
    toelichting: str
    wie: str
    naam: str
    gemaakt: datetime
    tweede_naam: str | None
    besloten: datetime | None


class Beleidsversies:
    """Reads, proposes and decides on versions; every change is a transaction of its own."""

    def __init__(self, database: Database, clock: Clock, logboek: Logboek) -> None:
        self._database = database
        self._clock = clock
        self._logboek = logboek

    def van_kracht(self) -> Mapping[str, bytes]:
        """The policy file per municipality that is in force today, for those that have versions."""
        today = dag_van(self._clock())
        query = (
            sa.select(beleidsversie.c.gemeente, beleidsversie.c.inhoud)
            .where(beleidsversie.c.staat == GELDT, beleidsversie.c.vanaf <= today)
            .order_by(beleidsversie.c.id)
        )
        # One statement sees one state; a session stays as its server began it, also one that is
        # for reading alone.
        with self._database.reading() as connection:
            self._database.scope(connection, ALL)
            # The last one stays: it was made of the one before it.
            return {row.gemeente: row.inhoud.encode() for row in connection.execute(query)}

    def van(self, bereik: Bereik) -> Sequence[Beleidsversie]:
        """All versions of some municipalities, the newest in front."""
        query = sa.select(beleidsversie).where(_seen(bereik)).order_by(beleidsversie.c.id.desc())
        with self._database.snapshot(bereik.scope) as connection:
            return [_versie_of(row) for row in connection.execute(query)]

    def stel_voor(self, wie: Wie, voorstel: Voorstel, handeling: Handeling) -> int:
        """Keep a proposal; gives its number.

        Raises AlBeoordeeld when there is another one, or when what it changes was changed.
        """
        row = {
            "gemeente": voorstel.gemeente,
            "inhoud": voorstel.inhoud,
            "vanaf": voorstel.vanaf,
            "staat": VOORGESTELD,
            "toelichting": voorstel.toelichting,
            "wie": wie.kenmerk,
            "naam": wie.naam,
            "gemaakt_at": self._clock().timestamp(),
        }
        with self._database.writing(voorstel.gemeente) as connection:
            if _last(connection, voorstel.gemeente) != voorstel.basis:
                raise AlBeoordeeld(_CHANGED)
            try:
                with translated():
                    nummer = insert_one(connection, beleidsversie, row)
            except Conflict as conflict:
                raise AlBeoordeeld(_CHANGED) from conflict
            self._logboek.schrijf(connection, handeling)
        return nummer

    def beslis(
        self, bereik: Bereik, wie: Wie, nummer: int, staat: str, handeling: Handeling
    ) -> None:
        """Confirm (GELDT) or refuse what another proposed, or withdraw one's own (INGETROKKEN).

        A version is in force from its day on, and never from before it was confirmed.  Raises
        NietToegestaan for who may not, AlBeoordeeld when there is no such proposal (any more).
        """
        now = self._clock()
        query = _ONE.where(_seen(bereik)).with_for_update()
        with self._database.writing(bereik.scope) as connection:
            row = connection.execute(query, {"welk": nummer}).one_or_none()
            if row is None or row.staat != VOORGESTELD:
                raise AlBeoordeeld(_DECIDED)
            if staat != INGETROKKEN:
                vier_ogen(connection, row.wie, wie)
            elif not is_eigen(connection, row.wie, wie):
                raise NietToegestaan("alleen wie het voorstelde, trekt het in")
            decided = {
                "nu": staat,
                "dag": max(row.vanaf, dag_van(now)),
                "door": wie.kenmerk,
                "door_naam": wie.naam,
                "moment": now.timestamp(),
            }
            connection.execute(_DECIDE, {"welk": nummer, **decided})
            self._logboek.schrijf(connection, handeling)


def _last(connection: Connection, gemeente: str) -> int:
    """The number of the last version that was confirmed, also one that is in force later."""
    query = sa.select(sa.func.max(beleidsversie.c.id)).where(
        beleidsversie.c.gemeente == gemeente, beleidsversie.c.staat == GELDT
    )
    found: int | None = connection.execute(query).scalar_one()
    return found or 0


def _seen(bereik: Bereik) -> sa.ColumnElement[bool]:
    return beleidsversie.c.gemeente.in_(sorted(bereik.gemeenten))


_WELK: sa.BindParameter[int] = sa.bindparam("welk", type_=sa.BigInteger)
_ONE = sa.select(beleidsversie).where(beleidsversie.c.id == _WELK)
_DECIDE = (
    sa.update(beleidsversie)
    .where(beleidsversie.c.id == _WELK)
    .values(
        staat=sa.bindparam("nu"),
        vanaf=sa.bindparam("dag"),
        tweede=sa.bindparam("door"),
        tweede_naam=sa.bindparam("door_naam"),
        besloten_at=sa.bindparam("moment"),
    )
)


def _versie_of(row: Any) -> Beleidsversie:
    return Beleidsversie(
        nummer=row.id,
        gemeente=row.gemeente,
        inhoud=row.inhoud,
        vanaf=row.vanaf,
        staat=row.staat,
        toelichting=row.toelichting,
        wie=row.wie,
        naam=row.naam,
        gemaakt=datetime.fromtimestamp(row.gemaakt_at, UTC),
        tweede_naam=row.tweede_naam,
        besloten=None if row.besloten_at is None else datetime.fromtimestamp(row.besloten_at, UTC),
    )

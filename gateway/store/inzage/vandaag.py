"""What somebody sees first: how many messages are where, and what each month came to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from gateway.errors import WrongUse
from gateway.periods.maanden import last_of_month
from gateway.pipeline.kennis import AMSTERDAM
from gateway.pipeline.ports import Partijen
from gateway.store.engine import Database
from gateway.store.inzage.afwijzingen import (
    Afgewezenregel,
    Afwijzingfilter,
    Afwijzingsgrond,
    gronden,
    maand_van,
    regels,
)
from gateway.store.inzage.binnen import bericht_in
from gateway.store.inzage.blad import Blad, blad_of, place_of
from gateway.store.inzage.delen import berichtdelen
from gateway.store.statements import row_of
from gateway.store.tables import ANTWOORD, KLAAR, declaratie, inbox, outbox, partij
from gateway.store.werk.tables import maandstand
from gateway.toegang.wie import Bereik


@dataclass(frozen=True, slots=True)
class Drukte:
    """How many messages came in today by verdict, went out today, and wait by state."""

    binnen: Mapping[str, int]
    uit: int
    wacht: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Maand:
    """What invoices of which the period begins in a month came to; amounts in eurocents."""

    maand: str
    wet: str
    ingediend: int
    toegekend: int

    @property
    def afgewezen(self) -> int:
        """What was asked for and not granted."""
        return self.ingediend - self.toegekend


@dataclass(frozen=True, slots=True)
class Verschil:
    """What a provider got less than it asked for in a month; amounts in eurocents.

    `partij_id` and `maand` (`YYYY-MM`) are what it is known by.
    """

    partij_id: int
    gemeente: str
    wet: str
    aanbieder: str
    maand: str
    declaraties: int
    ingediend: int
    toegekend: int

    @property
    def afgewezen(self) -> int:
        """What was asked for and not granted."""
        return self.ingediend - self.toegekend

    @property
    def partijen(self) -> Partijen:
        """Between whom, under which law."""
        return Partijen(self.gemeente, self.wet, self.aanbieder)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verschilfilter:
    """Which gaps are looked for; what is absent does not matter.

    `vanaf` and `tot` are months (`YYYY-MM`), both inclusive.  `meer` says whether providers got
    more than they asked for, as they do of whom a credit was rejected.
    """

    gemeente: str | None = None
    wet: str | None = None
    aanbieder: str | None = None
    vanaf: str | None = None
    tot: str | None = None
    meer: bool | None = None


@dataclass(frozen=True, slots=True)
class Declaratiestand:
    """An invoice of a month; amounts in eurocents."""

    inbox_id: int
    declaratienummer: str
    ingediend: int
    toegekend: int


@dataclass(frozen=True, slots=True)
class Uitsplitsing:
    """Why a provider got less than it asked for in a month: the grounds add up to the gap."""

    verschil: Verschil
    gronden: Sequence[Afwijzingsgrond]
    declaraties: Sequence[Declaratiestand]


class Vandaaginzage:
    """Reads of what the day begins with; none goes over all lines."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def drukte(self, bereik: Bereik, vandaag: date) -> Drukte:
        """How many messages came, went and wait.

        A day has two bounds: with one of them PostgreSQL plans for a third of all that there is.
        """
        begin, end = (
            datetime.combine(day, time(), tzinfo=AMSTERDAM).timestamp()
            for day in (vandaag, vandaag + timedelta(days=1))
        )
        today = sa.union_all(
            *(
                sa.select(inbox.c.verdict).where(*deel, inbox.c.received_at.between(begin, end))
                for deel in berichtdelen(bereik)
            )
        ).subquery("binnen")
        verdict = sa.func.coalesce(today.c.verdict, "")
        came = sa.select(verdict, sa.func.count()).group_by(verdict)
        went = (
            sa.select(sa.func.count())
            .select_from(outbox)
            .where(
                outbox.c.soort == sa.literal_column(f"'{ANTWOORD}'"),
                outbox.c.sent_at.between(begin, end),
                outbox.c.gemeente.in_(sorted(bereik.gemeenten)),
            )
        )
        waits = (
            sa.select(inbox.c.staat, sa.func.count())
            .where(inbox.c.staat != sa.literal_column(f"'{KLAAR}'"), bericht_in(bereik))
            .group_by(inbox.c.staat)
        )
        with self._database.snapshot(bereik.scope) as connection:
            return Drukte(
                dict(_pairs(connection.execute(came))),
                connection.execute(went).scalar_one(),
                dict(_pairs(connection.execute(waits))),
            )

    def maanden(self, bereik: Bereik, vanaf: str) -> Sequence[Maand]:
        """Per month (from `YYYY-MM` on) and law what was asked for and granted."""
        query = (
            sa.select(maandstand.c.maand, maandstand.c.wet, *_sums("ingediend", "toegekend"))
            .where(*_own(bereik), maandstand.c.maand >= vanaf)
            .group_by(maandstand.c.maand, maandstand.c.wet)
            .order_by(maandstand.c.maand, maandstand.c.wet)
        )
        with self._database.snapshot(bereik.scope) as connection:
            rows = connection.execute(query).all()
        return [Maand(one.maand, one.wet, int(one.ingediend), int(one.toegekend)) for one in rows]

    def gemeenten(self, bereik: Bereik, vanaf: str) -> frozenset[str]:
        """The municipalities that were sent invoices about any month from one on."""
        query = sa.select(maandstand.c.gemeente).where(*_own(bereik), maandstand.c.maand >= vanaf)
        with self._database.snapshot(bereik.scope) as connection:
            return frozenset(connection.scalars(query.distinct()))

    def verschillen(
        self, bereik: Bereik, filter_: Verschilfilter, omvang: int, na: str | None = None
    ) -> Blad[Verschil]:
        """A page of what providers got less than they asked for, the largest gap in front."""
        query = _VERSCHILLEN.where(*_own(bereik), *_wanted(filter_))
        if na is not None:
            place = sa.tuple_(*place_of(na, int, int, str))
            query = query.where(
                sa.tuple_(_PLAATS, maandstand.c.partij_id, maandstand.c.maand) > place
            )
        with self._database.snapshot(bereik.scope) as connection:
            rows = connection.execute(query.limit(omvang + 1)).all()
        return blad_of(rows, omvang, _verschil_of, "plaats", "partij_id", "maand")

    def verschil(self, bereik: Bereik, partij_id: int, maand: str) -> Verschil | None:
        """One gap by what it is known by, None where it is not there for who asks."""
        key = maandstand.c.partij_id == partij_id, maandstand.c.maand == maand
        with self._database.snapshot(bereik.scope) as connection:
            row = connection.execute(_VERSCHILLEN.where(*_own(bereik), *key)).one_or_none()
        return None if row is None else _verschil_of(row)

    def uitsplitsing(self, bereik: Bereik, partijen: Partijen, maand: str) -> Uitsplitsing | None:
        """Why a provider got less in a month; None where it sent nothing that may be seen."""
        given = _given(partijen, maand)
        latest = _DECLARATIES.order_by(declaratie.c.id.desc()).limit(MOST)
        with self._database.snapshot(bereik.scope) as connection:
            row = connection.execute(_of_month(bereik, partijen, maand)).one_or_none()
            if row is None:
                return None
            declaraties = connection.execute(latest, given).all()
            return Uitsplitsing(
                _verschil_of(row),
                gronden(connection, given),
                [Declaratiestand(*one) for one in declaraties],
            )

    def afgewezen(
        self,
        bereik: Bereik,
        verschil: Verschil,
        filter_: Afwijzingfilter,
        omvang: int,
        na: str | None = None,
    ) -> Blad[Afgewezenregel]:
        """A page of the rejected lines behind a gap, those with most at stake in front."""
        partijen = verschil.partijen
        with self._database.snapshot(bereik.scope) as connection:
            if connection.execute(_of_month(bereik, partijen, verschil.maand)).first() is None:
                return Blad([], None)
            return regels(connection, _given(partijen, verschil.maand), filter_, omvang, na)


# Who sends more invoices in a month than this sees the last ones.
MOST = 200
_PARTIJ = tuple(partij.c[name] == sa.bindparam(name) for name in ("gemeente", "wet", "aanbieder"))
_INGEDIEND = sa.case(
    (declaratie.c.debet_credit == "C", -declaratie.c.totaal_bedrag),
    else_=declaratie.c.totaal_bedrag,
)
_DECLARATIES = (
    sa.select(
        declaratie.c.inbox_id,
        declaratie.c.declaratienummer,
        _INGEDIEND.label("ingediend"),
        declaratie.c.toegekend,
    )
    .join_from(declaratie, partij, partij.c.id == declaratie.c.partij_id)
    .where(
        *_PARTIJ,
        declaratie.c.begindatum.between(
            sa.bindparam("van", type_=sa.Date), sa.bindparam("tot", type_=sa.Date)
        ),
        declaratie.c.tot_volgnr.is_(None),
    )
)


_GAP = maandstand.c.ingediend - maandstand.c.toegekend
# The largest gap in front, whichever its sign.
_PLAATS = sa.case((_GAP < 0, _GAP), else_=-_GAP)
_VERSCHILLEN = sa.select(maandstand, _PLAATS.label("plaats")).order_by(
    _PLAATS, maandstand.c.partij_id, maandstand.c.maand
)


def _given(partijen: Partijen, maand: str) -> dict[str, Any]:
    first = first_day(maand)
    return maand_van(partijen, first, last_of_month(first))


def _of_month(bereik: Bereik, partijen: Partijen, maand: str) -> sa.Select[Any]:
    whose = (maandstand.c[name] == value for name, value in row_of(partijen).items())
    return _VERSCHILLEN.where(*_own(bereik), maandstand.c.maand == maand, *whose)


def _wanted(filter_: Verschilfilter) -> Iterator[sa.ColumnElement[bool]]:
    for name in ("gemeente", "wet", "aanbieder"):
        value = getattr(filter_, name)
        if value is not None:
            yield maandstand.c[name] == value
    if filter_.vanaf is not None:
        yield maandstand.c.maand >= filter_.vanaf
    if filter_.tot is not None:
        yield maandstand.c.maand <= filter_.tot
    yield {True: _GAP < 0, False: _GAP > 0, None: _GAP != 0}[filter_.meer]


def _own(bereik: Bereik) -> list[sa.ColumnElement[bool]]:
    own: list[sa.ColumnElement[bool]] = [maandstand.c.gemeente.in_(sorted(bereik.gemeenten))]
    if bereik.aanbieder is not None:
        own.append(maandstand.c.aanbieder == bereik.aanbieder)
    return own


def _sums(*names: str) -> list[sa.ColumnElement[Any]]:
    return [sa.func.sum(maandstand.c[name]).label(name) for name in names]


def _pairs(rows: Any) -> list[tuple[str, int]]:
    return [(row[0], row[1]) for row in rows]


def first_day(maand: str) -> date:
    """The first day of a month; raises WrongUse for a text that is none."""
    try:
        return date.fromisoformat(f"{maand}-01")
    except ValueError:
        raise WrongUse("schrijf de maand als jjjj-mm") from None


def _verschil_of(row: Any) -> Verschil:
    return Verschil(
        row.partij_id,
        row.gemeente,
        row.wet,
        row.aanbieder,
        row.maand,
        row.declaraties,
        row.ingediend,
        row.toegekend,
    )

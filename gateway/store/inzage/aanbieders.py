"""Providers by what they declared: how much was granted, how often at once, and what stands open.

All that is added up comes from counts that follow the messages (`maandstand`, `oordeelstand`,
`oorzaak`): nothing here goes over lines or messages, however many there are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from gateway.ledger.boek import Saldo
from gateway.pipeline.ports import Outcome
from gateway.store.engine import Database
from gateway.store.inzage.binnen import partij_in, tussen
from gateway.store.inzage.blad import Blad, blad_of, place_of
from gateway.store.ledger_balances import OF_DECLARATIE, SALDO, stands
from gateway.store.tables import AANGEHOUDEN, declaratie, inbox, partij, prestatie
from gateway.store.werk.tables import maandstand, oordeelstand, oorzaak
from gateway.toegang.wie import Bereik

_OUTCOME = msgspec.json.Decoder(Outcome)
OORZAKEN = 50
AANGEHOUDEN_GETOOND = 50


@dataclass(frozen=True, slots=True)
class Telling:
    """Invoices by their verdict; the ones that wait for a person count in none of them."""

    goed: int = 0
    deels: int = 0
    afgewezen: int = 0

    @property
    def beoordeeld(self) -> int:
        """How many have their answer."""
        return self.goed + self.deels + self.afgewezen

    @property
    def percentage(self) -> int | None:
        """How many of a hundred were granted whole, rounded down; None without any."""
        return 100 * self.goed // self.beoordeeld if self.beoordeeld else None

    def __add__(self, other: Telling) -> Telling:
        return Telling(
            self.goed + other.goed, self.deels + other.deels, self.afgewezen + other.afgewezen
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Aanbiederrij:
    """A provider in the list; amounts are of the months that were asked for, in eurocents."""

    agb: str
    ingediend: int = 0
    toegekend: int = 0
    deze_maand: Telling = field(default_factory=Telling)
    samen: Telling = field(default_factory=Telling)
    bevindingen: int = 0
    belang: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Maandrij:
    """A month of a provider: invoices that came in, and amounts of invoices that are about it."""

    maand: str
    telling: Telling
    ingediend: int
    toegekend: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Oorzaakrij:
    """An open cause of a provider: what is at stake, and an example of what is told."""

    nummer: int
    gemeente: str
    wet: str
    rule: str
    retourcode: str
    product: str
    bevindingen: int
    berichten: int
    belang: int
    voorbeeld: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaratiestand:
    """An invoice of a provider and what its lines come to."""

    nummer: int
    inbox_id: int
    gemeente: str
    wet: str
    declaratienummer: str
    begindatum: date
    dagtekening: date
    saldo: Saldo


@dataclass(frozen=True, slots=True, kw_only=True)
class Wachtend:
    """An invoice that waits for a person, with the day on which it is decided without one."""

    inbox_id: int
    gemeente: str
    declaratienummer: str
    ontvangen_at: datetime
    besluit_op: datetime | None
    ingediend: int


@dataclass(frozen=True, slots=True)
class Venster:
    """The months that a list is about, as `YYYY-MM`.

    Amounts are from `eerste` on, verdicts from `drie` on; `deze` is the month of today.
    """

    eerste: str
    drie: str
    deze: str


class Aanbiedersinzage:
    """Reads of providers, each within a Bereik; `codes` are the Berichtcodes of invoices."""

    def __init__(self, database: Database, codes: Collection[str]) -> None:
        self._database = database
        self._codes = sorted(codes)

    def lijst(self, bereik: Bereik, venster: Venster) -> Sequence[Aanbiederrij]:
        """Every provider that declared or has open causes; most at stake in front."""
        with self._database.snapshot(bereik.scope) as connection:
            months = connection.execute(_per_aanbieder(bereik, venster.eerste)).all()
            verdicts = connection.execute(self._verdicts(bereik, venster.drie)).all()
            causes = connection.execute(_open_per_aanbieder(bereik)).all()
        amounts = {row.aanbieder: row for row in months}
        stakes = {row.aanbieder: row for row in causes}
        counts = _counted(verdicts, lambda row: row.afzender)
        deze = _counted(
            [row for row in verdicts if row.maand == venster.deze], lambda row: row.afzender
        )
        found = [
            Aanbiederrij(
                agb=agb,
                ingediend=amounts[agb].ingediend if agb in amounts else 0,
                toegekend=amounts[agb].toegekend if agb in amounts else 0,
                deze_maand=deze.get(agb, Telling()),
                samen=counts.get(agb, Telling()),
                bevindingen=stakes[agb].bevindingen if agb in stakes else 0,
                belang=stakes[agb].belang if agb in stakes else 0,
            )
            for agb in amounts.keys() | stakes.keys() | counts.keys()
            if agb
        ]
        return sorted(found, key=lambda one: (-one.belang, -one.ingediend, one.agb))

    def maanden(self, bereik: Bereik, agb: str, eerste: str) -> Mapping[str, tuple[int, int]]:
        """What a provider asked for and was granted per month, from a month on."""
        query = (
            sa.select(
                maandstand.c.maand, _sum(maandstand.c.ingediend), _sum(maandstand.c.toegekend)
            )
            .where(
                maandstand.c.gemeente.in_(sorted(bereik.gemeenten)),
                maandstand.c.aanbieder == agb,
                maandstand.c.maand >= eerste,
            )
            .group_by(maandstand.c.maand)
        )
        with self._database.snapshot(bereik.scope) as connection:
            return {row[0]: (int(row[1]), int(row[2])) for row in connection.execute(query)}

    def per_code(
        self, bereik: Bereik, codes: Collection[str], eerste: str
    ) -> Mapping[str, tuple[int, int]]:
        """What was asked for and granted under each of some codes, from a month on."""
        query = _per_aanbieder(bereik, eerste).where(maandstand.c.aanbieder.in_(sorted(codes)))
        with self._database.snapshot(bereik.scope) as connection:
            return {
                row.aanbieder: (int(row.ingediend), int(row.toegekend))
                for row in connection.execute(query)
            }

    def oordelen(self, bereik: Bereik, agb: str, eerste: str) -> Mapping[str, Telling]:
        """The verdicts on invoices by the month that they came in, from a month on."""
        query = self._verdicts(bereik, eerste).where(oordeelstand.c.afzender == agb)
        with self._database.snapshot(bereik.scope) as connection:
            return _counted(connection.execute(query), lambda row: row.maand)

    def oorzaken(self, bereik: Bereik, agb: str) -> Sequence[Oorzaakrij]:
        """The open causes with most at stake."""
        query = (
            sa.select(oorzaak)
            .where(
                _OPEN,
                oorzaak.c.aanbieder == agb,
                oorzaak.c.gemeente.in_(sorted(bereik.gemeenten)),
            )
            .order_by(oorzaak.c.gewicht.desc(), oorzaak.c.id)
            .limit(OORZAKEN)
        )
        with self._database.snapshot(bereik.scope) as connection:
            return [_oorzaak_of(row) for row in connection.execute(query)]

    def rekening(
        self, bereik: Bereik, agb: str, omvang: int, vanaf: str | None = None
    ) -> Blad[Declaratiestand]:
        """A page of the invoices of a provider with what their lines come to, the latest first."""
        query = _DECLARATIES.where(partij_in(bereik), partij.c.aanbieder == agb)
        if vanaf is not None:
            query = query.where(declaratie.c.id < place_of(vanaf, int)[0])
        page = query.order_by(declaratie.c.id.desc()).limit(omvang + 1)
        with self._database.snapshot(bereik.scope) as connection:
            rows = connection.execute(page).all()
            given = {"welke": [row.id for row in rows[:omvang]]}
            saldi = {
                row[0]: Saldo._make(map(int, row[1:])) for row in connection.execute(_SALDI, given)
            }
        return blad_of(rows, omvang, lambda row: _stand_of(row, saldi), "id")

    def aangehouden(self, bereik: Bereik, agb: str) -> Sequence[Wachtend]:
        """The oldest invoices of a provider that wait for a person."""
        query = (
            sa.select(inbox)
            .where(
                inbox.c.staat == AANGEHOUDEN,
                inbox.c.staat != sa.literal_column("'klaar'"),
                inbox.c.berichtcode.in_(self._codes),
                tussen(bereik, agb),
            )
            .order_by(inbox.c.id)
            .limit(AANGEHOUDEN_GETOOND)
        )
        with self._database.snapshot(bereik.scope) as connection:
            return [_wachtend_of(row) for row in connection.execute(query)]

    def is_bekend(self, bereik: Bereik, agb: str) -> bool:
        """Whether a provider ever had anything to do with what may be seen."""
        query = sa.select(partij.c.id).where(partij_in(bereik), partij.c.aanbieder == agb).limit(1)
        with self._database.snapshot(bereik.scope) as connection:
            return connection.execute(query).first() is not None

    def _verdicts(self, bereik: Bereik, eerste: str) -> sa.Select[Any]:
        """Verdicts on invoices per provider and month, from a month on."""
        key = (oordeelstand.c.afzender, oordeelstand.c.maand)
        return (
            sa.select(*key, *(_sum(oordeelstand.c[one.name]) for one in fields(Telling)))
            .where(
                oordeelstand.c.maand >= eerste,
                oordeelstand.c.berichtcode.in_(self._codes),
                oordeelstand.c.gemeente.in_(sorted(bereik.gemeenten)),
            )
            .group_by(*key)
        )


_DECLARATIES = (
    sa.select(
        declaratie.c.id,
        declaratie.c.inbox_id,
        declaratie.c.declaratienummer,
        declaratie.c.begindatum,
        declaratie.c.dagtekening,
        partij.c.gemeente,
        partij.c.wet,
    )
    .join_from(partij, declaratie, declaratie.c.partij_id == partij.c.id)
    .where(stands(declaratie))
)
_SALDI = (
    sa.select(declaratie.c.id, *SALDO)
    .join_from(declaratie, prestatie, OF_DECLARATIE)
    .where(declaratie.c.id.in_(sa.bindparam("welke", expanding=True)))
    .group_by(declaratie.c.id)
)


# The words of the index on what is open.
_OPEN = oorzaak.c.bevindingen > sa.literal_column("0")


def _sum(column: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    return sa.cast(sa.func.sum(column), sa.BigInteger)


def _per_aanbieder(bereik: Bereik, eerste: str) -> sa.Select[Any]:
    return (
        sa.select(
            maandstand.c.aanbieder,
            _sum(maandstand.c.ingediend).label("ingediend"),
            _sum(maandstand.c.toegekend).label("toegekend"),
        )
        .where(maandstand.c.maand >= eerste, maandstand.c.gemeente.in_(sorted(bereik.gemeenten)))
        .group_by(maandstand.c.aanbieder)
    )


def _open_per_aanbieder(bereik: Bereik) -> sa.Select[Any]:
    return (
        sa.select(
            oorzaak.c.aanbieder,
            _sum(oorzaak.c.bevindingen).label("bevindingen"),
            _sum(oorzaak.c.gewicht).label("belang"),
        )
        .where(_OPEN, oorzaak.c.gemeente.in_(sorted(bereik.gemeenten)))
        .group_by(oorzaak.c.aanbieder)
    )


def _counted(rows: Iterable[Any], key: Callable[[Any], str]) -> dict[str, Telling]:
    """The verdicts of some rows together, by a key."""
    found: dict[str, Telling] = {}
    for row in rows:
        found[key(row)] = found.get(key(row), Telling()) + Telling(*map(int, row[2:]))
    return found


def _oorzaak_of(row: Any) -> Oorzaakrij:
    return Oorzaakrij(
        nummer=row.id,
        gemeente=row.gemeente,
        wet=row.wet,
        rule=row.rule,
        retourcode=row.retourcode,
        product=row.product,
        bevindingen=row.bevindingen,
        berichten=row.berichten,
        belang=row.belang,
        voorbeeld=row.voorbeeld,
    )


def _stand_of(row: Any, saldi: Mapping[int, Saldo]) -> Declaratiestand:
    return Declaratiestand(
        nummer=row.id,
        inbox_id=row.inbox_id,
        gemeente=row.gemeente,
        wet=row.wet,
        declaratienummer=row.declaratienummer,
        begindatum=row.begindatum,
        dagtekening=row.dagtekening,
        saldo=saldi.get(row.id, Saldo()),
    )


def _wachtend_of(row: Any) -> Wachtend:
    telling = {} if row.uitkomst is None else _OUTCOME.decode(row.uitkomst).telling
    return Wachtend(
        inbox_id=row.id,
        gemeente=row.gemeente or "",
        declaratienummer=row.declaratienummer or "",
        ontvangen_at=_moment(row.received_at),
        besluit_op=None if row.besluit_op is None else _moment(row.besluit_op),
        ingediend=telling.get("ingediend", 0),
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)

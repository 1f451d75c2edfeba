"""The statement of a month line by line, with what happened to a line afterwards and its payment.

A page asks the same few questions, whatever the size of the month; all of it is a page at a time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.ledger.boek import Saldo
from gateway.ledger.overzicht import Betaling, Overzichtregel
from gateway.ledger.verhaal import Boekregel, Verhaal, nummers_of, stories, zonder_bsn
from gateway.periods.maanden import last_of_month
from gateway.records.declaratie import GRANTED, REFUSED
from gateway.store.engine import Database
from gateway.store.geld.betalen.einde import eindes
from gateway.store.geld.betalen.tables import betaalregel, betaling
from gateway.store.inzage.betaald import betaald_van
from gateway.store.inzage.blad import Blad, place_of, write_place
from gateway.store.inzage.vandaag import first_day
from gateway.store.ledger_balances import OF_DECLARATIE, SALDO, P, stands
from gateway.store.ledger_queries import BOEKREGEL
from gateway.store.ledger_views import boekregel_of
from gateway.store.tables import declaratie, partij, prestatie
from gateway.toegang.wie import Bereik

AT_ONCE = 500
B, R = betaling.c, betaalregel.c


@dataclass(frozen=True, slots=True)
class Overzichtvraag:
    """Which statement: of these codes (a provider has several after a merger), in these places.

    `maand` is `YYYY-MM`: an invoice is of the month in which its period begins.  Without a `wet` it
    is about both laws.
    """

    gemeenten: frozenset[str]
    aanbieders: frozenset[str]
    maand: str
    wet: str | None = None

    @classmethod
    def of(
        cls, bereik: Bereik, aanbieders: Collection[str], maand: str, wet: str | None = None
    ) -> Overzichtvraag:
        """Within what somebody may see: an aanbieder asks for itself, whatever it names."""
        own = aanbieders if bereik.aanbieder is None else [bereik.aanbieder]
        return cls(bereik.gemeenten, frozenset(own), maand, wet)

    @property
    def scope(self) -> str:
        """See `Bereik.scope`."""
        return ",".join(sorted(self.gemeenten))


class Overzichten:
    """Reads of statements; raise WrongUse for what is no month."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def saldo(self, vraag: Overzichtvraag) -> Saldo:
        """What the ledger says that the month comes to."""
        with self._database.snapshot(vraag.scope) as connection:
            return Saldo._make(map(int, connection.execute(_SALDO.where(*_own(vraag))).one()))

    def betaald(self, vraag: Overzichtvraag) -> int:
        """What was paid for the lines of the month, or set off, in eurocents."""
        einde = eindes(
            B.gemeente.in_(sorted(vraag.gemeenten)), B.aanbieder.in_(sorted(vraag.aanbieders))
        )
        query = (
            sa.select(sa.func.coalesce(sa.func.sum(R.bedrag), 0))
            .join_from(partij, declaratie, declaratie.c.partij_id == partij.c.id)
            .join(betaalregel, R.inbox_id == declaratie.c.inbox_id)
            .join(einde, einde.c.betaling_id == R.betaling_id)
            .where(*_own(vraag), einde.c.betaald_op.is_not(None))
        )
        with self._database.snapshot(vraag.scope) as connection:
            return int(connection.execute(query).scalar_one())

    def regels(
        self,
        vraag: Overzichtvraag,
        omvang: int,
        vanaf: str | None = None,
        *,
        toegekend: bool | None = None,
    ) -> Blad[Overzichtregel]:
        """A page of the lines of a month, in the order in which they were judged."""
        query = _REGELS.where(*_own(vraag))
        if toegekend is not None:
            query = query.where(P.toegekend == (GRANTED if toegekend else REFUSED))
        if vanaf is not None:
            query = query.where(P.id > place_of(vanaf, int)[0])
        page = query.order_by(P.id).limit(omvang + 1)
        with self._database.snapshot(vraag.scope) as connection:
            found = [boekregel_of(row) for row in connection.execute(page)]
            shown = found[:omvang]
            lines = _told(connection, shown)
        more = len(found) > omvang
        return Blad(lines, write_place((shown[-1].regel_id,)) if more else None)

    def alle(self, vraag: Overzichtvraag) -> Iterator[Overzichtregel]:
        """All lines of a month, a page of them held at a time."""
        vanaf: str | None = None
        while True:
            blad = self.regels(vraag, AT_ONCE, vanaf)
            yield from blad.rijen
            vanaf = blad.volgende
            if vanaf is None:
                return

    def clienten(self, vraag: Overzichtvraag) -> Sequence[tuple[str, str]]:
        """Whom the month is about: municipality and fingerprint, each once."""
        query = _CLIENTEN.where(*_own(vraag))
        with self._database.snapshot(vraag.scope) as connection:
            return [(row.gemeente, row.bsn_hash) for row in connection.execute(query)]


def _told(connection: Connection, regels: Sequence[Boekregel]) -> Sequence[Overzichtregel]:
    """Lines with their stories and payments, in their order."""
    if not regels:
        return []
    verhalen = _verhalen(connection, regels)
    keys = [(one.inzending.inbox_id, one.prestatie.volgnr) for one in regels]
    betaald: Mapping[tuple[int, int], Betaling] = betaald_van(connection, keys)
    return [
        Overzichtregel(zonder_bsn(verhalen[one.regel_id]), betaald.get(key))
        for one, key in zip(regels, keys, strict=True)
    ]


def _verhalen(connection: Connection, regels: Sequence[Boekregel]) -> Mapping[int, Verhaal]:
    """The stories of some lines, told with the lines of the same parties that may matter."""
    given = {
        "partijen": sorted({one.inzending.partij for one in regels}),
        "referenties": sorted(nummers_of(regels)),
        "nummers": sorted({one.prestatie.toewijzingnummer for one in regels}),
    }
    per_partij: dict[int, list[Boekregel]] = {}
    for row in connection.execute(_VERWANT, given):
        other = boekregel_of(row)
        per_partij.setdefault(other.inzending.partij, []).append(other)
    wanted = {one.regel_id for one in regels}
    return {
        verhaal.regel.regel_id: verhaal
        for related in per_partij.values()
        for verhaal in stories(related)
        if verhaal.regel.regel_id in wanted
    }


def _own(vraag: Overzichtvraag) -> tuple[sa.ColumnElement[bool], ...]:
    first = first_day(vraag.maand)
    return (
        partij.c.gemeente.in_(sorted(vraag.gemeenten)),
        partij.c.aanbieder.in_(sorted(vraag.aanbieders)),
        declaratie.c.begindatum.between(first, last_of_month(first)),
        stands(declaratie),
        *([] if vraag.wet is None else [partij.c.wet == vraag.wet]),
    )


def _of_month(*columns: Any) -> sa.Select[Any]:
    """Of lines by way of their invoices, which are found by party and month."""
    return (
        sa.select(*columns)
        .join_from(partij, declaratie, declaratie.c.partij_id == partij.c.id)
        .join(prestatie, OF_DECLARATIE)
    )


_REGELS = _of_month(*BOEKREGEL)
_SALDO = _of_month(*SALDO)
_CLIENTEN = _of_month(partij.c.gemeente, P.bsn_hash).distinct()
# A number of another party than that of the line is told apart afterwards.
_VERWANT = (
    sa.select(*BOEKREGEL)
    .select_from(prestatie)
    .join(declaratie, declaratie.c.id == P.declaratie_id)
    .join(partij, partij.c.id == P.partij_id)
    .where(
        stands(prestatie),
        P.partij_id.in_(sa.bindparam("partijen", expanding=True)),
        sa.or_(
            P.referentienummer.in_(sa.bindparam("referenties", expanding=True)),
            P.vorig_referentienummer.in_(sa.bindparam("referenties", expanding=True)),
            P.toewijzingnummer.in_(sa.bindparam("nummers", expanding=True)),
        ),
    )
    .order_by(P.id)
)

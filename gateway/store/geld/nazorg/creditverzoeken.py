"""Requests for a credit: only the provider can credit, so it is asked, reminded and followed.

A request changes nothing about the verdict of a line.  That it is done follows from the credits
that are granted; see `creditvolger`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.errors import AlBeoordeeld, WrongUse
from gateway.ledger.geld.creditverzoek import (
    GEWEIGERD,
    INGETROKKEN,
    LOOPT,
    OPEN,
    TOEGEZEGD,
    VOLDAAN,
    settled,
)
from gateway.messages.nazorg import nazorgwoorden
from gateway.pipeline.kennis import dag_van
from gateway.records.masker import mask
from gateway.store.engine import Database, insert_one
from gateway.store.geld.nazorg.creditrijen import (
    LINES,
    PLACE,
    RUNS,
    Creditregel,
    Creditverzoek,
    regel_of,
    row_of,
    verzoek_in,
    verzoek_of,
)
from gateway.store.geld.nazorg.keuze import Keuze, chosen
from gateway.store.geld.nazorg.melding import Melding, put_out
from gateway.store.geld.nazorg.tables import creditverzoek, creditverzoek_regel
from gateway.store.inbox import Clock
from gateway.store.inzage.blad import Blad, blad_of, place_of
from gateway.store.noteren import Noteer, no_log
from gateway.toegang.kenmerk import Kenmerken
from gateway.toegang.wie import Bereik, Wie

MOST_LINES, OMVANG = 2_000, 50
LONGEST = 2_000
SOORT = "creditverzoek"


@dataclass(frozen=True, slots=True, kw_only=True)
class Aanvraag:
    """What is asked: which lines, why, and the last day for the credit."""

    keuze: Keuze
    reden: str
    toelichting: str = ""
    uiterlijk: date


class Creditverzoeken:
    """Makes, answers and shows requests, within what somebody may see.

    `noteer` writes who did it in the log of processing, as the last thing in the transaction.
    """

    def __init__(self, database: Database, clock: Clock, kenmerken: Kenmerken) -> None:
        self._database = database
        self._clock = clock
        self._kenmerken = kenmerken

    def candidates(self, bereik: Bereik, keuze: Keuze) -> Sequence[Any]:
        """The lines of a choice that a credit may be asked for."""
        with self._database.snapshot(bereik.scope) as connection:
            return chosen(connection, bereik, keuze, MOST_LINES)

    def request(
        self, bereik: Bereik, wie: Wie, vraag: Aanvraag, noteer: Noteer = no_log
    ) -> Sequence[int]:
        """Ask for credits: a request per provider and law; returns their numbers.

        Raises WrongUse where there is nothing to credit, too much at once, or no such reason.
        """
        _check(vraag, self._vandaag())
        with self._database.writing(bereik.scope) as connection:
            found = chosen(connection, bereik, vraag.keuze, MOST_LINES)
            if not found:
                raise WrongUse(
                    "er is geen toegekende regel bij waarvoor nog een credit kan worden gevraagd"
                )
            if len(found) > MOST_LINES:
                raise WrongUse(f"vraag credits voor hoogstens {MOST_LINES} regels tegelijk")
            nummers = [
                self._add(connection, wie, vraag, list(lines))
                for _, lines in groupby(found, key=lambda line: line.partij_id)
            ]
            noteer(connection, *nummers)
        return nummers

    def list(
        self,
        bereik: Bereik,
        staten: Sequence[str] = LOOPT,
        na: str | None = None,
        omvang: int = OMVANG,
    ) -> Blad[Creditverzoek]:
        """Requests in some states, the newest in front; without states all of them."""
        query = sa.select(creditverzoek).where(*verzoek_in(bereik))
        if staten:
            query = query.where(creditverzoek.c.staat.in_(staten))
        if na is not None:
            query = query.where(creditverzoek.c.id < place_of(na, int)[0])
        query = query.order_by(creditverzoek.c.id.desc()).limit(omvang + 1)
        with self._database.snapshot(bereik.scope) as connection:
            rows = connection.execute(query).all()
        return blad_of(rows, omvang, self._shown, "id")

    def overdue(self, bereik: Bereik, omvang: int = OMVANG) -> Sequence[Creditverzoek]:
        """What should have been credited by now, the longest ago in front."""
        query = (
            sa.select(creditverzoek)
            .where(*verzoek_in(bereik), RUNS, creditverzoek.c.uiterlijk < self._vandaag())
            .order_by(creditverzoek.c.uiterlijk, creditverzoek.c.id)
            .limit(omvang)
        )
        with self._database.snapshot(bereik.scope) as connection:
            return [self._shown(row) for row in connection.execute(query)]

    def get(self, bereik: Bereik, nummer: int) -> Creditverzoek:
        """One request; raises NietGevonden for none that may be seen."""
        with self._database.snapshot(bereik.scope) as connection:
            return self._shown(row_of(connection, bereik, nummer))

    def regels(
        self, bereik: Bereik, nummer: int, na: str | None = None, omvang: int = OMVANG
    ) -> Blad[Creditregel]:
        """The lines of a request, in the order of their messages."""
        query = LINES.where(creditverzoek.c.id == nummer, *verzoek_in(bereik))
        if na is not None:
            query = query.where(PLACE > sa.tuple_(*map(sa.literal, place_of(na, int, int))))
        query = query.order_by(*PLACE).limit(omvang + 1)
        with self._database.snapshot(bereik.scope) as connection:
            rows = connection.execute(query).all()
        return blad_of(rows, omvang, regel_of, "inbox_id", "regelnr")

    def of_line(self, bereik: Bereik, inbox_id: int, regelnr: int) -> Creditverzoek | None:
        """The last request about a line, None where there is none."""
        query = (
            sa.select(creditverzoek)
            .join(creditverzoek_regel, creditverzoek_regel.c.creditverzoek_id == creditverzoek.c.id)
            .where(
                creditverzoek_regel.c.inbox_id == inbox_id,
                creditverzoek_regel.c.regelnr == regelnr,
                *verzoek_in(bereik),
            )
            .order_by(creditverzoek.c.id.desc())
            .limit(1)
        )
        with self._database.snapshot(bereik.scope) as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else self._shown(row)

    def answer(
        self,
        bereik: Bereik,
        wie: Wie,
        nummer: int,
        antwoord: str,
        reden: str = "",
        noteer: Noteer = no_log,
    ) -> None:
        """The provider promises the credit, or refuses it for a reason.

        Raises AlBeoordeeld for a request that is done or withdrawn, or that was asked again since.
        """
        told = _told(reden)
        if antwoord not in (TOEGEZEGD, GEWEIGERD):
            raise WrongUse("kies of u de credit toezegt of weigert")
        if antwoord == GEWEIGERD and not told:
            raise WrongUse("schrijf op waarom u de credit weigert")
        with self._database.writing(bereik.scope) as connection:
            row = row_of(connection, bereik, nummer, lock=True)
            if row.staat in (VOLDAAN, INGETROKKEN):
                raise AlBeoordeeld(f"dit creditverzoek is al {row.staat}")
            if antwoord in LOOPT and connection.execute(_AGAIN, {"welk": nummer}).first():
                raise AlBeoordeeld("een regel hiervan staat in een nieuwer verzoek; beantwoord dat")
            self._move(
                connection,
                row,
                antwoord,
                antwoord_reden=told,
                antwoord_naam=wie.naam,
                antwoord_at=self._clock().timestamp(),
            )
            noteer(connection)

    def withdraw(self, bereik: Bereik, nummer: int, reden: str, noteer: Noteer = no_log) -> None:
        """The municipality does not ask for it any more; raises AlBeoordeeld for what is done."""
        told = _told(reden)
        if not told:
            raise WrongUse("schrijf op waarom u het creditverzoek intrekt")
        with self._database.writing(bereik.scope) as connection:
            row = row_of(connection, bereik, nummer, lock=True)
            if row.staat in (VOLDAAN, INGETROKKEN):
                raise AlBeoordeeld(f"dit creditverzoek is al {row.staat}")
            self._move(connection, row, INGETROKKEN, antwoord_reden=told)
            noteer(connection)

    def _add(self, connection: Connection, wie: Wie, vraag: Aanvraag, lines: Sequence[Any]) -> int:
        first, now = lines[0], self._clock()
        row = {
            "gemeente": first.gemeente,
            "wet": first.wet,
            "aanbieder": first.aanbieder,
            "inbox_id": first.inbox_id,
            "reden": vraag.reden,
            "toelichting": _told(vraag.toelichting),
            "gevraagd_op": dag_van(now),
            "uiterlijk": vraag.uiterlijk,
            "staat": OPEN,
            "antwoord": OPEN,
            "regels": len(lines),
            "bedrag": sum(one.bedrag for one in lines),
            "gecrediteerd": 0,
            "gecrediteerd_bedrag": 0,
            "wie": wie.kenmerk,
            "naam": wie.naam,
            "gemaakt_at": now.timestamp(),
        }
        nummer = insert_one(connection, creditverzoek, row)
        connection.execute(
            sa.insert(creditverzoek_regel),
            [
                {
                    "creditverzoek_id": nummer,
                    "inbox_id": one.inbox_id,
                    "regelnr": one.regelnr,
                    "partij_id": one.partij_id,
                    "referentienummer": one.referentienummer,
                    "bedrag": one.bedrag,
                    "loopt": 1,
                }
                for one in lines
            ],
        )
        self._tell(connection, nummer, OPEN)
        return nummer

    def _move(self, connection: Connection, row: Any, antwoord: str, **values: Any) -> None:
        staat = settled(antwoord, row.regels, row.gecrediteerd)
        connection.execute(
            sa.update(creditverzoek)
            .where(creditverzoek.c.id == row.id)
            .values(staat=staat, antwoord=antwoord, **values)
        )
        connection.execute(
            sa.update(creditverzoek_regel)
            .where(creditverzoek_regel.c.creditverzoek_id == row.id)
            .values(loopt=int(antwoord in LOOPT))
        )
        self._tell(connection, row.id, antwoord)

    def _tell(self, connection: Connection, nummer: int, stand: str) -> None:
        """Put an event out about a request, which names nothing of a client."""
        row = connection.execute(sa.select(creditverzoek).where(creditverzoek.c.id == nummer)).one()
        now = self._clock().timestamp()
        kenmerk = self._kenmerken.of(SOORT, nummer)
        data = {
            "creditverzoek": kenmerk,
            "stand": stand,
            "aanbieder": row.aanbieder,
            "wet": row.wet,
            "reden": row.reden,
            "regels": row.regels,
            "bedrag": row.bedrag,
            "uiterlijk": row.uiterlijk.isoformat(),
        }
        naam = f"{SOORT}_{nummer}_{stand}_{int(now * 1000)}"
        put_out(connection, Melding(SOORT, naam, row.inbox_id, row.gemeente, data), now)

    def _shown(self, row: Any) -> Creditverzoek:
        return verzoek_of(row, self._vandaag())

    def _vandaag(self) -> date:
        return dag_van(self._clock())


def _check(vraag: Aanvraag, vandaag: date) -> None:
    redenen = nazorgwoorden().creditredenen
    if vraag.reden not in redenen:
        raise WrongUse(f"kies een reden: {', '.join(redenen)}")
    if vraag.uiterlijk < vandaag:
        raise WrongUse("de uiterste dag voor de credit is al voorbij")


def _told(text: str) -> str:
    """Words of people, without a Bsn."""
    told = mask(text.strip())
    if len(told) > LONGEST:
        raise WrongUse(f"schrijf hoogstens {LONGEST} tekens")
    return told


_own, _other = creditverzoek_regel.alias("eigen"), creditverzoek_regel.alias("ander")
# A line of a request that runs in another one.
_AGAIN = (
    sa.select(_other.c.creditverzoek_id)
    .join_from(
        _own,
        _other,
        sa.and_(_other.c.inbox_id == _own.c.inbox_id, _other.c.regelnr == _own.c.regelnr),
    )
    .where(
        _own.c.creditverzoek_id == sa.bindparam("welk", type_=sa.BigInteger),
        _other.c.creditverzoek_id != _own.c.creditverzoek_id,
        _other.c.loopt == sa.literal_column("1"),
    )
    .limit(1)
)

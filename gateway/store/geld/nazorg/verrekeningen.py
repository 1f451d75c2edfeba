"""Settlement between municipalities: what one paid for a client of another, and what both say.

An item is of one client and one calendar year, with the lines that were granted.  Who answers for
the other municipality is that one itself, and where it does not work with this store, who paid.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.errors import AlBeoordeeld, NietToegestaan, WrongUse
from gateway.ledger.geld.gemeenteverrekening import (
    AKKOORD,
    BETWIST,
    BEVESTIGD,
    EENS,
    INGETROKKEN,
    OPEN,
    VOORGESTELD,
    Paar,
    Post,
    paren,
    stand_van,
)
from gateway.store import postgres
from gateway.store.engine import Database, insert_one
from gateway.store.geld.nazorg.clientregels import client_of, lines_of_client
from gateway.store.geld.nazorg.tables import gemeenteverrekening, gemeenteverrekening_regel
from gateway.store.geld.nazorg.verrekeningkant import (
    Bezwaren,
    bezwaar_aan,
    bezwaar_van,
    bezwaren,
)
from gateway.store.geld.nazorg.verrekeningopgave import Aanleiding, Gevonden, check, told_of
from gateway.store.geld.nazorg.verrekeningrijen import (
    PLACE,
    POSTEN,
    R,
    V,
    Verrekening,
    Verrekeningsregel,
    credits_of,
    is_vervallen,
    post_in,
    regel_of,
    row_of,
    verrekening_of,
)
from gateway.store.inbox import Clock
from gateway.store.inzage.blad import Blad, blad_of, place_of
from gateway.store.noteren import Noteer, no_log
from gateway.toegang.wie import Bereik, Wie

OMVANG = 50


class Verrekeningen:
    """Makes, answers and shows items, within what somebody may see: both sides see one."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def add(
        self, bereik: Bereik, wie: Wie, vraag: Aanleiding, noteer: Noteer = no_log
    ) -> Sequence[int]:
        """Put items down, one per calendar year; returns their numbers.

        Raises WrongUse where nothing was granted in those days that is in no other item.
        """
        check(bereik, vraag)
        with self._adding(bereik, vraag.van) as connection:
            wet, client = client_of(connection, vraag.van, vraag.toewijzingnummer, vraag.wet)
            days = (vraag.vanaf, vraag.tot or date.max)
            found = lines_of_client(connection, vraag.van, wet, client, days)
            if not found:
                raise WrongUse(
                    "in deze periode is voor deze cliënt niets toegekend dat nog te verrekenen is"
                )
            own = {
                "van": vraag.van,
                "aan": vraag.aan,
                "wet": wet,
                "client": client,
                "grond": vraag.grond,
                "toelichting": told_of(vraag.toelichting),
                "buiten": int(vraag.buiten),
                "van_staat": BEVESTIGD,
            }
            nummers = self._put_down(connection, wie, own, found)
            noteer(connection, *nummers)
        return nummers

    def add_found(
        self, wie: Wie, bereik: Bereik, some: Sequence[Gevonden], noteer: Noteer = no_log
    ) -> Sequence[int]:
        """Propose items from 319s, which their municipality has to confirm; none a second time.

        All of them or none: who asks again after an answer that was lost is told of the same ones.
        """
        nummers: list[int] = []
        with self._adding(bereik, *(one.van for one in some)) as connection:
            for een in some:
                nummers += self._propose(connection, wie, een)
            if nummers:
                noteer(connection, *nummers)
        return nummers

    def _propose(self, connection: Connection, wie: Wie, een: Gevonden) -> Sequence[int]:
        """Propose items from one 319; none where it led to items before."""
        seen = sa.select(V.id).where(V.bericht_id == een.bericht_id).limit(1)
        if connection.execute(seen).first() is not None:
            return []
        found = lines_of_client(connection, een.van, een.wet, een.client, (een.vanaf, date.max))
        own = {
            **{"van": een.van, "aan": een.aan, "wet": een.wet, "client": een.client},
            **{"grond": "woonplaats", "toelichting": "", "buiten": int(een.buiten)},
            **{"van_staat": VOORGESTELD, "bericht_id": een.bericht_id},
        }
        return self._put_down(connection, wie, own, found)

    def list(
        self,
        bereik: Bereik,
        jaar: int | None = None,
        ander: str | None = None,
        na: str | None = None,
        omvang: int = OMVANG,
    ) -> Blad[Verrekening]:
        """Items of both sides, the newest in front; `ander` is one of the two municipalities."""
        query = POSTEN.where(post_in(bereik))
        if jaar is not None:
            query = query.where(V.jaar == jaar)
        if ander is not None:
            query = query.where(sa.or_(V.van == ander, V.aan == ander))
        if na is not None:
            query = query.where(V.id < place_of(na, int)[0])
        query = query.order_by(V.id.desc()).limit(omvang + 1)
        with self._database.snapshot(bereik.scope) as connection:
            rows = connection.execute(query).all()
        return blad_of(rows, omvang, verrekening_of, "id")

    def paren(self, bereik: Bereik, jaar: int | None = None) -> Sequence[Paar]:
        """What stands between each two municipalities per year, from the sides that are seen."""
        query = (
            sa.select(V.van, V.aan, V.jaar, V.van_staat, V.aan_staat, sa.func.sum(V.bedrag))
            .where(post_in(bereik), V.van_staat != VOORGESTELD)
            .group_by(V.van, V.aan, V.jaar, V.van_staat, V.aan_staat)
        )
        if jaar is not None:
            query = query.where(V.jaar == jaar)
        with self._database.snapshot(bereik.scope) as connection:
            rows = connection.execute(query).all()
        posten = [Post(*row[:3], int(row[5]), stand_van(row[3], row[4])) for row in rows]
        return [one for one in paren(posten) if one.gemeente in bereik.gemeenten]

    def get(self, bereik: Bereik, nummer: int) -> Verrekening:
        """One item; raises NietGevonden for none that may be seen."""
        with self._database.snapshot(bereik.scope) as connection:
            return verrekening_of(row_of(connection, bereik, nummer))

    def regels(
        self, bereik: Bereik, nummer: int, na: str | None = None, omvang: int = OMVANG
    ) -> Blad[Verrekeningsregel]:
        """The lines of an item."""
        query = (
            sa.select(gemeenteverrekening_regel)
            .join(gemeenteverrekening, V.id == R.verrekening_id)
            .where(R.verrekening_id == nummer, post_in(bereik))
        )
        if na is not None:
            query = query.where(PLACE > sa.tuple_(*map(sa.literal, place_of(na, int, int))))
        with self._database.snapshot(bereik.scope) as connection:
            rows = connection.execute(query.order_by(*PLACE).limit(omvang + 1)).all()
        return blad_of(rows, omvang, regel_of, "inbox_id", "regelnr")

    def confirm(self, bereik: Bereik, wie: Wie, nummer: int, noteer: Noteer = no_log) -> None:
        """The municipality that paid stands behind an item that was proposed."""
        with self._database.writing(bereik.scope) as connection:
            row = _own_row(connection, bereik, nummer)
            if row.van_staat != VOORGESTELD:
                raise AlBeoordeeld(f"deze post is al {stand_van(row.van_staat, row.aan_staat)}")
            self._set(connection, nummer, van_staat=BEVESTIGD, bevestigd_wie=wie.kenmerk)
            noteer(connection)

    def withdraw(self, bereik: Bereik, wie: Wie, nummer: int, noteer: Noteer = no_log) -> None:
        """The municipality that paid takes an item back; its lines may be in another one.

        What both agreed on stays, unless the ledger no longer has it.  Items against it go along.
        Raises NietToegestaan for who answered it.
        """
        with self._database.writing(bereik.scope) as connection:
            row = _own_row(connection, bereik, nummer)
            stand = stand_van(row.van_staat, row.aan_staat)
            if stand == INGETROKKEN or (stand == EENS and not is_vervallen(connection, nummer)):
                raise AlBeoordeeld(f"deze post is al {stand}")
            _allowed(bezwaar_van(connection, row, wie))
            own = sa.or_(V.id == nummer, V.tegen_id == nummer)
            connection.execute(
                sa.update(gemeenteverrekening).where(own).values(van_staat=INGETROKKEN)
            )
            free = sa.update(gemeenteverrekening_regel).where(
                R.verrekening_id.in_(sa.select(V.id).where(own))
            )
            connection.execute(free.values(loopt=0))
            noteer(connection)

    def is_vervallen(self, bereik: Bereik, nummer: int) -> bool:
        """Whether the ledger of who paid has a line of an item no longer as it is in there."""
        with self._database.snapshot(bereik.scope) as connection:
            return is_vervallen(connection, nummer)

    def bezwaren(self, bereik: Bereik, wie: Wie, nummer: int) -> Bezwaren:
        """Why who asks cannot speak for either municipality of an item, to be told beforehand."""
        with self._database.snapshot(bereik.scope) as connection:
            return bezwaren(connection, row_of(connection, bereik, nummer), wie)

    def counter(
        self, bereik: Bereik, wie: Wie, nummer: int, noteer: Noteer = no_log
    ) -> Sequence[int]:
        """Put an item down against one that both agreed on, of its lines that were credited since.

        Its lines are the credits, so that both items together come to what still stands; returns
        its number.  Raises WrongUse where there is nothing to take back, or not in this way, and
        NietToegestaan for who answered the item.
        """
        with self._database.writing(bereik.scope) as connection:
            row = _own_row(connection, bereik, nummer)
            if stand_van(row.van_staat, row.aan_staat) != EENS:
                raise WrongUse("deze post is niet akkoord: trek hem in en voer hem opnieuw op")
            _allowed(bezwaar_van(connection, row, wie))
            found = credits_of(connection, nummer)
            if not found:
                raise WrongUse("van deze post is niets gecrediteerd dat nog terug moet")
            own = {name: getattr(row, name) for name in _SHARED}
            own |= {"toelichting": "", "van_staat": BEVESTIGD, "tegen_id": nummer}
            nummers = self._put_down(connection, wie, own, found)
            noteer(connection, *nummers)
        return nummers

    def answer(
        self,
        bereik: Bereik,
        wie: Wie,
        nummer: int,
        antwoord: str,
        reden: str = "",
        noteer: Noteer = no_log,
    ) -> None:
        """The other municipality agrees, or disputes for a reason.

        Raises NietToegestaan for who does not answer for it, or spoke for the one that paid.
        """
        told = told_of(reden)
        if antwoord not in (AKKOORD, BETWIST):
            raise WrongUse("kies of de andere gemeente akkoord is of de post betwist")
        if antwoord == BETWIST and not told:
            raise WrongUse("schrijf op waarom de post wordt betwist")
        with self._database.writing(bereik.scope) as connection:
            row = row_of(connection, bereik, nummer, lock=True)
            if (row.van if row.buiten else row.aan) not in bereik.gemeenten:
                raise NietToegestaan("alleen de andere gemeente zegt of zij akkoord is")
            if row.van_staat != BEVESTIGD or row.aan_staat == AKKOORD:
                raise AlBeoordeeld(
                    f"deze post is al {stand_van(row.van_staat, row.aan_staat)}"
                    if row.van_staat != VOORGESTELD
                    else "deze post is nog niet bevestigd door wie betaalde"
                )
            _allowed(bezwaar_aan(connection, row, wie))
            self._set(
                connection,
                nummer,
                aan_staat=antwoord,
                aan_reden=told,
                aan_wie=wie.kenmerk,
                aan_naam=wie.naam,
                aan_at=self._clock().timestamp(),
            )
            noteer(connection)

    @contextmanager
    def _adding(self, bereik: Bereik, *van: str) -> Iterator[Connection]:
        """One at a time: of two at once neither would see which lines the other takes."""
        with self._database.writing(bereik.scope) as connection:
            if not self._database.is_sqlite:
                # In one order, so that no two wait for each other.
                for one in sorted(set(van)):
                    postgres.take_turn(connection, f"verrekening {one}")
            yield connection

    def _set(self, connection: Connection, nummer: int, **values: Any) -> None:
        connection.execute(sa.update(gemeenteverrekening).where(V.id == nummer).values(values))

    def _put_down(
        self, connection: Connection, wie: Wie, own: dict[str, Any], found: Sequence[Any]
    ) -> Sequence[int]:
        """Items of lines that come in the order of their first day."""
        made = {"wie": wie.kenmerk, "naam": wie.naam, "gemaakt_at": self._clock().timestamp()}
        nummers = []
        for jaar, some in groupby(found, key=lambda line: line.begindatum.year):
            lines = list(some)
            sums = {
                "jaar": jaar,
                "begindatum": min(one.begindatum for one in lines),
                "einddatum": max(one.einddatum for one in lines),
                "regels": len(lines),
                "bedrag": sum(one.bedrag for one in lines),
                "aan_staat": OPEN,
            }
            nummer = insert_one(connection, gemeenteverrekening, own | sums | made)
            connection.execute(
                sa.insert(gemeenteverrekening_regel),
                [_line(nummer, one) for one in lines],
            )
            nummers.append(nummer)
        return nummers


def _allowed(bezwaar: str | None) -> None:
    if bezwaar is not None:
        raise NietToegestaan(bezwaar)


def _own_row(connection: Connection, bereik: Bereik, nummer: int) -> Any:
    """The row of an item, kept from others, for the municipality that paid."""
    row = row_of(connection, bereik, nummer, lock=True)
    if row.van not in bereik.gemeenten:
        raise NietToegestaan("alleen de gemeente die betaalde doet dit")
    return row


def _line(nummer: int, one: Any) -> dict[str, Any]:
    names = ("inbox_id", "regelnr", "aanbieder", "productcode", "begindatum", "einddatum", "bedrag")
    return {"verrekening_id": nummer, "loopt": 1} | {name: getattr(one, name) for name in names}


_SHARED = ("van", "aan", "wet", "client", "grond", "buiten")

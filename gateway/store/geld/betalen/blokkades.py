"""What holds up payment, never the 325: of an aanbieder, a declaratie, a line or a factuur."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.errors import AlBeoordeeld, NietGevonden, WrongUse
from gateway.records.masker import mask
from gateway.store.engine import Database, insert_one
from gateway.store.geld.betalen.tables import (
    AANBIEDER,
    DECLARATIE,
    FACTUUR,
    REGEL,
    betaalblokkade,
)
from gateway.store.geld.nazorg.tables import VERVALLEN, factuur
from gateway.store.inbox import Clock
from gateway.store.inzage.blad import Blad, blad_of, place_of
from gateway.store.noteren import Noteer, no_log
from gateway.store.tables import declaratie, partij, prestatie
from gateway.toegang.wie import Bereik, Wie

OMVANG = 50
LONGEST_REASON = 2_000
B = betaalblokkade.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Blokkadevraag:
    """What is to be blocked: an aanbieder, or one declaratie of it, or one line in that.

    Or one factuur outside the traffic.  `declaratie`, `referentie` and `factuur` are the numbers
    that the aanbieder gave; `tot` is inclusive.
    """

    gemeente: str
    aanbieder: str
    reden: str
    vanaf: date
    tot: date | None = None
    declaratie: str | None = None
    referentie: str | None = None
    factuur: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Blokkade:
    """A block as it stands; `stuk_id` and `regelnr` are of what it is on."""

    nummer: int
    gemeente: str
    soort: str
    aanbieder: str
    stuk_id: int | None
    regelnr: int | None
    vanaf: date
    tot: date | None
    reden: str
    naam: str
    gemaakt: datetime
    opgeheven: datetime | None
    opgeheven_naam: str | None

    def geldt_op(self, dag: date) -> bool:
        """Whether it holds up what is paid on a day."""
        in_time = self.vanaf <= dag and (self.tot is None or dag <= self.tot)
        return in_time and self.opgeheven is None


class Blokkades:
    """Sets and lifts blocks, within what somebody may change."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def block(self, wie: Wie, vraag: Blokkadevraag, noteer: Noteer = no_log) -> int:
        """Hold up payment; returns the number of the block.

        Raises WrongUse for what is not there, or without a reason.
        """
        reden = mask(vraag.reden.strip())
        if not reden or len(reden) > LONGEST_REASON:
            raise WrongUse(f"schrijf een reden op, van hoogstens {LONGEST_REASON} tekens")
        if vraag.tot is not None and vraag.tot < vraag.vanaf:
            raise WrongUse("een blokkade eindigt niet voor zij begint")
        with self._database.writing(vraag.gemeente) as connection:
            soort, stuk_id, regelnr = _place(connection, vraag)
            row = {
                "gemeente": vraag.gemeente,
                "soort": soort,
                "aanbieder": vraag.aanbieder,
                "stuk_id": stuk_id,
                "regelnr": regelnr,
                "vanaf": vraag.vanaf,
                "tot": vraag.tot,
                "reden": reden,
                "wie": wie.kenmerk,
                "naam": wie.naam,
                "gemaakt_at": self._clock().timestamp(),
            }
            nummer = insert_one(connection, betaalblokkade, row)
            noteer(connection, nummer)
        return nummer

    def unblock(self, bereik: Bereik, wie: Wie, nummer: int, noteer: Noteer = no_log) -> Blokkade:
        """Lift a block; raises NietGevonden for none, AlBeoordeeld where it was lifted before."""
        with self._database.writing(bereik.scope) as connection:
            one = _found(connection, bereik, nummer, lock=True)
            if one.opgeheven is not None:
                raise AlBeoordeeld("deze blokkade is al opgeheven")
            ended = {"opgeheven_at": self._clock().timestamp(), "opgeheven_naam": wie.naam}
            connection.execute(sa.update(betaalblokkade).where(B.id == nummer).values(ended))
            noteer(connection)
            return _found(connection, bereik, nummer)

    def get(self, bereik: Bereik, nummer: int) -> Blokkade:
        """One block."""
        with self._database.snapshot(bereik.scope) as connection:
            return _found(connection, bereik, nummer)

    def list(self, bereik: Bereik, na: str | None = None, omvang: int = OMVANG) -> Blad[Blokkade]:
        """All blocks, the newest in front."""
        query = sa.select(betaalblokkade).where(B.gemeente.in_(sorted(bereik.gemeenten)))
        if na is not None:
            query = query.where(B.id < place_of(na, int)[0])
        query = query.order_by(B.id.desc()).limit(omvang + 1)
        with self._database.snapshot(bereik.scope) as connection:
            return blad_of(connection.execute(query).all(), omvang, blokkade_of, "id")


def geldt(dag: date) -> sa.ColumnElement[bool]:
    """Whether a block holds up what is paid on a day."""
    return sa.and_(B.opgeheven_at.is_(None), B.vanaf <= dag, sa.or_(B.tot.is_(None), B.tot >= dag))


def holds_line(inbox_id: Any, regelnr: Any, dag: date) -> sa.ColumnElement[bool]:
    """Whether a block on a declaratie or a line holds up a line on a day."""
    of_line = sa.or_(B.soort == DECLARATIE, sa.and_(B.soort == REGEL, B.regelnr == regelnr))
    return sa.exists().where(B.stuk_id == inbox_id, of_line, geldt(dag))


def holds_factuur(dag: date) -> sa.ColumnElement[bool]:
    """Whether a block on a factuur, or on the one that it takes back, holds it up on a day.

    So nothing is taken back of what was not paid.
    """
    own = B.stuk_id.in_([factuur.c.id, factuur.c.tegen_id])
    return sa.exists().where(own, B.soort == FACTUUR, geldt(dag)).correlate(factuur)


def holds_aanbieder(gemeente: Any, aanbieder: Any, dag: date) -> sa.ColumnElement[bool]:
    """Whether a block on an aanbieder holds up everything of it on a day."""
    of_all = (B.gemeente == gemeente, B.soort == AANBIEDER, B.aanbieder == aanbieder)
    return sa.exists().where(*of_all, geldt(dag))


def geblokkeerd_op(connection: Connection, gemeente: str, dag: date) -> Mapping[str, str]:
    """The aanbieders that nothing is paid to on a day, with the reason of the last block."""
    query = (
        sa.select(B.aanbieder, B.reden)
        .where(B.gemeente == gemeente, B.soort == AANBIEDER, geldt(dag))
        .order_by(B.id)
    )
    return {row.aanbieder: row.reden for row in connection.execute(query)}


def _place(connection: Connection, vraag: Blokkadevraag) -> tuple[str, int | None, int | None]:
    """What a block is on: the kind, and the numbers of the message or factuur and of the line."""
    of_party = (partij.c.gemeente == vraag.gemeente, partij.c.aanbieder == vraag.aanbieder)
    if vraag.declaratie is None and vraag.referentie is not None:
        raise WrongUse("noem bij een regel ook de declaratie")
    if vraag.factuur is not None:
        if vraag.declaratie is not None:
            raise WrongUse("noem een declaratie of een factuur, en niet allebei")
        return FACTUUR, _invoice(connection, vraag), None
    if vraag.declaratie is None:
        of_invoice = (factuur.c.gemeente == vraag.gemeente, factuur.c.aanbieder == vraag.aanbieder)
        known = sa.or_(sa.exists().where(*of_party), sa.exists().where(*of_invoice))
        if not connection.execute(sa.select(known)).scalar_one():
            raise WrongUse(f"aanbieder {vraag.aanbieder} heeft hier nog niets gedeclareerd")
        return AANBIEDER, None, None
    query = (
        sa.select(declaratie.c.id, declaratie.c.inbox_id, declaratie.c.regel_van)
        .add_columns(declaratie.c.regel_tot, partij.c.id.label("partij"))
        .join_from(partij, declaratie, declaratie.c.partij_id == partij.c.id)
        .where(
            *of_party,
            declaratie.c.tot_volgnr.is_(None),
            sa.or_(
                declaratie.c.declaratienummer == vraag.declaratie,
                declaratie.c.identificatie == vraag.declaratie,
            ),
        )
    )
    rows = connection.execute(query).all()
    if len(rows) != 1:
        waarom = "is er niet" if not rows else "is er meer dan een keer; noem de Identificatie"
        raise WrongUse(f"declaratie {vraag.declaratie} van {vraag.aanbieder} {waarom}")
    if vraag.referentie is None:
        return DECLARATIE, rows[0].inbox_id, None
    return REGEL, rows[0].inbox_id, _line(connection, rows[0], vraag.referentie)


def _invoice(connection: Connection, vraag: Blokkadevraag) -> int:
    query = sa.select(factuur.c.id).where(
        factuur.c.gemeente == vraag.gemeente,
        factuur.c.aanbieder == vraag.aanbieder,
        factuur.c.factuurnummer == vraag.factuur,
        factuur.c.staat != VERVALLEN,
    )
    found: int | None = connection.execute(query).scalar_one_or_none()
    if found is None:
        raise WrongUse(f"factuur {vraag.factuur} van {vraag.aanbieder} is er niet")
    return found


def _line(connection: Connection, stuk: Any, referentie: str) -> int:
    query = sa.select(prestatie.c.volgnr).where(
        prestatie.c.partij_id == stuk.partij,
        prestatie.c.referentienummer == referentie,
        prestatie.c.declaratie_id == stuk.id,
        prestatie.c.tot_volgnr.is_(None),
    )
    found: int | None = connection.execute(query).scalars().first()
    if found is None:
        raise WrongUse(f"regel {referentie} staat niet in deze declaratie")
    return found


def _found(connection: Connection, bereik: Bereik, nummer: int, *, lock: bool = False) -> Blokkade:
    query = sa.select(betaalblokkade).where(
        B.id == nummer, B.gemeente.in_(sorted(bereik.gemeenten))
    )
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NietGevonden("deze blokkade bestaat niet")
    return blokkade_of(row)


def blokkade_of(row: Any) -> Blokkade:
    """A block from its row."""
    return Blokkade(
        nummer=row.id,
        gemeente=row.gemeente,
        soort=row.soort,
        aanbieder=row.aanbieder,
        stuk_id=row.stuk_id,
        regelnr=row.regelnr,
        vanaf=row.vanaf,
        tot=row.tot,
        reden=row.reden,
        naam=row.naam,
        gemaakt=datetime.fromtimestamp(row.gemaakt_at, UTC),
        opgeheven=(
            None if row.opgeheven_at is None else datetime.fromtimestamp(row.opgeheven_at, UTC)
        ),
        opgeheven_naam=row.opgeheven_naam,
    )

"""Changes that wait for a second person: who proposed one does not approve it.

What a proposal does is carried out in the transaction that approves it: it is done wholly, or is
still a proposal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.errors import AlBeoordeeld, NietGevonden, NietToegestaan, WrongUse
from gateway.records.masker import mask
from gateway.store.engine import Database, insert_one
from gateway.store.geld.tables import (
    GEWEIGERD,
    INGETROKKEN,
    UITGEVOERD,
    VOORGESTELD,
    voorstel,
)
from gateway.store.inbox import Clock
from gateway.store.inzage.blad import Blad, blad_of, place_of
from gateway.store.noteren import Noteer, no_log
from gateway.store.toegang.personen import is_eigen, vier_ogen
from gateway.toegang.wie import Bereik, Wie

OMVANG, OPEN_SHOWN = 50, 200
LONGEST_REASON = 2_000
# In what a proposal is made of: the municipalities that it is about besides its own.
GEMEENTEN = "gemeenten"
ELSEWHERE = "dit voorstel gaat ook over een gemeente waarvoor u niet werkt"
UNKNOWN = "dit voorstel bestaat niet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Voorstel:
    """A proposal as it stands; `inhoud` is what its kind made of it, `bedrag` in eurocents."""

    nummer: int
    gemeente: str
    soort: str
    onderwerp: str
    inhoud: Mapping[str, Any]
    bedrag: int | None
    staat: str
    wie: str
    naam: str
    gemaakt: datetime
    tweede_naam: str | None
    besloten: datetime | None
    reden: str


Stap = Callable[[Connection, Voorstel], None]
Gegevens = Callable[["Voorstel", bool], Sequence[tuple[str, str]]]


def nothing(_connection: Connection, _een: Voorstel) -> None:
    """For a kind that has nothing to put back."""


def no_more(_een: Voorstel, _whole: bool) -> Sequence[tuple[str, str]]:
    """For a kind of which `onderwerp` tells all."""
    return ()


@dataclass(frozen=True, slots=True)
class Voorstelsoort:
    """What people call a kind of proposal, what carries it out, and what drops it.

    Both run in the transaction of the decision; what they raise leaves the proposal as it is.
    `gegevens` are names and values that the second person compares, whole for who may change money.
    """

    titel: str
    voer_uit: Stap
    laat_vallen: Stap = nothing
    gegevens: Gegevens = no_more


@dataclass(frozen=True, slots=True, kw_only=True)
class Vraag:
    """What is proposed; `onderwerp` is one Dutch phrase without a Bsn."""

    gemeente: str
    soort: str
    onderwerp: str
    inhoud: Mapping[str, Any]
    bedrag: int | None = None


class Voorstellen:
    """Makes proposals and decides on them, within what somebody may see.

    `noteer` writes who did it in the log of processing, as the last thing in the transaction.
    Deciding raises NietGevonden for a proposal that is not there and AlBeoordeeld when another was
    first.
    """

    def __init__(
        self, database: Database, clock: Clock, soorten: Mapping[str, Voorstelsoort]
    ) -> None:
        self._database = database
        self._clock = clock
        self.soorten = soorten

    def propose(self, connection: Connection, wie: Wie, vraag: Vraag) -> int:
        """Put a proposal down, in the transaction of who makes it; returns its number."""
        if vraag.soort not in self.soorten:
            raise WrongUse(f"er is geen soort voorstel {vraag.soort}")
        return propose(connection, wie, vraag, self._clock().timestamp())

    def open(self, bereik: Bereik) -> Sequence[Voorstel]:
        """What waits for a second person, the oldest in front."""
        query = (
            sa.select(voorstel)
            .where(
                voorstel.c.staat == sa.literal_column(f"'{VOORGESTELD}'"),
                voorstel.c.gemeente.in_(sorted(bereik.gemeenten)),
            )
            .order_by(voorstel.c.id)
            .limit(OPEN_SHOWN)
        )
        with self._database.snapshot(bereik.scope) as connection:
            return [voorstel_of(row) for row in connection.execute(query)]

    def list(
        self,
        bereik: Bereik,
        na: str | None = None,
        omvang: int = OMVANG,
        *,
        staat: str | None = None,
    ) -> Blad[Voorstel]:
        """All that was proposed, or what stands so, the newest in front."""
        query = sa.select(voorstel).where(voorstel.c.gemeente.in_(sorted(bereik.gemeenten)))
        if staat is not None:
            query = query.where(voorstel.c.staat == staat)
        if na is not None:
            query = query.where(voorstel.c.id < place_of(na, int)[0])
        query = query.order_by(voorstel.c.id.desc()).limit(omvang + 1)
        with self._database.snapshot(bereik.scope) as connection:
            rows = connection.execute(query).all()
        return blad_of(rows, omvang, voorstel_of, "id")

    def get(self, bereik: Bereik, nummer: int) -> Voorstel:
        """One proposal."""
        with self._database.snapshot(bereik.scope) as connection:
            return _found(connection, bereik, nummer)

    def gegevens(self, een: Voorstel, *, whole: bool) -> Sequence[tuple[str, str]]:
        """What a second person has to know of a proposal, beside what it is about."""
        soort = self.soorten.get(een.soort)
        return soort.gegevens(een, whole) if soort else ()

    def approve(self, bereik: Bereik, wie: Wie, nummer: int, noteer: Noteer = no_log) -> Voorstel:
        """Carry a proposal of somebody else out.

        Raises NietToegestaan for one's own, and for who does not work for all that it is about.
        """
        with self._deciding(bereik, nummer) as (connection, one):
            vier_ogen(connection, one.wie, wie)
            if not bereik.gemeenten.issuperset(one.inhoud.get(GEMEENTEN, ())):
                raise NietToegestaan(ELSEWHERE)
            self._decide(connection, one, wie, UITGEVOERD, "")
            self._soort(one).voer_uit(connection, one)
            noteer(connection)
            return _found(connection, bereik, nummer)

    def refuse(
        self, bereik: Bereik, wie: Wie, nummer: int, reden: str, noteer: Noteer = no_log
    ) -> Voorstel:
        """Put a proposal aside for a reason; who made it withdraws it himself."""
        told = mask(reden.strip())
        if not told or len(told) > LONGEST_REASON:
            raise WrongUse(f"schrijf een reden op, van hoogstens {LONGEST_REASON} tekens")
        with self._deciding(bereik, nummer) as (connection, one):
            is_own = is_eigen(connection, one.wie, wie)
            self._decide(connection, one, wie, INGETROKKEN if is_own else GEWEIGERD, told)
            self._soort(one).laat_vallen(connection, one)
            noteer(connection)
            return _found(connection, bereik, nummer)

    def _soort(self, one: Voorstel) -> Voorstelsoort:
        if one.soort not in self.soorten:
            raise WrongUse(f"deze versie kent geen voorstel van soort {one.soort}")
        return self.soorten[one.soort]

    @contextmanager
    def _deciding(self, bereik: Bereik, nummer: int) -> Iterator[tuple[Connection, Voorstel]]:
        """A transaction in which a proposal that is still open is kept from others."""
        with self._database.writing(bereik.scope) as connection:
            one = _found(connection, bereik, nummer, lock=True)
            if one.staat != VOORGESTELD:
                raise AlBeoordeeld(f"over dit voorstel is al beslist: {one.staat}")
            yield connection, one

    def _decide(
        self, connection: Connection, one: Voorstel, wie: Wie, staat: str, reden: str
    ) -> None:
        connection.execute(
            sa.update(voorstel)
            .where(voorstel.c.id == one.nummer)
            .values(
                staat=staat,
                tweede=wie.kenmerk,
                tweede_naam=wie.naam,
                besloten_at=self._clock().timestamp(),
                reden=reden,
            )
        )


def propose(connection: Connection, wie: Wie, vraag: Vraag, moment: float) -> int:
    """Put a proposal down; for a part that has no `Voorstellen` at hand."""
    row = {
        "gemeente": vraag.gemeente,
        "soort": vraag.soort,
        "onderwerp": mask(vraag.onderwerp),
        "inhoud": msgspec.json.encode(vraag.inhoud).decode(),
        "bedrag": vraag.bedrag,
        "staat": VOORGESTELD,
        "wie": wie.kenmerk,
        "naam": wie.naam,
        "gemaakt_at": moment,
    }
    return insert_one(connection, voorstel, row)


def _found(connection: Connection, bereik: Bereik, nummer: int, *, lock: bool = False) -> Voorstel:
    query = sa.select(voorstel).where(
        voorstel.c.id == nummer, voorstel.c.gemeente.in_(sorted(bereik.gemeenten))
    )
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NietGevonden(UNKNOWN)
    return voorstel_of(row)


def voorstel_of(row: Any) -> Voorstel:
    """A proposal from its row."""
    return Voorstel(
        nummer=row.id,
        gemeente=row.gemeente,
        soort=row.soort,
        onderwerp=row.onderwerp,
        inhoud=msgspec.json.decode(row.inhoud),
        bedrag=row.bedrag,
        staat=row.staat,
        wie=row.wie,
        naam=row.naam,
        gemaakt=datetime.fromtimestamp(row.gemaakt_at, UTC),
        tweede_naam=row.tweede_naam,
        besloten=None if row.besloten_at is None else datetime.fromtimestamp(row.besloten_at, UTC),
        reden=row.reden,
    )

"""A batch as it is asked for, and as it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.errors import NietGevonden
from gateway.ledger.mutaties.waarde import counted_until
from gateway.ledger.mutaties.wijzen import Herindeling, Wijze, read_wijze
from gateway.pipeline.kennis import dag_van
from gateway.store.mutaties.keuze import Keuze
from gateway.store.mutaties.tables import mutatie, mutatie_regel
from gateway.store.tables import toewijzing
from gateway.toegang.wie import Bereik

UNKNOWN = "deze partij bestaat niet"
SLOWEST, PER_MINUUT, FASTEST = 1, 120, 6_000
_KEUZE = msgspec.json.Decoder(Keuze)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vraag:
    """A batch that is asked for; `per_minuut` is how many messages may be offered in a minute."""

    gemeente: str
    wet: str
    naam: str
    wijze: Wijze
    keuze: Keuze = field(default_factory=Keuze)
    per_minuut: int = PER_MINUUT

    @property
    def gemeenten(self) -> frozenset[str]:
        """Those whose assignments it changes."""
        naar = {self.wijze.naar} if isinstance(self.wijze, Herindeling) else set()
        return frozenset({self.gemeente, *naar})


class Jaar(NamedTuple):
    """What the assignments of a batch are worth in a calendar year, in eurocents."""

    jaar: int
    voor: int
    na: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutatie:
    """A batch as it stands; amounts in eurocents, of what is not refused and has a known worth.

    `verschil` is what its assignments change, each without its sign; `voorstel` the number of the
    proposal that a second person decides on.  `zonder_einde` counts the assignments that count up
    to `geteld_tot`, because they have no end.
    """

    nummer: int
    vraag: Vraag
    soort: str
    staat: str
    wie: str
    door: str
    gemaakt: datetime
    toewijzingen: int
    geweigerd: int
    clienten: int
    berichten: int
    voor: int
    na: int
    verschil: int
    zonder_bedrag: int
    voorstel: int | None
    vrijgegeven: datetime | None
    klaar: datetime | None
    jaren: Sequence[Jaar] = ()
    zonder_einde: int = 0

    @property
    def geteld_tot(self) -> date:
        """Up to when an assignment without an end counts."""
        return counted_until(self.vraag.wijze, dag_van(self.gemaakt))

    @property
    def naam(self) -> str:
        """How people call it."""
        return self.vraag.naam

    @property
    def gemeente(self) -> str:
        """Whose assignments are changed."""
        return self.vraag.gemeente


def found_in(connection: Connection, bereik: Bereik, nummer: int, *, lock: bool = False) -> Any:
    """The row of a batch; raises NietGevonden for none that may be seen."""
    query = sa.select(mutatie).where(
        mutatie.c.id == nummer, mutatie.c.gemeente.in_(sorted(bereik.gemeenten))
    )
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NietGevonden(UNKNOWN)
    return row


def open_ended(connection: Connection, nummer: int) -> int:
    """How many assignments of a batch have no end, of those that go along."""
    return int(connection.execute(_OPEN_ENDED, {"welke": nummer}).scalar_one())


_R = mutatie_regel.c
_OPEN_ENDED = (
    sa.select(sa.func.count())
    .join_from(mutatie_regel, toewijzing, toewijzing.c.id == _R.toewijzing_id)
    .where(
        _R.mutatie_id == sa.bindparam("welke", type_=sa.BigInteger),
        _R.deel == sa.literal_column("0"),
        _R.weigering.is_(None),
        toewijzing.c.einddatum.is_(None),
    )
)


def mutatie_of(row: Any, jaren: Sequence[Jaar] = (), zonder_einde: int = 0) -> Mutatie:
    """A batch from its row."""
    vraag = Vraag(
        gemeente=row.gemeente,
        wet=row.wet,
        naam=row.naam,
        wijze=read_wijze(row.wijze),
        keuze=_KEUZE.decode(row.keuze),
        per_minuut=row.per_minuut,
    )
    return Mutatie(
        nummer=row.id,
        vraag=vraag,
        soort=row.soort,
        staat=row.staat,
        wie=row.wie,
        door=row.door,
        gemaakt=_moment(row.gemaakt_at),
        toewijzingen=row.toewijzingen,
        geweigerd=row.geweigerd,
        clienten=row.clienten,
        berichten=row.berichten,
        voor=row.voor,
        na=row.na,
        verschil=row.verschil,
        zonder_bedrag=row.zonder_bedrag,
        voorstel=row.voorstel_id,
        vrijgegeven=None if row.vrijgegeven_at is None else _moment(row.vrijgegeven_at),
        klaar=None if row.klaar_at is None else _moment(row.klaar_at),
        jaren=jaren,
        zonder_einde=zonder_einde,
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)

"""Items between municipalities and their lines as they are read, and who may see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.errors import NietGevonden
from gateway.ledger.geld.gemeenteverrekening import VOORGESTELD, stand_van
from gateway.records.declaratie import GRANTED
from gateway.store.geld.nazorg.tables import gemeenteverrekening, gemeenteverrekening_regel
from gateway.store.ledger_balances import OF_DECLARATIE, SIGNED, P, stands
from gateway.store.tables import declaratie, prestatie
from gateway.toegang.wie import Bereik

V = gemeenteverrekening.c
R = gemeenteverrekening_regel.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Verrekening:
    """An item as it stands; `client` is a fingerprint, `bedrag` eurocents for `van`.

    `gecrediteerd` is what of it was credited since and is in no item against it yet; `tegen` is the
    item of which this one takes back what was credited, with a `bedrag` below zero.
    """

    nummer: int
    van: str
    aan: str
    wet: str
    client: str
    jaar: int
    begindatum: date
    einddatum: date
    regels: int
    bedrag: int
    grond: str
    toelichting: str
    is_buiten: bool
    van_staat: str
    aan_staat: str
    stand: str
    aan_reden: str
    aan_naam: str | None
    aan_op: datetime | None
    naam: str
    gecrediteerd: int
    tegen: int | None


@dataclass(frozen=True, slots=True)
class Verrekeningsregel:
    """A line of an item, as far as the other municipality has to know it.

    `credit_id` is the message of the credit on it that was granted since.
    """

    inbox_id: int
    regelnr: int
    aanbieder: str
    productcode: str
    begindatum: date
    einddatum: date
    bedrag: int
    credit_id: int | None


def post_in(bereik: Bereik) -> sa.ColumnElement[bool]:
    """Whether an item may be seen: by the other municipality once it was confirmed."""
    seen = sorted(bereik.gemeenten)
    return sa.or_(V.van.in_(seen), sa.and_(V.aan.in_(seen), V.van_staat != VOORGESTELD))


def row_of(connection: Connection, bereik: Bereik, nummer: int, *, lock: bool = False) -> Any:
    """The row of an item; raises NietGevonden for none that may be seen."""
    query = POSTEN.where(V.id == nummer, post_in(bereik))
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NietGevonden("deze post bestaat niet")
    return row


def clienten_of(connection: Connection, nummers: Sequence[int]) -> Sequence[Any]:
    """Whom some items are about: number, municipality that paid, and fingerprint."""
    query = sa.select(V.id, V.van, V.client).where(V.id.in_(nummers)).order_by(V.id)
    return connection.execute(query).all()


def is_vervallen(connection: Connection, nummer: int) -> bool:
    """Whether the ledger has a line of an item no longer as it is in there.

    Only who paid can tell: the other municipality sees no lines of the ledger.  A line that was
    credited is still there; that is what an item against this one is for.
    """
    return connection.execute(_VERVALLEN, {"welk": nummer}).first() is not None


def credits_of(connection: Connection, nummer: int) -> Sequence[Any]:
    """The credits on lines of an item that are in no item against it, as lines."""
    return connection.execute(_CREDITS, {"welk": nummer}).all()


def verrekening_of(row: Any) -> Verrekening:
    """An item from its row."""
    return Verrekening(
        nummer=row.id,
        is_buiten=bool(row.buiten),
        stand=stand_van(row.van_staat, row.aan_staat),
        aan_op=None if row.aan_at is None else datetime.fromtimestamp(row.aan_at, UTC),
        gecrediteerd=int(row.gecrediteerd),
        tegen=row.tegen_id,
        **{name: getattr(row, name) for name in _TAKEN},
    )


def regel_of(row: Any) -> Verrekeningsregel:
    """A line from its row."""
    return Verrekeningsregel(*(getattr(row, name) for name in Verrekeningsregel.__slots__))


_TAKEN = (
    *("van", "aan", "wet", "client", "jaar", "begindatum", "einddatum", "regels", "bedrag"),
    *("grond", "toelichting", "van_staat", "aan_staat", "aan_reden", "aan_naam", "naam"),
)
PLACE = sa.tuple_(R.inbox_id, R.regelnr)
_tegen = gemeenteverrekening_regel.alias("tegen")
# A line that was credited since, of which the credit is in no item against it that runs.
IS_CREDITED = sa.and_(
    R.loopt == sa.literal_column("1"),
    R.credit_id.is_not(None),
    ~sa.exists()
    .where(
        _tegen.c.inbox_id == R.credit_id,
        _tegen.c.regelnr == R.credit_nr,
        _tegen.c.loopt == sa.literal_column("1"),
    )
    .correlate(gemeenteverrekening_regel),
)
POSTEN = sa.select(
    gemeenteverrekening,
    sa.select(sa.func.coalesce(sa.func.sum(R.bedrag), 0))
    .where(R.verrekening_id == V.id, IS_CREDITED)
    .correlate(gemeenteverrekening)
    .scalar_subquery()
    .label("gecrediteerd"),
)
_WELK: sa.BindParameter[int] = sa.bindparam("welk", type_=sa.BigInteger)
# A credit repeats the amount of its debet and undoes all of it.
_CREDITS = (
    sa.select(
        R.credit_id.label("inbox_id"),
        R.credit_nr.label("regelnr"),
        R.aanbieder,
        R.productcode,
        R.begindatum,
        R.einddatum,
        (-R.bedrag).label("bedrag"),
    )
    .where(R.verrekening_id == _WELK, IS_CREDITED)
    .order_by(R.begindatum, R.credit_id, R.credit_nr)
)
_STANDS = (
    sa.select(P.id)
    .join_from(declaratie, prestatie, OF_DECLARATIE)
    .where(
        declaratie.c.inbox_id == R.inbox_id,
        stands(declaratie),
        P.volgnr + 0 == R.regelnr,
        P.toegekend + 0 == GRANTED,
        SIGNED == R.bedrag,
    )
    .correlate(gemeenteverrekening_regel)
)
_VERVALLEN = sa.select(R.inbox_id).where(R.verrekening_id == _WELK, ~_STANDS.exists()).limit(1)

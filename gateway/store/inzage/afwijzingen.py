"""What became of the lines of a month that were rejected: each amount is told once.

A rejected line was granted later for the same care (as far as the later line comes to that much),
was asked for again for less, was settled by a decision, or stands open.  The same care is what the
worklist takes for it: assignment, product and first day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.pipeline.ports import Partijen
from gateway.records.declaratie import GRANTED, REFUSED
from gateway.records.masker import mask_own
from gateway.store.inzage.blad import Blad, blad_of, place_of
from gateway.store.ledger_balances import OF_DECLARATIE, SIGNED, P, granted, stands
from gateway.store.statements import row_of
from gateway.store.tables import declaratie, partij, prestatie
from gateway.store.werk.tables import BESLOTEN, besluit_post, werkpost

Lot = Literal["open", "later", "afgehandeld", "vervallen"]
LOTEN: tuple[Lot, ...] = ("open", "later", "afgehandeld", "vervallen")
# The code of a line that fell with its Client: the finding is on that.
NOT_JUDGED = "0233"


@dataclass(frozen=True, slots=True)
class Afwijzingsgrond:
    """What was rejected with the same retourcodes; amounts in eurocents, credits subtracted.

    `later`, `vervallen`, `afgehandeld` and `open_bedrag` add up to `bedrag`: granted later, asked
    for again for less, settled by a decision, and open.  `open` are the lines that stand open,
    `oorzaak_id` is the cause of one of them.
    """

    retourcodes: tuple[str, ...]
    regels: int
    bedrag: int
    later: int
    vervallen: int
    afgehandeld: int
    open_bedrag: int
    open: int
    oorzaak_id: int | None


@dataclass(frozen=True, slots=True)
class LatereRegel:
    """A line in which the same care was granted later."""

    inbox_id: int
    regelnr: int
    referentienummer: str
    declaratienummer: str


@dataclass(frozen=True, slots=True)
class Afgewezenregel:
    """A rejected line with what became of it; `lot` is of what was not granted `later`.

    `bevinding_id` is a finding on it, or on its Client, that stands open in the cause.
    """

    inbox_id: int
    regelnr: int
    referentienummer: str
    client: str
    declaratienummer: str
    productcode: str
    retourcodes: tuple[str, ...]
    bedrag: int
    later: int
    lot: Lot
    oorzaak_id: int | None
    bevinding_id: int | None
    besluit_id: int | None
    latere: LatereRegel | None

    @property
    def stand(self) -> Lot:
        """What became of it as a whole."""
        return "later" if self.later and self.later == self.bedrag else self.lot


@dataclass(frozen=True, slots=True)
class Afwijzingfilter:
    """Which rejected lines are looked for: what became of them, and why they were rejected."""

    lot: Lot | None = None
    retourcodes: tuple[str, ...] = ()


def gronden(connection: Connection, maand: Mapping[str, Any]) -> Sequence[Afwijzingsgrond]:
    """The grounds of a month, see `maand_van`; those with most at stake in front."""
    found = [_grond_of(row) for row in connection.execute(_GRONDEN, maand)]
    return sorted(found, key=lambda one: (-abs(one.bedrag), one.retourcodes))


def regels(
    connection: Connection,
    maand: Mapping[str, Any],
    filter_: Afwijzingfilter,
    omvang: int,
    na: str | None,
) -> Blad[Afgewezenregel]:
    """A page of the rejected lines of a month, those with most at stake in front."""
    query = _REGELS.where(*_wanted(filter_)).limit(omvang + 1)
    if na is not None:
        query = query.where(sa.tuple_(_PLAATS, _L.id) > place_of(na, int, int))
    rows = connection.execute(query, maand).all()
    later = _by_id(connection, _LATER, {row.later_id for row in rows} - {None})
    opened = _by_id(connection, _OPEN, {row.id for row in rows if row.oorzaak_id is not None})

    def regel_of(row: Any) -> Afgewezenregel:
        return _regel_of(row, later.get(row.later_id), opened.get(row.id))

    return blad_of(rows, omvang, regel_of, "plaats", "id")


def _wanted(filter_: Afwijzingfilter) -> Iterator[sa.ColumnElement[bool]]:
    if filter_.lot == "later":
        yield _L.later != 0
    elif filter_.lot is not None:
        yield sa.and_(_L.lot == filter_.lot, sa.or_(_L.later != _L.bedrag, _L.later == 0))
    if filter_.retourcodes:
        yield _L.retourcodes == " ".join(filter_.retourcodes)


def _by_id(connection: Connection, query: sa.Select[Any], ids: set[int]) -> Mapping[int, Any]:
    if not ids:
        return {}
    return {row.id: row for row in connection.execute(query, {"welke": sorted(ids)})}


def maand_van(partijen: Partijen, eerste: Any, laatste: Any) -> dict[str, Any]:
    """The values that say which month of which provider is meant."""
    return row_of(partijen) | {"van": eerste, "tot": laatste}


def _same_care(lines: Any) -> tuple[sa.ColumnElement[bool], ...]:
    """Whether a line is about the same care as the rejected one."""
    names = ("partij_id", "toewijzingnummer", "productcode", "begindatum")
    return (*(lines.c[name] == P[name] for name in names), stands(lines))


def _sum(column: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    return sa.cast(sa.func.sum(column), sa.BigInteger)


_later = prestatie.alias("later")
_credit = prestatie.alias("tegen")
_again = prestatie.alias("opnieuw")
_UNDONE = sa.exists().where(
    _credit.c.partij_id == _later.c.partij_id,
    _credit.c.vorig_referentienummer == _later.c.referentienummer,
    granted(_credit, "C"),
)
_GRANTED_LATER = (
    *_same_care(_later),
    _later.c.debet_credit == "D",
    _later.c.toegekend == GRANTED,
    _later.c.van_volgnr > P.van_volgnr,
)
# Of several rejections of the same care the last one is what was granted later.
_ASKED_AGAIN = sa.exists().where(
    *_same_care(_again),
    _again.c.toegekend == REFUSED,
    _again.c.debet_credit == "D",
    _again.c.id > P.id,
)
_FELL = P.retourcodes == NOT_JUDGED
_post, _beslist = werkpost.alias("staat_open"), besluit_post.alias("beslist")
_OF_LINE = (
    _post.c.inbox_id == declaratie.c.inbox_id,
    _post.c.effect == "reject",
    sa.or_(
        _post.c.regelnr == P.volgnr,
        sa.and_(_FELL, _post.c.regelnr.is_(None), _post.c.klasse == "Client"),
    ),
)
_OORZAAK = sa.select(sa.func.min(_post.c.oorzaak_id)).where(*_OF_LINE).scalar_subquery()
# One of that cause.
_BEVINDING = (
    sa.select(_post.c.bevinding_id)
    .where(*_OF_LINE)
    .order_by(_post.c.oorzaak_id, _post.c.bevinding_id)
    .limit(1)
    .scalar_subquery()
)
_BESLUIT = (
    sa.select(sa.func.max(_beslist.c.besluit_id))
    .where(
        _beslist.c.inbox_id == declaratie.c.inbox_id,
        _beslist.c.telt > sa.literal_column("0"),
        _beslist.c.telt == sa.literal_column(f"{BESLOTEN}"),
        sa.or_(
            _beslist.c.regelnr == P.volgnr,
            sa.and_(_FELL, _beslist.c.regelnr.is_(None), _beslist.c.onderwerp.like("%/Client[%]")),
        ),
    )
    .scalar_subquery()
)
_VAN: sa.BindParameter[Any] = sa.bindparam("van", type_=sa.Date)
_TOT: sa.BindParameter[Any] = sa.bindparam("tot", type_=sa.Date)
_FOUND = (
    sa.select(
        P.id,
        declaratie.c.inbox_id,
        declaratie.c.declaratienummer,
        P.volgnr,
        P.referentienummer,
        P.bsn,
        P.bsn_hash,
        P.productcode,
        P.retourcodes,
        P.debet_credit,
        SIGNED.label("bedrag"),
        sa.select(_sum(_later.c.ingediend_bedrag))
        .where(*_GRANTED_LATER, ~_UNDONE)
        .scalar_subquery()
        .label("gekregen"),
        sa.select(sa.func.max(_later.c.id))
        .where(*_GRANTED_LATER)
        .scalar_subquery()
        .label("later_id"),
        _ASKED_AGAIN.label("herhaald"),
        _OORZAAK.label("oorzaak_id"),
        _BESLUIT.label("besluit_id"),
    )
    .join_from(declaratie, partij, partij.c.id == declaratie.c.partij_id)
    .join(prestatie, OF_DECLARATIE)
    .where(
        *(partij.c[name] == sa.bindparam(name) for name in ("gemeente", "wet", "aanbieder")),
        declaratie.c.begindatum.between(_VAN, _TOT),
        stands(declaratie),
        P.toegekend == REFUSED,
    )
    .subquery("gevonden")
)
_F = _FOUND.c
_LOTEN = (
    sa.select(
        *_F,
        sa.case(
            (sa.or_(_F.debet_credit == "C", _F.herhaald, _F.gekregen.is_(None)), 0),
            (_F.gekregen > _F.bedrag, _F.bedrag),
            else_=_F.gekregen,
        ).label("later"),
        sa.case(
            (_F.oorzaak_id.is_not(None), "open"),
            (_F.besluit_id.is_not(None), "afgehandeld"),
            (_F.later_id.is_not(None), "vervallen"),
            else_="open",
        ).label("lot"),
    )
).subquery("regels")
_L = _LOTEN.c


def _rest_of(lot: Lot) -> sa.ColumnElement[int]:
    return _sum(sa.case((_L.lot == lot, _L.bedrag - _L.later), else_=0))


_GRONDEN = sa.select(
    _L.retourcodes,
    sa.func.count().label("regels"),
    _sum(_L.bedrag).label("bedrag"),
    _sum(_L.later).label("later"),
    *(_rest_of(lot).label(lot) for lot in ("vervallen", "afgehandeld", "open")),
    _sum(sa.case((_L.lot == "open", 1), else_=0)).label("aantal_open"),
    sa.func.min(_L.oorzaak_id).label("oorzaak_id"),
).group_by(_L.retourcodes)
# The highest amount in front, whichever its sign.
_PLAATS = sa.case((_L.bedrag < 0, _L.bedrag), else_=-_L.bedrag)
_REGELS = sa.select(_LOTEN, _PLAATS.label("plaats")).order_by(_PLAATS, _L.id)
_WELKE = P.id.in_(sa.bindparam("welke", expanding=True))
_OF_IT = declaratie.c.id == P.declaratie_id
_LATER = (
    sa.select(
        P.id,
        declaratie.c.inbox_id,
        P.volgnr,
        P.referentienummer,
        P.bsn,
        declaratie.c.declaratienummer,
    )
    .join_from(prestatie, declaratie, _OF_IT)
    .where(_WELKE)
)
_OPEN = (
    sa.select(P.id, _BEVINDING.label("bevinding_id"))
    .join_from(prestatie, declaratie, _OF_IT)
    .where(_WELKE)
)


def _grond_of(row: Any) -> Afwijzingsgrond:
    return Afwijzingsgrond(
        tuple(row.retourcodes.split()),
        row.regels,
        row.bedrag,
        row.later,
        row.vervallen,
        row.afgehandeld,
        row.open,
        row.aantal_open,
        row.oorzaak_id,
    )


def _regel_of(row: Any, later: Any, opened: Any) -> Afgewezenregel:
    return Afgewezenregel(
        inbox_id=row.inbox_id,
        regelnr=row.volgnr,
        referentienummer=mask_own(row.referentienummer, row.bsn),
        client=row.bsn_hash,
        declaratienummer=mask_own(row.declaratienummer, row.bsn),
        productcode=row.productcode,
        retourcodes=tuple(row.retourcodes.split()),
        bedrag=row.bedrag,
        later=row.later,
        lot=row.lot,
        oorzaak_id=row.oorzaak_id,
        bevinding_id=None if opened is None else opened.bevinding_id,
        besluit_id=row.besluit_id,
        latere=None if later is None else _later_of(later),
    )


def _later_of(row: Any) -> LatereRegel:
    numbers = (mask_own(one, row.bsn) for one in (row.referentienummer, row.declaratienummer))
    return LatereRegel(row.inbox_id, row.volgnr, *numbers)

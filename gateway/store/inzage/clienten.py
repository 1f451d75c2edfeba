"""Everything of one client on one page: assignments, deliveries, lines and requests.

A client is known by the fingerprint of his Bsn.  Lines are found by the assignments of the client:
one on a number that was never assigned to him is found by its message only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.ledger.boek import Saldo
from gateway.pipeline.ports import Partijen
from gateway.records.masker import mask_own
from gateway.records.toewijzing import ToegewezenProduct
from gateway.store.columns import TOEWIJZING
from gateway.store.engine import Database
from gateway.store.inzage.binnen import partij_in
from gateway.store.ledger_balances import SALDO, stands
from gateway.store.rijen import toewijzing_of
from gateway.store.tables import (
    bevinding,
    declaratie,
    levering,
    partij,
    prestatie,
    toewijzing,
    verzoek,
)
from gateway.store.werk.tables import werkpost
from gateway.toegang.wie import Bereik

# So many lines are listed, the latest first; sums are over all of them.
REGELS = 1_000
VERZOEKEN, BEVINDINGEN = 200, 200
# The assignment is not one of the client of the line.
ANDERE_CLIENT = "8187"


@dataclass(frozen=True, slots=True)
class Clientversie:
    """A version of an assignment, the message that made it, and whether it stands."""

    product: ToegewezenProduct
    inbox_id: int | None
    staat: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Clientlevering:
    """A start or stop of care; of a start `einddatum` and `reden` are empty."""

    partij: int
    partijen: Partijen
    soort: str
    toewijzingnummer: int | None
    productcategorie: str | None
    productcode: str | None
    begindatum: date
    einddatum: date | None
    reden: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clientregel:
    """An invoice line: `bedrag` is signed, `toegekend` is None while nothing judged it."""

    inbox_id: int
    regelnr: int
    partij: int
    toewijzingnummer: int
    declaratienummer: str
    referentienummer: str
    productcode: str
    begindatum: date
    einddatum: date
    bedrag: int
    toegekend: bool | None
    retourcodes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clientverzoek:
    """A request of a provider for this client (`soort` 315 or 317), and how far it is."""

    nummer: int
    partijen: Partijen
    soort: str
    referentie: str
    ontvangen_op: date
    termijn: date
    staat: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Clientbevinding:
    """An open finding on an assignment of the client or a line on it; `belang` is in cents."""

    inbox_id: int
    regelnr: int | None
    toewijzingnummer: int
    partijen: Partijen
    rule: str
    retourcode: str | None
    effect: str
    belang: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Clienttoewijzing:
    """An assignment of the client; versions oldest first (IV013), `saldo` is over all its lines."""

    partij: int
    partijen: Partijen
    nummer: int
    versies: Sequence[Clientversie]
    leveringen: Sequence[Clientlevering]
    regels: Sequence[Clientregel]
    saldo: Saldo

    @property
    def product(self) -> ToegewezenProduct:
        """The version that holds: the latest that stands, else the latest."""
        standing = [one for one in self.versies if one.staat]
        return (standing or self.versies)[-1].product


@dataclass(frozen=True, slots=True, kw_only=True)
class Clientbeeld:
    """A client as far as somebody may see him.

    `los` are starts and stops without an assignment of his; `meer_regels` tells that more lines are
    there than are listed.
    """

    client: str
    bsn: str = field(repr=False)
    toewijzingen: Sequence[Clienttoewijzing]
    los: Sequence[Clientlevering]
    verzoeken: Sequence[Clientverzoek]
    bevindingen: Sequence[Clientbevinding]
    meer_regels: bool

    @property
    def gemeenten(self) -> Sequence[str]:
        """The municipalities that know him, as far as they may be seen."""
        parties = [one.partijen for one in self.toewijzingen]
        parties += [one.partijen for one in self.los]
        parties += [one.partijen for one in self.verzoeken]
        return sorted({one.gemeente for one in parties})


def is_bekend(database: Database, bereik: Bereik, client: str) -> bool:
    """Whether anything of a client is seen from here; also where a Bsn has never come by."""
    parts = [
        sa.select(sa.literal(1))
        .join_from(table, partij, partij.c.id == table.c.partij_id)
        .where(table.c.bsn_hash == client, partij_in(bereik))
        .limit(1)
        .subquery()
        for table in (toewijzing, levering, verzoek)
    ]
    query = sa.union_all(*(sa.select(part) for part in parts))
    with database.snapshot(bereik.scope) as connection:
        return connection.execute(query).first() is not None


def beeld_van(database: Database, bereik: Bereik, client: str) -> Clientbeeld | None:
    """A client with all that hangs on him; None where there is nothing to be seen."""
    with database.snapshot(bereik.scope) as connection:
        versies = _rows(connection, _VERSIES, bereik, client)
        geleverd = _rows(connection, _LEVERINGEN, bereik, client)
        gevraagd = _rows(connection, _VERZOEKEN, bereik, client)
        regels = _rows(connection, _REGELS, bereik, client)
        saldi = _rows(connection, _SALDI, bereik, client)
        gevonden = _rows(connection, _BEVINDINGEN, bereik, client)
    known = [*versies, *geleverd, *gevraagd]
    if not known:
        return None
    leveringen = [_levering_of(row) for row in geleverd]
    toewijzingen = _toewijzingen_of(
        versies, leveringen, [_regel_of(row) for row in regels[:REGELS]], saldi
    )
    own = {(one.partij, one.nummer) for one in toewijzingen}
    return Clientbeeld(
        client=client,
        bsn=known[0].bsn,
        toewijzingen=toewijzingen,
        los=[one for one in leveringen if (one.partij, one.toewijzingnummer) not in own],
        verzoeken=[_verzoek_of(row) for row in gevraagd],
        bevindingen=[_bevinding_of(row) for row in gevonden],
        meer_regels=len(regels) > REGELS,
    )


_CLIENT: sa.BindParameter[str] = sa.bindparam("client", type_=sa.String)
_WIE = (partij.c.gemeente, partij.c.wet, partij.c.aanbieder)
_VERSIES = (
    sa.select(
        toewijzing.c.partij_id,
        toewijzing.c.inbox_id,
        toewijzing.c.tot_volgnr,
        partij.c.gemeente,
        partij.c.wet,
        *TOEWIJZING,
    )
    .join_from(toewijzing, partij, partij.c.id == toewijzing.c.partij_id)
    .where(toewijzing.c.bsn_hash == _CLIENT)
    .order_by(toewijzing.c.id)
)
_BEFORE_PRODUCT = 5
_LEVERINGEN = (
    sa.select(levering, *_WIE)
    .join_from(levering, partij, partij.c.id == levering.c.partij_id)
    .where(levering.c.bsn_hash == _CLIENT, stands(levering))
    .order_by(levering.c.begindatum, levering.c.id)
)
_VERZOEKEN = (
    sa.select(verzoek, *_WIE)
    .join_from(verzoek, partij, partij.c.id == verzoek.c.partij_id)
    .where(verzoek.c.bsn_hash == _CLIENT, stands(verzoek))
    .order_by(verzoek.c.ontvangen_op.desc(), verzoek.c.id.desc())
    .limit(VERZOEKEN)
)
_NUMMERS = (
    sa.select(toewijzing.c.partij_id, toewijzing.c.toewijzingnummer)
    .where(toewijzing.c.bsn_hash == _CLIENT)
    .distinct()
    .subquery("eigen")
)
_OP_NUMMER = sa.and_(
    prestatie.c.partij_id == _NUMMERS.c.partij_id,
    prestatie.c.toewijzingnummer == _NUMMERS.c.toewijzingnummer,
)
_EIGEN = (prestatie.c.bsn_hash == _CLIENT, stands(prestatie))
_REGELS = (
    sa.select(prestatie, declaratie.c.inbox_id, declaratie.c.declaratienummer)
    .join_from(_NUMMERS, prestatie, _OP_NUMMER)
    .join(partij, partij.c.id == prestatie.c.partij_id)
    .join(declaratie, declaratie.c.id == prestatie.c.declaratie_id)
    .where(*_EIGEN)
    .order_by(prestatie.c.begindatum.desc(), prestatie.c.id.desc())
    .limit(REGELS + 1)
)
_SALDI = (
    sa.select(prestatie.c.partij_id, prestatie.c.toewijzingnummer, *SALDO)
    .join_from(_NUMMERS, prestatie, _OP_NUMMER)
    .join(partij, partij.c.id == prestatie.c.partij_id)
    .where(*_EIGEN)
    .group_by(prestatie.c.partij_id, prestatie.c.toewijzingnummer)
)
# Who is not this client has lines on his numbers as well, which name another one.
_BEVINDINGEN = (
    sa.select(
        werkpost.c.inbox_id,
        werkpost.c.regelnr,
        werkpost.c.toewijzingnummer,
        werkpost.c.belang,
        bevinding.c.rule,
        bevinding.c.retourcode,
        bevinding.c.effect,
        bevinding.c.text,
        *_WIE,
    )
    .join_from(
        _NUMMERS,
        werkpost,
        sa.and_(
            werkpost.c.toewijzingnummer == _NUMMERS.c.toewijzingnummer,
            werkpost.c.partij_id == _NUMMERS.c.partij_id,
        ),
    )
    .join(bevinding, bevinding.c.id == werkpost.c.bevinding_id)
    .join(partij, partij.c.id == werkpost.c.partij_id)
    .where(sa.func.coalesce(bevinding.c.retourcode, "") != ANDERE_CLIENT)
    .order_by(werkpost.c.gewicht.desc(), werkpost.c.bevinding_id)
    .limit(BEVINDINGEN)
)


def _rows(
    connection: Connection, query: sa.Select[Any], bereik: Bereik, client: str
) -> Sequence[Any]:
    return connection.execute(query.where(partij_in(bereik)), {"client": client}).all()


def _toewijzingen_of(
    versies: Sequence[Any],
    leveringen: Sequence[Clientlevering],
    regels: Sequence[Clientregel],
    saldi: Sequence[Any],
) -> list[Clienttoewijzing]:
    """The assignments, the one that began last in front."""
    key = attrgetter("partij_id", "toewijzingnummer")
    saldo = {tuple(row[:2]): Saldo._make(map(int, row[2:])) for row in saldi}
    by_number = _grouped(leveringen), _grouped(regels)
    found = []
    for own, rows in groupby(sorted(versies, key=key), key=key):
        of_number = [(_versie_of(row), row) for row in rows]
        partij_id, nummer = own
        first = of_number[0][1]
        found.append(
            Clienttoewijzing(
                partij=partij_id,
                partijen=Partijen(first.gemeente, first.wet, first.aanbieder),
                nummer=nummer,
                versies=sorted((one for one, _ in of_number), key=lambda one: one.product.versie),
                leveringen=by_number[0].get(own, ()),
                regels=by_number[1].get(own, ()),
                saldo=saldo.get(own, Saldo()),
            )
        )
    return sorted(found, key=lambda one: (one.product.ingangsdatum, one.nummer), reverse=True)


def _grouped(things: Sequence[Any]) -> Mapping[tuple[int, int | None], Sequence[Any]]:
    """Things by party and ToewijzingNummer, in the order that they had."""
    found: dict[tuple[int, int | None], list[Any]] = {}
    for one in things:
        found.setdefault((one.partij, one.toewijzingnummer), []).append(one)
    return found


def _versie_of(row: Any) -> Clientversie:
    product = toewijzing_of(tuple(row)[_BEFORE_PRODUCT:])
    return Clientversie(product, row.inbox_id, row.tot_volgnr is None)


def _levering_of(row: Any) -> Clientlevering:
    return Clientlevering(
        partij=row.partij_id,
        partijen=_partijen_of(row),
        soort=row.soort,
        toewijzingnummer=row.toewijzingnummer,
        productcategorie=row.productcategorie,
        productcode=row.productcode,
        begindatum=row.begindatum,
        einddatum=row.einddatum,
        reden=row.reden_beeindiging,
    )


def _regel_of(row: Any) -> Clientregel:
    debet = row.debet_credit == "D"
    return Clientregel(
        inbox_id=row.inbox_id,
        regelnr=row.volgnr,
        partij=row.partij_id,
        toewijzingnummer=row.toewijzingnummer,
        declaratienummer=row.declaratienummer,
        referentienummer=mask_own(row.referentienummer, row.bsn),
        productcode=row.productcode,
        begindatum=row.begindatum,
        einddatum=row.einddatum,
        bedrag=row.ingediend_bedrag if debet else -row.ingediend_bedrag,
        toegekend={0: False, 1: True}.get(row.toegekend),
        retourcodes=tuple(row.retourcodes.split()),
    )


def _verzoek_of(row: Any) -> Clientverzoek:
    return Clientverzoek(
        nummer=row.id,
        partijen=_partijen_of(row),
        soort=row.soort,
        referentie=mask_own(row.referentie_aanbieder, row.bsn),
        ontvangen_op=row.ontvangen_op,
        termijn=row.termijn,
        staat=row.staat,
    )


def _bevinding_of(row: Any) -> Clientbevinding:
    return Clientbevinding(
        inbox_id=row.inbox_id,
        regelnr=row.regelnr,
        toewijzingnummer=row.toewijzingnummer,
        partijen=_partijen_of(row),
        rule=row.rule,
        retourcode=row.retourcode,
        effect=row.effect,
        belang=row.belang,
        text=row.text,
    )


def _partijen_of(row: Any) -> Partijen:
    return Partijen(row.gemeente, row.wet, row.aanbieder)

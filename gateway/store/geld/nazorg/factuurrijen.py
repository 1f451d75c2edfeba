"""Invoices, their lines and assignments outside the traffic as they are read, and who may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.errors import NietGevonden
from gateway.ledger.geld.factuurcontrole import Bevinding, Factuur, Factuurregel, Handtoewijzing
from gateway.store.geld.nazorg.creditfacturen import Credit, credits_of
from gateway.store.geld.nazorg.tables import factuur, factuurregel, handtoewijzing
from gateway.toegang.wie import Bereik


@dataclass(frozen=True, slots=True, kw_only=True)
class Factuurrij:
    """An invoice as it stands; `bevindingen` are those of when it was put down.

    `client` is a fingerprint of a reference of ours, `referentie` empty where that is hidden;
    `tegen_id` is the invoice that a creditfactuur takes lines back of.
    """

    nummer: int
    gemeente: str
    wet: str
    aanbieder: str
    factuurnummer: str
    factuurdatum: date
    soort: str
    client: str | None
    referentie: str
    handtoewijzing_id: int | None
    toewijzingnummer: int | None
    document_sha256: str | None
    bedrag: int
    staat: str
    bevindingen: Sequence[Bevinding]
    voorstel_id: int
    naam: str
    gemaakt: datetime
    tegen_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Regelrij:
    """A line of an invoice with how far its payment is, and what takes it back, if anything."""

    nummer: int
    regel: Factuurregel
    staat: str
    betaald_op: date | None
    credit: Credit | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Handrij:
    """An assignment outside the traffic, and whose."""

    gemeente: str
    wet: str
    aanbieder: str
    soort: str
    referentie: str
    toewijzing: Handtoewijzing


def factuur_in(bereik: Bereik) -> tuple[sa.ColumnElement[bool], ...]:
    """Whether an invoice is one that may be seen."""
    own = factuur.c.gemeente.in_(sorted(bereik.gemeenten))
    if bereik.aanbieder is None:
        return (own,)
    return own, factuur.c.aanbieder == bereik.aanbieder


def row_of(connection: Connection, bereik: Bereik, nummer: int, *, lock: bool = False) -> Any:
    """The row of an invoice; raises NietGevonden for none that may be seen."""
    query = sa.select(factuur).where(factuur.c.id == nummer, *factuur_in(bereik))
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NietGevonden("deze factuur bestaat niet")
    return row


def rij_of(row: Any) -> Factuurrij:
    """An invoice from its row."""
    return Factuurrij(
        nummer=row.id,
        bevindingen=msgspec.json.decode(row.bevindingen, type=list[Bevinding]),
        gemaakt=datetime.fromtimestamp(row.gemaakt_at, UTC),
        **{name: getattr(row, name) for name in _TAKEN},
    )


def regels_of(connection: Connection, nummer: int) -> Sequence[Regelrij]:
    """The lines of an invoice in their order."""
    query = sa.select(factuurregel).where(factuurregel.c.factuur_id == nummer)
    credits_ = credits_of(connection, nummer)
    return [
        Regelrij(
            nummer=row.id,
            regel=Factuurregel._make(getattr(row, name) for name in Factuurregel._fields),
            staat=row.staat,
            betaald_op=row.betaald_op,
            credit=credits_.get(row.volgnr),
        )
        for row in connection.execute(query.order_by(factuurregel.c.volgnr))
    ]


def told_factuur(row: Any, regels: Sequence[Regelrij]) -> Factuur:
    """An invoice as it came in."""
    names = ("gemeente", "wet", "aanbieder", "factuurnummer", "factuurdatum")
    return Factuur(
        regels=[one.regel for one in regels], **{name: getattr(row, name) for name in names}
    )


def hand_of(row: Any) -> Handtoewijzing:
    """An assignment outside the traffic from its row."""
    names = ("productcode", "eenheid", "begindatum", "einddatum", "volume", "bedrag")
    return Handtoewijzing(nummer=row.id, **{name: getattr(row, name) for name in names})


def handrij_of(row: Any) -> Handrij:
    """The same with whose it is."""
    names = ("gemeente", "wet", "aanbieder", "soort", "referentie")
    return Handrij(toewijzing=hand_of(row), **{name: getattr(row, name) for name in names})


HANDTOEWIJZING = sa.select(handtoewijzing)
_TAKEN = (
    *("gemeente", "wet", "aanbieder", "factuurnummer", "factuurdatum", "soort", "client"),
    *("referentie", "handtoewijzing_id", "toewijzingnummer", "document_sha256", "bedrag"),
    *("staat", "voorstel_id", "naam", "tegen_id"),
)

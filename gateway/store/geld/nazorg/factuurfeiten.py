"""What is known beside an invoice outside the traffic: other invoices, assignments and lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.errors import WrongUse
from gateway.ledger.geld.factuurcontrole import Bekend, Eerder, Factuur
from gateway.records.declaratie import GRANTED
from gateway.store.engine import Database
from gateway.store.geld.nazorg.creditfacturen import ASKS
from gateway.store.geld.nazorg.factuurrijen import HANDTOEWIJZING, factuur_in, hand_of
from gateway.store.geld.nazorg.keuze import DEBET, credit_of
from gateway.store.geld.nazorg.tables import (
    GOEDGEKEURD,
    VOORGESTELD,
    factuur,
    factuurregel,
    handtoewijzing,
)
from gateway.store.ledger_balances import stands
from gateway.store.tables import declaratie, prestatie
from gateway.toegang.wie import Bereik

TELT = (VOORGESTELD, GOEDGEKEURD)


def known_beside(
    connection: Connection,
    one: Factuur,
    client: str | None,
    hand_id: int | None,
    row: Any = None,
) -> Bekend:
    """What an invoice is held against; `row` is its own once it is there.

    Raises WrongUse for an assignment that is not of this municipality and provider.
    """
    self_id = 0 if row is None else row.id
    earlier = _earlier(connection, one, client, self_id)
    if row is not None and row.toewijzingnummer is not None:
        earlier += [
            Eerder(f"declaratie {found.declaratienummer}", *found[1:4], declaratie=True)
            for found in connection.execute(_OF_TRAFFIC.where(factuur.c.id == row.id))
        ]
    if hand_id is None:
        return Bekend(eerder=earlier)
    query = HANDTOEWIJZING.where(
        handtoewijzing.c.id == hand_id,
        handtoewijzing.c.gemeente == one.gemeente,
        handtoewijzing.c.aanbieder == one.aanbieder,
        handtoewijzing.c.wet == one.wet,
    )
    assigned = connection.execute(query).one_or_none()
    if assigned is None:
        raise WrongUse(f"toewijzing {hand_id} buiten het berichtenverkeer is er niet voor hen")
    if assigned.client != client:
        raise WrongUse(f"toewijzing {hand_id} is van een andere cliënt")
    used = connection.execute(
        _USED, {"toewijzing": hand_id, "zelf": self_id, "product": assigned.productcode}
    ).one()
    return Bekend(
        eerder=earlier,
        toewijzing=hand_of(assigned),
        gebruikt_volume=int(used.volume),
        gebruikt_bedrag=int(used.bedrag),
    )


def in_traffic(database: Database, bereik: Bereik, nummers: Sequence[int]) -> frozenset[int]:
    """Which of these invoices are for care that was granted in the traffic as well."""
    query = _OF_TRAFFIC.with_only_columns(factuur.c.id).distinct()
    query = query.where(factuur.c.id.in_(sorted(nummers)), *factuur_in(bereik))
    with database.snapshot(bereik.scope) as connection:
        return frozenset(connection.scalars(query))


def _earlier(
    connection: Connection, one: Factuur, client: str | None, self_id: int
) -> list[Eerder]:
    if client is None:
        return []
    given = {"client": client, "gemeente": one.gemeente, "aanbieder": one.aanbieder}
    rows = connection.execute(_EARLIER, given | {"zelf": self_id})
    return [Eerder(*row) for row in rows]


_EARLIER = (
    sa.select(
        factuur.c.factuurnummer,
        factuurregel.c.productcode,
        factuurregel.c.begindatum,
        factuurregel.c.einddatum,
    )
    .join_from(factuur, factuurregel, factuurregel.c.factuur_id == factuur.c.id)
    .where(
        factuur.c.client == sa.bindparam("client"),
        factuur.c.gemeente == sa.bindparam("gemeente"),
        factuur.c.aanbieder == sa.bindparam("aanbieder"),
        factuur.c.staat.in_(TELT),
        factuur.c.id != sa.bindparam("zelf"),
        ASKS,
    )
    .order_by(factuur.c.id, factuurregel.c.volgnr)
)
_VOLUME = sa.case(
    (factuurregel.c.productcode == sa.bindparam("product"), factuurregel.c.volume), else_=0
)
_USED = (
    sa.select(
        sa.func.coalesce(sa.func.sum(_VOLUME), 0).label("volume"),
        sa.func.coalesce(sa.func.sum(factuurregel.c.bedrag), 0).label("bedrag"),
    )
    .join_from(factuur, factuurregel, factuurregel.c.factuur_id == factuur.c.id)
    .where(
        factuur.c.handtoewijzing_id == sa.bindparam("toewijzing"),
        # What nobody approved yet gives no room back.
        sa.or_(
            factuur.c.staat == GOEDGEKEURD,
            sa.and_(factuur.c.staat == VOORGESTELD, factuur.c.tegen_id.is_(None)),
        ),
        factuur.c.id != sa.bindparam("zelf"),
    )
)
# Lines of an invoice beside granted lines on the assignment that its client got since.
_OF_TRAFFIC = (
    sa.select(
        declaratie.c.declaratienummer,
        prestatie.c.productcode,
        prestatie.c.begindatum,
        prestatie.c.einddatum,
    )
    .join_from(factuur, factuurregel, factuurregel.c.factuur_id == factuur.c.id)
    .join(
        prestatie,
        sa.and_(
            prestatie.c.partij_id == factuur.c.partij_id,
            prestatie.c.toewijzingnummer == factuur.c.toewijzingnummer,
            prestatie.c.productcode == factuurregel.c.productcode,
            prestatie.c.begindatum <= factuurregel.c.einddatum,
            prestatie.c.einddatum >= factuurregel.c.begindatum,
        ),
    )
    .join(declaratie, declaratie.c.id == prestatie.c.declaratie_id)
    .where(
        stands(prestatie),
        prestatie.c.debet_credit == DEBET,
        prestatie.c.toegekend == GRANTED,
        ~credit_of(prestatie).correlate(prestatie).exists(),
        factuur.c.staat.in_(TELT),
        ASKS,
    )
)

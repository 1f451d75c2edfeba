"""The lines of a payment page by page, and what each declaratie and factuur in it comes to.

Each kind is read by its own index, one after the other: so a page costs the same wherever it is.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.ledger.geld.specificatie import DECLARATIE, FACTUUR, Specificatieregel
from gateway.records.masker import mask_own
from gateway.store.geld.betalen.facturen import CATEGORIE
from gateway.store.geld.betalen.tables import betaalregel, betaalrun, betaling
from gateway.store.geld.nazorg.tables import factuur, factuurregel
from gateway.store.inzage.blad import place_of, write_place
from gateway.store.tables import declaratie, partij, prestatie

B, N, R = betaling.c, betaalrun.c, betaalregel.c
F, L = factuur.c, factuurregel.c


def lines_of(
    connection: Connection,
    nummer: int,
    na: str | None,
    count: int,
    *may: sa.ColumnElement[bool],
) -> list[Specificatieregel]:
    """At most so many lines of a payment after a place."""
    bron, *after = place_of(na, str, int, int) if na is not None else (DECLARATIE, 0, 0)
    kinds = list(_KINDS)
    found: list[Specificatieregel] = []
    for kind in kinds[kinds.index(str(bron)) :]:
        query, keys = _KINDS[kind]
        own = query.where(B.id == nummer, *may).order_by(*keys).limit(count - len(found))
        if kind == bron:
            own = own.where(sa.tuple_(*keys) > sa.tuple_(*after))
        found += map(_regel_of, connection.execute(own))
    return found


def _regel_of(row: Any) -> Specificatieregel:
    *known, bsn = row
    one = Specificatieregel._make(known)
    if bsn is None:
        return one
    return one._replace(referentienummer=mask_own(one.referentienummer, bsn))


def write_line(one: Specificatieregel) -> str:
    """The place of a line, to go on after it."""
    return write_place((one.bron, one.stuk_id, one.regelnr))


def totalen(nummer: int) -> sa.CompoundSelect[Any]:
    """What each declaratie and factuur in a payment comes to, in the order of Stuktotaal."""
    per_stuk = (
        sa.select(
            R.inbox_id,
            sa.func.min(R.prestatie_id).label("prestatie_id"),
            sa.func.count().label("regels"),
            sa.func.sum(R.bedrag).label("bedrag"),
        )
        .where(R.betaling_id == nummer)
        .group_by(R.inbox_id)
        .subquery("per_stuk")
    )
    granted = (
        sa.select(
            sa.literal(DECLARATIE).label("bron"),
            per_stuk.c.inbox_id.label("stuk_id"),
            declaratie.c.declaratienummer,
            declaratie.c.identificatie,
            per_stuk.c.regels,
            per_stuk.c.bedrag,
        )
        .join_from(per_stuk, prestatie, prestatie.c.id == per_stuk.c.prestatie_id)
        .join(declaratie, declaratie.c.id == prestatie.c.declaratie_id)
    )
    invoiced = (
        sa.select(
            sa.literal(FACTUUR),
            F.id,
            F.factuurnummer,
            sa.literal(""),
            sa.func.count(),
            sa.func.sum(L.bedrag),
        )
        .join_from(factuurregel, factuur, F.id == L.factuur_id)
        .where(L.betaling_id == nummer)
        .group_by(F.id, F.factuurnummer)
    )
    return sa.union_all(granted, invoiced).order_by("bron", "stuk_id")


# Both in the order of Specificatieregel with the Bsn that no reference may show, and the keys that
# they are ordered by.
_GRANTED = (
    sa.select(
        sa.literal(DECLARATIE),
        R.inbox_id,
        R.regelnr,
        declaratie.c.declaratienummer,
        declaratie.c.identificatie,
        partij.c.wet,
        prestatie.c.referentienummer,
        prestatie.c.toewijzingnummer,
        prestatie.c.productcategorie,
        prestatie.c.productcode,
        prestatie.c.begindatum,
        prestatie.c.einddatum,
        R.bedrag,
        prestatie.c.bsn_hash,
        prestatie.c.bsn,
    )
    .join_from(betaalregel, betaling, B.id == R.betaling_id)
    .join(betaalrun, N.id == B.run_id)
    .join(prestatie, prestatie.c.id == R.prestatie_id)
    .join(declaratie, declaratie.c.id == prestatie.c.declaratie_id)
    .join(partij, partij.c.id == prestatie.c.partij_id)
)
_INVOICED = (
    sa.select(
        sa.literal(FACTUUR),
        L.factuur_id,
        L.volgnr,
        F.factuurnummer,
        sa.literal(""),
        F.wet,
        sa.cast(L.volgnr, sa.String),
        F.toewijzingnummer,
        CATEGORIE,
        L.productcode,
        L.begindatum,
        L.einddatum,
        L.bedrag,
        F.client,
        sa.null(),
    )
    .join_from(factuurregel, betaling, B.id == L.betaling_id)
    .join(betaalrun, N.id == B.run_id)
    .join(factuur, F.id == L.factuur_id)
)
_KINDS: dict[str, tuple[sa.Select[Any], tuple[Any, Any]]] = {
    DECLARATIE: (_GRANTED, (R.inbox_id, R.regelnr)),
    FACTUUR: (_INVOICED, (L.factuur_id, L.volgnr)),
}

"""What payments are made of: lines of 323s and of invoices outside the traffic, told alike."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from gateway.store.geld.betalen import facturen
from gateway.store.geld.betalen.tables import betaalregel, betaalstuk
from gateway.store.geld.nazorg.tables import factuur, factuurregel
from gateway.store.ledger_balances import JAAR
from gateway.store.tables import partij, prestatie

R, S, F, L = betaalregel.c, betaalstuk.c, factuur.c, factuurregel.c


def open_stukken(gemeenten: Collection[str]) -> sa.Subquery:
    """Everything that something is open of: 323s that were answered and invoices."""
    own = sorted(gemeenten)
    answered = (
        sa.select(
            S.inbox_id.label("stuk_id"),
            S.gemeente,
            partij.c.aanbieder,
            S.received_at,
            S.sent_at,
            S.regels_open,
            S.bedrag_open,
        )
        .join_from(betaalstuk, partij, partij.c.id == S.partij_id)
        .where(S.gemeente.in_(own), S.regels_open > sa.literal_column("0"))
    )
    approved = facturen.OPEN.where(L.gemeente.in_(own))
    return sa.union_all(answered, approved).subquery()


def bedragen(betalingen: sa.ScalarSelect[int] | None = None) -> sa.Subquery:
    """Per payment its `regels`, and `debet` and `credit` without a sign; none told is all."""
    arms = [sa.select(R.betaling_id, R.bedrag), sa.select(L.betaling_id, L.bedrag)]
    lines = sa.union_all(*_of(arms, betalingen)).subquery("regel")
    bedrag = lines.c.bedrag
    return (
        sa.select(
            lines.c.betaling_id,
            sa.func.count().label("regels"),
            sa.func.sum(sa.case((bedrag > 0, bedrag), else_=0)).label("debet"),
            sa.func.sum(sa.case((bedrag < 0, -bedrag), else_=0)).label("credit"),
        )
        .group_by(lines.c.betaling_id)
        .subquery("bedragen")
    )


def posten(betalingen: sa.ScalarSelect[int]) -> sa.Select[Any]:
    """What payments come to by what a ledger asks for, in the order of `betaalpost`."""
    granted = (
        sa.select(
            R.betaling_id,
            partij.c.wet,
            prestatie.c.productcategorie,
            prestatie.c.productcode,
            sa.cast(JAAR, sa.Integer).label("jaar"),
            R.bedrag,
        )
        .join_from(betaalregel, prestatie, prestatie.c.id == R.prestatie_id)
        .join(partij, partij.c.id == prestatie.c.partij_id)
    )
    invoiced = sa.select(
        L.betaling_id,
        F.wet,
        facturen.CATEGORIE,
        L.productcode,
        sa.cast(sa.extract("year", L.begindatum), sa.Integer),
        L.bedrag,
    ).join_from(factuurregel, factuur, F.id == L.factuur_id)
    lines = sa.union_all(*_of([granted, invoiced], betalingen)).subquery("regel")
    *key, bedrag = lines.c
    return sa.select(*key, sa.func.count(), sa.func.sum(bedrag)).group_by(*key)


def _of(
    arms: list[sa.Select[Any]], betalingen: sa.ScalarSelect[int] | None
) -> list[sa.Select[Any]]:
    """Only what is in these payments, looked for in each table by itself."""
    keys = (R.betaling_id, L.betaling_id)
    if betalingen is None:
        return [arm.where(key.is_not(None)) for arm, key in zip(arms, keys, strict=True)]
    return [arm.where(key.in_(betalingen)) for arm, key in zip(arms, keys, strict=True)]

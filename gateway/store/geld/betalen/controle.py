"""The proof that payment adds up: every way of adding gives the same, or a sentence says where."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, cast

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.periods.bedragen import euros
from gateway.records.declaratie import GRANTED
from gateway.store.engine import Database
from gateway.store.geld.betalen.einde import eindes
from gateway.store.geld.betalen.inhoud import bedragen
from gateway.store.geld.betalen.tables import (
    VERVALLEN,
    betaalpost,
    betaalregel,
    betaalrun,
    betaalsaldo,
    betaalstuk,
    betaling,
)
from gateway.store.geld.nazorg.tables import (
    BETAALBAAR,
    GOEDGEKEURD,
    IN_BETALING,
    factuur,
    factuurregel,
)
from gateway.store.geld.nazorg.tables import BETAALD as FACTUUR_BETAALD
from gateway.store.ledger_balances import OF_DECLARATIE, SIGNED, stands
from gateway.store.tables import declaratie, prestatie
from gateway.toegang.wie import Bereik

B, N, R, S = betaling.c, betaalrun.c, betaalregel.c, betaalstuk.c
F, L, SALDO = factuur.c, factuurregel.c, betaalsaldo.c


class Verschil(NamedTuple):
    """Something that does not add up, as one Dutch sentence; amounts in eurocents."""

    soort: str
    zin: str
    verwacht: int
    gevonden: int


def differences(database: Database, bereik: Bereik) -> Iterator[Verschil]:
    """Everything about payment that does not add up, in one state of the store."""
    gemeenten = sorted(bereik.gemeenten)
    with database.long_snapshot(bereik.scope) as connection:
        yield from proofs_of(connection, gemeenten)


def proofs_of(connection: Connection, gemeenten: Sequence[str]) -> Iterator[Verschil]:
    """The same, in a state of the store that is open."""
    for soort, wat, query in _proofs(gemeenten):
        for row in connection.execute(query):
            verwacht, gevonden = int(row.verwacht), int(row.gevonden)
            zin = f"{wat.format(row.wie)}: {euros(gevonden)}, verwacht {euros(verwacht)}"
            yield Verschil(soort, zin, verwacht, gevonden)
    yield from _lost_lines(connection, gemeenten)


def _proofs(gemeenten: Sequence[str]) -> Iterator[tuple[str, str, sa.Select[Any]]]:
    own = B.gemeente.in_(gemeenten)
    alive = sa.and_(own, N.staat != VERVALLEN)
    lines = bedragen()
    netto = lines.c.debet - lines.c.credit
    yield (
        "regels",
        "betaling {}: de regels samen",
        _differing(alive, B.debet - B.credit, netto, lines, lines.c.betaling_id == B.id),
    )
    posten = _sums(betaalpost.c.betaling_id, betaalpost.c.bedrag, betaalpost)
    yield (
        "journaal",
        "betaling {}: de kosten samen",
        _differing(own, B.debet - B.credit, posten.c.bedrag, posten, posten.c.sleutel == B.id),
    )
    along = _sums(SALDO.in_id, SALDO.bedrag, betaalsaldo)
    yield (
        "meegenomen",
        "betaling {}: de eerdere saldi samen",
        _differing(alive, B.meegenomen, along.c.bedrag, along, along.c.sleutel == B.id),
    )
    left = _sums(SALDO.uit_id, SALDO.bedrag, betaalsaldo)
    expected = sa.case((B.teruggekomen_op.is_not(None), B.bedrag), else_=B.doorgeschoven)
    released = sa.and_(own, N.vrijgegeven_at.is_not(None))
    yield (
        "saldo",
        "betaling {}: wat naar een latere betaling gaat",
        _differing(released, expected, left.c.bedrag, left, left.c.sleutel == B.id),
    )
    yield (
        "betaling",
        "betaling {}: betaald en doorgeschoven samen",
        sa.select(
            B.kenmerk.label("wie"),
            (B.debet - B.credit + B.meegenomen).label("verwacht"),
            (B.bedrag + B.doorgeschoven).label("gevonden"),
        ).where(own, B.debet - B.credit + B.meegenomen != B.bedrag + B.doorgeschoven),
    )
    of_run = _sums(B.run_id, B.bedrag, betaling)
    yield (
        "run",
        "betaalrun {}: de betalingen samen",
        sa.select(
            sa.cast(N.id, sa.String).label("wie"),
            N.bedrag.label("verwacht"),
            sa.func.coalesce(of_run.c.bedrag, 0).label("gevonden"),
        )
        .join_from(betaalrun, of_run, of_run.c.sleutel == N.id, isouter=True)
        .where(N.gemeente.in_(gemeenten), N.bedrag != sa.func.coalesce(of_run.c.bedrag, 0)),
    )
    yield "open", "declaratie {}: in betalingen en open samen", _stukken(gemeenten)
    yield "aanbieder", "aanbieder {}: betaald en open saldo samen", _per_aanbieder(gemeenten)
    yield "vergeten", "declaratie {}: als te betalen geboekt", _forgotten(gemeenten)
    yield "factuur", "factuur {}: in betalingen en open samen", _invoices(gemeenten)
    yield "factuur betaald", "factuur {}: als betaald geboekt", _paid_invoices(gemeenten)


def _sums(key: Any, amount: Any, table: sa.FromClause) -> sa.Subquery:
    return (
        sa.select(key.label("sleutel"), sa.func.sum(amount).label("bedrag"))
        .select_from(table)
        .where(key.is_not(None))
        .group_by(key)
        .subquery(f"som_{key.name}")
    )


def _differing(
    which: sa.ColumnElement[bool], expected: Any, found: Any, sums: sa.Subquery, on: Any
) -> sa.Select[Any]:
    """Payments whose own amount is not what something else adds up to."""
    there = sa.func.coalesce(found, 0)
    return (
        sa.select(B.kenmerk.label("wie"), expected.label("verwacht"), there.label("gevonden"))
        .join_from(betaling, betaalrun, N.id == B.run_id)
        .outerjoin(sums, on)
        .where(which, expected != there)
        .order_by(B.id)
    )


def _stukken(gemeenten: Sequence[str]) -> sa.Select[Any]:
    """Invoices whose lines in payments and open amount are not what was granted in them."""
    lines = _sums(R.inbox_id, R.bedrag, betaalregel)
    granted = (
        sa.select(declaratie.c.inbox_id, sa.func.sum(SIGNED).label("bedrag"))
        .join_from(declaratie, prestatie, OF_DECLARATIE)
        .where(stands(declaratie), prestatie.c.toegekend == GRANTED)
        .group_by(declaratie.c.inbox_id)
        .subquery("toegekend")
    )
    expected = sa.func.coalesce(granted.c.bedrag, 0)
    found = sa.func.coalesce(lines.c.bedrag, 0) + S.bedrag_open
    return (
        sa.select(_NUMMER.label("wie"), expected.label("verwacht"), found.label("gevonden"))
        .select_from(betaalstuk)
        .outerjoin(lines, lines.c.sleutel == S.inbox_id)
        .outerjoin(granted, granted.c.inbox_id == S.inbox_id)
        .where(S.gemeente.in_(gemeenten), expected != found)
        .order_by(S.inbox_id)
    )


def _per_aanbieder(gemeenten: Sequence[str]) -> sa.Select[Any]:
    """Per aanbieder: all lines of released runs are what was paid for good, and what is open."""
    released = sa.and_(N.vrijgegeven_at.is_not(None), B.gemeente.in_(gemeenten))
    good = sa.case((B.teruggekomen_op.is_(None), B.bedrag), else_=0)
    paid = (
        sa.select(
            B.gemeente,
            B.aanbieder,
            sa.func.sum(B.debet - B.credit).label("regels"),
            sa.func.sum(good).label("betaald"),
        )
        .join_from(betaling, betaalrun, N.id == B.run_id)
        .where(released)
        .group_by(B.gemeente, B.aanbieder)
        .subquery("betaald")
    )
    # What a run in concept took along is not paid yet, so it is still open.
    taker, its_run = betaling.alias("neemt"), betaalrun.alias("in_run")
    open_ = (
        sa.select(SALDO.gemeente, SALDO.aanbieder, sa.func.sum(SALDO.bedrag).label("bedrag"))
        .select_from(betaalsaldo)
        .outerjoin(taker, taker.c.id == SALDO.in_id)
        .outerjoin(its_run, its_run.c.id == taker.c.run_id)
        .where(its_run.c.vrijgegeven_at.is_(None))
        .group_by(SALDO.gemeente, SALDO.aanbieder)
        .subquery("open")
    )
    found = paid.c.betaald + sa.func.coalesce(open_.c.bedrag, 0)
    same = sa.and_(open_.c.gemeente == paid.c.gemeente, open_.c.aanbieder == paid.c.aanbieder)
    return (
        sa.select(
            paid.c.aanbieder.label("wie"),
            paid.c.regels.label("verwacht"),
            found.label("gevonden"),
        )
        .join_from(paid, open_, same, isouter=True)
        .where(paid.c.regels != found)
    )


def _forgotten(gemeenten: Sequence[str]) -> sa.Select[Any]:
    """Invoices that something is paid of and that are not kept as ones to be paid."""
    known = sa.exists().where(S.inbox_id == R.inbox_id)
    found: Any = (
        sa.select(
            sa.cast(R.inbox_id, sa.String).label("wie"),
            sa.func.sum(R.bedrag).label("verwacht"),
            sa.literal(0).label("gevonden"),
        )
        .join_from(betaalregel, betaling, B.id == R.betaling_id)
        .where(B.gemeente.in_(gemeenten), ~known)
        .group_by(R.inbox_id)
    )
    return cast("sa.Select[Any]", found)


def _invoices(gemeenten: Sequence[str]) -> sa.Select[Any]:
    """Invoices outside the traffic whose lines are not each in one payment, or open."""
    held = sa.and_(N.staat != VERVALLEN, L.staat.in_([IN_BETALING, FACTUUR_BETAALD]))
    once = sa.or_(held, sa.and_(L.betaling_id.is_(None), L.staat == BETAALBAAR))
    approved = sa.case((F.staat == GOEDGEKEURD, L.bedrag), else_=0)
    expected = sa.func.coalesce(sa.func.sum(approved), 0)
    found = sa.func.coalesce(sa.func.sum(sa.case((once, L.bedrag), else_=0)), 0)
    return (
        sa.select(F.factuurnummer.label("wie"), expected.label("verwacht"), found.label("gevonden"))
        .join_from(factuurregel, factuur, F.id == L.factuur_id)
        .outerjoin(betaling, B.id == L.betaling_id)
        .outerjoin(betaalrun, N.id == B.run_id)
        .where(F.gemeente.in_(gemeenten))
        .group_by(F.id, F.factuurnummer)
        .having(expected != found)
        .order_by(F.id)
    )


def _paid_invoices(gemeenten: Sequence[str]) -> sa.Select[Any]:
    """Invoices of which something else is told to be paid than what their payments ended in."""
    einde = eindes(B.gemeente.in_(gemeenten))
    paid = sa.func.sum(sa.case((einde.c.betaald_op.is_not(None), L.bedrag), else_=0))
    told = sa.func.sum(sa.case((L.staat == FACTUUR_BETAALD, L.bedrag), else_=0))
    return (
        sa.select(F.factuurnummer.label("wie"), paid.label("verwacht"), told.label("gevonden"))
        .join_from(factuurregel, factuur, F.id == L.factuur_id)
        .join(einde, einde.c.betaling_id == L.betaling_id)
        .where(F.gemeente.in_(gemeenten))
        .group_by(F.id, F.factuurnummer)
        .having(paid != told)
        .order_by(F.id)
    )


def _lost_lines(connection: Connection, gemeenten: Sequence[str]) -> Iterator[Verschil]:
    """Lines in a payment that are granted no longer, or for another amount."""
    same = sa.exists().where(
        prestatie.c.id == R.prestatie_id,
        stands(prestatie),
        prestatie.c.toegekend == GRANTED,
        SIGNED == R.bedrag,
    )
    query = (
        sa.select(B.kenmerk, R.inbox_id, R.regelnr, R.bedrag)
        .join_from(betaalregel, betaling, B.id == R.betaling_id)
        .where(B.gemeente.in_(gemeenten), ~same)
        .order_by(R.inbox_id, R.regelnr)
    )
    for row in connection.execute(query):
        zin = (
            f"betaling {row.kenmerk}: regel {row.regelnr} van bericht {row.inbox_id} is niet meer "
            f"toegekend voor {euros(row.bedrag)}"
        )
        yield Verschil("regel", zin, 0, row.bedrag)


_NUMMER = sa.func.coalesce(
    sa.select(sa.func.min(declaratie.c.declaratienummer))
    .where(declaratie.c.inbox_id == S.inbox_id, stands(declaratie))
    .scalar_subquery(),
    sa.cast(S.inbox_id, sa.String),
)

"""What releases a run: nothing in it may have changed, and from here on it stands."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.errors import AlBeoordeeld, WrongUse
from gateway.pipeline.kennis import dag_van
from gateway.records.declaratie import GRANTED
from gateway.records.rekening import Rekening
from gateway.store.geld.betalen import facturen
from gateway.store.geld.betalen.blokkades import geblokkeerd_op, holds_line
from gateway.store.geld.betalen.inhoud import bedragen
from gateway.store.geld.betalen.tables import (
    BETAALD,
    CONCEPT,
    NEGATIEF,
    VOORGESTELD,
    VRIJGEGEVEN,
    betaalregel,
    betaalrun,
    betaalsaldo,
    betaling,
)
from gateway.store.geld.rekeningen import rekeningen_op
from gateway.store.geld.tables import voorstel
from gateway.store.geld.voorstellen import Voorstel, Voorstelsoort
from gateway.store.ledger_balances import SIGNED, stands
from gateway.store.tables import prestatie

SOORT, IN_OVEREENKOMST = "betaalrun", "in_overeenkomst"
B, N, R = betaling.c, betaalrun.c, betaalregel.c
AGAIN = "laat de run vervallen en maak een nieuwe"


def refuse_changed(
    connection: Connection, run: Any, in_overeenkomst: Collection[str], vandaag: date
) -> None:
    """Raise WrongUse where a line, a block or an account is no longer as the run has it.

    A day of payment that went by meanwhile becomes today.
    """
    dag = max(run.uitvoering, vandaag)
    lines = sa.select(sa.func.count()).join_from(
        betaalregel, betaling, sa.and_(B.id == R.betaling_id, B.run_id == run.id)
    )
    lost = connection.execute(lines.where(~_STILL_GRANTED)).scalar_one()
    lost += connection.execute(facturen.lost(run.id)).scalar_one()
    if lost:
        wat = "regel is" if lost == 1 else "regels zijn"
        raise WrongUse(f"{lost} {wat} niet meer toegekend zoals in deze run; {AGAIN}")
    held = holds_line(R.inbox_id, R.regelnr, dag)
    blocked = connection.execute(lines.where(held)).scalar_one()
    blocked += connection.execute(facturen.blocked(run.id, dag)).scalar_one()
    if blocked:
        wat = "regel is" if blocked == 1 else "regels zijn"
        raise WrongUse(f"{blocked} {wat} intussen geblokkeerd; {AGAIN}")
    _refuse_other_amounts(connection, run)
    _refuse_aanbieders(connection, run, in_overeenkomst, dag)


def _refuse_other_amounts(connection: Connection, run: Any) -> None:
    lines = bedragen(sa.select(B.id).where(B.run_id == run.id).scalar_subquery())
    netto = sa.func.coalesce(lines.c.debet - lines.c.credit, 0)
    query = (
        sa.select(B.kenmerk)
        .outerjoin_from(betaling, lines, lines.c.betaling_id == B.id)
        .where(B.run_id == run.id, B.debet - B.credit != netto)
        .order_by(B.id)
    )
    changed = connection.execute(query).scalars().first()
    if changed is not None:
        raise WrongUse(f"de regels van {changed} zijn samen een ander bedrag geworden; {AGAIN}")


def _refuse_aanbieders(
    connection: Connection, run: Any, in_overeenkomst: Collection[str], dag: date
) -> None:
    query = sa.select(B.aanbieder, B.iban, B.tenaamstelling).where(B.run_id == run.id)
    found = {
        row.aanbieder: Rekening(row.iban, row.tenaamstelling) for row in connection.execute(query)
    }
    now = rekeningen_op(connection, run.gemeente, found, dag)
    blocked = {*geblokkeerd_op(connection, run.gemeente, dag), *in_overeenkomst}
    for aanbieder, rekening in sorted(found.items()):
        if aanbieder in blocked:
            raise WrongUse(f"betalingen aan aanbieder {aanbieder} zijn geblokkeerd; {AGAIN}")
        if now.get(aanbieder) != rekening:
            raise WrongUse(f"de rekening van aanbieder {aanbieder} is veranderd; {AGAIN}")


def set_free(connection: Connection, run: Any, naam: str, moment: float) -> None:
    """Release a run: what came to less than nothing is carried forward, the rest can go.

    What needs no bank is settled on the day of payment.
    """
    below = sa.select(B.gemeente, B.aanbieder, sa.literal(NEGATIEF), B.doorgeschoven, B.id).where(
        B.run_id == run.id, B.doorgeschoven < 0
    )
    names = ["gemeente", "aanbieder", "soort", "bedrag", "uit_id"]
    connection.execute(sa.insert(betaalsaldo).from_select(names, below))
    settled = sa.update(betaling).where(B.run_id == run.id, B.bedrag == 0)
    connection.execute(settled.values(betaald_op=run.uitvoering))
    done: dict[str, Any] = {"vrijgegeven_at": moment, "vrijgegeven_naam": naam}
    if run.bedrag == 0:
        done |= {"staat": BETAALD, "betaald_op": run.uitvoering}
    else:
        done |= {"staat": VRIJGEGEVEN}
    connection.execute(sa.update(betaalrun).where(N.id == run.id).values(done))
    # Only in a run that is released a balance is followed to its end.
    facturen.follow(connection, B.run_id == run.id, B.betaald_op.is_not(None))


def _approved(connection: Connection, een: Voorstel) -> None:
    """A second person released it: it is looked at once more."""
    run = _waiting(connection, een)
    query = sa.select(voorstel.c.tweede_naam, voorstel.c.besloten_at)
    tweede = connection.execute(query.where(voorstel.c.id == een.nummer)).one()
    vandaag = dag_van(datetime.fromtimestamp(tweede.besloten_at, UTC))
    refuse_changed(connection, run, een.inhoud[IN_OVEREENKOMST], vandaag)
    set_free(connection, run, tweede.tweede_naam, tweede.besloten_at)


def _dropped(connection: Connection, een: Voorstel) -> None:
    """It is a concept again."""
    run = _waiting(connection, een)
    back = {"staat": CONCEPT, "voorstel_id": None}
    connection.execute(sa.update(betaalrun).where(N.id == run.id).values(back))


def _waiting(connection: Connection, een: Voorstel) -> Any:
    query = sa.select(betaalrun).where(N.id == een.inhoud["run"], N.gemeente == een.gemeente)
    row = connection.execute(query.with_for_update()).one()
    if row.staat != VOORGESTELD or row.voorstel_id != een.nummer:
        raise AlBeoordeeld(f"betaalrun {row.id} wacht niet meer op dit voorstel: {row.staat}")
    return row


_STILL_GRANTED = sa.exists().where(
    prestatie.c.id == R.prestatie_id,
    stands(prestatie),
    prestatie.c.toegekend == GRANTED,
    R.bedrag == SIGNED,
)
BETAALRUN = Voorstelsoort("Betaalrun vrijgeven", _approved, _dropped)

"""Makes a payment run of everything that may be paid, and drops one that nobody released.

All of it is one transaction, of a fixed number of statements: a run is there wholly, or not.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.errors import WrongUse
from gateway.periods.bedragen import euros
from gateway.records.declaratie import GRANTED
from gateway.records.rekening import Rekening
from gateway.store import postgres
from gateway.store.bulk import insert_all
from gateway.store.engine import insert_one
from gateway.store.geld.betalen import facturen
from gateway.store.geld.betalen.blokkades import geblokkeerd_op, holds_line
from gateway.store.geld.betalen.inhoud import bedragen, open_stukken, posten
from gateway.store.geld.betalen.openstaand import answered_from, end_of_day, take_in
from gateway.store.geld.betalen.tables import (
    CONCEPT,
    betaalpost,
    betaalregel,
    betaalrun,
    betaalsaldo,
    betaalstuk,
    betaling,
)
from gateway.store.geld.nazorg.tables import factuur
from gateway.store.geld.rekeningen import rekeningen_op
from gateway.store.ledger_balances import SIGNED, stands
from gateway.store.tables import declaratie, partij, prestatie
from gateway.toegang.wie import Wie

B, R, S = betaling.c, betaalregel.c, betaalstuk.c
GEEN_REKENING = "er is geen rekening bekend op de dag van betaling"
IN_CONTRACT = "betalingen zijn geblokkeerd in de overeenkomst"


@dataclass(frozen=True, slots=True, kw_only=True)
class Runvraag:
    """What a run is to pay.

    `tot` is the last day on which a 325 left, or an invoice was approved, that counts, `vanaf` the
    first one where there is any.  With `begin_tot` only what counts from that day or before is
    paid, from the answer where `from_answer` says so, else from receipt; `vervalt_tot` is the due
    date that belongs to it.  `in_overeenkomst` are the aanbieders that an
    agreement holds payment of.
    """

    gemeente: str
    tot: date
    uitvoering: date
    vanaf: date | None = None
    begin_tot: date | None = None
    vervalt_tot: date | None = None
    from_answer: bool = False
    in_overeenkomst: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Buiten:
    """An aanbieder that a run left out, and why; `bedrag` is what it gets, in eurocents."""

    aanbieder: str
    reden: str
    bedrag: int


def make_run(connection: Connection, wie: Wie, vraag: Runvraag, moment: float) -> int:
    """A run in concept; returns its number.

    Raises WrongUse where nothing is to be paid, and tells who was left out of it.
    """
    if connection.dialect.name != "sqlite":
        postgres.take_turn(connection, f"betaalrun {vraag.gemeente}")
    take_in(connection, vraag.gemeente)
    open_ = _open_bedragen(connection, vraag)
    rekeningen = rekeningen_op(connection, vraag.gemeente, open_, vraag.uitvoering)
    buiten = _left_out(connection, vraag, open_, rekeningen)
    mee = {one: rekeningen[one] for one in open_ if one not in {b.aanbieder for b in buiten}}
    run = insert_one(connection, betaalrun, _row(wie, vraag, moment, buiten))
    insert_all(connection, betaling, [_betaling(vraag, run, *one) for one in sorted(mee.items())])
    connection.execute(_lines_of(vraag, run))
    connection.execute(_invoices_of(vraag, run))
    connection.execute(_saldi_along(run))
    for statement in _TOTALS:
        connection.execute(statement, {"run": run})
    found = connection.execute(_COUNT, {"run": run}).one()
    if not found.betalingen:
        raise WrongUse(_nothing(buiten))
    connection.execute(sa.update(betaalrun).where(betaalrun.c.id == run).values(found._asdict()))
    return run


def free_lines(connection: Connection, run: int) -> None:
    """Give back what a run holds: its lines and what it took along; its amounts stay to be seen."""
    for statement in (*_GIVE_BACK, _FREE, facturen.free(_OF_RUN)):
        connection.execute(statement, {"run": run})


def read_buiten(text: str) -> Sequence[Buiten]:
    """Who was left out, as a run keeps it."""
    return msgspec.json.decode(text, type=list[Buiten])


def _row(wie: Wie, vraag: Runvraag, moment: float, buiten: Sequence[Buiten]) -> Mapping[str, Any]:
    return {
        "gemeente": vraag.gemeente,
        "staat": CONCEPT,
        "tot": vraag.tot,
        "vervalt_tot": vraag.vervalt_tot,
        "uitvoering": vraag.uitvoering,
        "wie": wie.kenmerk,
        "naam": wie.naam,
        "gemaakt_at": moment,
        "betalingen": 0,
        "regels": 0,
        "bedrag": 0,
        "hoogste": 0,
        "buiten": msgspec.json.encode([asdict(one) for one in buiten]).decode(),
    }


def _betaling(vraag: Runvraag, run: int, aanbieder: str, rekening: Rekening) -> dict[str, Any]:
    return {
        "run_id": run,
        "gemeente": vraag.gemeente,
        "aanbieder": aanbieder,
        "iban": rekening.iban,
        "tenaamstelling": rekening.tenaamstelling,
        "kenmerk": f"ZORG-{vraag.gemeente}-{run}-{aanbieder}",
        **dict.fromkeys(("regels", "debet", "credit", "meegenomen", "bedrag", "doorgeschoven"), 0),
    }


def _may(vraag: Runvraag, stuk: Any) -> list[sa.ColumnElement[bool]]:
    """Which of what is open a run looks at."""
    found = [stuk.sent_at < end_of_day(vraag.tot), *answered_from(stuk, vraag.vanaf)]
    if vraag.begin_tot is not None:
        counts_from = stuk.sent_at if vraag.from_answer else stuk.received_at
        found.append(counts_from < end_of_day(vraag.begin_tot))
    return found


def _open_bedragen(connection: Connection, vraag: Runvraag) -> dict[str, int]:
    """What each aanbieder gets of whom there is anything to pay, balances included."""
    stuk = open_stukken([vraag.gemeente]).c
    lines = (
        sa.select(stuk.aanbieder, sa.func.sum(stuk.bedrag_open).label("bedrag"))
        .where(*_may(vraag, stuk))
        .group_by(stuk.aanbieder)
    )
    found = {row.aanbieder: int(row.bedrag) for row in connection.execute(lines)}
    saldo = betaalsaldo.c
    saldi = (
        sa.select(saldo.aanbieder, sa.func.sum(saldo.bedrag).label("bedrag"))
        .where(saldo.gemeente == vraag.gemeente, saldo.in_id.is_(None))
        .group_by(saldo.aanbieder)
    )
    for row in connection.execute(saldi):
        # Who only owes something has nothing to be paid.
        if row.aanbieder in found or row.bedrag > 0:
            found[row.aanbieder] = found.get(row.aanbieder, 0) + int(row.bedrag)
    return found


def _left_out(
    connection: Connection,
    vraag: Runvraag,
    open_: Mapping[str, int],
    rekeningen: Mapping[str, Rekening],
) -> Sequence[Buiten]:
    """Who is not paid, each for the first reason that there is."""
    geblokkeerd = geblokkeerd_op(connection, vraag.gemeente, vraag.uitvoering)

    def reason(aanbieder: str) -> str | None:
        if aanbieder in geblokkeerd:
            return f"geblokkeerd: {geblokkeerd[aanbieder]}"
        if aanbieder in vraag.in_overeenkomst:
            return IN_CONTRACT
        return None if aanbieder in rekeningen else GEEN_REKENING

    return [
        Buiten(one, why, open_[one]) for one in sorted(open_) if (why := reason(one)) is not None
    ]


def _nothing(buiten: Sequence[Buiten]) -> str:
    if not buiten:
        return "er is niets te betalen"
    first = buiten[0]
    told = f"aanbieder {first.aanbieder} ({euros(first.bedrag)}): {first.reden}"
    others = f", en {len(buiten) - 1} andere" if len(buiten) > 1 else ""
    return f"er is niets te betalen; buiten de run bleef {told}{others}"


def _lines_of(vraag: Runvraag, run: int) -> sa.Insert:
    """Every granted line that is in no payment and that nothing holds up.

    The invoices are looked for first, and apart: so each is gone through once.
    """
    mee = (
        sa.select(
            declaratie.c.id,
            declaratie.c.regel_van,
            declaratie.c.regel_tot,
            S.inbox_id,
            B.id.label("betaling_id"),
        )
        .join_from(
            betaling,
            partij,
            sa.and_(partij.c.gemeente == B.gemeente, partij.c.aanbieder == B.aanbieder),
        )
        .join(betaalstuk, S.partij_id == partij.c.id)
        .join(declaratie, sa.and_(declaratie.c.inbox_id == S.inbox_id, stands(declaratie)))
        .where(
            B.run_id == run,
            S.gemeente == vraag.gemeente,
            S.regels_open > sa.literal_column("0"),
            *_may(vraag, S),
        )
        .cte("mee")
        .prefix_with("MATERIALIZED")
    )
    own = mee.c
    held = holds_line(own.inbox_id, prestatie.c.volgnr, vraag.uitvoering)
    paid = sa.exists().where(R.inbox_id == own.inbox_id, R.regelnr == prestatie.c.volgnr)
    of_mee = sa.and_(
        prestatie.c.declaratie_id + 0 == own.id + 0,
        prestatie.c.id > own.regel_van,
        prestatie.c.id <= own.regel_tot,
        stands(prestatie),
        # The zero keeps SQLite from an index of its own making over all lines.
        prestatie.c.toegekend + 0 == GRANTED,
    )
    found = (
        sa.select(own.inbox_id, prestatie.c.volgnr, own.betaling_id, prestatie.c.id, SIGNED)
        .join_from(mee, prestatie, of_mee)
        .where(~paid, ~held)
    )
    names = ["inbox_id", "regelnr", "betaling_id", "prestatie_id", "bedrag"]
    return sa.insert(betaalregel).from_select(names, found)


def _invoices_of(vraag: Runvraag, run: int) -> sa.Update:
    """Every approved line outside the traffic that is in no payment and that nothing holds up."""
    stuk = facturen.OPEN.where(factuur.c.gemeente == vraag.gemeente).subquery("stuk").c
    open_ = sa.select(stuk.stuk_id).where(*_may(vraag, stuk))
    return facturen.take(run, open_, vraag.uitvoering)


def _saldi_along(run: int) -> sa.Update:
    """Every open balance goes into the payment of its aanbieder, once."""
    saldo = betaalsaldo.c
    return (
        sa.update(betaalsaldo)
        .where(
            saldo.in_id.is_(None),
            B.run_id == run,
            B.gemeente == saldo.gemeente,
            B.aanbieder == saldo.aanbieder,
        )
        .values(in_id=B.id)
    )


_RUN: sa.BindParameter[int] = sa.bindparam("run", type_=sa.BigInteger)
_OF_RUN = sa.select(B.id).where(B.run_id == _RUN).scalar_subquery()


def _totals() -> Sequence[sa.Insert | sa.Update | sa.Delete]:
    """What payments come to, what their lines do to invoices, and away with what has nothing."""
    lines = bedragen(_OF_RUN)
    saldi = (
        sa.select(betaalsaldo.c.in_id, sa.func.sum(betaalsaldo.c.bedrag).label("bedrag"))
        .where(betaalsaldo.c.in_id.in_(_OF_RUN))
        .group_by(betaalsaldo.c.in_id)
        .subquery("saldi")
    )
    netto = B.debet - B.credit + B.meegenomen
    # Everything of it is held up: what it owes waits for a payment in which there is something.
    nothing = (B.run_id == _RUN, B.regels == 0, B.meegenomen <= 0)
    return (
        sa.update(betaling)
        .where(B.id == lines.c.betaling_id)
        .values({name: lines.c[name] for name in ("regels", "debet", "credit")}),
        sa.update(betaling).where(B.id == saldi.c.in_id).values(meegenomen=saldi.c.bedrag),
        sa.update(betaling)
        .where(B.run_id == _RUN)
        .values(
            bedrag=sa.case((netto > 0, netto), else_=0),
            doorgeschoven=sa.case((netto < 0, netto), else_=0),
        ),
        sa.update(betaalsaldo)
        .where(betaalsaldo.c.in_id.in_(sa.select(B.id).where(*nothing).scalar_subquery()))
        .values(in_id=None),
        sa.delete(betaling).where(*nothing),
        sa.insert(betaalpost).from_select([one.name for one in betaalpost.c], posten(_OF_RUN)),
        _change_stukken(-1),
    )


def _change_stukken(sign: int) -> sa.Update:
    """Take the lines of a run from what is open of their invoices, or give them back."""
    own = (
        sa.select(
            R.inbox_id, sa.func.count().label("regels"), sa.func.sum(R.bedrag).label("bedrag")
        )
        .where(R.betaling_id.in_(_OF_RUN))
        .group_by(R.inbox_id)
        .subquery("eigen")
    )
    return (
        sa.update(betaalstuk)
        .where(S.inbox_id == own.c.inbox_id)
        .values(
            regels_open=S.regels_open + sign * own.c.regels,
            bedrag_open=S.bedrag_open + sign * own.c.bedrag,
        )
    )


_TOTALS = _totals()
_COUNT = sa.select(
    sa.func.count().label("betalingen"),
    sa.func.coalesce(sa.func.sum(B.regels), 0).label("regels"),
    sa.func.coalesce(sa.func.sum(B.bedrag), 0).label("bedrag"),
    sa.func.coalesce(sa.func.max(B.bedrag), 0).label("hoogste"),
).where(B.run_id == _RUN)
_GIVE_BACK = (
    _change_stukken(1),
    sa.update(betaalsaldo).where(betaalsaldo.c.in_id.in_(_OF_RUN)).values(in_id=None),
)
_FREE = sa.delete(betaalregel).where(R.betaling_id.in_(_OF_RUN))

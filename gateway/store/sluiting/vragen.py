"""The statements by which a year closes: sums per municipality and aanbieder, a fixed number.

Each goes over its own table once.  What a line is in (a payment, or not) is told by
`betaalregel`; what was paid by the payments themselves, so that the two can be held together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa

from gateway.ledger.sluiting import regels as standen
from gateway.records.declaratie import GRANTED
from gateway.store.bouwstenen import Select
from gateway.store.geld.betalen.blokkades import holds_aanbieder, holds_line
from gateway.store.geld.betalen.einde import eindes, stand_of
from gateway.store.geld.betalen.openstaand import end_of_day
from gateway.store.geld.betalen.tables import (
    CONCEPT,
    TERUGGEKOMEN,
    VERVALLEN,
    VOORGESTELD,
    betaalregel,
    betaalrun,
    betaalsaldo,
    betaalstuk,
    betaling,
)
from gateway.store.geld.nazorg.keuze import credit_of
from gateway.store.geld.nazorg.tables import (
    creditverzoek,
    creditverzoek_regel,
    factuur,
    factuurregel,
    gemeenteverrekening,
    gemeenteverrekening_regel,
)
from gateway.store.ledger_balances import JAAR, OF_DECLARATIE, SIGNED, P, stands
from gateway.store.tables import besteding, declaratie, partij, prestatie

B, N, R, S = betaling.c, betaalrun.c, betaalregel.c, betaalstuk.c
F, L = factuur.c, factuurregel.c
PLEK = (partij.c.gemeente, partij.c.aanbieder)
_EIND_JAAR = sa.extract("year", P.einddatum)
_credit = prestatie.alias("tegen")


class Betaalblik(NamedTuple):
    """How it is seen whether a line may be paid, on a day.

    `vanaf` tells per municipality since when the gateway pays, `geblokkeerd` whom its agreements
    hold payment of.
    """

    dag: date
    vanaf: Mapping[str, date | None]
    geblokkeerd: Mapping[str, frozenset[str]]


def total(amount: Any) -> Any:
    """The sum of amounts, nothing where there are none."""
    return sa.func.coalesce(sa.func.sum(amount, type_=sa.BigInteger), 0)


def _if(condition: sa.ColumnElement[bool], amount: Any) -> Any:
    return total(sa.case((condition, amount), else_=0))


def _granted(gemeenten: Sequence[str], *columns: Any) -> Select:
    return (
        sa.select(*PLEK, *columns)
        .join_from(prestatie, partij, partij.c.id == P.partij_id)
        .where(partij.c.gemeente.in_(gemeenten), stands(prestatie), P.toegekend == GRANTED)
    )


def granted(gemeenten: Sequence[str], jaar: int) -> Select:
    """Granted debets and credits of all years, and what begins in the year."""
    amounts = (
        _if(P.debet_credit == "D", P.ingediend_bedrag),
        _if(P.debet_credit == "C", P.ingediend_bedrag),
        _if(P.begindatum.between(date(jaar, 1, 1), date(jaar, 12, 31)), SIGNED),
    )
    return _granted(gemeenten, *amounts).group_by(*PLEK)


def over_years(gemeenten: Sequence[str]) -> Select:
    """The granted lines with days in more than one year."""
    return _granted(gemeenten, P.begindatum, P.einddatum, SIGNED).where(JAAR != _EIND_JAAR)


def spent(gemeenten: Sequence[str], jaar: int) -> Select:
    """What judging kept as spent in the year."""
    return (
        sa.select(*PLEK, total(besteding.c.bedrag))
        .join_from(besteding, partij, partij.c.id == besteding.c.partij_id)
        .where(partij.c.gemeente.in_(gemeenten), stands(besteding), besteding.c.jaar == jaar)
        .group_by(*PLEK)
    )


def _state_of_line(einde: sa.CTE, blik: Betaalblik) -> sa.ColumnElement[str]:
    """What became of a line: how far its payment is, or why it is in none."""
    return sa.case(
        (N.staat.in_((CONCEPT, VOORGESTELD)), standen.IN_RUN),
        (N.id.is_not(None), stand_of(einde.c)),
        (S.inbox_id.is_(None), standen.NIET_VERZONDEN),
        (paid_elsewhere(blik, partij.c.gemeente, S.sent_at), standen.ELDERS),
        (_is_held(blik), standen.GEBLOKKEERD),
        else_=standen.OPEN,
    )


def paid_elsewhere(blik: Betaalblik, gemeente: Any, moment: Any) -> sa.ColumnElement[bool]:
    """Whether something was answered, or approved, before the gateway paid."""
    before = [
        sa.and_(gemeente == one, moment < end_of_day(day - timedelta(days=1)))
        for one, day in sorted(blik.vanaf.items())
        if day is not None
    ]
    return sa.or_(sa.false(), *before)


def _is_held(blik: Betaalblik) -> sa.ColumnElement[bool]:
    """Whether a block or an agreement holds up payment of a line."""
    return sa.or_(
        holds_line(declaratie.c.inbox_id, P.volgnr, blik.dag), *aanbieder_is_held(blik, *PLEK)
    )


def aanbieder_is_held(
    blik: Betaalblik, gemeente: Any, aanbieder: Any
) -> list[sa.ColumnElement[bool]]:
    """Whether a block or an agreement holds up everything of an aanbieder."""
    by_agreement = [
        sa.and_(gemeente == one, aanbieder.in_(sorted(held)))
        for one, held in sorted(blik.geblokkeerd.items())
        if held
    ]
    return [holds_aanbieder(gemeente, aanbieder, blik.dag), *by_agreement]


def lines(gemeenten: Sequence[str], blik: Betaalblik, *columns: Any) -> Select:
    """Granted lines with their Declaratie; at the end `stand` and the Kenmerk of their payment."""
    einde = eindes(B.gemeente.in_(gemeenten))
    return (
        sa.select(*columns, _state_of_line(einde, blik).label("stand"), B.kenmerk)
        .select_from(prestatie)
        .join(partij, partij.c.id == P.partij_id)
        .join(declaratie, declaratie.c.id == P.declaratie_id)
        .outerjoin(
            betaalregel,
            sa.and_(R.inbox_id == declaratie.c.inbox_id, R.regelnr == P.volgnr),
        )
        .outerjoin(betaling, B.id == R.betaling_id)
        .outerjoin(betaalrun, N.id == B.run_id)
        .outerjoin(einde, einde.c.betaling_id == B.id)
        .outerjoin(betaalstuk, S.inbox_id == declaratie.c.inbox_id)
        .where(partij.c.gemeente.in_(gemeenten), stands(prestatie), P.toegekend == GRANTED)
    )


def by_state(gemeenten: Sequence[str], blik: Betaalblik) -> Select:
    """What granted lines come to by what became of them, credits apart."""
    rows = lines(gemeenten, blik, *PLEK, SIGNED.label("bedrag")).subquery("regels")
    key = (rows.c.gemeente, rows.c.aanbieder, rows.c.stand)
    is_credit = rows.c.bedrag < 0
    return sa.select(*key, total(rows.c.bedrag), _if(is_credit, -rows.c.bedrag)).group_by(*key)


def contents(gemeenten: Sequence[str]) -> Select:
    """What the lines of released payments are together, by what became of it."""
    einde = eindes(B.gemeente.in_(gemeenten))
    key = (B.gemeente, B.aanbieder, stand_of(einde.c).label("stand"))
    rows = (
        sa.select(*key, (B.debet - B.credit).label("bedrag"))
        .join_from(betaling, betaalrun, N.id == B.run_id)
        .join(einde, einde.c.betaling_id == B.id)
        .where(B.gemeente.in_(gemeenten), N.vrijgegeven_at.is_not(None))
        .subquery("betalingen")
    )
    *own, bedrag = rows.c
    return sa.select(*own, total(bedrag)).group_by(*own)


def paid(gemeenten: Sequence[str]) -> Select:
    """What released payments come to: paid for good, not yet paid; and credits of 323s in all."""
    own, is_out = (B.gemeente, B.aanbieder), N.vrijgegeven_at.is_not(None)
    stays = sa.and_(is_out, B.teruggekomen_op.is_(None))
    return (
        sa.select(
            *own,
            _if(sa.and_(stays, B.betaald_op.is_not(None)), B.bedrag),
            _if(sa.and_(stays, B.betaald_op.is_(None)), B.bedrag),
            total(B.credit - sa.func.coalesce(_INVOICED_CREDIT, 0)),
        )
        .join_from(betaling, betaalrun, N.id == B.run_id)
        .where(B.gemeente.in_(gemeenten), N.staat != VERVALLEN)
        .group_by(*own)
    )


def balances(gemeenten: Sequence[str]) -> Select:
    """What goes on to a later payment, or came back; a run in concept did not take it yet."""
    saldo = betaalsaldo.c
    own = (saldo.gemeente, saldo.aanbieder)
    is_back = saldo.soort == TERUGGEKOMEN
    return (
        sa.select(*own, _if(sa.not_(is_back), saldo.bedrag), _if(is_back, saldo.bedrag))
        .select_from(betaalsaldo)
        .outerjoin(betaling, B.id == saldo.in_id)
        .outerjoin(betaalrun, N.id == B.run_id)
        .where(saldo.gemeente.in_(gemeenten), N.vrijgegeven_at.is_(None))
        .group_by(*own)
    )


def requests(gemeenten: Sequence[str]) -> Select:
    """What credit requests keep as credited, by aanbieder."""
    own = creditverzoek.c
    key = (own.gemeente, own.aanbieder)
    return (
        sa.select(*key, total(own.gecrediteerd_bedrag))
        .where(own.gemeente.in_(gemeenten))
        .group_by(*key)
    )


def requested_credits(gemeenten: Sequence[str]) -> Select:
    """The granted credits that name a line of a request, by aanbieder."""
    own, line = creditverzoek.c, creditverzoek_regel.c
    key = (own.gemeente, own.aanbieder)
    is_of_line = _credit.c.id.in_(credit_of(creditverzoek_regel).correlate(creditverzoek_regel))
    return (
        sa.select(*key, total(_credit.c.ingediend_bedrag))
        .join_from(creditverzoek, creditverzoek_regel, line.creditverzoek_id == own.id)
        .join(_credit, sa.and_(_credit.c.partij_id == line.partij_id, is_of_line))
        .where(own.gemeente.in_(gemeenten))
        .group_by(*key)
    )


def asked_credits() -> sa.ColumnElement[bool]:
    """Whether a line is a credit on a line of a request."""
    line = creditverzoek_regel.c
    asked = sa.select(line.partij_id, line.referentienummer)
    return sa.and_(
        P.debet_credit == "C", sa.tuple_(P.partij_id, P.vorig_referentienummer).in_(asked)
    )


def _paid_by(gemeenten: Sequence[str], jaar: int) -> sa.ColumnElement[bool]:
    """The items over a year that these municipalities paid for, and did not withdraw."""
    own = gemeenteverrekening.c
    return sa.and_(own.jaar == jaar, own.van.in_(gemeenten), own.van_staat != "ingetrokken")


def settlements(gemeenten: Sequence[str], jaar: int) -> Select:
    """What municipalities settle over the year, by who paid and who should have."""
    own = gemeenteverrekening.c
    key = (own.van, own.aan)
    return sa.select(*key, total(own.bedrag)).where(_paid_by(gemeenten, jaar)).group_by(*key)


def settled_lines(gemeenten: Sequence[str], jaar: int) -> Select:
    """The lines of those settlements."""
    own, line = gemeenteverrekening.c, gemeenteverrekening_regel.c
    key = (own.van, own.aan)
    return (
        sa.select(*key, total(line.bedrag))
        .join_from(gemeenteverrekening, gemeenteverrekening_regel, line.verrekening_id == own.id)
        .where(_paid_by(gemeenten, jaar))
        .group_by(*key)
    )


def settled(gemeenten: Sequence[str], jaar: int, *columns: Any) -> Select:
    """The lines of those settlements one by one, with what the ledger has of them now."""
    line = gemeenteverrekening_regel.c
    here = sa.and_(OF_DECLARATIE, P.volgnr + 0 == line.regelnr)
    return (
        sa.select(*columns)
        .select_from(gemeenteverrekening)
        .join(gemeenteverrekening_regel, line.verrekening_id == gemeenteverrekening.c.id)
        .outerjoin(declaratie, sa.and_(declaratie.c.inbox_id == line.inbox_id, stands(declaratie)))
        .outerjoin(prestatie, here)
        .where(_paid_by(gemeenten, jaar))
    )


def settled_in_ledger(gemeenten: Sequence[str], jaar: int) -> Select:
    """What the ledger has now of the lines of those settlements.

    Debets that are as they were, debets that were credited since, and credits.  The outer join
    keeps SQLite from going through all lines first.
    """
    own, line = gemeenteverrekening.c, gemeenteverrekening_regel.c
    key = (own.van, own.aan)
    kinds = (
        sa.and_(_IS_DEBET, ~_IS_CREDITED),
        sa.and_(_IS_DEBET, _IS_CREDITED),
        P.debet_credit == "C",
    )
    return (
        sa.select(*key, *(_if(kind, SIGNED) for kind in kinds))
        .join_from(gemeenteverrekening, gemeenteverrekening_regel, line.verrekening_id == own.id)
        .join(declaratie, sa.and_(declaratie.c.inbox_id == line.inbox_id, stands(declaratie)))
        .outerjoin(prestatie, sa.and_(OF_DECLARATIE, P.volgnr + 0 == line.regelnr, _IS_GRANTED))
        .where(_paid_by(gemeenten, jaar))
        .group_by(*key)
    )


def start_lines(gemeenten: Sequence[str], some: Sequence[tuple[int, int]]) -> Select:
    """What the ledger has of some lines (message and number) as granted and not credited."""
    berichten = sorted({inbox_id for inbox_id, _ in some})
    return (
        sa.select(*PLEK, total(P.ingediend_bedrag))
        .join_from(declaratie, prestatie, OF_DECLARATIE)
        .join(partij, partij.c.id == P.partij_id + 0)
        .where(
            partij.c.gemeente.in_(gemeenten),
            declaratie.c.inbox_id.in_(berichten),
            sa.tuple_(declaratie.c.inbox_id, P.volgnr).in_(some),
            stands(declaratie),
        )
        .where(_IS_GRANTED, _IS_DEBET, ~_IS_CREDITED)
        .group_by(*PLEK)
    )


# What creditfacturen take off a payment, without a sign.
_INVOICED_CREDIT = (
    sa.select(sa.func.sum(-L.bedrag))
    .where(L.betaling_id == B.id, L.bedrag < 0)
    .correlate(betaling)
    .scalar_subquery()
)
# The zeros keep SQLite from an index of its own making over all lines, or over those of a party.
_IS_GRANTED = P.toegekend + 0 == GRANTED
_IS_DEBET = P.debet_credit == "D"
_IS_CREDITED = credit_of(prestatie).correlate(prestatie).exists()

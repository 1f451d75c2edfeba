"""The statements on invoices outside the message traffic by which a year closes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from gateway.ledger.sluiting import regels as standen
from gateway.store.bouwstenen import Select
from gateway.store.geld.betalen.blokkades import holds_factuur
from gateway.store.geld.betalen.einde import eindes, stand_of
from gateway.store.geld.betalen.tables import betaalrun, betaling
from gateway.store.geld.nazorg.tables import GOEDGEKEURD, factuur, factuurregel
from gateway.store.geld.tables import voorstel
from gateway.store.sluiting.vragen import Betaalblik, aanbieder_is_held, paid_elsewhere, total

B, F, L, N = betaling.c, factuur.c, factuurregel.c, betaalrun.c
PLEK = (F.gemeente, F.aanbieder)


def invoices(gemeenten: Sequence[str]) -> Select:
    """What approved invoices outside the traffic come to."""
    query = sa.select(*PLEK, total(F.bedrag)).group_by(*PLEK)
    return query.where(F.gemeente.in_(gemeenten), F.staat == GOEDGEKEURD)


def invoiced(gemeenten: Sequence[str], blik: Betaalblik, *columns: Any) -> Select:
    """Lines of approved invoices; at the end `stand` and the Kenmerk of their payment."""
    held = [holds_factuur(blik.dag), *aanbieder_is_held(blik, *PLEK)]
    elsewhere = paid_elsewhere(blik, F.gemeente, voorstel.c.besloten_at)
    einde = eindes(B.gemeente.in_(gemeenten))
    stand = sa.case(
        (N.vrijgegeven_at.is_not(None), stand_of(einde.c)),
        (N.id.is_not(None), standen.IN_RUN),
        (elsewhere, standen.ELDERS),
        (sa.or_(*held), standen.GEBLOKKEERD),
        else_=standen.OPEN,
    )
    return (
        sa.select(*columns, stand.label("stand"), B.kenmerk)
        .join_from(factuurregel, factuur, F.id == L.factuur_id)
        .join(voorstel, voorstel.c.id == F.voorstel_id)
        .outerjoin(betaling, B.id == L.betaling_id)
        .outerjoin(betaalrun, N.id == B.run_id)
        .outerjoin(einde, einde.c.betaling_id == B.id)
        .where(F.gemeente.in_(gemeenten), F.staat == GOEDGEKEURD)
    )


def invoice_lines(gemeenten: Sequence[str], blik: Betaalblik) -> Select:
    """What lines of approved invoices come to, by the payment that they are in, or why in none."""
    rows = invoiced(gemeenten, blik, *PLEK, L.bedrag).subquery("regels")
    key = (rows.c.gemeente, rows.c.aanbieder, rows.c.stand)
    return sa.select(*key, total(rows.c.bedrag)).group_by(*key)


def invoices_begun(gemeenten: Sequence[str], jaar: int) -> Select:
    """What lines of approved invoices come to that begin in the year."""
    of_year = L.begindatum.between(date(jaar, 1, 1), date(jaar, 12, 31))
    return _approved(gemeenten, total(L.bedrag)).where(of_year).group_by(*PLEK)


def invoices_over_years(gemeenten: Sequence[str]) -> Select:
    """The lines of approved invoices with days in more than one year."""
    first, last = (sa.extract("year", one) for one in (L.begindatum, L.einddatum))
    return _approved(gemeenten, L.begindatum, L.einddatum, L.bedrag).where(first != last)


def _approved(gemeenten: Sequence[str], *columns: Any) -> Select:
    return (
        sa.select(*PLEK, *columns)
        .join_from(factuurregel, factuur, F.id == L.factuur_id)
        .where(F.gemeente.in_(gemeenten), F.staat == GOEDGEKEURD)
    )

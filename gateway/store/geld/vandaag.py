"""What is due about money today: one count of each kind, each on an index of what is open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from gateway.ledger.geld.gemeenteverrekening import BEVESTIGD
from gateway.ledger.geld.gemeenteverrekening import OPEN as ONBEANTWOORD
from gateway.ledger.geld.gemeenteverrekening import VOORGESTELD as OPGEVOERD
from gateway.store.engine import Database
from gateway.store.geld.betalen.openstaand import Laat, count_late
from gateway.store.geld.nazorg.creditrijen import RUNS, verzoek_in
from gateway.store.geld.nazorg.tables import creditverzoek, gemeenteverrekening
from gateway.store.geld.tables import VOORGESTELD, voorstel
from gateway.store.jaareinde.tables import jaarafsluiting, jaarstand, verantwoording
from gateway.toegang.wie import Bereik


@dataclass(frozen=True, slots=True, kw_only=True)
class Geldwerk:
    """How much of each kind waits.

    `credits` are requests for credits that should have come, `voorstellen` those that a second
    person decides on, `betalingen` declaraties and facturen that should have been paid,
    `verantwoordingen` providers whose production statement should have come, and `verrekeningen`
    items with another municipality that wait for one's own word.
    """

    credits: int
    voorstellen: int
    betalingen: int
    verantwoordingen: int
    verrekeningen: int


def geldwerk(
    database: Database,
    bereik: Bereik,
    vandaag: date,
    laat: Mapping[str, Laat],
    jaren: Mapping[str, int],
) -> Geldwerk:
    """What waits for who sees these municipalities.

    `laat` tells per municipality what is paid late, `jaren` the last year over which the
    production statements should be there.
    """
    asked = {
        "credits": _credits(bereik, vandaag),
        "voorstellen": _voorstellen(bereik),
        "betalingen": count_late(bereik, laat),
        "verantwoordingen": _verantwoordingen(bereik, jaren),
        "verrekeningen": _verrekeningen(bereik),
    }
    with database.snapshot(bereik.scope) as connection:
        return Geldwerk(
            **{soort: connection.execute(one).scalar_one() for soort, one in asked.items()}
        )


def _credits(bereik: Bereik, vandaag: date) -> sa.Select[Any]:
    late = creditverzoek.c.uiterlijk < vandaag
    return sa.select(sa.func.count()).where(*verzoek_in(bereik), RUNS, late)


def _voorstellen(bereik: Bereik) -> sa.Select[Any]:
    return sa.select(sa.func.count()).where(
        voorstel.c.gemeente.in_(sorted(bereik.gemeenten)),
        voorstel.c.staat == sa.literal_column(f"'{VOORGESTELD}'"),
    )


def _verantwoordingen(bereik: Bereik, jaren: Mapping[str, int]) -> sa.Select[Any]:
    """Providers that got something by the last pack of a year, and told nothing of it."""
    pack, stand, told = jaarafsluiting.c, jaarstand.c, verantwoording.c
    years = [
        sa.and_(pack.gemeente == gemeente, pack.jaar == jaren[gemeente])
        for gemeente in sorted(bereik.gemeenten & jaren.keys())
    ]
    last = (
        sa.select(sa.func.max(pack.id).label("id"), pack.gemeente, pack.jaar)
        .where(sa.or_(sa.false(), *years))
        .group_by(pack.gemeente, pack.jaar)
        .subquery()
    )
    came = sa.exists().where(
        told.gemeente == last.c.gemeente,
        told.jaar == last.c.jaar,
        told.aanbieder == stand.aanbieder,
        told.vervallen == sa.literal_column("0"),
    )
    missing = (
        sa.select(stand.aanbieder)
        .join_from(last, jaarstand, stand.jaarafsluiting_id == last.c.id)
        .where(~came)
        .group_by(last.c.id, stand.aanbieder)
        .having(sa.func.sum(stand.toegekend - stand.gecrediteerd) != 0)
        .subquery()
    )
    return sa.select(sa.func.count()).select_from(missing)


def _verrekeningen(bereik: Bereik) -> sa.Select[Any]:
    """Items to confirm by who paid, or to answer: for a municipality outside who paid does that."""
    post, own = gemeenteverrekening.c, sorted(bereik.gemeenten)
    mine, theirs = post.van.in_(own), post.aan.in_(own)
    asked = sa.and_(post.van_staat == BEVESTIGD, post.aan_staat == ONBEANTWOORD)
    answers = sa.or_(sa.and_(post.buiten == 1, mine), sa.and_(post.buiten == 0, theirs))
    to_confirm = sa.and_(post.van_staat == OPGEVOERD, mine)
    waits = sa.or_(to_confirm, sa.and_(asked, answers))
    return sa.select(sa.func.count()).where(sa.or_(mine, theirs), waits)

"""What came after a trajectory: the client came back, or went on to heavier care."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from gateway.ledger.regio.basis import PLAN, Basis
from gateway.ledger.regio.traject import Traject
from gateway.periods.maanden import months_after

(
    NIET_KLAAR,
    LIEP_DOOR,
    KORT_ZELFDE,
    KORT_ANDER,
    LANG_ZELFDE,
    LANG_ANDER,
    NIET_TERUG,
    TE_KORT_TERUG,
) = TERUGKEER = (
    "niet volgens plan klaar",
    "zorg liep door",
    "snel terug, zelfde profiel",
    "snel terug, ander profiel",
    "later terug, zelfde profiel",
    "later terug, ander profiel",
    "niet terug",
    "nog te kort geleden",
)
GEEN_RANG, TIJDENS, ERNA, NIET_ZWAARDER, TE_KORT_ZWAARDER = VERZWARING = (
    "geen volgorde afgesproken",
    "zwaarder tijdens het traject",
    "zwaarder na het traject",
    "niet zwaarder",
    "nog te kort gevolgd",
)


def terugkeer_of(traject: Traject, others: Sequence[Traject], basis: Basis, vandaag: date) -> str:
    """Whether a client whose care was completed came back, and to the same profile or another.

    Care that runs on the day after the end, or begins within a few days, went on: that is no
    return.  Who ended less than the long term ago is not told yet, also where he is back: a share
    of those that counted only who came back soon would be too high.
    """
    einde = traject.einde
    if traject.uitkomst != PLAN or einde is None:
        return NIET_KLAAR
    gap = einde + timedelta(days=basis.aansluitend_dagen)
    after = [one for one in others if one.einde is None or one.einde > einde]
    if any(one.begin <= gap for one in after):
        return LIEP_DOOR
    kort, lang = (months_after(einde, n) for n in basis.terugkeer_maanden)
    if lang > vandaag:
        return TE_KORT_TERUG
    back = min(after, key=lambda one: one.begin, default=None)
    if back is None or back.begin > lang:
        return NIET_TERUG
    same = back.profiel == traject.profiel
    if back.begin <= kort:
        return KORT_ZELFDE if same else KORT_ANDER
    return LANG_ZELFDE if same else LANG_ANDER


def verzwaring_of(traject: Traject, others: Sequence[Traject], basis: Basis, vandaag: date) -> str:
    """Whether a client went on to a heavier cell of the same agreement, during it or soon after.

    Only a trajectory that began later counts; its profile may be another.  What runs, or ended
    too lately to know, is not told yet.
    """
    rang, einde = traject.rang, traject.einde
    if rang is None:
        return GEEN_RANG
    heavier = [
        one.begin
        for one in others
        if one.groep == traject.groep
        and one.rang is not None
        and one.rang > rang
        and one.begin > traject.begin
    ]
    if einde is None or (last := months_after(einde, basis.zwaarder_maanden)) > vandaag:
        return TE_KORT_ZWAARDER
    if any(begin <= einde for begin in heavier):
        return TIJDENS
    return ERNA if any(begin <= last for begin in heavier) else NIET_ZWAARDER

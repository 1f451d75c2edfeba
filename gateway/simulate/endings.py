"""How care ends, or is interrupted: as planned, for a while, by a shorter assignment, by death."""

from __future__ import annotations

from datetime import date, timedelta

from gateway.simulate.kring import Kring
from gateway.simulate.months import month_after, month_end
from gateway.simulate.story import (
    DOOR_CLIENT,
    IN_OVERLEG,
    OVERLEDEN,
    TIJDELIJK,
    TOTAAL,
    VERKORT,
    VERLENGD,
    VOLGENS_PLAN,
    Zorg,
    changed,
    started,
    stopped,
)


def ended(kring: Kring, zorg: Zorg, *, may_die: bool) -> Zorg:
    """The care with its end where it has one within the invoiced months, before any line of it.

    Who gets care beside it does not die: that would end all of it.
    """
    maanden, wet, einddatum = kring.maanden, zorg.markt.wet, zorg.toewijzing.einddatum
    if einddatum is not None and einddatum <= month_end(maanden[-1]):
        return stopped(zorg, einddatum, VOLGENS_PLAN[wet], days=kring.rng.randint(1, 3))
    if zorg.toewijzing.ingangsdatum >= maanden[-2]:
        return zorg
    chance = kring.rng.random()
    if chance < 0.03 and may_die:
        return cut_short(kring, zorg, OVERLEDEN, OVERLEDEN)
    if chance < 0.06:
        return cut_short(kring, zorg, VERKORT, IN_OVERLEG[wet])
    if chance < 0.09:
        return stopped(zorg, _day(kring, maanden[-1], 2, 28), DOOR_CLIENT[wet])
    if chance < 0.14:
        zorg = stopped(zorg, _day(kring, maanden[-2], 22, 27), TIJDELIJK)
        return started(zorg, _day(kring, maanden[-1], 2, 6))
    if chance < 0.19 and zorg.toewijzing.frequentie != TOTAAL:
        return _more(kring, zorg)
    return zorg


def cut_short(kring: Kring, zorg: Zorg, reden_wijziging: str, reden_stop: str) -> Zorg:
    """The care that ends in one of the last two months, told before its invoice is dated."""
    einde = _day(kring, kring.rng.choice(kring.maanden[-2:]), 3, 27)
    zorg = stopped(zorg, einde, reden_stop, days=kring.rng.randint(1, 2))
    return changed(zorg, einde + timedelta(days=3), reden_wijziging, einddatum=einde)


def _more(kring: Kring, zorg: Zorg) -> Zorg:
    """The care of which more is granted, from its first day on, when it runs for a while."""
    if zorg.cel.soort not in ("pxq", "stuk"):
        return zorg
    told = _day(kring, month_after(zorg.toewijzing.ingangsdatum.replace(day=1), 2), 2, 27)
    if told > kring.maanden[-1]:
        return zorg
    return changed(zorg, told, VERLENGD, volume=(zorg.toewijzing.volume or 0) + 1)


def _day(kring: Kring, maand: date, first: int, last: int) -> date:
    return maand.replace(day=kring.rng.randint(first, last))

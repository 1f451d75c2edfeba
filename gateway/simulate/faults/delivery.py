"""Faults in starts and stops, and changes that were told too late to be known."""

from __future__ import annotations

from dataclasses import replace

from gateway.simulate.faults.register import plants
from gateway.simulate.faults.steady import steady
from gateway.simulate.kring import Kring
from gateway.simulate.months import ONE_DAY, month_end
from gateway.simulate.story import (
    AGAIN,
    IN_OVERLEG,
    OP_VERZOEK,
    OVERLEDEN,
    TIJDELIJK,
    Regel,
    Verhaal,
    Zorg,
    changed,
    credit_of,
    line,
    next_month,
    stopped,
)


@plants("S105", vaak=5)
def start_never_sent(kring: Kring) -> Verhaal:
    """Care is invoiced that was never reported as started."""
    zorg = replace(steady(kring, kring.rng.choice(("uur", "stuk"))), leveringen=())
    return (zorg.with_signals("S105"),)


@plants("S105")
def start_sent_late(kring: Kring) -> Verhaal:
    """The start comes after the first invoice was answered; later lines are fine."""
    zorg = steady(kring, kring.rng.choice(("uur", "stuk")))
    late = replace(zorg.leveringen[0], verzonden=kring.maanden[1].replace(day=20))
    zorg = replace(zorg, leveringen=(late,))
    return (zorg.with_signals("S105", maanden=kring.maanden[:1]),)


@plants("S105")
def started_after_the_line(kring: Kring) -> Verhaal:
    """Care is invoiced for the month before the one in which it began, by its own start."""
    zorg = steady(kring, "dagdeel")
    begin = kring.maanden[1].replace(day=2)
    start = zorg.starts[0]._replace(begindatum=begin)
    told = replace(zorg.leveringen[0], product=start, verzonden=begin + ONE_DAY)
    zorg = replace(zorg, leveringen=(told,))
    return (zorg.with_signals("S105", maanden=kring.maanden[:1]),)


@plants("S106", vaak=2)
def goes_on_after_its_stop(kring: Kring) -> Verhaal:
    """Lines lie wholly after the day on which care was reported as stopped, be it for a while."""
    zorg = steady(kring, kring.rng.choice(("uur", "stuk")))
    place = kring.rng.randrange(1, len(kring.maanden) - 1)
    reden = kring.rng.choice((TIJDELIJK, IN_OVERLEG[kring.wet]))
    zorg = stopped(zorg, kring.maanden[place].replace(day=kring.rng.randint(5, 25)), reden)
    return (zorg.with_signals("S106", maanden=kring.maanden[place + 1 :]),)


@plants("S104")
def cut_short_too_late(kring: Kring) -> Verhaal:
    """The assignment is cut short the day after the last invoice was dated, before it arrives."""
    zorg = steady(kring, kring.rng.choice(("uur", "stuk")))
    last = kring.maanden[-1]
    told = zorg.markt.declaratiedag(last) + ONE_DAY
    zorg = changed(zorg, told, OP_VERZOEK, einddatum=month_end(kring.maanden[-2]))
    return (zorg.with_signals("S104", maanden=[last]),)


@plants("S104")
def death_told_too_late(kring: Kring) -> Verhaal:
    """A client died in a month that was invoiced as a whole before that was told.

    The provider takes the line back, and sends it again up to the day of death.
    """
    zorg = steady(kring, kring.rng.choice(("uur", "stuk")))
    place = kring.rng.randrange(1, len(kring.maanden) - 1)
    maand = kring.maanden[place]
    died = maand.replace(day=kring.rng.randint(3, 25))
    zorg = replace(zorg, regels=zorg.regels[: place + 1])
    whole = zorg.regels[-1]
    told = zorg.markt.declaratiedag(maand) + ONE_DAY
    zorg = changed(stopped(zorg, died, OVERLEDEN, days=4), told, OVERLEDEN, einddatum=died)
    zorg = zorg.with_signals("S104", maanden=[maand])
    return (_put_right(zorg, whole),)


def _put_right(zorg: Zorg, whole: Regel) -> Zorg:
    """The care with a line taken back, and sent again for the days that are left of its month."""
    maand = next_month(whole)
    right = line(zorg, whole.maand, 1)
    again = right._replace(referentienummer=f"{right.referentienummer}{AGAIN}")
    extra = (Regel(maand, credit_of(whole.prestatie)), Regel(maand, again))
    return replace(zorg, regels=(*zorg.regels, *extra))

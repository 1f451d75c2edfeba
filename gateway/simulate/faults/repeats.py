"""Faults in what may come once: numbers of lines, claims, and credits of a line."""

from __future__ import annotations

from dataclasses import replace

from gateway.simulate.faults.register import plants
from gateway.simulate.faults.steady import Rustig, a_line, counted, spoiled, steady
from gateway.simulate.kring import Kring
from gateway.simulate.months import month_after
from gateway.simulate.story import CREDIT, Regel, Verhaal, Zorg, credit_of, next_month
from gateway.simulate.truth import rejected


@plants("TR314")
def number_used_before(kring: Kring) -> Verhaal:
    """A line has the ReferentieNummer of the line of the month before."""
    zorg = steady(kring, kring.rng.choice(("uur", "stuk")))
    place = kring.rng.randrange(1, len(zorg.regels) - 1)
    nummer = zorg.regels[place - 1].prestatie.referentienummer
    return (spoiled(zorg, place, lambda line: line._replace(referentienummer=nummer), "TR314"),)


@plants("TR314")
def number_of_another_line(kring: Kring) -> Verhaal:
    """Two clients in one invoice have a line with the same number: the first of them stands."""
    one = steady(kring, "stuk")
    two = steady(kring, "dagdeel", Rustig(markt=one.markt))
    first, second = sorted((one, two), key=lambda zorg: zorg.client.bsn)
    place = a_line(kring, first)
    nummer = first.regels[place].prestatie.referentienummer
    wrong = spoiled(second, place, lambda line: line._replace(referentienummer=nummer), "TR314")
    return (first, wrong)


@plants("TR389", vaak=2)
def claimed_again(kring: Kring) -> Verhaal:
    """A line that was granted is declared once more, under another number."""
    zorg = steady(kring, kring.rng.choice(("uur", "stuk")))
    regel = zorg.regels[a_line(kring, zorg)]
    line = regel.prestatie
    again = line._replace(referentienummer=f"{line.referentienummer}D")
    return (_with(zorg, Regel(next_month(regel), again, rejected("TR389"))),)


@plants("TR323")
def credit_of_nothing(kring: Kring) -> Verhaal:
    """A credit names a line that was never sent."""
    zorg = steady(kring, "stuk")
    regel = zorg.regels[a_line(kring, zorg)]
    credit = credit_of(regel.prestatie)
    unknown = credit._replace(vorig_referentienummer=f"{regel.prestatie.referentienummer}Z")
    return (_with(zorg, Regel(next_month(regel), unknown, rejected("TR323"))),)


@plants("TR323")
def credit_of_a_part(kring: Kring) -> Verhaal:
    """A credit takes back one unit of a line in place of all of it."""
    zorg = steady(kring, "stuk")
    regel = zorg.regels[a_line(kring, zorg)]
    part = counted(credit_of(regel.prestatie), 1)
    return (_with(zorg, Regel(next_month(regel), part, rejected("TR323"))),)


@plants("TR390")
def credited_twice(kring: Kring) -> Verhaal:
    """A line that was taken back is taken back once more."""
    zorg = steady(kring, kring.rng.choice(("uur", "dagdeel")))
    regel = zorg.regels[a_line(kring, zorg, last=2)]
    first = Regel(next_month(regel), credit_of(regel.prestatie))
    twice = credit_of(regel.prestatie, teken=2 * CREDIT)
    second = Regel(month_after(regel.maand, 2), twice, rejected("TR390"))
    return (_with(zorg, first, second),)


def _with(zorg: Zorg, *regels: Regel) -> Zorg:
    return replace(zorg, regels=(*zorg.regels, *regels))

"""Faults in tariffs, amounts and volumes of lines."""

from __future__ import annotations

from gateway.simulate.faults.register import plants
from gateway.simulate.faults.steady import (
    Rustig,
    a_line,
    counted,
    far_off,
    judged,
    priced,
    spoiled,
    steady,
)
from gateway.simulate.kring import Kring
from gateway.simulate.limits import most_in
from gateway.simulate.months import month_after
from gateway.simulate.story import PER_WEEK, TOTAAL, Verhaal, in_minutes, line, price_on
from gateway.simulate.truth import rejected


@plants("TR418", vaak=5)
def tariff_of_another_year(kring: Kring) -> Verhaal:
    """Output that was assigned last year is declared at the price of this year."""
    ingang = month_after(kring.maanden[0], -1)
    zorg = steady(kring, "stuk", Rustig(ingangsdatum=ingang))
    tarief = price_on(zorg.plaats, kring.maanden[0])
    return (spoiled(zorg, a_line(kring, zorg), lambda one: priced(one, tarief), "TR418"),)


@plants("TR418", vaak=3)
def tariff_a_little_off(kring: Kring) -> Verhaal:
    """A tariff is some cents too high, or too low."""
    zorg = steady(kring, kring.rng.choice(("dagdeel", "etmaal")))
    cents = kring.rng.choice((-25, -1, 1, 40))
    return (
        spoiled(
            zorg,
            a_line(kring, zorg),
            lambda one: priced(one, (one.producttarief or 0) + cents),
            "TR418",
        ),
    )


@plants("TR346")
def amount_is_not_the_product(kring: Kring) -> Verhaal:
    """The amount is not the volume times the tariff."""
    zorg = steady(kring, kring.rng.choice(("stuk", "dagdeel")))
    cents = kring.rng.choice((-100, 1, 500))
    return (
        spoiled(
            zorg,
            a_line(kring, zorg),
            lambda one: one._replace(ingediend_bedrag=one.ingediend_bedrag + cents),
            "TR346",
        ),
    )


@plants("TR346")
def minutes_at_the_rounded_tariff(kring: Kring) -> Verhaal:
    """Minutes under a price per hour are multiplied by the tariff per minute that is shown."""
    zorg = steady(kring, "uur")
    place = a_line(kring, zorg)
    maand = zorg.regels[place].maand
    hours = line(zorg, maand, 5, in_hours=True)
    shown = in_minutes(hours)
    wrong = shown._replace(
        ingediend_bedrag=shown.geleverd_volume * (shown.producttarief or 0),
        referentienummer=zorg.regels[place].prestatie.referentienummer,
    )
    return (spoiled(zorg, place, lambda _: wrong, "TR346"),)


@plants("TR321", vaak=3)
def more_than_the_weeks_allow(kring: Kring) -> Verhaal:
    """A line has one unit more than its weeks allow; the assignment as a whole has room."""
    rustig = Rustig(volume=3, frequentie=PER_WEEK, einddatum=far_off(kring))
    zorg = steady(kring, "dagdeel", rustig)
    place = a_line(kring, zorg)
    one = zorg.regels[place].prestatie
    volume = most_in(zorg.toewijzing, one.begindatum, one.einddatum) + 1
    return (spoiled(zorg, place, lambda one: counted(one, volume), "TR321"),)


@plants("TR321")
def more_than_the_month_allows(kring: Kring) -> Verhaal:
    """A line has one piece more than is allowed in a month."""
    zorg = steady(kring, "stuk")
    volume = (zorg.toewijzing.volume or 0) + 1
    return (spoiled(zorg, a_line(kring, zorg), lambda one: counted(one, volume), "TR321"),)


@plants("TR322")
def more_than_the_total_allows(kring: Kring) -> Verhaal:
    """The last line takes one piece more than is left in all."""
    volume, each = 2 * len(kring.maanden), 2
    zorg = steady(kring, "stuk", Rustig(volume=volume, each=each, frequentie=TOTAAL))
    last = len(zorg.regels) - 1
    return (judged(zorg, last, lambda one: counted(one, each + 1), rejected("TR322")),)


@plants("TR369")
def more_than_the_budget(kring: Kring) -> Verhaal:
    """The last line asks for more than the budget has left."""
    plaats = kring.vorm("budget")
    most = plaats.cel.bedrag // (plaats.cel.tarief or 1)
    each = most // len(kring.maanden)
    zorg = steady(
        kring, "budget", Rustig(each=each, budget=plaats.cel.bedrag, einddatum=far_off(kring))
    )
    last = len(zorg.regels) - 1
    too_much = most - each * last + 1
    return (judged(zorg, last, lambda one: counted(one, too_much), rejected("TR369")),)

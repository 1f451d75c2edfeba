"""Faults in fixed prices: an amount per month, and the parts of a trajectory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from gateway.simulate.faults.register import plants
from gateway.simulate.faults.steady import Rustig, judged, steady, trajectory
from gateway.simulate.kring import Kring
from gateway.simulate.limits import due, instalments
from gateway.simulate.story import (
    DOOR_CLIENT,
    VOLGENS_PLAN,
    Looptijd,
    Verhaal,
    Zorg,
    product_period,
    stopped,
    with_lines,
)
from gateway.simulate.truth import signalled


@plants("S102")
def less_than_the_month(kring: Kring) -> Verhaal:
    """A whole month is declared for less than its fixed amount."""
    bedrag = kring.vorm("maand").cel.bedrag
    zorg = steady(kring, "maand", Rustig(volume=bedrag, each=bedrag))
    place = kring.rng.randrange(len(zorg.regels))
    return (_for_amount(zorg, place, bedrag - kring.rng.choice((1, 500)), "S102"),)


@plants("S102")
def less_than_the_days(kring: Kring) -> Verhaal:
    """A broken first month is declared for less than its days come to."""
    zorg = _broken(kring, "maand-rato")
    amount = zorg.regels[0].prestatie.ingediend_bedrag
    return (_for_amount(zorg, 0, amount - 100, "S102"),)


@plants("S102")
def unfinished_price(kring: Kring) -> Verhaal:
    """A trajectory ends, and with its last line less than its price was declared."""
    price = kring.vorm("traject").cel.bedrag
    last = kring.maanden[2].replace(day=kring.rng.randint(5, 25))
    parts = (price // 4, price // 4, price // 4)
    zorg = trajectory(kring, "traject", parts, Rustig(einddatum=last))
    zorg = stopped(zorg, last, VOLGENS_PLAN[kring.wet])
    return (zorg.with_signals("S102", maanden=kring.maanden[2:3]),)


@plants("S123")
def too_much_for_a_broken_month(kring: Kring) -> Verhaal:
    """A broken first month is declared as a whole one, where its days or nothing is due."""
    vorm = kring.rng.choice(("maand-geen", "maand-rato"))
    zorg = _broken(kring, vorm)
    first = kring.maanden[1]
    if zorg.regels[0].maand != first:
        early = with_lines(replace(zorg, regels=()), [(first, 0)]).regels
        zorg = replace(zorg, regels=(*early, *zorg.regels))
    return (_for_amount(zorg, 0, zorg.cel.bedrag, "S123"),)


@plants("S114")
def end_without_a_stop(kring: Kring) -> Verhaal:
    """The last instalment comes in the month in which the assignment ends; nobody sent a stop."""
    last = kring.maanden[1].replace(day=kring.rng.randint(10, 27))
    parts = instalments(kring.vorm("termijnen").cel)
    zorg = trajectory(kring, "termijnen", parts, Rustig(einddatum=last))
    return (zorg.with_signals("S114", maanden=kring.maanden[1:2]),)


@plants("S114")
def end_without_a_result(kring: Kring) -> Verhaal:
    """The last instalment comes after a stop by the client, which is no result."""
    zorg = trajectory(kring, "resultaat", instalments(kring.vorm("resultaat").cel))
    day = kring.maanden[1].replace(day=kring.rng.randint(10, 25))
    zorg = stopped(zorg, day, DOOR_CLIENT[kring.wet])
    return (zorg.with_signals("S114", maanden=kring.maanden[1:2]),)


@plants("S120")
def instalment_of_another_amount(kring: Kring) -> Verhaal:
    """The first instalment is more than its percentage; the last one makes up for it."""
    price = kring.vorm("termijnen").cel.bedrag
    part = instalments(kring.vorm("termijnen").cel)[0] + kring.rng.choice((1, 20_000))
    zorg = trajectory(kring, "termijnen", (part, price - part))
    zorg = stopped(zorg, kring.maanden[1].replace(day=20), VOLGENS_PLAN[kring.wet])
    return (zorg.with_signals("S120", maanden=kring.maanden[:1]),)


@plants("S114", "S120")
def end_while_care_goes_on(kring: Kring) -> Verhaal:
    """The instalment for the end comes while neither assignment nor care has ended."""
    zorg = trajectory(kring, "termijnen", instalments(kring.vorm("termijnen").cel))
    return (zorg.with_signals("S114", "S120", maanden=kring.maanden[1:2]),)


@plants("S120")
def second_part_alone(kring: Kring) -> Verhaal:
    """The second part of a trajectory in two codes is assigned and declared without the first."""
    zorg = trajectory(kring, "einddeel", (kring.vorm("einddeel").cel.bedrag,))
    return (zorg.signalled("S120").with_signals("S120"),)


@plants("S120")
def second_part_declared_first(kring: Kring) -> Verhaal:
    """Both parts were assigned, and the second one is declared before the first."""
    first = trajectory(kring, "begindeel", ())
    maanden = kring.maanden
    beside = Rustig(client=first.client, markt=first.markt, ingangsdatum=maanden[1])
    second = trajectory(kring, "einddeel", (30_000, 60_000), beside)
    first = with_lines(first, [(maanden[2], first.cel.bedrag)])
    return (first, second.with_signals("S120", maanden=maanden[1:2]))


def _broken(kring: Kring, vorm: str) -> Zorg:
    """Care for an amount per month that begins on a day within the second invoiced month."""
    plaats = kring.vorm(vorm)
    ingang = kring.maanden[1].replace(day=kring.rng.randint(5, 20))
    zorg = kring.begun(plaats, Looptijd(ingang, None, plaats.cel.bedrag, "4"))
    return with_lines(zorg, _due(zorg, kring.maanden[1:]))


def _due(zorg: Zorg, maanden: Sequence[date]) -> list[tuple[date, int]]:
    amounts = [
        (maand, due(zorg.cel, zorg.cel.bedrag, *product_period(zorg, maand))) for maand in maanden
    ]
    return [one for one in amounts if one[1]]


def _for_amount(zorg: Zorg, place: int, amount: int, *signals: str) -> Zorg:
    return judged(
        zorg,
        place,
        lambda line: line._replace(geleverd_volume=amount, ingediend_bedrag=amount),
        signalled(*signals),
    )

"""What faults begin with: care that is the same every month, with room to go wrong in one thing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from gateway.records.declaratie import Prestatie
from gateway.records.overeenkomst import Plaats
from gateway.simulate.kring import Kring
from gateway.simulate.months import month_after, month_end
from gateway.simulate.persons import Client
from gateway.simulate.region import Markt
from gateway.simulate.story import (
    AGAIN,
    PER_MAAND,
    TOTAAL,
    Looptijd,
    Regel,
    Zorg,
    next_month,
    running,
    with_lines,
)
from gateway.simulate.truth import Oordeel, rejected

Change = Callable[[Prestatie], Prestatie]


@dataclass(frozen=True, slots=True)
class Rustig:
    """Steady care: `each` units a month of the `volume` that is allowed in it."""

    volume: int = 6
    each: int = 2
    frequentie: str = PER_MAAND
    ingangsdatum: date | None = None
    einddatum: date | None = None
    client: Client | None = None
    markt: Markt | None = None
    budget: int | None = None


def steady(kring: Kring, vorm: str, rustig: Rustig = Rustig()) -> Zorg:
    """Steady care in a form of our own agreements, with a line in every month that it runs."""
    return steady_on(kring, kring.vorm(vorm), rustig)


def steady_on(kring: Kring, plaats: Plaats, rustig: Rustig = Rustig()) -> Zorg:
    """The same on any cell."""
    zorg = begun(kring, plaats, rustig)
    return with_lines(zorg, [(maand, rustig.each) for maand in running(zorg, kring.maanden)])


def begun(kring: Kring, plaats: Plaats, rustig: Rustig) -> Zorg:
    """Steady care that has started, without lines; from the first invoiced month on as a rule."""
    ingang = rustig.ingangsdatum or kring.maanden[0]
    loop = Looptijd(ingang, rustig.einddatum, rustig.volume, rustig.frequentie)
    if rustig.budget is not None:
        loop = Looptijd(ingang, rustig.einddatum, budget=rustig.budget)
    return kring.begun(plaats, loop, client=rustig.client, markt=rustig.markt)


def trajectory(
    kring: Kring, vorm: str, parts: Sequence[int], rustig: Rustig = Rustig(), bedrag: int = 0
) -> Zorg:
    """A trajectory that claims these parts month by month; it ends long after, unless told.

    `bedrag` is what is assigned where that is not the price of the cell.
    """
    plaats = kring.vorm(vorm)
    assigned = replace(
        rustig,
        volume=bedrag or plaats.cel.bedrag,
        frequentie=TOTAAL,
        einddatum=rustig.einddatum or far_off(kring),
    )
    zorg = begun(kring, plaats, assigned)
    return with_lines(zorg, zip(running(zorg, kring.maanden), parts, strict=False))


def far_off(kring: Kring) -> date:
    """A day long after the last invoiced month, and within the year that begins after it."""
    return month_end(month_after(kring.maanden[-1], 5))


def a_line(kring: Kring, zorg: Zorg, last: int = 1) -> int:
    """The place of a line that is not one of the last ones, which cannot be put right in time."""
    return kring.rng.randrange(len(zorg.regels) - last)


def spoiled(zorg: Zorg, place: int, change: Change, *rules: str) -> Zorg:
    """The care with one line that these rules reject; the provider sends it right a month later."""
    right = zorg.regels[place]
    nummer = f"{right.prestatie.referentienummer}{AGAIN}"
    again = Regel(next_month(right), right.prestatie._replace(referentienummer=nummer))
    zorg = judged(zorg, place, change, rejected(*rules))
    return replace(zorg, regels=(*zorg.regels, again))


def judged(zorg: Zorg, place: int, change: Change, oordeel: Oordeel) -> Zorg:
    """The care with one line changed, and what is to be said of it."""
    regels = list(zorg.regels)
    right = regels[place]
    regels[place] = replace(right, prestatie=change(right.prestatie), oordeel=oordeel)
    return replace(zorg, regels=tuple(regels))


def priced(line: Prestatie, tarief: int) -> Prestatie:
    """A line with another tariff, and the amount that goes with it."""
    return line._replace(producttarief=tarief, ingediend_bedrag=line.geleverd_volume * tarief)


def counted(line: Prestatie, volume: int) -> Prestatie:
    """A line with another volume, and the amount that goes with it."""
    tarief = 1 if line.producttarief is None else line.producttarief
    return line._replace(geleverd_volume=volume, ingediend_bedrag=volume * tarief)

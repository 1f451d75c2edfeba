"""Faults in lines that do not go with an assignment: whose it is, and in which period it runs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from gateway.simulate.faults.register import plants
from gateway.simulate.faults.steady import Rustig, a_line, judged, spoiled, steady
from gateway.simulate.kring import UNKNOWN_NUMBER, Kring
from gateway.simulate.months import month_after, month_end
from gateway.simulate.story import VERWIJDERD, Looptijd, Verhaal, changed
from gateway.simulate.truth import rejected


@plants("TR338", vaak=4)
def unknown_number(kring: Kring) -> Verhaal:
    """A line stands on a number that nobody was ever given."""
    zorg = steady(kring, kring.rng.choice(("uur", "stuk", "dagdeel")))
    return (
        spoiled(
            zorg,
            a_line(kring, zorg),
            lambda line: line._replace(toewijzingnummer=line.toewijzingnummer + UNKNOWN_NUMBER),
            "TR338",
        ),
    )


@plants("TR304")
def unknown_client(kring: Kring) -> Verhaal:
    """A provider declares on someone whom it was never assigned; the lines fall with the client."""
    zorg = steady(kring, "stuk")
    place = a_line(kring, zorg, last=0)
    return (replace(zorg, versies=(), leveringen=(), regels=zorg.regels[place : place + 1]),)


@plants("TR304")
def number_of_another_client(kring: Kring) -> Verhaal:
    """A line stands on the number of another client, whose care is still to begin."""
    zorg = steady(kring, "stuk")
    ingang = month_after(kring.maanden[-1])
    other = kring.assigned(kring.vorm("dagdeel"), Looptijd(ingang, None, 4, "4"), markt=zorg.markt)
    # It was assigned long before, so that the number is known whenever the line comes.
    known = zorg.toewijzing.bekend_op
    told = other.toewijzing._replace(bekend_op=known, toewijzingsdatum=known)
    other = replace(other, versies=(replace(other.versies[0], product=told),))
    nummer = told.toewijzingnummer
    wrong = spoiled(
        zorg, a_line(kring, zorg), lambda line: line._replace(toewijzingnummer=nummer), "TR304"
    )
    return (wrong, other)


@plants("TR384")
def deleted_assignment(kring: Kring) -> Verhaal:
    """A line stands on an assignment that was withdrawn before anything was declared on it."""
    zorg = steady(kring, "dagdeel")
    ingang = zorg.toewijzing.ingangsdatum
    withdrawn = changed(zorg, ingang + timedelta(days=8), VERWIJDERD, einddatum=ingang)
    line = replace(zorg.regels[0], oordeel=rejected("TR384"))
    return (replace(withdrawn, leveringen=(), regels=(line,)),)


@plants("TR307", vaak=2)
def month_before_the_assignment(kring: Kring) -> Verhaal:
    """The first line is dated a month too early, before the assignment began."""
    ingang = kring.first_day(kring.rng.choice(kring.maanden[:-1]))
    zorg = steady(kring, "stuk", Rustig(ingangsdatum=ingang))
    before = month_after(ingang.replace(day=1), -1)
    return (
        spoiled(
            zorg,
            0,
            lambda line: line._replace(begindatum=before, einddatum=month_end(before)),
            "TR307",
        ),
    )


@plants("TR308")
def month_after_the_assignment(kring: Kring) -> Verhaal:
    """Care goes on, and is invoiced, for a month after the assignment has ended."""
    last = kring.maanden[-1]
    zorg = steady(kring, "stuk")
    ended = zorg.toewijzing._replace(einddatum=month_end(kring.maanden[-2]))
    versies = (replace(zorg.versies[0], product=ended),)
    place = [regel.maand for regel in zorg.regels].index(last)
    wrong = judged(zorg, place, lambda line: line, rejected("TR308"))
    return (replace(wrong, versies=versies),)


@plants("TR387")
def begins_within_the_month(kring: Kring) -> Verhaal:
    """A line begins on the day that care really began again, some days into the month."""
    zorg = steady(kring, kring.rng.choice(("stuk", "dagdeel")))
    day = kring.rng.randint(2, 20)
    return (
        spoiled(
            zorg,
            a_line(kring, zorg),
            lambda line: line._replace(begindatum=line.begindatum.replace(day=day)),
            "TR387",
        ),
    )


@plants("TR388")
def ends_within_the_month(kring: Kring) -> Verhaal:
    """A line ends on the day that care really stopped, some days before the end of the month."""
    zorg = steady(kring, kring.rng.choice(("stuk", "dagdeel")))
    day = kring.rng.randint(8, 27)
    return (
        spoiled(
            zorg,
            a_line(kring, zorg),
            lambda line: line._replace(einddatum=line.einddatum.replace(day=day)),
            "TR388",
        ),
    )


@plants("TR319")
def declared_too_early(kring: Kring) -> Verhaal:
    """The last days of the care, in the next month, are declared with the month before."""
    maand = kring.rng.choice(kring.maanden[1:])
    einde = maand.replace(day=kring.rng.randint(1, 4))
    zorg = steady(kring, "stuk", Rustig(einddatum=einde))
    last = zorg.regels[-1]
    early = replace(last, maand=month_after(maand, -1))
    zorg = replace(zorg, regels=(*zorg.regels[:-1], early))
    return (spoiled(zorg, len(zorg.regels) - 1, lambda line: line, "TR319"),)

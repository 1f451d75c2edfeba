"""Ordinary care per kind of price: what is assigned, delivered and invoiced, without a fault."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from gateway.records.overeenkomst import Plaats
from gateway.simulate.endings import ended
from gateway.simulate.kring import Kring
from gateway.simulate.limits import due, instalments, most_in, most_in_all
from gateway.simulate.months import days_of, month_after
from gateway.simulate.region import Markt
from gateway.simulate.story import (
    EUROS,
    PER_MAAND,
    PER_WEEK,
    TOTAAL,
    VOLGENS_PLAN,
    Looptijd,
    Verhaal,
    Zorg,
    product_period,
    running,
    stopped,
    with_lines,
)

ETMAAL = "14"
# Forms of our own agreements under which there is ordinary care, and how often.
GEWOON = (
    "uur", "uur", "dagdeel", "etmaal", "stuk", "stuk", "traject", "termijnen", "mijlpaal",
    "resultaat", "los", "maand", "maand-geen", "maand-rato", "arrangement", "budget",
    "cliëntbudget", "tempo",
)  # fmt: skip
# In which month care begins, from the first invoiced one on: most of it runs all the time.
BEGIN = (-2, -1, -1, 0, 0, 0, 1, 2, 3)
# Those under which a client can get something else beside it.
NAAST = ("uur", "dagdeel", "etmaal", "stuk", "maand")


def ordinary(kring: Kring, markt: Markt, plaats: Plaats, beside: Zorg | None = None) -> Zorg:
    """The care of someone on a cell, as far as it comes within the invoiced months.

    With `beside` it is the same person, who gets it from the same day on.
    """
    return KINDS[plaats.cel.soort](kring, markt, plaats, beside)


def _inzet(kring: Kring, markt: Markt, plaats: Plaats, beside: Zorg | None) -> Zorg:
    """Units of effort, at the price of the month in which they were delivered."""
    rng, frequentie = kring.rng, plaats.cel.frequentie or kring.rng.choice((PER_WEEK, PER_MAAND))
    volume = rng.randint(2, 4) if frequentie == PER_WEEK else rng.randint(8, 20)
    loop = _loop(kring, beside, volume, frequentie, open_end=frequentie != PER_WEEK)
    zorg = _ended(kring, markt, plaats, loop, beside)
    left = most_in_all(zorg.geldig)
    slow = plaats.overeenkomst.drempels.uitputting_dagen is not None
    volumes = []
    for maand in running(zorg, kring.maanden):
        period = product_period(zorg, maand)
        most = most_in(zorg.geldig, *period)
        most = most if left is None else min(left, most)
        # Nobody gets more days and nights than there are.
        most = min(most, days_of(*period)) if plaats.cel.eenheid == ETMAAL else most
        volume = most // 2 if slow else max(1, most - rng.choice((0, 0, 1, 2, 5)))
        if most > 0 and volume > 0:
            volumes.append((maand, volume))
            left = None if left is None else left - volume
    return with_lines(zorg, volumes)


def _stuk(kring: Kring, markt: Markt, plaats: Plaats, beside: Zorg | None) -> Zorg:
    """Pieces of output, per month or in all, at the price of the Ingangsdatum."""
    rng, frequentie = kring.rng, plaats.cel.frequentie or kring.rng.choice((TOTAAL, PER_MAAND))
    most = rng.randint(1, 3)
    volume = most if frequentie == PER_MAAND else most * (len(kring.maanden) + 1)
    loop = _loop(kring, beside, volume, frequentie, open_end=frequentie == PER_MAAND)
    zorg = _ended(kring, markt, plaats, loop, beside)
    volumes = [(maand, rng.randint(1, most)) for maand in running(zorg, kring.maanden)]
    return with_lines(zorg, volumes)


def _maandbedrag(kring: Kring, markt: Markt, plaats: Plaats, beside: Zorg | None) -> Zorg:
    """A fixed amount, or one piece, for every month, less in a broken one."""
    cel = plaats.cel
    in_euros = cel.eenheid == EUROS
    volume = cel.bedrag if in_euros else 1
    loop = _loop(kring, beside, volume, cel.frequentie or PER_MAAND, open_end=True)
    zorg = _ended(kring, markt, plaats, loop, beside)
    amounts = [
        (maand, due(cel, volume, *product_period(zorg, maand)))
        for maand in running(zorg, kring.maanden)
    ]
    return with_lines(zorg, [one for one in amounts if one[1]])


def _traject(kring: Kring, markt: Markt, plaats: Plaats, _: Zorg | None) -> Zorg:
    """A fixed price for the whole: in instalments, or divided at will, and paid in full."""
    rng, cel, maanden = kring.rng, plaats.cel, kring.maanden
    parts = instalments(cel) if cel.termijnen else _divided(kring, cel.bedrag)
    begin = rng.randrange(len(maanden) - 1)
    ingang = kring.first_day(maanden[begin])
    einde = ingang + timedelta(days=rng.randint(200, 330))
    zorg = kring.begun(plaats, Looptijd(ingang, einde, cel.bedrag, TOTAAL), markt=markt)
    if len(parts) > len(maanden) - begin or rng.random() < 0.4:
        return with_lines(zorg, [(maanden[begin], parts[0])])
    last = begin + len(parts) - 1
    zorg = with_lines(zorg, zip(maanden[begin : last + 1], parts, strict=True))
    day = max(maanden[last].replace(day=rng.randint(3, 25)), zorg.starts[-1].begindatum)
    return stopped(zorg, day, VOLGENS_PLAN[markt.wet], days=rng.randint(1, 3))


def in_two_parts(kring: Kring, markt: Markt) -> Verhaal:
    """A trajectory in two product codes: the first part is paid, then the second one begins."""
    begin = kring.rng.randrange(len(kring.maanden) - 2)
    first, second = kring.maanden[begin : begin + 2]
    einde = month_after(kring.maanden[-1], 4)
    voor, na = kring.vorm("begindeel"), kring.vorm("einddeel")
    loop = Looptijd(first, einde, voor.cel.bedrag, TOTAAL)
    one = kring.begun(voor, loop, markt=markt)
    one = with_lines(one, [(first, voor.cel.bedrag)])
    loop = Looptijd(second.replace(day=15), einde, na.cel.bedrag, TOTAAL)
    two = kring.begun(na, loop, client=one.client, markt=markt)
    return (one, with_lines(two, [(second, na.cel.bedrag)]))


def _divided(kring: Kring, bedrag: int) -> list[int]:
    """A price in two or three parts of whole euros, the last one being the rest."""
    rng, euros = kring.rng, bedrag // 100
    parts = [100 * (euros * rng.randint(20, 45) // 100) for _ in range(rng.randint(1, 2))]
    return [*parts, bedrag - sum(parts)]


def _budget(kring: Kring, markt: Markt, plaats: Plaats, beside: Zorg | None) -> Zorg:
    """Care within a budget: of the assignment, or of the client and the year."""
    rng, cel = kring.rng, plaats.cel
    ingang = kring.first_day(rng.choice(kring.maanden[:2]))
    einde = ingang + timedelta(days=rng.randint(200, 330))
    if cel.per == "toewijzing":
        loop = Looptijd(ingang, einde, budget=cel.bedrag)
    else:
        loop = Looptijd(ingang, einde, 300, TOTAAL)
    zorg = _begun(kring, markt, plaats, loop, None)
    most = cel.bedrag // (2 * len(kring.maanden) * (cel.tarief or 1))
    return with_lines(
        zorg, [(maand, rng.randint(1, most)) for maand in running(zorg, kring.maanden)]
    )


KINDS: Mapping[str, Callable[[Kring, Markt, Plaats, Zorg | None], Zorg]] = {
    "pxq": _inzet,
    "stuk": _stuk,
    "periode": _maandbedrag,
    "traject": _traject,
    "budget": _budget,
}


def _loop(
    kring: Kring, beside: Zorg | None, volume: int, frequentie: str, *, open_end: bool
) -> Looptijd:
    """A period that begins before or in the invoiced months, and mostly ends long after them."""
    rng = kring.rng
    if beside is not None:
        ingang = beside.toewijzing.ingangsdatum
    else:
        ingang = kring.first_day(month_after(kring.maanden[0], rng.choice(BEGIN)))
    if rng.random() < 0.08 and ingang < kring.maanden[-2]:
        soon = kring.maanden[-1].replace(day=rng.randint(2, 27))
        return Looptijd(ingang, soon, volume, frequentie)
    if open_end and rng.random() < 0.2:
        return Looptijd(ingang, None, volume, frequentie)
    return Looptijd(ingang, ingang + timedelta(days=rng.randint(240, 360)), volume, frequentie)


def _ended(kring: Kring, markt: Markt, plaats: Plaats, loop: Looptijd, beside: Zorg | None) -> Zorg:
    """The care with how it ends, which decides up to when there are lines."""
    zorg = _begun(kring, markt, plaats, loop, beside)
    return ended(kring, zorg, may_die=beside is None)


def _begun(kring: Kring, markt: Markt, plaats: Plaats, loop: Looptijd, beside: Zorg | None) -> Zorg:
    """The care, told together with what it is beside: one 301, one start."""
    if beside is None:
        return kring.begun(plaats, loop, markt=markt)
    zorg = kring.begun(plaats, loop, client=beside.client, markt=beside.markt)
    first, start = beside.versies[0].product, beside.leveringen[0]
    product = zorg.toewijzing._replace(
        bekend_op=first.bekend_op,
        toewijzingsdatum=first.toewijzingsdatum,
        toewijzingstijd=first.toewijzingstijd,
    )
    own = zorg.starts[0]._replace(begindatum=start.product.begindatum)
    return replace(
        zorg,
        versies=(replace(zorg.versies[0], product=product),),
        leveringen=(replace(start, product=own),),
    )

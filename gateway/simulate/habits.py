"""What providers and municipalities put right of their own accord, all of it without a fault."""

from __future__ import annotations

from dataclasses import replace

from gateway.simulate.kring import Kring
from gateway.simulate.months import month_after, month_end
from gateway.simulate.story import (
    AGAIN,
    VERKORT,
    Regel,
    Zorg,
    changed,
    credit_of,
    next_month,
    of_volume,
)

MET_TARIEF = ("pxq", "stuk")  # kinds of which a line can be corrected, or come late


def with_habits(kring: Kring, zorg: Zorg) -> Zorg:
    """The care with what its provider, now and then, corrects or sends late."""
    if zorg.cel.soort not in MET_TARIEF or len(zorg.regels) < 2:
        return zorg
    gewoonten, chance = zorg.markt.gewoonten, kring.rng.random()
    if chance < gewoonten.correcties:
        return corrected(kring, zorg)
    if chance < gewoonten.correcties + gewoonten.nagekomen:
        return came_late(kring, zorg)
    if chance > 0.98:
        return shortened_afterwards(kring, zorg)
    return zorg


def corrected(kring: Kring, zorg: Zorg) -> Zorg:
    """The care with one line taken back and sent again a month later, for one unit less."""
    fitting = [
        regel
        for regel in zorg.regels
        if regel.maand < kring.maanden[-1] and regel.prestatie.geleverd_volume > 1
    ]
    if not fitting:
        return zorg
    regel = kring.rng.choice(fitting)
    debet, maand = regel.prestatie, next_month(regel)
    right = of_volume(zorg, debet, debet.geleverd_volume - 1)
    again = right._replace(referentienummer=f"{debet.referentienummer}{AGAIN}")
    return replace(zorg, regels=(*zorg.regels, Regel(maand, credit_of(debet)), Regel(maand, again)))


def came_late(kring: Kring, zorg: Zorg) -> Zorg:
    """The care with one line that comes in a further invoice, or in that over the next month."""
    place = kring.rng.randrange(len(zorg.regels))
    late = zorg.regels[place]
    regels = list(zorg.regels)
    if late.maand == kring.maanden[-1] or kring.rng.random() < 0.5:
        regels[place] = replace(late, nagestuurd=True)
    else:
        regels[place] = replace(late, maand=next_month(late))
    return replace(zorg, regels=tuple(regels))


def shortened_afterwards(kring: Kring, zorg: Zorg) -> Zorg:
    """The care that turns out to have ended before its last line, which is taken back.

    The assignment is cut short after that line was granted, so it takes one more invoice.
    """
    last = zorg.regels[-1]
    maand = next_month(last)
    if maand > kring.maanden[-1] or len(zorg.versies) > 1 or zorg.stops:
        return zorg
    einde = month_end(month_after(last.maand, -1))
    if zorg.starts[0].begindatum > einde:
        return zorg
    cut = changed(zorg, maand.replace(day=20), VERKORT, einddatum=einde)
    return replace(cut, regels=(*zorg.regels, Regel(maand, credit_of(last.prestatie))))

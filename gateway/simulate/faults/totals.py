"""Faults in what adds up over a year or an assignment, and in the days up to which one declares."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from gateway.records.overeenkomst import Cel
from gateway.simulate.agreements import MET_JAARBEDRAG, PLAFOND
from gateway.simulate.faults.register import plants
from gateway.simulate.faults.steady import Rustig, far_off, steady
from gateway.simulate.kring import Kring
from gateway.simulate.months import days_of
from gateway.simulate.region import HALFJAAR
from gateway.simulate.story import TOTAAL, Verhaal, Zorg, line, price_on
from gateway.simulate.truth import signalled

MELDING = 70  # percent of a yearly amount at which people are told, unless an agreement says else


@plants("S112", ruimte="gemeente")
def ceiling_of_the_municipality(kring: Kring) -> Verhaal:
    """With one line of the year the ceiling of the municipality is reached; it is told once."""
    zorg = steady(kring, "plafond", Rustig(volume=45, each=40))
    return (_told_when(zorg, "S112", (PLAFOND,)),)


@plants("S113", ruimte="regio")
def allowance_of_the_provider(kring: Kring) -> Verhaal:
    """A provider reaches the notice on its yearly amount, and later the amount itself."""
    markt = kring.markt_van(MET_JAARBEDRAG)
    zorg = steady(kring, "contract", Rustig(volume=60, each=55, markt=markt))
    contracts = zorg.plaats.overeenkomst.aanbieders
    (jaarbedrag,) = [one.jaarbedrag or 0 for one in contracts if one.agb == MET_JAARBEDRAG]
    return (_told_when(zorg, "S113", (jaarbedrag * MELDING // 100, jaarbedrag)),)


@plants("S125")
def budget_of_the_client(kring: Kring) -> Verhaal:
    """A client gets more in a year than its budget; every line above it is told."""
    assigned = 500 * len(kring.maanden) // HALFJAAR
    rustig = Rustig(volume=assigned, each=45, frequentie=TOTAAL, einddatum=far_off(kring))
    zorg = steady(kring, "cliëntbudget", rustig)
    above = [maand for maand, _, total in _running_totals(zorg) if total > zorg.cel.bedrag]
    return (zorg.with_signals("S125", maanden=above),)


@plants("S115")
def runs_out_early(kring: Kring) -> Verhaal:
    """Half of what is for most of a year is used in a few months."""
    einde = far_off(kring)
    zorg = steady(kring, "tempo", Rustig(volume=100, each=20, frequentie=TOTAAL, einddatum=einde))
    zorg = replace(zorg, regels=zorg.regels[:4])
    margin = zorg.plaats.overeenkomst.drempels.uitputting_dagen or 0
    begin, early, used = zorg.toewijzing.ingangsdatum, [], 0
    for regel in zorg.regels:
        one = regel.prestatie
        used += one.geleverd_volume if one.eenheid == "01" else 60 * one.geleverd_volume
        lasts = 60 * 100 * days_of(begin, one.einddatum) // used
        if (einde - begin - timedelta(days=lasts)).days > margin:
            early.append(regel.maand)
    return (zorg.with_signals("S115", maanden=early),)


@plants("S116")
def declared_late(kring: Kring) -> Verhaal:
    """The line of the first month comes with the last invoice, after the term has passed."""
    zorg = steady(kring, kring.rng.choice(("uur", "stuk", "dagdeel")))
    late = replace(zorg.regels[0], maand=kring.maanden[-1], oordeel=signalled("S116"))
    return (replace(zorg, regels=(*zorg.regels[1:], late)),)


@plants("S122")
def declared_after_its_end(kring: Kring) -> Verhaal:
    """Care is declared for months after the last day up to which its cell is declared."""
    zorg = steady(kring, "eindig")
    last = zorg.cel.declarabel_tot or date.max
    after = [one.maand for one in zorg.regels if one.prestatie.einddatum > last]
    return (zorg.with_signals("S122", maanden=after),)


@plants("S103")
def price_published_late(kring: Kring) -> Verhaal:
    """A line shows the old price, because the new one was published after it was dated."""
    zorg = steady(kring, "laat")
    (newer,) = [one for one in zorg.plaats.overeenkomst.cellen if _is_newer(one, zorg.cel)]
    old = price_on(zorg.plaats, kring.maanden[0])
    regels = [
        replace(one, prestatie=line(zorg, one.maand, 2, tarief=old), oordeel=signalled("S103"))
        if newer.vanaf <= one.maand
        and zorg.markt.declaratiedag(one.maand) < (newer.bekendgemaakt_op or newer.vanaf)
        else one
        for one in zorg.regels
    ]
    return (replace(zorg, regels=tuple(regels)),)


def _is_newer(cel: Cel, than: Cel) -> bool:
    """Whether a cell is a later price of the same product."""
    return cel.productcode == than.productcode and cel.vanaf > than.vanaf


def _running_totals(zorg: Zorg) -> Iterator[tuple[date, int, int]]:
    """Per line its month, and what was granted before it and with it, in eurocents."""
    total = 0
    for regel in zorg.regels:
        before, total = total, total + regel.prestatie.ingediend_bedrag
        yield regel.maand, before, total


def _told_when(zorg: Zorg, check: str, amounts: tuple[int, ...]) -> Zorg:
    """The care with this signal on each line with which one of the amounts is reached."""
    reached = [
        maand
        for maand, before, total in _running_totals(zorg)
        if any(before < amount <= total for amount in amounts)
    ]
    return zorg.with_signals(check, maanden=reached)

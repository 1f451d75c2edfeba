"""Assignments that are shortened below what was granted on them already."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from gateway.simulate.faults.register import plants
from gateway.simulate.faults.steady import steady
from gateway.simulate.kring import Kring
from gateway.simulate.months import month_end
from gateway.simulate.story import VERKORT, Verhaal, changed
from gateway.simulate.truth import signalled


@plants("S138")
def ended_after_it_was_paid(kring: Kring) -> Verhaal:
    """An assignment is ended, after a month beyond its new end was declared and granted."""
    zorg = steady(kring, "stuk")
    told = zorg.markt.declaratiedag(kring.maanden[2]) + timedelta(days=4)
    ended = changed(zorg, told, VERKORT, einddatum=month_end(kring.maanden[1]))
    last = replace(ended.versies[-1], oordeel=signalled("S138"))
    paid = tuple(one for one in zorg.regels if one.maand <= kring.maanden[2])
    return (replace(ended, versies=(*ended.versies[:-1], last), regels=paid),)

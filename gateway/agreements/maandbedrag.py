"""What a cell of kind periode is due for one calendar month of an assignment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from gateway.periods.bedragen import half_up
from gateway.periods.maanden import first_of_month, last_of_month
from gateway.periods.weken import days
from gateway.records.overeenkomst import Cel

GEEN, NAAR_RATO = "geen", "naar-rato"


@dataclass(frozen=True, slots=True)
class Maandbedrag:
    """The days that count of a month, and the amount that they come to in eurocents.

    `regel` is how a broken month is paid: vol, geen or naar-rato; None for a whole month.
    """

    dagen: int
    van: int
    regel: str | None
    bedrag: int


def month_due(cel: Cel, dag: date, ingangsdatum: date, einddatum: date | None) -> Maandbedrag:
    """The amount for the calendar month of a day.

    A month is broken at its beginning when the assignment begins in it after the first day, at its
    end when the assignment ends in it before the last one; the cell says for each how it is paid.
    """
    first, last = first_of_month(dag), last_of_month(dag)
    whole = days(first, last)
    regels = []
    begin, end = first, last
    if first < ingangsdatum <= last:
        regels.append(cel.gebroken_begin)
        begin = ingangsdatum if cel.gebroken_begin == NAAR_RATO else first
    if einddatum is not None and first <= einddatum < last:
        regels.append(cel.gebroken_eind)
        end = einddatum if cel.gebroken_eind == NAAR_RATO else last
    if GEEN in regels:
        return Maandbedrag(0, whole, GEEN, 0)
    counted = days(begin, end)
    regel = NAAR_RATO if NAAR_RATO in regels else next(iter(regels), None)
    return Maandbedrag(counted, whole, regel, half_up(cel.bedrag * counted, whole))

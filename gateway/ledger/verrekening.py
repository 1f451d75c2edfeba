"""Settles lump sums: what was paid in advance against what was really used.

A lump sum is one amount for a provider and a period.  Use is worth the volume of the granted lines
times the tariff of the cell.  Only a difference beyond the tolerance is settled, up and down alike.
Amounts are eurocents; above zero the municipality pays, below zero the provider pays back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from gateway.agreements.match import Overeenkomsten
from gateway.periods.bedragen import half_up
from gateway.periods.maanden import first_of_month, last_of_month
from gateway.periods.volume import MINUTES_PER_HOUR, MINUUT, UUR
from gateway.periods.weken import days, months_touched
from gateway.records.overeenkomst import Cel, Plaats

LUMPSUM, MEERDERE = "lumpsum", "meerdere"


class Afname(NamedTuple):
    """Granted lines of a provider on one product, unit and period, credits subtracted."""

    gemeente: str
    wet: str
    aanbieder: str
    productcode: str
    eenheid: str
    begindatum: date
    einddatum: date
    volume: int
    bedrag: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Verrekening:
    """The settlement of one provider under one cell.

    `tot_en_met` is up to which day use is known: the end of the period once that is over, before
    that the last day that was declared.  `budget` is the whole amount and `budget_tot` the part of
    it for the days up to that one; `gebruik` is None where no line tells it, and then `in_zorg`
    counts the clients in care.  `is_definitief` once the period is over.
    """

    overeenkomst: str
    cel: str
    aanbieder: str
    vanaf: date
    tot: date
    tolerantie: int
    budget: int
    voorschotten: int
    tot_en_met: date | None
    budget_tot: int
    gebruik: int | None
    in_zorg: int | None
    verrekend: int
    is_definitief: bool

    @property
    def verschil(self) -> int | None:
        """How much more was used than the budget is for; below zero less."""
        return None if self.gebruik is None else self.gebruik - self.budget_tot

    @property
    def is_beyond(self) -> bool:
        """Whether the difference is larger than the tolerance."""
        if self.gebruik is None:
            return False
        return is_beyond(self.budget_tot, self.gebruik, self.tolerantie)

    @property
    def vastgesteld(self) -> int | None:
        """What the provider gets for the period in the end; None before that is over."""
        return self.budget + self.verrekend if self.is_definitief else None

    @property
    def nog_te_betalen(self) -> int | None:
        """What is determined and not paid in advance; below zero it comes back."""
        return None if self.vastgesteld is None else self.vastgesteld - self.voorschotten


def is_beyond(budget: int, used: int, tolerance: int) -> bool:
    """Whether use differs more than so many percent from the budget, up or down."""
    return 100 * abs(used - budget) > budget * tolerance


def settled_amount(budget: int, used: int, tolerance: int, *, only_excess: bool) -> int:
    """What is settled: the whole difference beyond the tolerance, or only what lies beyond it."""
    if not is_beyond(budget, used, tolerance):
        return 0
    difference = used - budget
    free = half_up(budget * tolerance, 100) if only_excess else 0
    size = max(0, abs(difference) - free)
    return size if difference > 0 else -size


def advances(amount: int, count: int) -> tuple[int, ...]:
    """Equal advances in whole cents; the last is the rest, so that together they are the amount."""
    part = amount // count
    return (*(part for _ in range(count - 1)), amount - part * (count - 1))


def advance_days(begin: date, end: date, count: int) -> Iterator[date]:
    """The first days of as many equal parts of a period.

    Whole months where they can be divided so, else days.
    """
    months = months_touched(begin, end)
    whole = begin == first_of_month(begin) and end == last_of_month(end)
    for number in range(count):
        if whole and months % count == 0:
            index = begin.year * 12 + begin.month - 1 + number * (months // count)
            yield date(index // 12, index % 12 + 1, 1)
        else:
            yield begin + timedelta(days=number * days(begin, end) // count)


def paid_in_advance(cel: Cel, end: date, today: date) -> int:
    """What was paid by today: an advance is paid on the first day of its part."""
    due = sum(day <= today for day in advance_days(cel.vanaf, end, cel.voorschotten))
    return sum(advances(cel.bedrag, cel.voorschotten)[:due])


def value_of_use(cel: Cel, lines: Iterable[Afname]) -> int:
    """What use is worth: volume times tariff, without a tariff what was declared.

    Minutes count by the hour where the cell is in hours, rounded once.
    """
    own = list(lines)
    if cel.tarief is None:
        return sum(one.bedrag for one in own)
    minutes = sum(one.volume for one in own if (one.eenheid, cel.eenheid) == (MINUUT, UUR))
    volume = sum(one.volume for one in own if one.eenheid == cel.eenheid)
    return half_up(cel.tarief * (volume * MINUTES_PER_HOUR + minutes), MINUTES_PER_HOUR)


def last_day(cel: Cel) -> date:
    """The last day of the period; without one it is the calendar year in which it begins."""
    return cel.tot or date(cel.vanaf.year, 12, 31)


def settlements(
    overeenkomsten: Overeenkomsten,
    afname: Sequence[Afname],
    in_zorg: Mapping[tuple[str, str], int],
    vandaag: date,
    gemeente: str | None = None,
) -> Iterator[Verrekening]:
    """The settlement of every lump sum whose period has begun, per provider.

    `in_zorg` counts the clients in care by provider and product code.
    """
    for plaats in lump_sums(overeenkomsten):
        if vandaag < plaats.cel.vanaf or gemeente not in (None, *plaats.gemeenten):
            continue
        for agb in _providers(plaats):
            own = [one for one in afname if _is_use(plaats, agb, one)]
            clients = in_zorg.get((agb, plaats.cel.productcode))
            yield settle(plaats, agb, own, clients, vandaag)


def lump_sums(overeenkomsten: Overeenkomsten) -> Iterator[Plaats]:
    """Every cell that is one amount for a provider and a period."""
    for one in overeenkomsten.alle:
        for cel in one.cellen:
            if cel.soort == LUMPSUM:
                yield Plaats(one, cel)


def settle(
    plaats: Plaats, agb: str, lines: Sequence[Afname], in_zorg: int | None, vandaag: date
) -> Verrekening:
    """The settlement of one provider under one cell, on the lines that count for it."""
    cel, end = plaats.cel, last_day(plaats.cel)
    is_over = vandaag > end
    known = end if is_over else max((one.einddatum for one in lines), default=None)
    known = None if known is None else min(known, end)
    whole = days(cel.vanaf, end)
    so_far = 0 if known is None else half_up(cel.bedrag * days(cel.vanaf, known), whole)
    used = value_of_use(cel, lines) if lines else None
    only_excess = cel.verrekening == MEERDERE
    settled = 0
    if used is not None:
        settled = settled_amount(so_far, used, cel.tolerantie, only_excess=only_excess)
    return Verrekening(
        overeenkomst=plaats.overeenkomst.id,
        cel=cel.naam,
        aanbieder=agb,
        vanaf=cel.vanaf,
        tot=end,
        tolerantie=cel.tolerantie,
        budget=cel.bedrag,
        voorschotten=paid_in_advance(cel, end, vandaag),
        tot_en_met=known,
        budget_tot=so_far,
        gebruik=used,
        in_zorg=in_zorg if used is None else None,
        verrekend=settled,
        is_definitief=is_over and used is not None,
    )


def _providers(plaats: Plaats) -> Sequence[str]:
    """For whom the amount is: the providers of the cell, else all that have a contract."""
    if plaats.cel.aanbieders is not None:
        return plaats.cel.aanbieders
    return tuple(dict.fromkeys(one.agb for one in plaats.overeenkomst.aanbieders))


def _is_use(plaats: Plaats, agb: str, one: Afname) -> bool:
    """Whether lines count for a lump sum: by the first day of their period."""
    cel = plaats.cel
    return (
        one.aanbieder == agb
        and one.productcode == cel.productcode
        and one.wet in plaats.wetten
        and one.gemeente in plaats.gemeenten
        and cel.vanaf <= one.begindatum <= last_day(cel)
        and (one.eenheid == cel.eenheid or (one.eenheid, cel.eenheid) == (MINUUT, UUR))
    )

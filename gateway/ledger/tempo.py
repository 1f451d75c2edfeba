"""How fast assignments are used up, and when TR321, TR322 or TR369 will start to reject.

The pace is what was granted since the Ingangsdatum, credits subtracted, over the days up to the
end of the last period that was granted.  Check S115 measures the same on the lines of one message.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from gateway.periods.bedragen import half_up
from gateway.periods.uitputting import exhausted_on
from gateway.periods.volume import (
    MINUTES_PER_HOUR,
    MINUUT,
    OUTPUT_EENHEDEN,
    PER_WEEK,
    TOTAAL,
    UUR,
    limit_in_unit,
    period_limit,
    total_limit,
)
from gateway.periods.weken import days
from gateway.records.toewijzing import ToegewezenProduct

EURO = "83"
TRAJECT = "traject"
HUISHOUDELIJK = "01"
# A pace over fewer days says little; only what is used up already is told then.
SILENT_DAYS = 28


class Gebruik(NamedTuple):
    """What was granted in one ProductPeriode in one unit, credits subtracted."""

    begindatum: date
    einddatum: date
    eenheid: str
    volume: int
    bedrag: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lopend:
    """The latest version of an assignment with what was granted on it, per period.

    `soort` is the kind of the cell that prices it, None where there is none.
    """

    gemeente: str
    wet: str
    client: str
    toewijzing: ToegewezenProduct
    gebruik: tuple[Gebruik, ...] = ()
    soort: str | None = None

    @property
    def tot_en_met(self) -> date | None:
        """The last day of the last period that was granted."""
        return max((one.einddatum for one in self.gebruik), default=None)

    @property
    def bedrag(self) -> int:
        """What was granted, in eurocents."""
        return sum(one.bedrag for one in self.gebruik)


@dataclass(frozen=True, slots=True, kw_only=True)
class Uitputting:
    """From which day on a rule will reject lines of an assignment, and what is at stake.

    `gebruikt` of `ruimte` are in minutes for time, else in units; in eurocents for unit 83 and for
    a Budget.  `belang` is what would be claimed from that day to the Einddatum, None without an
    Einddatum; for a month at its maximum it is what was claimed in it.
    """

    regel: str
    datum: date
    lopend: Lopend
    gebruikt: int
    ruimte: int
    eenheid: str
    belang: int | None

    @property
    def percentage(self) -> int:
        """How much of the room is used, in whole percent, rounded down."""
        return 100 if not self.ruimte else 100 * self.gebruikt // self.ruimte


def forecasts(lopend: Lopend) -> Iterator[Uitputting]:
    """What will be rejected under this assignment if it goes on like this."""
    until = lopend.tot_en_met
    if until is None:
        return
    yield from _month_full(lopend, until)
    yield from _total_used(lopend, until)
    yield from _budget_used(lopend, until)


def urgency(one: Uitputting) -> tuple[date, int, int]:
    """The order in which people look: the first day first, then the largest amount."""
    return (one.datum, -(one.belang or 0), one.lopend.toewijzing.toewijzingnummer)


def _month_full(lopend: Lopend, until: date) -> Iterator[Uitputting]:
    """TR321: the last month that was claimed has no room left.

    Only for effort: output is agreed to be claimed in full every month.
    """
    toewijzing, omvang = lopend.toewijzing, lopend.toewijzing.omvang
    if omvang is None or omvang.eenheid in OUTPUT_EENHEDEN or omvang.frequentie == TOTAAL:
        return
    for one in lopend.gebruik:
        if one.einddatum != until:
            continue
        limit = period_limit(
            omvang,
            one.begindatum,
            one.einddatum,
            toewijzing.ingangsdatum,
            toewijzing.einddatum,
            huishoudelijk_week=(
                lopend.wet == "wmo" and toewijzing.productcategorie == HUISHOUDELIJK
            ),
        )
        most = None if limit is None else limit_in_unit(limit, omvang.eenheid, one.eenheid)
        if most is not None and one.volume >= most:
            yield Uitputting(
                regel="TR321",
                datum=one.begindatum,
                lopend=lopend,
                gebruikt=_in_base(one.volume, one.eenheid),
                ruimte=_in_base(most, one.eenheid),
                eenheid=omvang.eenheid,
                belang=one.bedrag,
            )


def _total_used(lopend: Lopend, until: date) -> Iterator[Uitputting]:
    """TR322: the volume of the whole assignment runs out before its end.

    With a volume per day or month the periods add up to the total, so that TR321 speaks first.
    With one per week the total is held against the weeks so far: who keeps to them never runs out.
    """
    toewijzing, omvang = lopend.toewijzing, lopend.toewijzing.omvang
    if omvang is None or omvang.frequentie not in (PER_WEEK, TOTAAL) or _is_traject(lopend):
        return
    total = total_limit(omvang, toewijzing.ingangsdatum, toewijzing.einddatum)
    if total is None:
        return
    taken = _volume(lopend, omvang.eenheid)
    if omvang.frequentie == PER_WEEK:
        so_far = total_limit(omvang, toewijzing.ingangsdatum, until) or 0
        if taken <= _in_base(so_far, omvang.eenheid):
            return
    yield from _runs_out(
        lopend, until, "TR322", (taken, _in_base(total, omvang.eenheid), omvang.eenheid)
    )


def _budget_used(lopend: Lopend, until: date) -> Iterator[Uitputting]:
    """TR369: the Budget runs out before the end."""
    budget = lopend.toewijzing.budget
    if budget is not None:
        yield from _runs_out(lopend, until, "TR369", (lopend.bedrag, budget, EURO))


def _runs_out(
    lopend: Lopend, until: date, regel: str, room: tuple[int, int, str]
) -> Iterator[Uitputting]:
    """The forecast for `room`: what is taken, of how much, in which unit."""
    taken, limit, eenheid = room
    begin, end = lopend.toewijzing.ingangsdatum, lopend.toewijzing.einddatum
    datum = exhausted_on(limit, taken, begin, until)
    measured = days(begin, until)
    if datum is None or (end is not None and datum > end):
        return
    if measured <= SILENT_DAYS and taken < limit:
        return
    left = None if end is None else half_up(lopend.bedrag * days(datum, end), measured)
    yield Uitputting(
        regel=regel,
        datum=datum,
        lopend=lopend,
        gebruikt=taken,
        ruimte=limit,
        eenheid=eenheid,
        belang=left,
    )


def _is_traject(lopend: Lopend) -> bool:
    """Whether the volume is a price for the whole, which is meant to be used up."""
    omvang = lopend.toewijzing.omvang
    if lopend.soort is not None or omvang is None:
        return lopend.soort == TRAJECT
    return omvang.frequentie == TOTAAL and omvang.eenheid in OUTPUT_EENHEDEN


def _volume(lopend: Lopend, eenheid: str) -> int:
    """What was granted in the unit of the Omvang; hours and minutes add up in minutes."""
    units = {MINUUT, UUR} if eenheid in (MINUUT, UUR) else {eenheid}
    return sum(_in_base(one.volume, one.eenheid) for one in lopend.gebruik if one.eenheid in units)


def _in_base(volume: int, eenheid: str) -> int:
    return volume * MINUTES_PER_HOUR if eenheid == UUR else volume

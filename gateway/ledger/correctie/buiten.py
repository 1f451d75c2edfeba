"""Granted lines outside their assignment, after a 301 that made it shorter, lower or undone.

What was granted stays granted until the provider credits it: a later 301 never rejects a line
that was judged before it (OP095).  Here stands what the provider is asked to credit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from gateway.periods.bedragen import euros
from gateway.periods.volume import (
    MINUTES_PER_HOUR,
    UUR,
    limit_in_unit,
    period_limit,
    total_limit,
    whole_volume,
)
from gateway.records.batch import Stand
from gateway.records.declaratie import Prestatie
from gateway.records.toewijzing import ToegewezenProduct

HUISHOUDELIJK = "01"


class Buiten(NamedTuple):
    """A line that does not fit any more; `past` is what of it still does, without a price.

    `deels` tells that the period of the line was cut: whether its volume still fits in there only
    the provider knows.
    """

    regel: Prestatie
    past: Prestatie | None
    reden: str
    deels: bool = False


def outside(line: Prestatie, toewijzing: ToegewezenProduct, wet: str) -> Buiten | None:
    """What is wrong with one granted debet by itself; None where it still fits."""
    nummer = toewijzing.toewijzingnummer
    if toewijzing.is_verwijderd:
        return Buiten(line, None, f"toewijzing {nummer} is verwijderd")
    if toewijzing.is_ingetrokken:
        return Buiten(line, None, f"toewijzing {nummer} is ingetrokken")
    return _outside_period(line, toewijzing) or _above_period(line, toewijzing, wet)


def cut(line: Prestatie, toewijzing: ToegewezenProduct) -> Prestatie | None:
    """The line within the days of the assignment; None where none of its days is."""
    begin = max(line.begindatum, toewijzing.ingangsdatum)
    eind = min(line.einddatum, toewijzing.einddatum or line.einddatum)
    return None if eind < begin else line._replace(begindatum=begin, einddatum=eind)


def _outside_period(line: Prestatie, toewijzing: ToegewezenProduct) -> Buiten | None:
    within = cut(line, toewijzing)
    if within == line:
        return None
    until = f" tot en met {toewijzing.einddatum}" if toewijzing.einddatum else ""
    reden = (
        f"toewijzing {toewijzing.toewijzingnummer} loopt nu van {toewijzing.ingangsdatum}{until}"
    )
    return Buiten(line, within, reden, deels=within is not None)


def _above_period(line: Prestatie, toewijzing: ToegewezenProduct, wet: str) -> Buiten | None:
    omvang = toewijzing.omvang
    if omvang is None:
        return None
    household = wet == "wmo" and toewijzing.productcategorie == HUISHOUDELIJK
    limit = period_limit(
        omvang,
        line.begindatum,
        line.einddatum,
        toewijzing.ingangsdatum,
        toewijzing.einddatum,
        huishoudelijk_week=household,
    )
    most = None if limit is None else limit_in_unit(limit, omvang.eenheid, line.eenheid)
    if most is None or line.geleverd_volume <= most:
        return None
    reden = f"op toewijzing {toewijzing.toewijzingnummer} past nu in deze periode volume {most}"
    return Buiten(line, _with_volume(line, most), reden)


class Teveel(NamedTuple):
    """What is granted on an assignment beyond its whole: volume as in a Stand, or eurocents."""

    volume: int
    bedrag: int
    reden: str


def too_much(toewijzing: ToegewezenProduct, stand: Stand) -> Teveel | None:
    """What was granted beyond the volume or the budget of the whole assignment; None where it fits.

    An assignment that was undone has no room at all, but its lines are told one by one.
    """
    if toewijzing.is_verwijderd or toewijzing.is_ingetrokken:
        return None
    nummer = toewijzing.toewijzingnummer
    if toewijzing.budget is not None and stand.bedrag > toewijzing.budget:
        reden = f"het budget van toewijzing {nummer} is nu {euros(toewijzing.budget)}"
        return Teveel(0, stand.bedrag - toewijzing.budget, reden)
    omvang = toewijzing.omvang
    if omvang is None:
        return None
    whole = whole_volume(omvang, toewijzing.ingangsdatum, toewijzing.einddatum)
    if whole is None or stand.volume <= whole:
        return None
    total = total_limit(omvang, toewijzing.ingangsdatum, toewijzing.einddatum)
    reden = f"toewijzing {nummer} is nu in totaal voor volume {total} (eenheid {omvang.eenheid})"
    return Teveel(stand.volume - whole, 0, reden)


def taken_back(lines: Iterable[Prestatie], teveel: Teveel) -> Iterator[Buiten]:
    """The lines to credit until what is left fits: those of the last period first.

    The last one that is credited comes back for what still fits of it.
    """
    volume, bedrag = teveel.volume, teveel.bedrag
    for line in sorted(lines, key=lambda one: (one.begindatum, one.volgnr), reverse=True):
        if volume <= 0 and bedrag <= 0:
            return
        per_piece = MINUTES_PER_HOUR if line.eenheid == UUR else 1
        if teveel.volume:
            left = max(0, line.geleverd_volume - -(-volume // per_piece))
            volume -= line.geleverd_volume * per_piece
        else:
            left = _volume_for(line, line.ingediend_bedrag - bedrag)
            bedrag -= line.ingediend_bedrag
        yield Buiten(line, _with_volume(line, left), teveel.reden)


def _volume_for(line: Prestatie, cents: int) -> int:
    """The whole volume of a line that costs so much at most."""
    if cents <= 0 or line.ingediend_bedrag == 0:
        return 0
    return line.geleverd_volume * cents // line.ingediend_bedrag


def _with_volume(line: Prestatie, volume: int) -> Prestatie | None:
    return None if volume <= 0 else line._replace(geleverd_volume=volume)


def given_back(found: Sequence[Buiten]) -> Stand:
    """What an assignment gets back once these lines are corrected: volume as in a Stand."""
    volume = bedrag = 0
    for one in found:
        line, left = one.regel, 0 if one.past is None else one.past.geleverd_volume
        per_piece = MINUTES_PER_HOUR if line.eenheid == UUR else 1
        gone = line.geleverd_volume - left
        volume += gone * per_piece
        bedrag += line.ingediend_bedrag * gone // max(1, line.geleverd_volume)
    return Stand(volume, bedrag)

"""How much an assignment allows, and what is due of a price per month or per trajectory.

Counted from the words of the standard and of the agreement, apart from how the judge counts it.
"""

from __future__ import annotations

from datetime import date

from gateway.records.overeenkomst import Cel
from gateway.records.toewijzing import ToegewezenProduct
from gateway.simulate.months import days_of, month_end, month_of, months_of, weeks_of
from gateway.simulate.story import PER_DAG, PER_WEEK, TOTAAL

GEEN, NAAR_RATO = "geen", "naar-rato"


def most_in(product: ToegewezenProduct, begin: date, end: date) -> int:
    """The volume that an assignment of effort allows in a period of one month or less."""
    volume = product.volume or 0
    if product.frequentie == PER_DAG:
        return volume * days_of(begin, end)
    return volume * weeks_of(begin, end) if product.frequentie == PER_WEEK else volume


def most_in_all(product: ToegewezenProduct) -> int | None:
    """The volume that an assignment of effort allows in all; None where nothing ends it."""
    volume, begin, end = product.volume or 0, product.ingangsdatum, product.einddatum
    if product.frequentie == TOTAAL:
        return volume
    if end is None:
        return None
    if product.frequentie == PER_WEEK:
        return volume * weeks_of(begin, end)
    if product.frequentie == PER_DAG:
        return volume * days_of(begin, end)
    return volume * months_of(begin, end)


def due(cel: Cel, bedrag: int, begin: date, end: date) -> int:
    """What is due of an amount per month for the days of one month, in eurocents."""
    first, last = month_of(begin), month_end(begin)
    share = bedrag
    for broken, how in ((begin != first, cel.gebroken_begin), (end != last, cel.gebroken_eind)):
        if broken and how == GEEN:
            return 0
        if broken and how == NAAR_RATO:
            days = days_of(first, last)
            share = (2 * bedrag * days_of(begin, end) + days) // (2 * days)
    return share


def instalments(cel: Cel) -> list[int]:
    """The instalments of a trajectory in eurocents: half a cent up, and the rest as the last."""
    parts = [(cel.bedrag * (one.deel or 0) + 50) // 100 for one in cel.termijnen[:-1]]
    return [*parts, cel.bedrag - sum(parts)]

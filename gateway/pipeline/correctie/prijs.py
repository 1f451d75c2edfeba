"""The right price of a line that was judged before, by the agreements as they are now.

Prices come from where judging takes them, so that there is one way to price.
"""

from __future__ import annotations

from gateway.deviations.berekening import EURO, agreed_amounts
from gateway.periods.bedragen import minute_tariff
from gateway.periods.volume import MINUUT, UUR
from gateway.pipeline.replay import repriced
from gateway.records.declaratie import Prestatie
from gateway.records.overeenkomst import Prijs


def priced(line: Prestatie, na: Prijs | None, voor: Prijs | None = None) -> Prestatie:
    """The line with the tariff and the amount of the price in force.

    A line in euros has no tariff: it stays the same part of the price of the whole, by what that
    was (`voor`).  A line without a price per unit keeps its tariff, and its amount follows from it.
    """
    if na is not None:
        if amounts := agreed_amounts(line, na):
            return line._replace(producttarief=_tariff(line, na), ingediend_bedrag=amounts[0])
        if line.eenheid == EURO and voor is not None:
            amount = abs(repriced(line, voor, na))
            return line._replace(geleverd_volume=amount, ingediend_bedrag=amount)
    return by_itself(line)


def by_itself(line: Prestatie) -> Prestatie:
    """The line with the amount that follows from what stands on it.

    One in minutes keeps its amount where the price of an hour is unknown: its tariff is rounded.
    """
    if line.eenheid == EURO:
        return line._replace(ingediend_bedrag=line.geleverd_volume)
    if line.producttarief is None or line.eenheid == MINUUT:
        return line
    return line._replace(ingediend_bedrag=line.geleverd_volume * line.producttarief)


def _tariff(line: Prestatie, prijs: Prijs) -> int:
    """What the line shows as its ProductTarief (IV081 for minutes of an hour's price)."""
    if prijs.eenheid == UUR and line.eenheid == MINUUT:
        return minute_tariff(prijs.juiste[0])
    return prijs.juiste[0]

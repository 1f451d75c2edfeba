"""What a version of an assignment obliges a municipality to, per calendar month.

A month belongs to one year, so what is cut by months adds up by years.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from datetime import date, timedelta

from gateway.agreements.indientermijn import longest_term
from gateway.agreements.match import Overeenkomsten, Tariefvraag, find_place
from gateway.periods.maanden import years_after
from gateway.periods.maandnummers import first_day, last_day, month_number
from gateway.periods.termijnen import JAREN_TERUG
from gateway.periods.verdelen import in_parts
from gateway.periods.volume import (
    MINUTES_PER_HOUR,
    MINUUT,
    OUTPUT_EENHEDEN,
    PER_MAAND,
    TOTAAL,
    UUR,
    total_limit,
)
from gateway.periods.weken import days, months_touched
from gateway.records.omvang import Omvang
from gateway.records.toewijzing import ToegewezenProduct

EURO = "83"
# Prices are in sixtieths of a cent: minutes under an hour tariff then stay whole numbers.
PER_CENT = MINUTES_PER_HOUR


@dataclass(frozen=True, slots=True)
class Maandplan:
    """Eurocents per month (see `maandnummers`), and the months for which nobody knows a price.

    `is_totaal`: one amount for the whole period, of which what is not used in one month may come
    in a later one (frequency 6 and Budget).  `einde` is the last day of care, None where nothing
    is obliged.
    """

    bedragen: Mapping[int, int] = field(default_factory=dict)
    zonder_prijs: Set[int] = frozenset()
    is_totaal: bool = False
    begin: date | None = None
    einde: date | None = None

    def over(self, maanden: range) -> int:
        """What it comes to in some months."""
        return sum(self.bedragen.get(one, 0) for one in maanden)


NIETS = Maandplan()


class Prijzen:
    """What the agreements say of assignments: their prices, and how long care can be declared."""

    def __init__(self, overeenkomsten: Overeenkomsten) -> None:
        self._all = overeenkomsten

    def per_eenheid(
        self, gemeente: str, wet: str, product: ToegewezenProduct, eenheid: str, dag: date
    ) -> int | None:
        """The price of a unit in sixtieths of a cent, on its own reference date.

        Minutes without a price of their own take the hour's.  None where there is no cell, and
        where a cell has no price per unit: a task and a lump sum are no obligation of one client.
        """
        if eenheid == EURO:
            return PER_CENT
        found = self._tarief(gemeente, wet, product, eenheid, dag)
        if found is not None:
            return found * PER_CENT
        return self._tarief(gemeente, wet, product, UUR, dag) if eenheid == MINUUT else None

    def declarable_until(
        self, gemeente: str, wet: str, product: ToegewezenProduct, dag: date
    ) -> date:
        """The last day on which care up to a day can be declared.

        By the agreements that it can be under; where those set no term, and never later, by TR335.
        """
        by_rule = years_after(dag, JAREN_TERUG)
        vraag = _question(gemeente, wet, product, "", dag)
        days_long = longest_term(self._all, vraag, product.productcategorie)
        return by_rule if days_long is None else min(by_rule, dag + timedelta(days_long))

    def _tarief(
        self, gemeente: str, wet: str, product: ToegewezenProduct, eenheid: str, dag: date
    ) -> int | None:
        plaats = find_place(self._all, _question(gemeente, wet, product, eenheid, dag))
        is_of_unit = plaats is not None and plaats.cel.eenheid == eenheid
        return plaats.cel.stuktarief if plaats is not None and is_of_unit else None


def _question(
    gemeente: str, wet: str, product: ToegewezenProduct, eenheid: str, dag: date
) -> Tariefvraag:
    return Tariefvraag(
        wet=wet,
        gemeente=gemeente,
        productcode=product.productcode or "",
        eenheid=eenheid,
        aanbieder=product.aanbieder,
        begindatum=dag,
        ingangsdatum=product.ingangsdatum,
    )


def month_plan(
    gemeente: str,
    wet: str,
    product: ToegewezenProduct,
    prijzen: Prijzen,
    horizon: date,
    gestopt: date | None = None,
) -> Maandplan:
    """The plan of a version; an open end goes up to the horizon.

    A volume per day or week and a total are spread by days, a volume per month by the months that
    are touched.  A definitive stop takes the time after it away.  Of a total of output the whole
    price stays due, for its last part is claimed at the end; of another total the days that were
    left are lost.
    """
    begin, end = product.ingangsdatum, product.einddatum or horizon
    last = end if gestopt is None else min(end, gestopt)
    if product.is_verwijderd or product.is_ingetrokken or last < begin:
        return NIETS
    omvang = product.omvang
    if omvang is None:
        if product.budget is None:
            every = range(month_number(begin), month_number(min(last, horizon)) + 1)
            return Maandplan({}, frozenset(every), begin=begin, einde=last)
        omvang = Omvang(product.budget, EURO, TOTAAL)
    is_totaal = omvang.frequentie == TOTAAL
    keeps_whole = is_totaal and omvang.eenheid in OUTPUT_EENHEDEN and product.budget is None
    # What is lost by a stop keeps its place in the division: the days that are left get nothing.
    divided_until = end if is_totaal and not keeps_whole else last
    volume = total_limit(omvang, begin, divided_until) or 0
    by_months = omvang.frequentie == PER_MAAND
    counted = months_touched if by_months else days
    months: list[int] = []
    numerators: list[int] = []
    unpriced: set[int] = set()
    for month in range(month_number(begin), month_number(last) + 1):
        first, until = max(first_day(month), begin), min(last_day(month), last)
        if not is_totaal and first > horizon:
            break
        price = prijzen.per_eenheid(gemeente, wet, product, omvang.eenheid, first)
        if price is None:
            unpriced.add(month)
        months.append(month)
        numerators.append((price or 0) * volume * counted(first, until))
    parts = in_parts(numerators, PER_CENT * counted(begin, divided_until))
    return Maandplan(
        dict(zip(months, parts, strict=True)),
        frozenset(unpriced),
        is_totaal=is_totaal,
        begin=begin,
        einde=last,
    )

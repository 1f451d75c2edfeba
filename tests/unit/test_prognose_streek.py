"""The forecast of a made-up region, as made in other years than it ends in: how far it is off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

import pytest

from gateway.agreements.match import index
from gateway.ledger.geld.aangifte import Aangifte
from gateway.ledger.geld.opname import take_stock
from gateway.ledger.geld.prognose import forecast
from gateway.ledger.geld.verplichting import Peil, Toegewezen, Versie
from gateway.periods.maandnummers import first_day, last_day, month_number
from gateway.records.toewijzing import ToegewezenProduct
from tests.unit.test_verplichtingen import GEMEENTE, omvang, product

WET, PER_MAAND = "jeugdwet", 40
JAREN = range(2023 * 12, 2026 * 12)
AANBIEDERS, CATEGORIEEN = ("99000001", "99000002", "99000003"), ("45", "50")
# Some providers declare within days, others months later.
VERTRAGING = (5, 8, 12, 25, 40, 70)


@dataclass(frozen=True, slots=True)
class Verloop:
    """An assignment with the day on which it was known, and its lines: month, day and cents."""

    versie: ToegewezenProduct
    bekend: date
    regels: Sequence[tuple[int, date, int]]


def streek(seed: int) -> Sequence[Verloop]:
    """Three years in which every month as many assignments begin, of all lengths and uses."""
    rnd = Random(seed)
    return [_verloop(rnd, month) for month in JAREN for _ in range(PER_MAAND)]


def _verloop(rnd: Random, month: int) -> Verloop:
    begin = first_day(month) + timedelta(rnd.randrange(28))
    length, bedrag = rnd.randrange(60, 540), rnd.randrange(20_000, 150_000)
    end = begin + timedelta(length)
    months = range(month_number(begin), month_number(end) + 1)
    lag = timedelta(rnd.choice(VERTRAGING))
    is_traject = rnd.random() < 1 / 3
    whole = bedrag * len(months)
    if is_traject:
        # Half of it at its begin, the rest at its end.
        amounts = {months[0]: whole // 2, months[-1]: whole - whole // 2}
    else:
        amounts = dict.fromkeys(months, int(bedrag * rnd.uniform(0.5, 1.0)))
    versie = product(
        begin,
        end,
        aanbieder=rnd.choice(AANBIEDERS),
        productcategorie=rnd.choice(CATEGORIEEN),
        **(omvang(whole, "83", "6") if is_traject else omvang(bedrag, "83", "4")),
    )
    lines = [(one, last_day(one) + lag, cents) for one, cents in amounts.items()]
    return Verloop(versie, begin + timedelta(rnd.randrange(-20, 10)), lines)


class Toen:
    """What was known at the begin of a day."""

    def __init__(self, alles: Sequence[Verloop], dag: date) -> None:
        self._known = [one for one in alles if one.bekend < dag]
        self._dag = dag

    def toewijzingen(self) -> Iterator[Toegewezen]:
        for nummer, one in enumerate(self._known):
            regels: dict[int, int] = {}
            for month, day, cents in one.regels:
                if day < self._dag:
                    regels[month] = regels.get(month, 0) + cents
            aanbieder, versies = one.versie.aanbieder, [Versie(one.versie, 1)]
            yield Toegewezen(
                1, nummer, GEMEENTE, WET, aanbieder, str(nummer), versies, None, regels
            )

    def aangiften(self, begin: date, end: date) -> Iterator[Aangifte]:
        wanted = range(month_number(begin), month_number(end) + 1)
        for one in self._known:
            for month, day, cents in one.regels:
                if month in wanted and day < self._dag:
                    yield Aangifte(WET, one.versie.productcategorie or "", month, day, cents)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_steady_region_is_forecast_better_as_the_year_goes_on(seed: int) -> None:
    alles = streek(seed)
    jaar = 2025
    came = sum(cents for one in alles for month, _, cents in one.regels if month // 12 == jaar)
    for month, most in ((4, 80), (7, 60), (10, 40)):
        dag = date(jaar, month, 1)
        made = forecast(take_stock(Toen(alles, dag), index(()), Peil(dag, jaar))).totaal
        assert abs(made.prognose - came) * 1000 <= most * came, (dag, made, came)


def test_every_step_has_a_part_in_it() -> None:
    dag = date(2025, 7, 1)
    made = forecast(take_stock(Toen(streek(1), dag), index(()), Peil(dag, 2025))).totaal
    assert all(one > made.prognose // 25 for one in made)

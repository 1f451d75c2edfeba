"""Laws of dividing money: parts are the whole, and a credit undoes its debet."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from gateway.periods.verdelen import by_weight, per_year

BEDRAGEN = st.integers(-10_000_000, 10_000_000)
GEWICHTEN = st.lists(st.integers(0, 400), min_size=1, max_size=12).filter(any)


@given(BEDRAGEN, GEWICHTEN)
def test_parts_are_the_whole_and_less_than_a_cent_from_their_share(
    bedrag: int, gewichten: list[int]
) -> None:
    parts = by_weight(bedrag, gewichten)
    assert bedrag == sum(parts)
    for part, gewicht in zip(parts, gewichten, strict=True):
        assert abs(part - Fraction(bedrag * gewicht, sum(gewichten))) < 1


@given(BEDRAGEN, GEWICHTEN)
def test_a_credit_is_divided_as_the_debet_that_it_undoes(bedrag: int, gewichten: list[int]) -> None:
    assert [-part for part in by_weight(bedrag, gewichten)] == by_weight(-bedrag, gewichten)


@given(BEDRAGEN, st.dates(date(2019, 1, 1), date(2030, 12, 31)), st.integers(0, 2_000))
def test_years_have_what_their_days_are_worth(bedrag: int, begin: date, more: int) -> None:
    eind = begin + timedelta(days=more)
    found = per_year(bedrag, begin, eind)
    assert list(range(begin.year, eind.year + 1)) == list(found)
    assert bedrag == sum(found.values())


def test_a_year_has_the_running_total_rounded_half_up() -> None:
    # Half a cent goes up, and the other year has the rest.
    assert {2025: 1, 2026: 0} == per_year(1, date(2025, 12, 31), date(2026, 1, 1))
    assert {2025: -1, 2026: 0} == per_year(-1, date(2025, 12, 31), date(2026, 1, 1))
    assert {2025: 400, 2026: 601} == per_year(1001, date(2025, 12, 30), date(2026, 1, 3))

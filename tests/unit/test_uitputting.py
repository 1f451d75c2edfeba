"""The forecast of the day on which a total runs out."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gateway.periods.uitputting import exhausted_on
from gateway.periods.weken import days

JAN1, JAN31 = date(2026, 1, 1), date(2026, 1, 31)
DAGEN = st.dates(date(2015, 1, 1), date(2035, 12, 31))
AANTALLEN = st.integers(0, 10**9)


def test_half_of_it_in_half_of_the_time_lasts_to_the_end() -> None:
    assert date(2026, 3, 4) == exhausted_on(62, 31, JAN1, JAN31)


def test_what_is_used_up_leaves_nothing_for_the_next_day() -> None:
    assert date(2026, 2, 1) == exhausted_on(31, 31, JAN1, JAN31)


def test_a_limit_that_was_lowered_since_does_not_reach_back() -> None:
    assert date(2026, 2, 1) == exhausted_on(5, 31, JAN1, JAN31)
    assert date(2026, 2, 1) == exhausted_on(0, 31, JAN1, JAN31)


def test_without_use_or_time_there_is_no_pace() -> None:
    assert exhausted_on(100, 0, JAN1, JAN31) is None
    assert exhausted_on(100, -5, JAN1, JAN31) is None
    assert exhausted_on(100, 5, JAN31, JAN1) is None


def test_what_outlasts_the_calendar_has_no_day() -> None:
    assert exhausted_on(10**9, 1, JAN1, JAN31) is None
    assert exhausted_on(10**30, 1, JAN1, JAN31) is None
    assert exhausted_on(10, 10, JAN1, date.max) is None


@given(AANTALLEN, AANTALLEN, DAGEN, st.integers(0, 1000))
def test_the_day_is_after_the_last_day_that_was_used(
    limit: int, taken: int, begin: date, length: int
) -> None:
    until = begin + timedelta(days=length)
    found = exhausted_on(limit, taken, begin, until)
    assert found is None or found > until


@given(AANTALLEN, st.integers(1, 10**9), DAGEN, st.integers(0, 1000))
def test_the_pace_fits_up_to_the_day_and_not_beyond_it(
    limit: int, taken: int, begin: date, length: int
) -> None:
    until = begin + timedelta(days=length)
    found = exhausted_on(limit, taken, begin, until)
    if found is None or found == until + timedelta(days=1):
        return
    used = days(begin, found - timedelta(days=1)) * taken
    measured = days(begin, until)
    assert used <= limit * measured < used + taken


@given(AANTALLEN, AANTALLEN, st.integers(1, 10**9), DAGEN, st.integers(0, 1000))
def test_a_higher_limit_never_runs_out_sooner(
    one: int, other: int, taken: int, begin: date, length: int
) -> None:
    until = begin + timedelta(days=length)
    first, second = (exhausted_on(x, taken, begin, until) for x in sorted((one, other)))
    assert second is None or (first is not None and first <= second)

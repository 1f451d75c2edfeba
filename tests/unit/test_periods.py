"""The volume, calendar and amount arithmetic, held against worked examples and plain loops."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.periods.bedragen import amount_in_minutes, half_up, minute_tariff
from gateway.periods.maanden import (
    first_of_month,
    is_whole_month,
    last_of_month,
    same_month,
    years_before,
)
from gateway.periods.volume import (
    in_minutes,
    limit_in_unit,
    output_weeks,
    period_limit,
    total_limit,
    whole_hours,
)
from gateway.periods.weken import (
    days,
    is_sunday,
    iso_weeks_touched,
    last_sunday,
    months_touched,
    sundays,
)
from gateway.periods.werkdagen import (
    add_working_days,
    easter_sunday,
    holidays,
    is_working_day,
    kings_day,
)
from gateway.records.omvang import Omvang

Period = tuple[date, date]

UREN_PER_WEEK = Omvang(3, "04", "2")
EUROS_PER_WEEK = Omvang(30000, "83", "2")


def span(begin: str, end: str) -> Period:
    return date.fromisoformat(begin), date.fromisoformat(end)


def limit(omvang: Omvang, periode: Period, toewijzing: Period) -> int | None:
    return period_limit(omvang, *periode, *toewijzing, huishoudelijk_week=False)


def months_of(toewijzing: Period) -> list[Period]:
    """The ProductPeriodes of an assignment: its calendar months, cut off at both ends."""
    found, begin = [], toewijzing[0]
    while begin <= toewijzing[1]:
        end = min(last_of_month(begin), toewijzing[1])
        found.append((begin, end))
        begin = end + timedelta(days=1)
    return found


def limits(omvang: Omvang, toewijzing: Period) -> list[int | None]:
    return [limit(omvang, periode, toewijzing) for periode in months_of(toewijzing)]


def every_day(begin: date, end: date) -> list[date]:
    return [begin + timedelta(days=n) for n in range((end - begin).days + 1)]


dates = st.dates(date(2015, 1, 1), date(2035, 12, 31))
spans = st.builds(
    lambda begin, length: (begin, begin + timedelta(days=length)), dates, st.integers(0, 800)
)
volumes = st.integers(0, 99_999_999)


# The worked examples.


def test_e1_effort_per_week_counts_every_touched_week_and_the_total_counts_each_once() -> None:
    toewijzing = span("2025-10-07", "2025-12-30")
    assert [12, 15, 15] == limits(UREN_PER_WEEK, toewijzing)
    assert 39 == total_limit(UREN_PER_WEEK, *toewijzing)


def test_e2_effort_over_three_broken_months() -> None:
    toewijzing = span("2025-07-07", "2025-09-07")
    assert [12, 15, 3] == limits(UREN_PER_WEEK, toewijzing)
    assert 27 == total_limit(UREN_PER_WEEK, *toewijzing)


def test_e3_output_per_week_counts_sundays_when_the_assignment_ends_on_one() -> None:
    toewijzing = span("2025-07-07", "2025-09-07")
    assert [90000, 150000, 30000] == limits(EUROS_PER_WEEK, toewijzing)
    assert 270000 == total_limit(EUROS_PER_WEEK, *toewijzing)


@pytest.mark.parametrize("einddatum", ["2025-09-06", "2025-09-05"])
def test_e4_and_e5_the_broken_last_week_goes_with_the_last_sunday(einddatum: str) -> None:
    toewijzing = span("2025-07-07", einddatum)
    assert [90000, 180000, 0] == limits(EUROS_PER_WEEK, toewijzing)
    assert 270000 == total_limit(EUROS_PER_WEEK, *toewijzing)


def test_e6_output_that_ends_on_a_wednesday() -> None:
    assert [90000, 150000, 150000] == limits(EUROS_PER_WEEK, span("2025-10-07", "2025-12-31"))
    assert 120000 == limits(EUROS_PER_WEEK, span("2025-10-01", "2025-12-31"))[0]


def test_e7_a_broken_week_counts_in_full() -> None:
    assert 9 == limits(UREN_PER_WEEK, span("2025-11-12", "2025-12-13"))[0]
    assert 12 == limits(UREN_PER_WEEK, span("2026-11-12", "2026-12-13"))[0]


def test_e8_a_broken_month_counts_in_full() -> None:
    per_maand, toewijzing = Omvang(15, "04", "4"), span("2025-10-14", "2025-12-13")
    assert [15, 15, 15] == limits(per_maand, toewijzing)
    assert 45 == total_limit(per_maand, *toewijzing)


def test_e9_the_week_over_new_year_counts_once_in_the_total() -> None:
    omvang, toewijzing = Omvang(2, "04", "2"), span("2026-12-01", "2027-01-31")
    assert [10, 10] == limits(omvang, toewijzing)
    assert 18 == total_limit(omvang, *toewijzing)


def test_e10_a_month_may_touch_six_weeks() -> None:
    juni = span("2025-06-01", "2025-06-30")
    assert 18 == limit(UREN_PER_WEEK, juni, span("2025-01-01", "2025-12-31"))


def test_e11_household_help_per_week_gets_six_weeks_in_every_period() -> None:
    november = span("2025-11-01", "2025-11-30")
    toewijzing = span("2025-10-07", "2025-12-30")
    assert 18 == period_limit(UREN_PER_WEEK, *november, *toewijzing, huishoudelijk_week=True)
    assert 39 == total_limit(UREN_PER_WEEK, *toewijzing)


def test_e11_household_help_per_month_has_no_exception() -> None:
    november = span("2025-11-01", "2025-11-30")
    per_maand = Omvang(15, "04", "4")
    assert 15 == period_limit(per_maand, *november, *november, huishoudelijk_week=True)


def test_e12_minutes_are_held_against_sixty_times_the_hours() -> None:
    uren = limit(UREN_PER_WEEK, span("2025-11-01", "2025-11-30"), span("2025-10-01", "2025-12-31"))
    assert 15 == uren
    assert 900 == limit_in_unit(15, toegewezen="04", gedeclareerd="01")
    assert 15 == limit_in_unit(15, toegewezen="04", gedeclareerd="04")
    assert limit_in_unit(15, toegewezen="01", gedeclareerd="04") is None
    assert limit_in_unit(15, toegewezen="16", gedeclareerd="01") is None


def test_e13_an_amount_in_minutes_follows_from_the_unrounded_hour_tariff() -> None:
    assert 97 == minute_tariff(5825)
    assert 9223 == amount_in_minutes(5825, 95)


def test_e14_hours_are_rounded_once_over_the_whole_line() -> None:
    assert 6 == whole_hours(4 * 95)
    assert 1 == whole_hours(20)
    assert [6, 7] == [whole_hours(6 * 60 + 29), whole_hours(6 * 60 + 30)]


def test_e15_a_fixed_month_amount_is_allowed_in_full_every_month() -> None:
    toewijzing = span("2025-01-01", "2025-03-31")
    assert [20000, 20000, 20000] == limits(Omvang(20000, "83", "4"), toewijzing)


def test_e16_a_total_volume_limits_each_period_and_their_sum() -> None:
    omvang, toewijzing = Omvang(80, "04", "6"), span("2025-01-01", "2025-03-31")
    assert [80, 80, 80] == limits(omvang, toewijzing)
    total = total_limit(omvang, *toewijzing)
    assert 80 == total
    assert [True, True, False] == [granted <= 80 for granted in (30, 60, 85)]


def test_e17_a_credit_taken_first_makes_room_under_the_total() -> None:
    total = total_limit(UREN_PER_WEEK, *span("2025-07-07", "2025-09-07"))
    assert 27 == total
    assert 27 - 10 + 8 <= 27 < 27 + 8


def test_e18_a_budget_is_compared_with_amounts() -> None:
    # No arithmetic of this package: the budget is a sum in cents without a period.
    approved, budget = 90000, 100000
    assert [True, False] == [approved + 6000 <= budget, approved + 6000 + 6000 <= budget]


# What the standard leaves open.


def test_a_week_of_output_without_a_sunday_is_allowed_in_either_month() -> None:
    toewijzing = span("2025-09-29", "2025-10-03")
    assert [30000, 30000] == limits(EUROS_PER_WEEK, toewijzing)
    assert 30000 == total_limit(EUROS_PER_WEEK, *toewijzing)


def test_a_broken_last_week_over_two_months_stays_with_its_last_sunday() -> None:
    assert [150000, 0] == limits(EUROS_PER_WEEK, span("2025-09-01", "2025-10-03"))


def test_output_without_einddatum_counts_sundays() -> None:
    assert 4 == output_weeks(*span("2025-09-01", "2025-09-30"), date(2025, 1, 1), None)


def test_a_volume_per_day_counts_days() -> None:
    omvang, toewijzing = Omvang(2, "01", "1"), span("2025-01-30", "2025-02-28")
    assert [4, 56] == limits(omvang, toewijzing)
    assert 60 == total_limit(omvang, *toewijzing)


@pytest.mark.parametrize(("frequentie", "total"), [("1", None), ("4", None), ("6", 8)])
def test_without_einddatum_only_a_total_volume_has_a_total(
    frequentie: str, total: int | None
) -> None:
    assert total == total_limit(Omvang(8, "04", frequentie), date(2025, 1, 1), None)


def test_an_unknown_frequency_has_no_limit_that_can_be_computed() -> None:
    january = span("2025-01-01", "2025-01-31")
    assert limit(Omvang(8, "04", "9"), january, january) is None
    assert total_limit(Omvang(8, "04", "9"), *january) is None


def test_hours_and_minutes_add_up_in_minutes() -> None:
    assert 125 == in_minutes(2, "04") + in_minutes(5, "01")
    with pytest.raises(ValueError, match="16"):
        in_minutes(1, "16")


# Properties.


@given(spans)
def test_touched_weeks_are_the_sundays_and_a_broken_last_week(periode: Period) -> None:
    broken = 0 if periode[1].isoweekday() == 7 else 1
    assert sundays(*periode) + broken == iso_weeks_touched(*periode)


@given(spans)
def test_counts_equal_a_loop_over_the_days(periode: Period) -> None:
    all_days = every_day(*periode)
    assert len(all_days) == days(*periode)
    assert len({day.isocalendar()[:2] for day in all_days}) == iso_weeks_touched(*periode)
    assert sum(day.isoweekday() == 7 for day in all_days) == sundays(*periode)
    assert len({(day.year, day.month) for day in all_days}) == months_touched(*periode)


@given(dates, st.integers(1, 400))
def test_a_period_that_ends_before_it_begins_is_empty(begin: date, length: int) -> None:
    periode = (begin, begin - timedelta(days=length))
    assert 0 == days(*periode) == iso_weeks_touched(*periode)
    assert 0 == sundays(*periode) == months_touched(*periode)


@given(dates)
def test_the_last_sunday_is_at_most_six_days_back(day: date) -> None:
    assert is_sunday(last_sunday(day))
    assert 0 <= (day - last_sunday(day)).days <= 6
    assert (day.isoweekday() == 7) == is_sunday(day)


@given(volumes, spans, st.sampled_from(["82", "83"]))
def test_output_per_week_adds_up_over_the_months_to_the_total(
    volume: int, toewijzing: Period, eenheid: str
) -> None:
    omvang = Omvang(volume, eenheid, "2")
    total = total_limit(omvang, *toewijzing)
    if sundays(*toewijzing):
        assert total == sum(one or 0 for one in limits(omvang, toewijzing))
    else:
        assert {total} == set(limits(omvang, toewijzing))


@given(volumes, spans, st.sampled_from(["1", "2", "4"]))
def test_effort_over_the_months_is_never_below_the_total(
    volume: int, toewijzing: Period, frequentie: str
) -> None:
    omvang = Omvang(volume, "04", frequentie)
    total = total_limit(omvang, *toewijzing)
    assert total is not None
    over_months = sum(one or 0 for one in limits(omvang, toewijzing))
    assert total <= over_months
    assert frequentie == "2" or total == over_months


@given(volumes, spans)
def test_effort_per_week_equals_a_count_of_iso_weeks(volume: int, toewijzing: Period) -> None:
    expected = [
        volume * len({day.isocalendar()[:2] for day in every_day(*periode)})
        for periode in months_of(toewijzing)
    ]
    assert expected == limits(Omvang(volume, "84", "2"), toewijzing)


@given(st.integers(0, 10**9), st.integers(1, 10**4))
def test_half_up_is_within_half_of_the_fraction(numerator: int, denominator: int) -> None:
    distance = 2 * (half_up(numerator, denominator) * denominator - numerator)
    assert -denominator < distance <= denominator


def test_half_a_cent_goes_up_and_less_goes_down() -> None:
    assert [146, 145] == [half_up(1455, 10), half_up(1454, 10)]


# Months and years.


def test_months_have_edges() -> None:
    day = date(2024, 2, 10)
    assert (date(2024, 2, 1), date(2024, 2, 29)) == (first_of_month(day), last_of_month(day))
    assert is_whole_month(*span("2024-02-01", "2024-02-29"))
    assert not is_whole_month(*span("2024-02-01", "2024-02-28"))
    assert not is_whole_month(*span("2024-02-01", "2024-03-31"))
    assert same_month(day, date(2024, 2, 29))
    assert not same_month(day, date(2025, 2, 10))


def test_years_before_29_february_is_the_28th_unless_it_exists() -> None:
    assert date(2019, 2, 28) == years_before(date(2024, 2, 29), 5)
    assert date(1904, 2, 29) == years_before(date(2024, 2, 29), 120)
    assert date(2020, 12, 5) == years_before(date(2025, 12, 5), 5)


# Working days.


@pytest.mark.parametrize(
    ("year", "easter"),
    [(2018, "04-01"), (2024, "03-31"), (2025, "04-20"), (2026, "04-05"), (2038, "04-25")],
)
def test_easter_falls_on_its_known_days(year: int, easter: str) -> None:
    assert date.fromisoformat(f"{year}-{easter}") == easter_sunday(year)


@pytest.mark.parametrize(
    "day",
    [
        "2026-01-01",
        "2026-04-03",  # Good Friday
        "2026-04-06",  # Easter Monday
        "2026-04-27",  # King's Day
        "2026-05-05",  # a Tuesday, not a lustrum
        "2026-05-14",  # Ascension Day
        "2026-05-25",  # Whit Monday
        "2025-12-25",
        "2025-12-26",
        "2026-05-09",  # Saturday
        "2026-05-10",  # Sunday
    ],
)
def test_no_term_runs_on_the_days_of_the_law(day: str) -> None:
    assert not is_working_day(date.fromisoformat(day))


@pytest.mark.parametrize("day", ["2026-05-04", "2026-05-15", "2025-12-24", "2026-12-31"])
def test_days_that_only_feel_like_holidays_are_working_days(day: str) -> None:
    assert is_working_day(date.fromisoformat(day))


def test_kings_day_moves_to_saturday_when_the_27th_is_a_sunday() -> None:
    assert date(2025, 4, 26) == kings_day(2025)
    assert date(2026, 4, 27) == kings_day(2026)
    assert 9 == len(holidays(2025))


def test_ten_working_days_step_over_weekends_and_holidays() -> None:
    assert date(2026, 5, 8) == add_working_days(date(2026, 4, 23), 9)
    assert date(2026, 4, 17) == add_working_days(date(2026, 4, 3), 9)
    assert date(2025, 12, 19) == add_working_days(date(2025, 12, 5), 10)
    assert date(2026, 1, 7) == add_working_days(date(2025, 12, 19), 10)


def test_the_start_counts_for_nothing_and_no_days_are_no_step() -> None:
    assert date(2026, 5, 9) == add_working_days(date(2026, 5, 9), 0)
    assert date(2026, 5, 11) == add_working_days(date(2026, 5, 9), 1)
    with pytest.raises(ValueError, match="forward"):
        add_working_days(date(2026, 5, 9), -1)


def test_extra_days_are_closed_as_well() -> None:
    bridge = frozenset({date(2026, 5, 15)})
    assert not is_working_day(date(2026, 5, 15), bridge)
    assert date(2026, 5, 18) == add_working_days(date(2026, 5, 13), 1, bridge)


@given(dates, st.integers(0, 60))
def test_adding_working_days_equals_counting_them(start: date, n: int) -> None:
    end = add_working_days(start, n)
    between = every_day(start, end)[1:]
    assert n == sum(is_working_day(day) for day in between)
    assert n == 0 or is_working_day(end)

"""How fast assignments are used up, and when that leads to rejections."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.ledger.tempo import Gebruik, Lopend, Uitputting, forecasts, urgency
from gateway.periods.maanden import last_of_month
from tests.rules.bouw import EMPTY, record

JAN1, DEC31 = date(2025, 1, 1), date(2025, 12, 31)


def month(number: int, volume: int, bedrag: int = 0, eenheid: str = "04") -> Gebruik:
    """What was granted in a month of 2025."""
    first = date(2025, number, 1)
    return Gebruik(first, last_of_month(first), eenheid, volume, bedrag)


def running(
    *gebruik: Gebruik, wet: str = "jeugdwet", soort: str | None = None, **changes: Any
) -> Lopend:
    """Three hours a week in 2025, and what was granted of it."""
    return Lopend(
        gemeente="0193",
        wet=wet,
        client="x",
        toewijzing=record("toewijzing", changes),
        gebruik=gebruik,
        soort=soort,
    )


def found(lopend: Lopend) -> list[tuple[str, date, int | None]]:
    """The rules that will reject, from when, and what is at stake."""
    return [(one.regel, one.datum, one.belang) for one in forecasts(lopend)]


def test_without_lines_nothing_is_known() -> None:
    assert [] == found(running())


# --- TR322 ------------------------------------------------------------------------------------


def test_who_keeps_to_the_weeks_never_runs_out() -> None:
    assert [] == found(running(month(1, 12), month(2, 12), month(3, 12)))


def test_who_is_ahead_of_the_weeks_runs_out_before_the_end() -> None:
    # 53 weeks of 3 hours is 159; 60 in 90 days is two thirds of an hour a day.
    lopend = running(month(1, 14, 1400), month(2, 20, 2000), month(3, 26, 2600))
    full, one = forecasts(lopend)
    assert ("TR321", date(2025, 3, 1), 2600) == (full.regel, full.datum, full.belang)
    assert "TR322" == one.regel
    assert (date(2025, 8, 27), 3600, 159 * 60, "04", 37) == (
        one.datum,
        one.gebruikt,
        one.ruimte,
        one.eenheid,
        one.percentage,
    )
    assert 8467 == one.belang


def test_hours_and_minutes_count_together() -> None:
    hours = running(month(1, 90), volume=100, frequentie="6")
    minutes = running(month(1, 5400, eenheid="01"), volume=100, frequentie="6")
    assert found(hours) == found(minutes) != []


def test_a_total_without_end_runs_out_all_the_same() -> None:
    lopend = running(month(1, 10, 100), month(2, 10, 100), einddatum=EMPTY, frequentie="6")
    assert [] == found(running(month(1, 1), einddatum=EMPTY, frequentie="2"))
    lopend = running(
        month(1, 10, 100), month(2, 10, 100), einddatum=EMPTY, volume=40, frequentie="6"
    )
    assert [("TR322", date(2025, 4, 29), None)] == found(lopend)


@pytest.mark.parametrize("frequentie", ["1", "4"])
def test_a_volume_per_day_or_month_adds_up_to_the_total(frequentie: str) -> None:
    lopend = running(month(1, 3), month(2, 3), volume=4, frequentie=frequentie)
    assert [] == found(lopend)


def test_a_short_time_says_little_unless_all_is_used() -> None:
    short = {"ingangsdatum": date(2025, 2, 1), "volume": 40, "frequentie": "6"}
    assert [] == found(running(month(2, 39), **short))
    assert [("TR322", date(2025, 3, 1), 0)] == found(running(month(2, 40), **short))


def test_the_price_of_a_whole_trajectory_is_meant_to_be_used() -> None:
    half = month(1, 50_000, 50_000, "83")
    omvang = {"volume": 100_000, "eenheid": "83", "frequentie": "6"}
    assert [] == found(running(half, **omvang))
    assert [] == found(running(half, soort="traject", **omvang))
    assert [("TR322", date(2025, 3, 4), 488_710)] == found(running(half, soort="budget", **omvang))


def test_an_assignment_that_lasts_to_its_end_is_not_told() -> None:
    assert [] == found(running(month(1, 2), month(2, 2), volume=30, frequentie="6"))


# --- TR369 ------------------------------------------------------------------------------------


def test_a_budget_runs_out_by_amount() -> None:
    lopend = running(
        month(1, 1, 20_000),
        month(2, 1, 39_000),
        budget=100_000,
        volume=EMPTY,
        eenheid=EMPTY,
        frequentie=EMPTY,
    )
    (one,) = forecasts(lopend)
    assert ("TR369", date(2025, 4, 11), 59_000, 100_000, "83", 59, 265_000) == (
        one.regel,
        one.datum,
        one.gebruikt,
        one.ruimte,
        one.eenheid,
        one.percentage,
        one.belang,
    )


def test_a_budget_of_nothing_is_used_up() -> None:
    lopend = running(month(1, 1, 1), budget=0)
    (one,) = [one for one in forecasts(lopend) if one.regel == "TR369"]
    assert (date(2025, 2, 1), 100) == (one.datum, one.percentage)


# --- TR321 ------------------------------------------------------------------------------------


def test_the_last_month_is_at_its_maximum() -> None:
    assert [] == found(running(month(1, 12), month(2, 14)))
    (one,) = forecasts(running(month(1, 10), month(2, 15, 300)))
    assert ("TR321", date(2025, 2, 1), 900, 900, 300) == (
        one.regel,
        one.datum,
        one.gebruikt,
        one.ruimte,
        one.belang,
    )


def test_minutes_are_held_against_the_hours_of_the_month() -> None:
    full = running(month(2, 900, eenheid="01"))
    assert [("TR321", date(2025, 2, 1))] == [one[:2] for one in found(full)]


def test_household_support_has_six_weeks_in_every_month() -> None:
    household = {"productcategorie": "01", "productcode": "01A01"}
    assert [] == [
        o for o in found(running(month(2, 15), wet="wmo", **household)) if o[0] == "TR321"
    ]
    assert "TR321" in [o[0] for o in found(running(month(2, 18), wet="wmo", **household))]


@pytest.mark.parametrize(
    "omvang",
    [
        {"volume": 20_000, "eenheid": "83", "frequentie": "4"},
        {"volume": 5_000, "eenheid": "83", "frequentie": "2"},
        {"volume": 1, "eenheid": "82", "frequentie": "4"},
    ],
)
def test_output_is_agreed_to_be_claimed_in_full(omvang: dict[str, Any]) -> None:
    lines = [month(n, 20_000, 20_000, str(omvang["eenheid"])) for n in (1, 2)]
    assert "TR321" not in [one[0] for one in found(running(*lines, **omvang))]


def test_a_line_in_another_unit_says_nothing_about_the_month() -> None:
    assert [] == found(running(month(2, 900, eenheid="16")))


# --- in general -------------------------------------------------------------------------------


@given(
    st.lists(st.tuples(st.integers(1, 12), st.integers(1, 500), st.integers(0, 10**7)), min_size=1),
    st.integers(1, 5000),
    st.integers(0, 10**8),
)
def test_nothing_runs_out_before_the_last_granted_period_ends(
    used: list[tuple[int, int, int]], volume: int, budget: int
) -> None:
    lopend = running(*(month(*one) for one in used), volume=volume, frequentie="6", budget=budget)
    until = lopend.tot_en_met
    assert until is not None
    for one in forecasts(lopend):
        assert until < one.datum <= DEC31
        assert one.belang is None or one.belang >= 0


def test_the_most_urgent_stands_first() -> None:
    def one(day: int, belang: int | None, nummer: int = 1) -> Uitputting:
        return Uitputting(
            regel="TR322",
            datum=JAN1 + timedelta(days=day),
            lopend=running(toewijzingnummer=nummer),
            gebruikt=1,
            ruimte=1,
            eenheid="04",
            belang=belang,
        )

    order = [one(1, 5), one(2, 9), one(2, 3), one(2, 3, 2), one(2, None), one(3, 100)]
    mixed = [order[number] for number in (3, 0, 5, 2, 4, 1)]
    assert order == sorted(mixed, key=urgency)

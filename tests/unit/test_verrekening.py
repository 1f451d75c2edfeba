"""Lump sums: advances, the value of use, and what is settled beyond the tolerance."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.agreements.match import index, instalments
from gateway.ledger.verrekening import (
    Afname,
    advance_days,
    advances,
    is_beyond,
    paid_in_advance,
    settled_amount,
    settlements,
    value_of_use,
)
from gateway.records.overeenkomst import Aanbiedercontract, Cel, Termijn
from tests.unit.agreement_builders import AGB, ANDERE_AGB, cel, overeenkomst

BEGIN, EIND = date(2025, 1, 1), date(2025, 12, 31)
NA_AFLOOP = date(2026, 2, 1)
CENTEN = st.integers(0, 10**11)
PROCENTEN = st.integers(0, 100)


def lump(**changes: Any) -> Cel:
    """A budget of a thousand euros for a year, at ten euros a day part."""
    base = {
        "soort": "lumpsum",
        "eenheid": "16",
        "bedrag": 100_000,
        "tarief": 1_000,
        "tot": EIND,
        "aanbieders": (AGB,),
        "peildatum": "productperiode",
    }
    return cel(**base | changes)


def use(volume: int, **changes: Any) -> Afname:
    """Day parts of January."""
    made = Afname(
        gemeente="0193",
        wet="jeugdwet",
        aanbieder=AGB,
        productcode="45P11",
        eenheid="16",
        begindatum=date(2025, 1, 1),
        einddatum=date(2025, 1, 31),
        volume=volume,
        bedrag=volume * 900,
    )
    return made._replace(**changes)


def settled(cell: Cel, *lines: Afname, vandaag: date = NA_AFLOOP, **changes: Any) -> Any:
    """The one settlement of a cell."""
    (one,) = settlements(index([overeenkomst(cell, **changes)]), lines, {}, vandaag)
    return one


# --- advances ---------------------------------------------------------------------------------


def test_advances_are_equal_and_the_last_is_the_rest() -> None:
    assert (33_333, 33_333, 33_334) == advances(100_000, 3)
    assert (100_000,) == advances(100_000, 1)


@given(CENTEN, st.integers(1, 366))
def test_advances_come_to_the_amount_to_the_cent(amount: int, count: int) -> None:
    parts = advances(amount, count)
    assert (amount, count) == (sum(parts), len(parts))
    assert all(part == parts[0] for part in parts[:-1])
    assert parts[-1] >= parts[0] >= 0


@given(CENTEN, st.lists(st.integers(1, 30), max_size=3))
def test_instalments_come_to_the_price_to_the_cent(amount: int, parts: list[int]) -> None:
    termijnen = (*(Termijn("start", part) for part in parts), Termijn("einde"))
    found = instalments(cel(bedrag=amount, termijnen=termijnen))
    assert (amount, len(parts) + 1) == (sum(found), len(found))


def test_advances_fall_on_the_first_of_a_month_where_the_months_can_be_divided() -> None:
    assert [date(2025, m, 1) for m in (1, 4, 7, 10)] == list(advance_days(BEGIN, EIND, 4))
    assert [date(2025, 11, 1), date(2026, 2, 1)] == list(
        advance_days(date(2025, 11, 1), date(2026, 4, 30), 2)
    )


def test_other_periods_are_divided_by_days() -> None:
    assert [date(2025, 1, 11), date(2025, 1, 16)] == list(
        advance_days(date(2025, 1, 11), date(2025, 1, 20), 2)
    )
    assert [BEGIN, date(2025, 3, 15), date(2025, 5, 27), date(2025, 8, 8), date(2025, 10, 20)] == (
        list(advance_days(BEGIN, EIND, 5))
    )


@given(st.dates(date(2000, 1, 1), date(2050, 1, 1)), st.integers(1, 800), st.integers(1, 24))
def test_advances_fall_within_the_period_in_order(begin: date, length: int, count: int) -> None:
    end = date.fromordinal(begin.toordinal() + length - 1)
    found = list(advance_days(begin, end, count))
    assert count == len(found)
    assert begin == found[0]
    assert found == sorted(found)
    assert found[-1] <= end


def test_what_is_due_today_is_paid() -> None:
    cell = lump(voorschotten=12)
    assert [8_333, 16_666, 16_666, 100_000] == [
        paid_in_advance(cell, EIND, day)
        for day in (BEGIN, date(2025, 2, 1), date(2025, 2, 28), NA_AFLOOP)
    ]
    assert 0 == paid_in_advance(cell, EIND, date(2024, 12, 31))


# --- the value of use -------------------------------------------------------------------------


def test_use_is_worth_its_volume_times_the_tariff() -> None:
    assert 70_000 == value_of_use(lump(), [use(50), use(20)])


def test_minutes_count_by_the_hour_and_are_rounded_once() -> None:
    cell = lump(eenheid="04", tarief=1_001)
    lines = [use(1, eenheid="04"), use(50, eenheid="01"), use(20, eenheid="01")]
    assert 2_169 == value_of_use(cell, lines)


def test_without_a_tariff_use_is_worth_what_was_declared() -> None:
    assert 45_000 == value_of_use(lump(tarief=None), [use(50)])


# --- the settlement ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("used", "whole", "excess"),
    [(110, 0, 0), (90, 0, 0), (111, 11, 1), (89, -11, -1), (200, 100, 90), (0, -100, -90)],
)
def test_only_more_than_the_tolerance_is_settled(used: int, whole: int, excess: int) -> None:
    assert whole == settled_amount(100, used, 10, only_excess=False)
    assert excess == settled_amount(100, used, 10, only_excess=True)


@given(CENTEN, CENTEN, PROCENTEN, st.booleans())
def test_a_settlement_is_the_same_both_ways(
    budget: int, difference: int, tolerance: int, only_excess: bool
) -> None:
    above, below = (
        settled_amount(budget, used, tolerance, only_excess=only_excess)
        for used in (budget + difference, budget - difference)
    )
    assert above == -below
    assert is_beyond(budget, budget + difference, tolerance) == is_beyond(
        budget, budget - difference, tolerance
    )


@given(CENTEN, CENTEN, PROCENTEN)
def test_the_excess_is_never_more_than_the_difference(
    budget: int, used: int, tolerance: int
) -> None:
    whole = settled_amount(budget, used, tolerance, only_excess=False)
    excess = settled_amount(budget, used, tolerance, only_excess=True)
    assert whole in (0, used - budget)
    assert 0 <= abs(excess) <= abs(whole)
    assert excess * whole >= 0


def test_after_the_period_the_amount_is_determined() -> None:
    one = settled(lump(voorschotten=12), use(50), use(70))
    assert (120_000, 20_000, True, 20_000, 120_000, 20_000, True) == (
        one.gebruik,
        one.verschil,
        one.is_beyond,
        one.verrekend,
        one.vastgesteld,
        one.nog_te_betalen,
        one.is_definitief,
    )


def test_a_provider_that_used_less_pays_back() -> None:
    one = settled(lump(verrekening="meerdere"), use(80))
    assert (-20_000, -10_000, 90_000, -10_000) == (
        one.verschil,
        one.verrekend,
        one.vastgesteld,
        one.nog_te_betalen,
    )


def test_within_the_tolerance_the_budget_stands() -> None:
    one = settled(lump(), use(110))
    assert (False, 0, 100_000, 0) == (
        one.is_beyond,
        one.verrekend,
        one.vastgesteld,
        one.nog_te_betalen,
    )


def test_during_the_period_use_is_held_against_the_days_that_were_declared() -> None:
    one = settled(lump(voorschotten=4), use(12), vandaag=date(2025, 3, 3))
    assert (date(2025, 1, 31), 8_493, 12_000, 3_507, 25_000, False) == (
        one.tot_en_met,
        one.budget_tot,
        one.gebruik,
        one.verschil,
        one.voorschotten,
        one.is_definitief,
    )
    assert (None, None) == (one.vastgesteld, one.nog_te_betalen)


def test_without_lines_the_clients_in_care_are_counted() -> None:
    clients = {(AGB, "45P11"): 7}
    (one,) = settlements(index([overeenkomst(lump())]), (), clients, NA_AFLOOP)
    assert (None, None, 7, False, 0, False) == (
        one.gebruik,
        one.verschil,
        one.in_zorg,
        one.is_beyond,
        one.verrekend,
        one.is_definitief,
    )


OTHERS = {
    "another provider": {"aanbieder": ANDERE_AGB},
    "another product": {"productcode": "45P12"},
    "another unit": {"eenheid": "14"},
    "another law": {"wet": "wmo"},
    "another municipality": {"gemeente": "0164"},
    "before the period": {"begindatum": date(2024, 12, 31)},
    "after the period": {"begindatum": date(2026, 1, 1)},
}


@pytest.mark.parametrize("what", OTHERS)
def test_other_use_does_not_count(what: str) -> None:
    assert settled(lump(), use(50, **OTHERS[what])).gebruik is None


def test_a_period_without_end_is_the_year_in_which_it_begins() -> None:
    assert EIND == settled(lump(tot=None), use(1)).tot


def test_a_period_that_is_still_to_come_is_not_told() -> None:
    before = date(2024, 12, 31)
    assert [] == list(settlements(index([overeenkomst(lump())]), (), {}, before))


def test_without_providers_in_the_cell_it_is_for_those_with_a_contract() -> None:
    contracts = (Aanbiedercontract(agb=ANDERE_AGB), Aanbiedercontract(agb=ANDERE_AGB))
    made = overeenkomst(lump(aanbieders=None), aanbieders=contracts)
    assert [ANDERE_AGB] == [one.aanbieder for one in settlements(index([made]), (), {}, EIND)]


def test_of_one_municipality_only_its_own_are_told() -> None:
    all_of_them = index([overeenkomst(lump(gemeenten=("0193",)))])
    assert 1 == len(list(settlements(all_of_them, (), {}, EIND, "0193")))
    assert [] == list(settlements(all_of_them, (), {}, EIND, "0150"))

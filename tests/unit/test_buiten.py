"""Granted lines outside a changed assignment: what has to be credited, by hand and by law."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.ledger.correctie.buiten import given_back, outside, taken_back, too_much
from gateway.ledger.correctie.regels import Bron, Correctie, credit_of, numbered
from gateway.records.batch import Stand
from gateway.records.declaratie import Prestatie
from gateway.records.toewijzing import ToegewezenProduct
from tests.rules.bouw import record

APRIL = (date(2025, 4, 1), date(2025, 4, 30))


def assigned(**given_: Any) -> ToegewezenProduct:
    base: dict[str, Any] = {"ingangsdatum": date(2025, 1, 1), "einddatum": date(2025, 12, 31)}
    made: ToegewezenProduct = record("toewijzing", base | given_)
    return made


def line(volgnr: int = 1, **given_: Any) -> Prestatie:
    base: dict[str, Any] = {"volgnr": volgnr, "referentienummer": f"R{volgnr}"}
    base |= {"begindatum": APRIL[0], "einddatum": APRIL[1], "debet_credit": "D"}
    made: Prestatie = record("prestatie", base | given_)
    return made


def pieces(volgnr: int, volume: int, maand: int = 4) -> Prestatie:
    begin = date(2025, maand, 1)
    return line(
        volgnr,
        begindatum=begin,
        einddatum=date(2025, maand, 28),
        eenheid="82",
        geleverd_volume=volume,
        producttarief=100,
        ingediend_bedrag=100 * volume,
    )


def test_what_still_fits_is_left_alone() -> None:
    one = pieces(1, 5)
    assert outside(one, assigned(eenheid="82", frequentie="4", volume=5), "jeugdwet") is None


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"reden_wijziging": "13"}, "is verwijderd"),
        ({"reden_wijziging": "01", "einddatum": date(2025, 1, 1)}, "is ingetrokken"),
        ({"einddatum": date(2025, 3, 31)}, "loopt nu van 2025-01-01 tot en met 2025-03-31"),
    ],
)
def test_a_line_wholly_outside_is_credited_and_nothing_comes_back(
    changes: dict[str, Any], told: str
) -> None:
    found = outside(line(), assigned(**changes), "jeugdwet")
    assert found is not None
    assert (None, False, True) == (found.past, found.deels, told in found.reden)


def test_a_line_partly_outside_is_cut_and_says_so() -> None:
    found = outside(line(), assigned(einddatum=date(2025, 4, 10)), "jeugdwet")
    assert found is not None
    assert found.past is not None
    assert (True, date(2025, 4, 10)) == (found.deels, found.past.einddatum)


def test_above_what_a_month_allows_now_the_rest_comes_back() -> None:
    toewijzing = assigned(eenheid="82", frequentie="4", volume=3)
    found = outside(pieces(1, 5), toewijzing, "jeugdwet")
    assert found is not None
    assert found.past is not None
    assert 3 == found.past.geleverd_volume
    assert Stand(2, 200) == given_back([found])


def test_of_a_lower_total_the_last_periods_go_first() -> None:
    toewijzing = assigned(eenheid="82", frequentie="6", volume=7)
    lines = [pieces(1, 4, 1), pieces(2, 4, 2), pieces(3, 4, 3)]
    teveel = too_much(toewijzing, Stand(12, 1200))
    assert teveel is not None
    assert 5 == teveel.volume
    found = [
        (one.regel.volgnr, one.past.geleverd_volume if one.past else 0)
        for one in taken_back(lines, teveel)
    ]
    assert [(3, 0), (2, 3)] == found


def test_a_budget_is_kept_to_in_whole_pieces() -> None:
    toewijzing = assigned(volume=None, eenheid=None, frequentie=None, budget=950)
    teveel = too_much(toewijzing, Stand(12, 1200))
    assert teveel is not None
    found = [
        (one.regel.volgnr, one.past.geleverd_volume if one.past else 0)
        for one in taken_back([pieces(1, 8, 1), pieces(2, 4, 2)], teveel)
    ]
    assert [(2, 1)] == found  # 250 cents too much: of 400 there is room for one piece


def test_hours_are_counted_in_minutes() -> None:
    hours = line(1, eenheid="04", geleverd_volume=10, producttarief=6000, ingediend_bedrag=60_000)
    teveel = too_much(assigned(eenheid="04", frequentie="6", volume=8), Stand(600, 60_000))
    assert teveel is not None
    assert 120 == teveel.volume
    (found,) = taken_back([hours], teveel)
    assert found.past is not None
    assert 8 == found.past.geleverd_volume


@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(1, 12)), min_size=1, max_size=12),
    st.integers(1, 60),
)
def test_what_is_left_fits_and_no_line_is_credited_for_nothing(
    lines: list[tuple[int, int]], room: int
) -> None:
    made = [pieces(number, volume, maand) for number, (volume, maand) in enumerate(lines)]
    total = sum(one.geleverd_volume for one in made)
    teveel = too_much(assigned(eenheid="82", frequentie="6", volume=room), Stand(total, 0))
    if teveel is None:
        assert total <= room
        return
    found = list(taken_back(made, teveel))
    back = given_back(found)
    assert room == total - back.volume
    assert all(one.past is None or one.past.geleverd_volume > 0 for one in found)
    assert sum(one.regel.geleverd_volume for one in found[:-1]) < teveel.volume


def test_a_credit_is_a_copy_in_all_but_three_things() -> None:
    debet = line(7, retourcodes=())
    credit = credit_of(debet, "N1")
    changed = {name for name in Prestatie._fields if getattr(credit, name) != getattr(debet, name)}
    assert {"referentienummer", "vorig_referentienummer", "debet_credit"} == changed
    assert ("N1", "R7", "C") == (
        credit.referentienummer,
        credit.vorig_referentienummer,
        credit.debet_credit,
    )


@given(st.lists(st.tuples(st.sampled_from(["999900006", "999900018"]), st.booleans()), max_size=9))
def test_credits_of_a_client_stand_before_its_debets_and_numbers_are_unique(
    given_: list[tuple[str, bool]],
) -> None:
    correcties = [
        Correctie(Bron(1, number, "D"), own := line(number, bsn=bsn), toegekend, own, "")
        for number, (bsn, toegekend) in enumerate(given_, start=1)
    ]
    lines = [one for one, _ in numbered(correcties, "N")]
    assert len(lines) == len({one.referentienummer for one in lines})
    assert sum(2 if toegekend else 1 for _, toegekend in given_) == len(lines)
    kinds = [(one.bsn, one.debet_credit) for one in lines]
    assert sorted(kinds) == kinds  # by client, and C before D

"""What the year end is worked out with, beside figures that were worked out by hand."""

from __future__ import annotations

import math
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import WrongUse
from gateway.ledger.jaareinde.instellingen import Instellingen, read_instellingen
from gateway.ledger.jaareinde.opgave import (
    PER_REGEL,
    PER_TOEWIJZING,
    Opgaveregel,
    as_told,
    cents_of,
    read_opgave,
)
from gateway.ledger.jaareinde.projectie import (
    Bevinding,
    Oordeel,
    Projectie,
    factor,
    judged,
    projected,
    size_for,
)
from gateway.ledger.jaareinde.steekproef import Plan, Post, drawn, plan_of
from gateway.ledger.jaareinde.traject import Startdeel, runs_over
from gateway.ledger.jaareinde.uitslagen import Uitslag, read_uitslagen
from gateway.ledger.jaareinde.verantwoording import (
    Boekstand,
    Opgegeven,
    Soort,
    Verschil,
    explained,
)
from gateway.periods.verdelen import per_year

DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))
CENTS = st.integers(-(10**10), 10**10)
OURS = (Path(__file__).parents[2] / "mappings" / "jaareinde.toml").read_bytes()


# --- years ------------------------------------------------------------------------------------


def test_a_line_over_new_year_is_divided_by_its_days() -> None:
    assert {2025: 5_484, 2026: 4_516} == per_year(10_000, date(2025, 12, 15), date(2026, 1, 14))


def test_a_line_within_a_year_is_of_that_year() -> None:
    assert {2025: 10_000} == per_year(10_000, date(2025, 1, 1), date(2025, 12, 31))


@given(CENTS, DAYS, st.integers(0, 2_000))
def test_the_years_of_a_line_add_up_to_it(bedrag: int, begin: date, days: int) -> None:
    assert bedrag == sum(per_year(bedrag, begin, begin + timedelta(days)).values())


@given(CENTS, DAYS, st.integers(0, 2_000))
def test_a_credit_undoes_its_debet_in_every_year(bedrag: int, begin: date, days: int) -> None:
    eind = begin + timedelta(days)
    debet, credit = per_year(bedrag, begin, eind), per_year(-bedrag, begin, eind)
    assert debet == {jaar: -deel for jaar, deel in credit.items()}


# --- trajectories -----------------------------------------------------------------------------


def startdeel(**changes: Any) -> Startdeel:
    found = Startdeel(
        inbox_id=1,
        regelnr=1,
        wet="jeugdwet",
        aanbieder="12345678",
        productcode="45P11",
        toewijzingnummer=1,
        bedrag=132_500,
        begindatum=date(2025, 11, 1),
        einddatum=date(2025, 11, 30),
        aanvang=date(2025, 11, 1),
        toegewezen_tot=date(2026, 2, 28),
        gestopt_op=None,
    )
    return found._replace(**changes)


@pytest.mark.parametrize(
    ("changes", "dagen", "gemiddeld", "bron", "verschuiving"),
    [
        # 61 of 120 days are in 2025: 67,354 of 132,500.
        ({}, {}, {}, "toewijzing", {2025: -65_146, 2026: 65_146}),
        # 61 of 100 days: 80,825.
        ({}, {"45P11": 100}, {}, "instelling", {2025: -51_675, 2026: 51_675}),
        ({"gestopt_op": date(2025, 12, 31)}, {"45P11": 100}, {}, "stop", {}),
        # 61 of 61 + 61 days: half.
        (
            {"toegewezen_tot": None},
            {},
            {("jeugdwet", "45P11"): 122},
            "gemiddelde",
            {2025: -66_250, 2026: 66_250},
        ),
        ({"toegewezen_tot": None}, {}, {("wmo", "45P11"): 122}, "onbekend", {}),
    ],
)
def test_what_is_paid_at_the_start_lies_over_the_expected_duration(
    changes: dict[str, Any],
    dagen: dict[str, int],
    gemiddeld: dict[tuple[str, str], int],
    bron: str,
    verschuiving: dict[int, int],
) -> None:
    found = runs_over(startdeel(**changes), dagen, gemiddeld)
    assert (bron, verschuiving) == (found.looptijd.bron, found.verschuiving)


@given(st.integers(1, 10**9), DAYS, st.integers(-800, 800), st.integers(0, 1_500))
def test_what_moves_between_years_adds_up_to_nothing(
    bedrag: int, begin: date, early: int, days: int
) -> None:
    deel = startdeel(
        bedrag=bedrag,
        begindatum=begin,
        einddatum=begin + timedelta(30),
        aanvang=begin + timedelta(early),
        toegewezen_tot=begin + timedelta(early + days),
    )
    assert 0 == sum(runs_over(deel, {}, {}).verschuiving.values())


# --- production statements --------------------------------------------------------------------


def test_every_ground_explains_its_own_part_of_a_difference() -> None:
    told = Opgegeven(100_00, dubbel=10_00)
    stand = Boekstand(20_00, afgewezen=30_00, open=15_00, ander_jaar=5_00, codes=frozenset("9"))
    found = [(one.soort, one.bedrag, one.codes) for one in explained("R1", told, stand)]
    assert [
        (Soort.DUBBEL, 10_00, ()),
        (Soort.AFGEWEZEN, 30_00, ("9",)),
        (Soort.OPEN, 15_00, ()),
        (Soort.ANDER_JAAR, 5_00, ()),
        (Soort.ANDER_BEDRAG, 20_00, ()),
    ] == found


@pytest.mark.parametrize(
    ("told", "stand", "is_known", "soort"),
    [
        (Opgegeven(10), None, True, Soort.NIET_INGEDIEND),
        (Opgegeven(10), None, False, Soort.ONBEKENDE_TOEWIJZING),
        (None, Boekstand(10), True, Soort.NIET_OPGEGEVEN),
        (None, Boekstand(10, laat=10), True, Soort.LAAT),
        (Opgegeven(10), Boekstand(20), True, Soort.ANDER_BEDRAG),
        (Opgegeven(10), Boekstand(gecrediteerd=10), True, Soort.GECREDITEERD),
    ],
)
def test_a_difference_with_one_ground_has_one_explanation(
    told: Opgegeven | None, stand: Boekstand | None, is_known: bool, soort: Soort
) -> None:
    found = list(explained("R1", told, stand, is_known=is_known))
    assert [soort] == [one.soort for one in found]


def test_what_is_equal_has_no_difference() -> None:
    assert [] == list(explained("R1", Opgegeven(10), Boekstand(10, afgewezen=5)))


AMOUNT = st.integers(-(10**9), 10**9)


@given(
    st.none() | st.builds(Opgegeven, AMOUNT, AMOUNT),
    st.none() | st.builds(Boekstand, AMOUNT, AMOUNT, AMOUNT, AMOUNT, AMOUNT, AMOUNT),
)
def test_the_explanations_are_the_whole_difference(
    told: Opgegeven | None, stand: Boekstand | None
) -> None:
    found: list[Verschil] = list(explained("R1", told, stand))
    opgegeven, toegekend = (told or Opgegeven(0)).bedrag, (stand or Boekstand()).toegekend
    assert opgegeven - toegekend == sum(one.bedrag for one in found)


@pytest.mark.parametrize(
    ("cell", "cents"),
    [
        ("1.234,56", 123_456),
        ("€ 1.234,5", 123_450),
        ("-12,30", -1_230),
        ("1234.56", 123_456),
        ("1234", 123_400),
        (12, 1_200),
        (12.3, 1_230),
        (0.1 + 0.2, 30),
        (Decimal("7.05"), 705),
    ],
)
def test_an_amount_is_read_to_the_cent(cell: object, cents: int) -> None:
    assert cents == cents_of(cell)


@pytest.mark.parametrize(
    "cell", ["1.234", "12,345", "abc", "", None, True, 1.005, math.inf, 1e20, 1e300]
)
def test_what_can_be_read_in_two_ways_is_no_amount(cell: object) -> None:
    with pytest.raises(ValueError, match="bedrag"):
        cents_of(cell)


def test_a_statement_per_line_is_read_with_headings_of_its_own() -> None:
    rows = [["Regel", "Omzet 2025", "x"], ["R1", "10,00", ""], ["", "", "totaal"], ["R2", 5.5]]
    found = read_opgave(rows, {"referentienummer": "regel", "bedrag": "Omzet_2025"})
    regels = [Opgaveregel(2, "R1", None, 1_000), Opgaveregel(4, "R2", None, 550)]
    assert (PER_REGEL, regels, 1_550) == (found.per, found.regels, found.bedrag)


def test_a_statement_per_assignment_adds_its_rows_up() -> None:
    rows = [["toewijzingnummer", "productcode", "bedrag"], [7.0, "45A04", 1], ["7", "45A04", "2,5"]]
    found = read_opgave(rows, {})
    assert (PER_TOEWIJZING, {"7/45A04": Opgegeven(350, 0, 7)}) == (found.per, as_told(found))


def test_a_line_that_is_told_twice_is_told_once_and_double() -> None:
    rows = [["referentienummer", "bedrag"], ["R1", 10], ["R1", 10], ["R1", -10]]
    assert {"R1": Opgegeven(1_000, 1_000)} == as_told(read_opgave(rows, {}))


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([], "de kolom bedrag ontbreekt in deze opgave"),
        ([["bedrag"]], "deze opgave heeft de kolom referentienummer of toewijzingnummer nodig"),
        ([["bedrag", "Bedrag", "referentienummer"]], "de kolom bedrag staat er twee keer in"),
        ([["bedrag", "referentienummer"]], "in deze opgave staat geen enkele rij"),
        (
            [["bedrag", "toewijzingnummer"], ["1,00", "x"], ["1.000", "7"]],
            "deze opgave is niet te lezen: rij 2: ‘x’ is geen toewijzingnummer; rij 3: ‘1.000’ is "
            "geen bedrag; schrijf het als 1234,56",
        ),
    ],
)
def test_a_statement_that_is_not_right_tells_what_is_wrong(
    rows: list[list[object]], told: str
) -> None:
    with pytest.raises(WrongUse) as refused:
        read_opgave(rows, {})
    assert told == str(refused.value)


def test_a_row_is_told_by_its_place_in_the_file() -> None:
    rows = [["bedrag", "toewijzingnummer"], ["1,00", "x"]]
    with pytest.raises(WrongUse, match="rij 4: ‘x’ is geen toewijzingnummer"):
        read_opgave(rows, {}, koprij=3)


def test_an_error_in_a_statement_shows_no_bsn() -> None:
    with pytest.raises(WrongUse) as refused:
        read_opgave([["bedrag", "toewijzingnummer"], ["1,00", "bsn 999900006"]], {})
    assert "999900006" not in str(refused.value)


# --- samples ----------------------------------------------------------------------------------


def posts(*amounts: int) -> list[Post]:
    return [Post(1, nr, "12345678", amount) for nr, amount in enumerate(amounts, start=1)]


def test_the_sample_hits_every_so_many_cents_and_takes_what_is_large_whole() -> None:
    # Without the large third: 40, 100, 130, 190, 250; hits at 50, 150, 250.
    found = drawn(posts(40, 60, 100, 30, 60, 60), Plan(interval=100, start=50))
    assert [(2, False), (3, True), (5, False), (6, False)] == [
        (one.post.regelnr, one.is_hoog) for one in found
    ]


def test_the_same_seed_draws_the_same_and_another_one_differs() -> None:
    plans = [plan_of(1_000_000_00, 300, seed) for seed in ("jaar 2025", "jaar 2025", "anders")]
    assert plans[0] == plans[1] != plans[2]
    assert 333_333 == plans[0].interval


@given(st.lists(st.integers(1, 10_000), min_size=1), st.integers(1, 50), st.text(min_size=1))
def test_a_sample_has_all_that_is_large_and_one_line_per_interval_of_the_rest(
    amounts: list[int], omvang: int, zaad: str
) -> None:
    plan = plan_of(sum(amounts), omvang, zaad)
    found = list(drawn(posts(*amounts), plan))
    large = [one for one in amounts if one >= plan.interval]
    rest = sum(amounts) - sum(large)
    assert len(large) == sum(one.is_hoog for one in found)
    assert max(0, (rest - plan.start) // plan.interval + 1) == sum(not one.is_hoog for one in found)


@pytest.mark.parametrize(
    ("betrouwbaarheid", "published"),
    [
        (95, [300, 475, 630, 776, 916, 1_052]),
        (90, [231, 389, 533, 669, 800]),
    ],
)
def test_the_factors_are_those_of_the_published_tables(
    betrouwbaarheid: int, published: list[int]
) -> None:
    found = [math.ceil(factor(k, betrouwbaarheid) / 100) for k in range(len(published))]
    assert published == found


def test_without_errors_the_upper_limit_is_the_interval_times_the_factor() -> None:
    found = projected([Bevinding(5_000, 0, is_hoog=False)], 1_000_000, 95)
    assert Projectie(0, 0, 2_995_700) == found


def test_an_error_counts_by_its_share_of_the_line() -> None:
    # 1,000,000 x (2.9957 + (4.7439 - 2.9957) x 0.5)
    found = projected([Bevinding(40_000, 20_000, is_hoog=False)], 1_000_000, 95)
    assert Projectie(20_000, 500_000, 3_869_800) == found


def test_the_largest_share_comes_first_in_the_upper_limit() -> None:
    # 1,000,000 x (2.9957 + 1.7482 x 1 + 1.5519 x 0.2), and what was looked at whole as it is.
    low = [Bevinding(50_000, 10_000, is_hoog=False), Bevinding(3_000, 3_000, is_hoog=False)]
    found = projected([*low, Bevinding(2_000_000, 70_000, is_hoog=True)], 1_000_000, 95)
    assert Projectie(83_000, 1_270_000, 5_124_280) == found


@pytest.mark.parametrize(
    ("waarschijnlijk", "bovengrens", "oordeel"),
    [
        (0, 1_000_000, Oordeel.VOLDOET),
        (900_000, 1_000_001, Oordeel.ONZEKER),
        (1_000_001, 5_000_000, Oordeel.VOLDOET_NIET),
    ],
)
def test_a_projection_is_held_against_the_tolerance(
    waarschijnlijk: int, bovengrens: int, oordeel: Oordeel
) -> None:
    assert oordeel is judged(Projectie(0, waarschijnlijk, bovengrens), 100_000_000, 10)


@given(st.integers(10_000, 10**11), st.integers(1, 100), st.integers(80, 99))
def test_a_sample_of_the_size_of_the_rule_shows_enough_when_it_finds_nothing(
    populatie: int, promille: int, betrouwbaarheid: int
) -> None:
    plan = plan_of(populatie, size_for(promille, betrouwbaarheid), "zaad")
    found = projected([], plan.interval, betrouwbaarheid)
    assert found.bovengrens <= populatie * promille / 1000 + 1


def test_the_size_of_the_rule_at_one_percent_is_300() -> None:
    assert 300 == size_for(10, 95)


def test_results_are_read_from_the_list_that_was_handed_out() -> None:
    rows = [
        ["post", "bedrag", "oordeel", "afwijking", "reden"],
        [1.0, "10,00", "Goed", None, None],
        ["2", "10,00", "fout", "2,50", "geen indicatie"],
        ["3", "10,00", "", "", ""],
    ]
    assert [Uitslag(1, "goed"), Uitslag(2, "fout", 250, "geen indicatie")] == read_uitslagen(rows)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([["post"]], "de kolom oordeel ontbreekt; nodig zijn post, oordeel, afwijking, reden"),
        ([["post", "oordeel", "afwijking", "reden"]], "in dit bestand staat geen enkele uitslag"),
        (
            [["post", "oordeel", "afwijking", "reden"], ["een", "goed", "", ""]],
            "deze uitslagen zijn niet te lezen: rij 2: ‘een’ is geen nummer van een post",
        ),
    ],
)
def test_results_that_are_not_right_tell_what_is_wrong(rows: list[list[object]], told: str) -> None:
    with pytest.raises(WrongUse) as refused:
        read_uitslagen(rows)
    assert told == str(refused.value)


# --- settings ---------------------------------------------------------------------------------


CHANGED = OURS + (
    b'45P11 = 200\n[gemeente.0193]\nlaat_na = "02-15"\n[gemeente.0193.duur]\n45P12 = 90\n'
)


def test_a_municipality_has_what_differs_and_the_rest_of_ours() -> None:
    own, other = (read_instellingen(CHANGED, one) for one in ("0193", "0150"))
    assert (date(2026, 2, 15), date(2026, 3, 1)) == (own.last_day(2025), other.last_day(2025))
    assert date(2026, 4, 1) == own.statement_day(2025)
    assert ({"45P11": 200, "45P12": 90}, {"45P11": 200}) == (own.duur, other.duur)


def test_a_small_difference_is_below_both_thresholds() -> None:
    ours: Instellingen = read_instellingen(OURS, "0193")
    assert [True, False, False] == [
        ours.is_small(50_000, 10_000_000),
        ours.is_small(50_001, 100_000_000),
        ours.is_small(50_000, 9_999_999),
    ]


@pytest.mark.parametrize(
    "text",
    [
        b"laat_na =",
        b'laat_na = "03-01"',
        OURS + b"[gemeente.19]\n",
        OURS + b'[gemeente.0193]\nlaat_na = "02-30"\n',
        OURS + b"[gemeente.0193]\nonbekend = 1\n",
        OURS + b"[gemeente.0193]\ntolerantie_fouten = 0\n",
    ],
)
def test_settings_that_are_not_right_are_refused_for_everyone(text: bytes) -> None:
    with pytest.raises(WrongUse, match="jaareinde"):
        read_instellingen(text, "0150")

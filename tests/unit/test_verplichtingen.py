"""An assignment as an obligation: cut by years, used, released, and never a cent lost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gateway.agreements.match import index
from gateway.ledger.geld.maandplan import Prijzen
from gateway.ledger.geld.verplichting import (
    GESTOPT,
    INGETROKKEN,
    KLEINER,
    VERLOPEN,
    Peil,
    Stop,
    Toegewezen,
    Verplichting,
    Versie,
    obligation,
)
from gateway.periods.maandnummers import month_number
from gateway.records.overeenkomst import Cel
from gateway.records.toewijzing import ToegewezenProduct
from tests.unit.agreement_builders import cel, overeenkomst

AGB, GEMEENTE = "99000001", "0193"
CODE = "45P11"
VANDAAG = date(2026, 4, 1)


def product(begin: date, end: date | None, **changes: object) -> ToegewezenProduct:
    made = ToegewezenProduct(
        pad="",
        bsn="999900006",
        aanbieder=AGB,
        bekend_op=begin,
        toewijzingnummer=7,
        referentie_aanbieder=None,
        productcategorie="45",
        productcode=CODE,
        toewijzingsdatum=begin,
        toewijzingstijd="10:00:00",
        ingangsdatum=begin,
        einddatum=end,
        reden_wijziging=None,
        volume=None,
        eenheid=None,
        frequentie=None,
        budget=None,
        commentaar=None,
    )
    return made._replace(**changes)  # type: ignore[arg-type]


def omvang(volume: int, eenheid: str, frequentie: str) -> dict[str, object]:
    return {"volume": volume, "eenheid": eenheid, "frequentie": frequentie}


def prijs(eenheid: str, bedrag: int, vanaf: date, tot: date | None = None) -> Cel:
    return cel(eenheid=eenheid, soort="pxq", bedrag=bedrag, vanaf=vanaf, tot=tot)


def prijzen(*cellen: Cel, peildatum: str = "productperiode", termijn: int | None = None) -> Prijzen:
    made = overeenkomst(*cellen, peildatum=peildatum, indientermijn_dagen=termijn)
    return Prijzen(index([made]))


GEEN = prijzen()
UUR = prijs("04", 5000, date(2020, 1, 1))


def stand(
    *versies: ToegewezenProduct,
    jaar: int = 2026,
    dag: date = VANDAAG,
    regels: Mapping[tuple[int, int], int] | None = None,
    stop: date | None = None,
    bij: Prijzen = GEEN,
) -> Verplichting:
    """What versions come to in a year; `regels` are cents by year and month."""
    toegewezen = Toegewezen(
        partij=1,
        nummer=7,
        gemeente=GEMEENTE,
        wet="jeugdwet",
        aanbieder=AGB,
        client="a",
        versies=[Versie(one, 100 + n) for n, one in enumerate(versies)],
        stop=None if stop is None else Stop(stop, 55),
        regels={year * 12 + month - 1: cents for (year, month), cents in (regels or {}).items()},
    )
    return obligation(toegewezen, bij, Peil(dag, jaar))


def bedragen(een: Verplichting) -> tuple[int, int, int, int, int]:
    return een.verplicht, een.gerealiseerd, een.verwacht, een.vrijgevallen, een.boven


def test_hours_a_week_are_the_weeks_that_are_touched_times_the_price() -> None:
    # 13 weeks of 3 hours at 50 euros.
    een = stand(
        product(date(2025, 10, 7), date(2025, 12, 30), **omvang(3, "04", "2")),
        jaar=2025,
        dag=date(2025, 10, 1),
        bij=prijzen(UUR),
    )
    assert (195_000, 0, 195_000, 0, 0) == bedragen(een)


def test_a_year_gets_its_days_and_the_years_add_up_to_the_whole() -> None:
    # Nine weeks of 3 hours at 50 euros over 31 days of each year: 1,350 euros.
    versie = product(date(2025, 12, 1), date(2026, 1, 31), **omvang(3, "04", "2"))
    per_jaar = [
        stand(versie, jaar=jaar, dag=date(2025, 12, 1), bij=prijzen(UUR)).verwacht
        for jaar in (2025, 2026)
    ]
    assert [67_500, 67_500] == per_jaar


def test_an_amount_a_month_counts_in_every_month_that_is_touched() -> None:
    versie = product(date(2025, 12, 15), date(2026, 3, 15), **omvang(100_000, "83", "4"))
    per_jaar = [
        stand(versie, jaar=jaar, dag=date(2025, 12, 1)).verwacht for jaar in (2025, 2026, 2027)
    ]
    assert [100_000, 300_000, 0] == per_jaar


def test_a_budget_is_spread_by_days() -> None:
    # 183 of 364 days lie in 2025: 100,000 x 183 / 364 = 50,274.7.
    versie = product(date(2025, 7, 2), date(2026, 6, 30), budget=100_000)
    per_jaar = [stand(versie, jaar=jaar, dag=date(2025, 7, 1)).verwacht for jaar in (2025, 2026)]
    assert [50_275, 49_725] == per_jaar


def test_what_is_left_of_a_whole_price_goes_to_the_days_that_are_left() -> None:
    # A trajectory of 1,000 euros over two years, half of it claimed in its first month.  December
    # is being declared: 31 of the 396 days that are left get 500 x 31 / 396 = 39.14 euros.
    versie = product(date(2025, 7, 1), date(2026, 12, 31), **omvang(100_000, "83", "6"))
    regels = {(2025, 7): 50_000}
    assert (46_086, 0, 46_086, 0, 0) == bedragen(stand(versie, regels=regels, dag=date(2026, 1, 1)))
    assert (53_914, 50_000, 3_914, 0, 0) == bedragen(
        stand(versie, regels=regels, jaar=2025, dag=date(2026, 1, 1))
    )


def test_what_a_year_leaves_of_a_volume_a_month_does_not_go_to_the_next() -> None:
    versie = product(date(2025, 1, 1), date(2026, 12, 31), **omvang(1_000, "83", "4"))
    assert (12_000, 700, 11_300, 0, 0) == bedragen(stand(versie, regels={(2026, 1): 700}))


def test_past_months_may_still_bring_what_was_not_declared() -> None:
    versie = product(date(2026, 1, 1), date(2026, 12, 31), **omvang(1_000, "83", "4"))
    een = stand(versie, regels={(2026, 1): 1_000, (2026, 2): 500})
    assert (1_500, 9_000) == (een.achterstallig, sum(een.komend.values()))


def test_an_open_end_goes_up_to_the_end_of_the_year() -> None:
    versie = product(date(2026, 3, 1), None, **omvang(1_000, "83", "4"))
    assert 10_000 == stand(versie).verplicht
    assert 12_000 == stand(versie, jaar=2027).verplicht


def test_a_price_change_counts_from_its_month() -> None:
    versie = product(date(2026, 1, 1), date(2026, 12, 31), **omvang(2, "04", "4"))
    cellen = (
        prijs("04", 5_000, date(2026, 1, 1), date(2026, 6, 30)),
        prijs("04", 6_000, date(2026, 7, 1)),
    )
    assert 6 * 10_000 + 6 * 12_000 == stand(versie, bij=prijzen(*cellen)).verplicht


def test_a_price_of_the_begin_holds_until_the_end() -> None:
    versie = product(date(2026, 1, 1), date(2026, 12, 31), **omvang(2, "04", "4"))
    cellen = (
        prijs("04", 5_000, date(2026, 1, 1), date(2026, 6, 30)),
        prijs("04", 6_000, date(2026, 7, 1)),
    )
    een = stand(versie, bij=prijzen(*cellen, peildatum="ingangsdatum"))
    assert 12 * 10_000 == een.verplicht


def test_minutes_take_the_price_of_the_hour() -> None:
    # 90 minutes a month at 50 euros an hour: 75 euros.
    versie = product(date(2026, 1, 1), date(2026, 1, 31), **omvang(90, "01", "4"))
    assert 7_500 == stand(versie, bij=prijzen(UUR)).verplicht


def test_without_a_price_nothing_is_guessed() -> None:
    versie = product(date(2026, 1, 1), date(2026, 12, 31), **omvang(2, "04", "4"))
    een = stand(versie, regels={(2026, 1): 9_000})
    assert ((9_000, 9_000, 0, 0, 0), True) == (bedragen(een), een.zonder_prijs)


def test_a_price_for_a_part_of_the_year_counts_for_that_part() -> None:
    versie = product(date(2026, 1, 1), date(2026, 12, 31), **omvang(2, "04", "4"))
    cellen = prijzen(prijs("04", 5_000, date(2026, 1, 1), date(2026, 6, 30)))
    een = stand(versie, bij=cellen, regels={(2026, 1): 10_000, (2026, 8): 4_000})
    assert ((64_000, 14_000, 50_000, 0, 0), True) == (bedragen(een), een.zonder_prijs)


def test_an_assignment_without_omvang_or_budget_is_without_price() -> None:
    een = stand(product(date(2026, 1, 1), date(2026, 12, 31)))
    assert ((0, 0, 0, 0, 0), True) == (bedragen(een), een.zonder_prijs)


def test_a_smaller_version_releases_what_it_took_away() -> None:
    first = product(date(2026, 1, 1), date(2026, 12, 31), **omvang(1_000, "83", "4"))
    second = first._replace(toewijzingsdatum=date(2026, 3, 10), einddatum=date(2026, 9, 30))
    een = stand(first, second, regels={(2026, 1): 1_000})
    assert (12_000, 1_000, 8_000, 3_000, 0) == bedragen(een)
    assert [(KLEINER, date(2026, 3, 10), 3_000, 101)] == [one[:4] for one in een.vrijval]


def test_what_is_made_larger_again_counts_twice_as_obliged_and_once_as_released() -> None:
    first = product(date(2026, 1, 1), date(2026, 12, 31), **omvang(1_000, "83", "4"))
    second = first._replace(toewijzingsdatum=date(2026, 2, 1), einddatum=date(2026, 6, 30))
    third = first._replace(toewijzingsdatum=date(2026, 3, 1))
    assert (18_000, 0, 12_000, 6_000, 0) == bedragen(stand(first, second, third))


def test_a_deleted_assignment_releases_everything() -> None:
    first = product(date(2026, 1, 1), date(2026, 12, 31), **omvang(1_000, "83", "4"))
    gone = first._replace(toewijzingsdatum=date(2026, 2, 1), reden_wijziging="13")
    een = stand(first, gone)
    assert (12_000, 0, 0, 12_000, 0) == bedragen(een)
    assert [INGETROKKEN] == [one.soort for one in een.vrijval]


def test_a_stop_releases_the_time_after_it() -> None:
    versie = product(date(2026, 1, 1), date(2026, 12, 31), **omvang(1_000, "83", "4"))
    een = stand(versie, stop=date(2026, 5, 31))
    assert (12_000, 0, 5_000, 7_000, 0) == bedragen(een)
    assert [(GESTOPT, date(2026, 5, 31), 7_000, None, 55)] == list(een.vrijval)


def test_a_stop_leaves_the_whole_price_of_a_trajectory_due() -> None:
    versie = product(date(2026, 1, 1), date(2026, 12, 31), **omvang(100_000, "83", "6"))
    een = stand(versie, stop=date(2026, 5, 31), regels={(2026, 1): 50_000})
    assert (100_000, 50_000, 50_000, 0, 0) == bedragen(een)
    assert {4, 5} == {one % 12 + 1 for one in een.komend}


def test_a_stop_takes_its_days_from_a_budget() -> None:
    # 151 of 365 days were left: 36,500 x 214 / 365 = 21,400 is lost.
    versie = product(date(2026, 1, 1), date(2026, 12, 31), budget=36_500)
    assert (36_500, 0, 15_100, 21_400, 0) == bedragen(stand(versie, stop=date(2026, 5, 31)))


def test_a_stop_before_the_begin_leaves_nothing() -> None:
    versie = product(date(2026, 3, 1), date(2026, 12, 31), **omvang(100_000, "83", "6"))
    assert (100_000, 0, 0, 100_000, 0) == bedragen(stand(versie, stop=date(2026, 2, 27)))


BINNEN_90 = prijzen(prijs("83", 1, date(2020, 1, 1)), UUR, termijn=90)
EIND_MAART = (date(2026, 1, 1), date(2026, 3, 31))


def test_what_was_not_declared_within_the_term_of_the_agreement_falls_free() -> None:
    versie = product(*EIND_MAART, **omvang(1_000, "83", "4"))
    regels = {(2026, 1): 1_000, (2026, 2): 400}
    # 90 days after 31 March is 29 June, which is in time.
    last = stand(versie, regels=regels, dag=date(2026, 6, 29), bij=BINNEN_90)
    assert (3_000, 1_400, 1_000, 600, 0) == bedragen(last)
    assert [(VERLOPEN, date(2026, 5, 30), 600, None, None)] == list(last.vrijval)
    after = stand(versie, regels=regels, dag=date(2026, 6, 30), bij=BINNEN_90)
    assert (3_000, 1_400, 0, 1_600, 0) == bedragen(after)
    assert [(VERLOPEN, date(2026, 6, 30), 1_600, None, None)] == list(after.vrijval)


def test_a_line_that_is_granted_after_the_term_is_realised_and_not_released() -> None:
    versie = product(*EIND_MAART, **omvang(1_000, "83", "4"))
    late = {(2026, 1): 1_000, (2026, 2): 1_000, (2026, 3): 1_000}
    assert (3_000, 3_000, 0, 0, 0) == bedragen(
        stand(versie, regels=late, dag=date(2026, 12, 1), bij=BINNEN_90)
    )


def test_months_that_run_on_have_a_term_each() -> None:
    versie = product(date(2026, 1, 1), None, **omvang(1_000, "83", "4"))
    een = stand(versie, dag=date(2026, 6, 1), bij=BINNEN_90)
    assert (12_000, 0, 10_000, 2_000, 0) == bedragen(een)
    assert (3_000, 7_000) == (een.achterstallig, sum(een.komend.values()))


def test_what_another_month_used_of_it_does_not_fall_free() -> None:
    versie = product(*EIND_MAART, **omvang(1_000, "83", "4"))
    een = stand(versie, regels={(2026, 3): 2_500}, dag=date(2026, 6, 1), bij=BINNEN_90)
    assert (3_000, 2_500, 0, 500, 0) == bedragen(een)


def test_without_a_term_of_its_own_five_years_back_can_be_declared() -> None:
    versie = product(*EIND_MAART, **omvang(1_000, "83", "4"))
    assert 3_000 == stand(versie, dag=date(2031, 1, 31)).verwacht
    assert (3_000, 0, 1_000, 2_000, 0) == bedragen(stand(versie, dag=date(2031, 3, 1)))
    assert (3_000, 0, 0, 3_000, 0) == bedragen(stand(versie, dag=date(2031, 4, 1)))


def test_what_is_left_of_a_whole_price_falls_free_in_the_year_of_its_end() -> None:
    versie = product(date(2025, 7, 1), date(2026, 5, 31), **omvang(100_000, "83", "6"))

    def seen(dag: date, jaar: int = 2026) -> Verplichting:
        return stand(versie, regels={(2025, 7): 50_000}, dag=dag, jaar=jaar, bij=BINNEN_90)

    assert (50_000, 0, 50_000, 0, 0) == bedragen(seen(date(2026, 8, 29)))
    een = seen(date(2026, 8, 30))
    assert (50_000, 0, 0, 50_000, 0) == bedragen(een)
    assert [(VERLOPEN, date(2026, 8, 30), 50_000, None, None)] == list(een.vrijval)
    assert (50_000, 50_000, 0, 0, 0) == bedragen(seen(date(2026, 8, 30), jaar=2025))


def test_a_trajectory_that_was_stopped_falls_free_after_its_stop() -> None:
    versie = product(date(2026, 1, 1), date(2026, 12, 31), **omvang(100_000, "83", "6"))
    told = stand(versie, stop=date(2026, 5, 31), dag=date(2026, 8, 30), bij=BINNEN_90)
    assert (100_000, 0, 0, 100_000, 0) == bedragen(told)
    assert [VERLOPEN] == [one.soort for one in told.vrijval]


def test_a_budget_falls_free_after_the_longest_term_of_its_category() -> None:
    versie = product(*EIND_MAART, productcode=None, budget=9_000)
    ninety, ever = (
        overeenkomst(prijs("04", 5_000, date(2020, 1, 1)), indientermijn_dagen=term)
        for term in (90, None)
    )
    other = overeenkomst(cel(productcode="46A01", productcategorie="46", vanaf=date(2020, 1, 1)))
    dag = date(2026, 6, 30)
    alone, both = Prijzen(index([ninety, other])), Prijzen(index([ninety, ever]))
    assert (9_000, 0, 0, 9_000, 0) == bedragen(stand(versie, dag=dag, bij=alone))
    assert (9_000, 0, 9_000, 0, 0) == bedragen(stand(versie, dag=dag, bij=both))


def test_what_is_granted_beyond_the_assignment_is_obliged_too_and_expects_nothing() -> None:
    versie = product(date(2026, 1, 1), date(2026, 3, 31), **omvang(1_000, "83", "4"))
    een = stand(versie, regels={(2026, 1): 2_500, (2026, 2): 900})
    assert (3_400, 3_400, 0, 0, 400) == bedragen(een)


def test_beyond_a_whole_price_is_told_in_the_year_that_went_beyond() -> None:
    versie = product(date(2025, 7, 1), date(2026, 6, 30), **omvang(1_000, "83", "6"))
    regels = {(2025, 8): 900, (2026, 2): 300}
    per_jaar = [bedragen(stand(versie, jaar=jaar, regels=regels)) for jaar in (2025, 2026)]
    assert [(900, 900, 0, 0, 0), (300, 300, 0, 0, 200)] == per_jaar


def test_lines_on_a_number_that_nobody_knows_are_realised() -> None:
    assert (800, 800, 0, 0, 0) == bedragen(stand(regels={(2026, 1): 800}))


DAGEN = st.integers(0, 900).map(lambda n: date(2025, 1, 1) + timedelta(n))
OMVANGEN = st.one_of(
    st.builds(omvang, st.integers(0, 10**6), st.just("83"), st.sampled_from("246")),
    st.builds(omvang, st.integers(0, 500), st.sampled_from(["04", "01"]), st.sampled_from("1246")),
    st.builds(lambda budget: {"budget": budget}, st.integers(0, 10**7)),
)


@st.composite
def versies(draw: st.DrawFn) -> ToegewezenProduct:
    begin, end = sorted([draw(DAGEN), draw(DAGEN)])
    return product(begin, draw(st.sampled_from([end, end, None])), **draw(OMVANGEN))


MANY = st.lists(versies(), min_size=1, max_size=4)
REGELS = st.dictionaries(
    st.tuples(st.integers(2025, 2027), st.integers(1, 12)), st.integers(-500, 10**6), max_size=6
)
KENT_PRIJS = prijzen(UUR)
TERMIJNEN = [KENT_PRIJS, BINNEN_90, prijzen(UUR, termijn=0)]


@given(
    MANY,
    REGELS,
    st.none() | DAGEN,
    DAGEN,
    st.tuples(st.integers(2025, 2027), st.sampled_from(TERMIJNEN)),
)
def test_obliged_is_realised_and_expected_and_released(
    many: list[ToegewezenProduct],
    regels: dict[tuple[int, int], int],
    stop: date | None,
    dag: date,
    van: tuple[int, Prijzen],
) -> None:
    jaar, bij = van
    een = stand(*many, regels=regels, stop=stop, dag=dag, jaar=jaar, bij=bij)
    assert een.verplicht == een.gerealiseerd + een.verwacht + een.vrijgevallen
    assert een.gerealiseerd == sum(cents for (year, _), cents in regels.items() if year == jaar)
    assert min(een.verwacht, een.achterstallig, een.boven, *een.komend.values(), 0) == 0
    assert all(one.bedrag > 0 for one in een.vrijval)
    assert all(jaar * 12 <= month < jaar * 12 + 12 for month in een.komend)
    assert all(month >= month_number(dag) for month in een.komend)


@given(versies(), DAGEN, REGELS.map(lambda found: {key: abs(n) for key, n in found.items()}))
def test_the_years_of_a_whole_price_add_up_to_it(
    versie: ToegewezenProduct, dag: date, regels: dict[tuple[int, int], int]
) -> None:
    whole = 123_457
    traject = versie._replace(volume=whole, eenheid="83", frequentie="6", budget=None)
    if traject.einddatum is None:
        traject = traject._replace(einddatum=traject.ingangsdatum + timedelta(400))
    years = [
        stand(traject, jaar=year, dag=dag, regels=regels, bij=BINNEN_90)
        for year in range(2025, 2030)
    ]
    granted = sum(regels.values())
    assert max(whole, granted) == sum(one.verplicht for one in years)
    assert max(0, granted - whole) == sum(one.boven for one in years)


@given(versies())
def test_the_months_of_a_plan_add_up_whatever_the_year_that_is_asked_for(
    versie: ToegewezenProduct,
) -> None:
    fixed = versie._replace(einddatum=versie.einddatum or date(2027, 6, 30))
    plans = [stand(fixed, jaar=year, bij=KENT_PRIJS).plan for year in (2026, 2027, 2029)]
    last = plans[-1].bedragen
    for plan in plans:
        assert plan.bedragen == {month: last[month] for month in plan.bedragen}

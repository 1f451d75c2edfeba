"""The forecast of a year, step by step, on figures that can be followed by hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from gateway.agreements.match import index
from gateway.ledger.geld.aangifte import Aangifte, Tempo, mature
from gateway.ledger.geld.opname import PER, Opname, key_for, take_stock
from gateway.ledger.geld.prognose import AANBIEDER, AANNAME, CATEGORIE, WET, Prognose, forecast
from gateway.ledger.geld.terugblik import Uitslag, days_to_look_back, look_back
from gateway.ledger.geld.verplichting import Groep, Peil, Toegewezen, Versie
from gateway.periods.maandnummers import last_day, month_number
from tests.unit.test_verplichtingen import AGB, GEMEENTE, omvang, product

APRIL = date(2026, 4, 1)
MAAND = omvang(100_000, "83", "4")
GROEP = Groep("jeugdwet", "45", AGB, GEMEENTE)
_nummers = count(1)


class Bron:
    """Assignments in memory; each month of them was declared on a day of the month after it."""

    def __init__(self, *many: Toegewezen, lag: int = 10) -> None:
        self._many = many
        self._lag = lag

    def toewijzingen(self) -> Iterator[Toegewezen]:
        return iter(self._many)

    def aangiften(self, begin: date, end: date) -> Iterator[Aangifte]:
        wanted = range(month_number(begin), month_number(end) + 1)
        for one in self._many:
            for maand, cents in one.regels.items():
                if maand in wanted:
                    day = last_day(maand) + timedelta(self._lag)
                    yield Aangifte(one.wet, one.groep.categorie, maand, day, cents)


def maanden(first: date, last: date) -> range:
    return range(month_number(first), month_number(last) + 1)


def toegewezen(
    begin: date,
    end: date,
    used: Sequence[int] | range = (),
    cents: int = 0,
    aanbieder: str = AGB,
    categorie: str = "45",
) -> Toegewezen:
    """An assignment of 1,000 euros a month, of which so many cents were used in some months."""
    versie = product(begin, end, productcategorie=categorie, aanbieder=aanbieder, **MAAND)
    return Toegewezen(
        partij=1,
        nummer=next(_nummers),
        gemeente=GEMEENTE,
        wet="jeugdwet",
        aanbieder=aanbieder,
        client=None,
        versies=[Versie(versie, 1)],
        stop=None,
        regels=dict.fromkeys(used, cents),
    )


def opname(*many: Toegewezen, dag: date = APRIL, jaar: int = 2026, lag: int = 10) -> Opname:
    return take_stock(Bron(*many, lag=lag), index(()), Peil(dag, jaar))


def prognose(*many: Toegewezen, **given: object) -> Prognose:
    return forecast(opname(*many, **given))  # type: ignore[arg-type]


# Two whole years at 1,000 euros a month, of which 800 is used; March is not declared yet.
LOPEND = toegewezen(
    date(2025, 1, 1), date(2026, 12, 31), maanden(date(2025, 1, 1), date(2026, 2, 28)), 80_000
)


def test_a_year_is_granted_undeclared_and_left_to_be_delivered_at_the_use_so_far() -> None:
    found = prognose(LOPEND)
    assert (160_000, 80_000, 720_000, 0) == tuple(found.totaal)
    assert 12 * 80_000 == found.totaal.prognose
    assert [80_000] * 12 == [one.prognose for one in found.maanden]


def test_the_use_is_of_what_could_be_declared_by_now() -> None:
    (own,) = prognose(LOPEND).groepen
    # Eleven months from April 2025: of March nothing is declared before the tenth day.
    assert (880_000, 1_100_000, AANBIEDER) == (*own.benutting.deel, own.benutting.niveau)


def test_a_month_that_was_declared_in_full_expects_nothing_more() -> None:
    found = prognose(LOPEND, lag=0)
    assert (160_000, 0) == (found.totaal.gerealiseerd, found.totaal.geleverd)


def test_a_category_that_declares_in_two_steps_is_expected_for_the_rest() -> None:
    months = maanden(date(2024, 10, 1), date(2025, 9, 30))
    steps = [
        Aangifte("jeugdwet", "45", maand, last_day(maand) + timedelta(days), cents)
        for maand in months
        for days, cents in ((5, 750), (40, 250))
    ]
    tempo = Tempo(steps)
    assert [0, 750, 750, 1000] == [
        tempo.na_dagen("jeugdwet", "45", days).promille for days in (4, 5, 39, 40)
    ]


def test_a_category_that_was_never_seen_takes_the_tempo_of_its_law_else_the_month_after() -> None:
    tempo = Tempo([Aangifte("jeugdwet", "45", 24_300, last_day(24_300) + timedelta(20), 100)])
    assert not tempo.is_gemeten("jeugdwet", "50")
    assert [0, 1000] == [tempo.na_dagen("jeugdwet", "50", n).promille for n in (19, 20)]
    assert [0, 1000] == [Tempo([]).na_dagen("wmo", "02", n).promille for n in (27, 28)]


def test_months_that_had_half_a_year_are_measured_and_younger_ones_only_without_them() -> None:
    nu = month_number(APRIL)
    old, young = (
        Aangifte("jeugdwet", "45", nu - back, last_day(nu - back) + timedelta(back), 100)
        for back in (7, 3)
    )
    assert [old] == mature([old, young], nu)
    assert [young] == mature([young], nu)


def test_a_small_provider_takes_the_use_of_its_category_and_then_of_its_law() -> None:
    small = toegewezen(date(2026, 3, 1), date(2026, 12, 31), aanbieder="99000002")
    other = toegewezen(date(2026, 3, 1), date(2026, 12, 31), categorie="50")
    levels = {
        (one.groep.categorie, one.groep.aanbieder): one.benutting.niveau
        for one in prognose(LOPEND, small, other).groepen
    }
    assert {("45", AGB): AANBIEDER, ("45", "99000002"): CATEGORIE, ("50", AGB): WET} == levels


def test_without_anything_measured_everything_is_expected_to_be_used() -> None:
    found = prognose(toegewezen(date(2026, 4, 1), date(2026, 12, 31)))
    assert (900_000, AANNAME) == (found.totaal.komend, found.groepen[0].benutting.niveau)


def test_the_inflow_is_what_began_in_a_year_month_by_month() -> None:
    # One assignment of two months in each of the last twelve months, all of it used.
    begun = [
        toegewezen(
            date(2025 + n // 12, n % 12 + 1, 1),
            last_day(2025 * 12 + n + 1),
            maanden(date(2025 + n // 12, n % 12 + 1, 1), last_day(2025 * 12 + n + 1)),
            100_000,
        )
        for n in range(3, 15)
    ]
    found = prognose(*begun, lag=0)
    # April: one begins. From May on two run: the one of the month and the one before it.
    assert [0, 0, 0, 100_000] + [200_000] * 8 == [one.instroom for one in found.maanden]
    assert (12, 12) == (found.groepen[0].begonnen, len(found.instroom.gewoon))


def test_a_store_that_is_younger_than_a_year_divides_by_the_months_that_it_has() -> None:
    begun = [
        toegewezen(date(2026, n, 1), last_day(2026 * 12 + n - 1), [2026 * 12 + n - 1], 100_000)
        for n in (1, 2, 3)
    ]
    found = prognose(*begun, lag=0)
    assert [100_000] * 9 == [one.instroom for one in found.maanden][3:]
    assert 3 == len(found.instroom.gewoon)


def een_maand(jaar: int, maand: int) -> Toegewezen:
    """An assignment of one month, all of it used."""
    number = jaar * 12 + maand - 1
    return toegewezen(date(jaar, maand, 1), last_day(number), [number], 100_000)


def test_a_month_in_which_far_more_begin_is_no_part_of_the_average_and_comes_back() -> None:
    usual = [een_maand(2025 + n // 12, n % 12 + 1) for n in range(3, 15)]
    peak = [een_maand(2026, 1) for _ in range(5)]
    found = prognose(*usual, *peak, lag=0)
    assert ([2026 * 12], 11) == (found.instroom.pieken, len(found.instroom.gewoon))
    # One a month, as if there had been no peak.
    assert [100_000] * 9 == [one.instroom for one in found.maanden][3:]
    coming = prognose(*usual, *peak, lag=0, jaar=2027)
    assert [600_000, 100_000, 100_000] == [one.instroom for one in coming.maanden][:3]


def test_a_coming_year_has_what_runs_into_it_and_what_begins_before_and_in_it() -> None:
    found = prognose(toegewezen(date(2026, 1, 1), date(2027, 3, 31)), jaar=2027)
    assert 300_000 == found.totaal.komend
    # One began in three months. In January 2027 there are those of ten months, a third of each.
    assert 333_333 == found.maanden[0].instroom


def test_a_past_year_expects_only_late_lines() -> None:
    found = prognose(LOPEND, jaar=2025)
    assert (960_000, 0, 0, 0) == tuple(found.totaal)


def traject(begin: date, end: date, used: Sequence[int], cents: int) -> Toegewezen:
    """An assignment with one price for the whole, of which a part was claimed."""
    made = toegewezen(begin, end, used, cents)
    versie = product(begin, end, **omvang(1_200_000, "83", "6"))
    return made._replace(versies=[Versie(versie, 1)])


def test_the_rest_of_a_trajectory_is_expected_once() -> None:
    # 12,000 euros over 2026, half of it claimed in January.  Of the 306 days that are left on
    # 1 April, March has 31, of which nothing is declared on the first day.
    found = prognose(traject(date(2026, 1, 1), date(2026, 12, 31), [2026 * 12], 600_000))
    assert (600_000, 60_784, 539_216) == tuple(found.totaal)[:3]
    declared = prognose(
        traject(date(2026, 1, 1), date(2026, 12, 31), [2026 * 12], 600_000),
        dag=date(2026, 4, 30),
    )
    # At the end of April March is declared: what it left is still to come.
    assert (600_000, 0, 600_000) == tuple(declared.totaal)[:3]


def test_the_last_part_of_a_trajectory_that_ended_is_expected_until_it_should_have_come() -> None:
    een = traject(date(2025, 5, 1), date(2026, 3, 31), [2025 * 12 + 4], 600_000)
    assert 600_000 == prognose(een, jaar=2026).groepen[0].mogelijk_geleverd
    assert 0 == prognose(een, jaar=2026, dag=date(2026, 4, 30)).groepen[0].mogelijk_geleverd


AANBIEDERS = st.sampled_from(["99000001", "99000002", "99000003"])


@st.composite
def toewijzingen(draw: st.DrawFn) -> Toegewezen:
    begin = date(2025, 1, 1) + timedelta(draw(st.integers(0, 500)))
    end = begin + timedelta(draw(st.integers(0, 500)))
    used = draw(st.lists(st.integers(2025 * 12, 2026 * 12 + 3), max_size=5))
    return toegewezen(
        begin,
        end,
        used,
        draw(st.integers(0, 150_000)),
        draw(AANBIEDERS),
        draw(st.sampled_from(["45", "50"])),
    )


@given(st.lists(toewijzingen(), max_size=6), st.integers(2025, 2027))
def test_every_way_of_adding_up_gives_the_same(many: list[Toegewezen], jaar: int) -> None:
    counted = opname(*many, jaar=jaar)
    made = forecast(counted)
    for per in PER:
        both = made.per(key_for(per)).values()
        assert made.totaal.prognose == sum(cijfers.prognose for _, cijfers in both)
        assert counted.totaal.verplicht == sum(som.verplicht for som, _ in both)
        assert counted.totaal == sum_of(counted, per)
    assert made.totaal.prognose == sum(one.prognose for one in made.maanden)
    assert all(cents >= 0 for one in made.maanden for cents in one[1:])


def sum_of(counted: Opname, per: str) -> object:
    total = replace(counted).totaal.__class__()
    for som in counted.per(key_for(per)).values():
        total.plus(som)
    return total


@given(st.lists(toewijzingen(), max_size=6))
def test_nothing_more_is_expected_than_may_still_come(many: list[Toegewezen]) -> None:
    counted = opname(*many)
    found = forecast(counted).totaal
    assert found.geleverd + found.komend <= counted.totaal.verwacht


def test_a_forecast_stands_beside_what_came_of_it() -> None:
    other = Groep("wmo", "02", AGB, GEMEENTE)
    found = look_back(prognose(LOPEND), {GROEP: 1_000_000, other: 5_000})
    assert [
        Uitslag(("jeugdwet",), 960_000, 1_000_000),
        Uitslag(("wmo",), 0, 5_000),
    ] == list(found.per(key_for("wet")))
    assert (-45_000, -45) == (found.totaal.fout, found.totaal.promille)


def test_nothing_that_came_has_no_percentage() -> None:
    assert (100, None) == (Uitslag((), 100, 0).fout, Uitslag((), 100, 0).promille)


def test_each_year_before_this_one_is_forecast_three_times() -> None:
    assert [date(2025, 4, 1), date(2025, 7, 1), date(2025, 10, 1)] == list(
        days_to_look_back(date(2026, 2, 1), 1)
    )

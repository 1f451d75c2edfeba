"""Laws of changing many assignments: nothing is lost or doubled, by a cent or by a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.agreements.match import index
from gateway.answers.vermindering import Verleden, forbidden, reductions
from gateway.ledger.geld.maandplan import Prijzen
from gateway.ledger.mutaties.plan import DAG, Gepland, part_from, planned
from gateway.ledger.mutaties.waarde import Waarde, Waardering, counted_until, per_year
from gateway.ledger.mutaties.wijzen import (
    Contractwijziging,
    Herindeling,
    Indexatie,
    Verlenging,
    Wijze,
    read_wijze,
    soort_of,
)
from gateway.periods.maandnummers import last_day
from gateway.periods.weken import days
from gateway.records.batch import Stand
from gateway.records.instemming import WAT, Instemming
from gateway.records.toewijzing import ToegewezenProduct
from tests.integration.store_builders import toewijzing
from tests.unit.agreement_builders import cel, overeenkomst

VANDAAG = date(2026, 3, 1)
DAGEN = st.dates(date(2025, 1, 1), date(2028, 12, 31))
BEDRAGEN = st.integers(0, 10**9)


@st.composite
def assignments(draw: st.DrawFn, *, total: bool = False) -> ToegewezenProduct:
    """An assignment of any kind, or one for the whole duration; it ends where it has to."""
    begin = draw(DAGEN)
    kinds: list[Mapping[str, Any]] = [
        {"budget": draw(BEDRAGEN), "volume": None, "eenheid": None, "frequentie": None},
        {"volume": draw(BEDRAGEN), "eenheid": "83", "frequentie": "6"},
    ]
    if not total:
        kinds += [
            {"volume": draw(st.integers(1, 10**6)), "eenheid": "83", "frequentie": "4"},
            {"volume": draw(st.integers(1, 500)), "eenheid": "04", "frequentie": "2"},
        ]
    end = begin + timedelta(days=draw(st.integers(0, 1_500)))
    return toewijzing(7, ingangsdatum=begin, einddatum=end, **draw(st.sampled_from(kinds)))


UUR = cel(productcode="45A04", eenheid="04", soort="pxq", bedrag=6_000, vanaf=date(2000, 1, 1))
PRIJZEN = Prijzen(index([overeenkomst(UUR)]))
PER_MAAND = {"volume": 1_000, "eenheid": "83", "frequentie": "4"}


def waarde_of(wijze: Wijze, een: Gepland, gestopt: date | None = None) -> Waarde:
    tot = counted_until(wijze, VANDAAG)
    return Waardering(PRIJZEN, wijze, "0193", "jeugdwet", tot).of(een, gestopt)


@given(assignments(), DAGEN, st.integers(-5_000, 5_000), st.none() | DAGEN)
def test_an_indexation_changes_no_month_before_its_day_and_the_years_are_all_months(
    was: ToegewezenProduct, vanaf: date, basispunten: int, gestopt: date | None
) -> None:
    wijze = Indexatie(vanaf=vanaf, basispunten=basispunten)
    een = planned(wijze, was, VANDAAG)
    if een.versie is None:
        return
    found = waarde_of(wijze, een, gestopt)
    for month, cents in found.na.items():
        if last_day(month) < vanaf:
            assert found.voor.get(month, 0) == cents
    for one in (found.voor, found.na):
        assert sum(one.values()) == sum(per_year(one).values())
    if een.nieuw is None and gestopt is None:
        assert whole(een.versie) - whole(was) == sum(found.na.values()) - sum(found.voor.values())


@given(assignments(), DAGEN, BEDRAGEN)
def test_a_later_day_leaves_no_more(one: ToegewezenProduct, dag: date, bedrag: int) -> None:
    assert bedrag >= part_from(one, dag, bedrag) >= part_from(one, dag + DAG, bedrag) >= 0
    assert bedrag == part_from(one, one.ingangsdatum, bedrag)


def whole(one: ToegewezenProduct) -> int:
    return (one.budget if one.budget is not None else one.volume) or 0


@given(assignments(total=True), DAGEN, st.sampled_from(["contract", "herindeling"]))
def test_what_ends_and_what_goes_on_come_to_what_there_was(
    was: ToegewezenProduct, vanaf: date, soort: str
) -> None:
    wijze: Wijze = Herindeling(vanaf=vanaf, naar="0166", verlaag=True)
    if soort == "contract":
        wijze = Contractwijziging(vanaf=vanaf, aanbieder="70000001", verlaag=True)
    found = planned(wijze, was, VANDAAG)
    if found.bezwaar is not None:
        assert (was.einddatum or vanaf) < vanaf or whole(was) == 0
        return
    assert found.versie is not None
    assert found.nieuw is not None
    left = 0 if found.versie.is_verwijderd else whole(found.versie)
    assert whole(was) == left + whole(found.nieuw)
    worth = waarde_of(wijze, found)
    assert whole(was) == sum(worth.voor.values()) == sum(worth.na.values())
    assert whole(found.nieuw) == sum(worth.elders.values())


@given(
    assignments(),
    DAGEN,
    st.integers(-5_000, 5_000),
    st.sampled_from(["indexatie", "contract", "verlenging", "herindeling"]),
)
def test_no_day_is_assigned_twice_or_lost(
    was: ToegewezenProduct, dag: date, basispunten: int, soort: str
) -> None:
    wijzen: dict[str, Wijze] = {
        "indexatie": Indexatie(vanaf=dag, basispunten=basispunten),
        "contract": Contractwijziging(vanaf=dag, productcode="50A01"),
        "verlenging": Verlenging(tot=dag, naar_rato=True),
        "herindeling": Herindeling(vanaf=dag, naar="0166"),
    }
    found = planned(wijzen[soort], was, VANDAAG)
    if found.bezwaar is not None:
        assert (found.versie, found.nieuw) == (None, None)
        return
    assert found.versie is not None
    assert (7, was.ingangsdatum) == (found.versie.toewijzingnummer, found.versie.ingangsdatum)
    assert found.versie.reden_wijziging is not None
    assert days_of(found) >= days(was.ingangsdatum, was.einddatum or VANDAAG)
    if found.nieuw is not None:
        assert found.nieuw.reden_wijziging is None
        assert max(dag, was.ingangsdatum) == found.nieuw.ingangsdatum
        if not found.versie.is_verwijderd:
            assert found.versie.einddatum == found.nieuw.ingangsdatum - DAG
    elif soort == "verlenging":
        assert found.versie.einddatum == dag


def days_of(found: Gepland) -> int:
    parts = [one for one in (found.versie, found.nieuw) if one and not one.is_verwijderd]
    return sum(days(one.ingangsdatum, one.einddatum or VANDAAG) for one in parts)


@given(assignments(total=True), DAGEN, st.integers(0, 5_000))
def test_an_indexation_touches_only_the_days_from_its_own(
    was: ToegewezenProduct, vanaf: date, basispunten: int
) -> None:
    found = planned(Indexatie(vanaf=vanaf, basispunten=basispunten), was, VANDAAG)
    if found.versie is None:
        return
    raised = whole(found.versie) - whole(was)
    most = whole(was) * basispunten / 10_000
    share = days(max(vanaf, was.ingangsdatum), was.einddatum or VANDAAG) / days(
        was.ingangsdatum, was.einddatum or VANDAAG
    )
    assert abs(raised - most * share) <= 1


@given(assignments(total=True), st.integers(0, 10**9), BEDRAGEN)
def test_nothing_goes_below_what_was_granted_whoever_agrees(
    was: ToegewezenProduct, now: int, granted: int
) -> None:
    name = "budget" if was.budget is not None else "volume"
    wordt = was._replace(**{name: now})
    stand = Stand(volume=granted, bedrag=granted)
    agreed = [Instemming(7, wat, VANDAAG) for wat in WAT]
    past = Verleden(stand={7: stand}, instemmingen={7: agreed})
    found = list(reductions([("$", wordt)], {7: was}))
    assert bool(found) == (now < whole(was))
    refused = list(forbidden(found, past, VANDAAG))
    assert (
        [] == refused
        if now >= min(granted, whole(was))
        else ["UP031"] == [one.rule for one in refused]
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        # 53 weeks of 2026 of 3 hours, at 60,00 an hour.
        ({"eenheid": "04", "frequentie": "2"}, 954_000),
        # 53 weeks of 3 minutes, at 60,00 an hour: 1,00 a minute.
        ({"eenheid": "01", "frequentie": "2"}, 15_900),
        ({"eenheid": "04", "frequentie": "4"}, 216_000),
        # A price for something else tells nothing.
        ({"eenheid": "16", "frequentie": "2"}, None),
        ({"eenheid": "04", "frequentie": "2", "productcode": "45A05"}, None),
    ],
)
@pytest.mark.parametrize("einddatum", [date(2026, 12, 31), None])
def test_an_assignment_is_worth_what_commitments_count(
    changes: Mapping[str, Any], expected: int | None, einddatum: date | None
) -> None:
    given_ = {"productcode": "45A04", "volume": 3, **changes}
    one = toewijzing(7, ingangsdatum=date(2026, 1, 1), einddatum=einddatum, **given_)
    wijze = Contractwijziging(vanaf=date(2026, 1, 1), productcode="45A04", teller=2)
    found = waarde_of(wijze, planned(wijze, one, VANDAAG))
    assert (expected is not None, expected or 0) == (found.is_bekend, sum(found.voor.values()))


def test_only_a_month_that_changes_needs_a_price() -> None:
    """What was paid before the price list began is the same on both sides."""
    dag = date(2026, 1, 1)
    prijzen = Prijzen(index([overeenkomst(replace(UUR, vanaf=dag), peildatum="productperiode")]))
    one = toewijzing(
        7, ingangsdatum=date(2025, 1, 1), einddatum=None, volume=3, eenheid="04", frequentie="4"
    )
    for vanaf, is_known in ((dag, True), (date(2025, 12, 31), False)):
        wijze = Contractwijziging(vanaf=vanaf, teller=2)
        waardering = Waardering(prijzen, wijze, "0193", "jeugdwet", date(2026, 12, 31))
        found = waardering.of(planned(wijze, one, VANDAAG))
        assert (is_known, {2026: 216_000}) == (found.is_bekend, per_year(found.voor))
        assert {2026: 432_000} == per_year(found.na)


def test_what_begins_after_the_year_that_is_counted_counts_its_own_first_year() -> None:
    one = toewijzing(7, ingangsdatum=date(2028, 7, 1), einddatum=None, **PER_MAAND)
    wijze = Indexatie(vanaf=date(2026, 7, 1), basispunten=1_000)
    found = waarde_of(wijze, planned(wijze, one, VANDAAG))
    assert ({2028: 6_000}, {2028: 6_600}) == (per_year(found.voor), per_year(found.na))


@pytest.mark.parametrize(
    "wijze",
    [
        Indexatie(vanaf=VANDAAG, basispunten=-125, afronding=100),
        Contractwijziging(vanaf=VANDAAG, reden="10", eenheid="01", teller=60),
        Verlenging(tot=VANDAAG, naar_rato=True),
        Herindeling(vanaf=VANDAAG, naar="0166"),
    ],
    ids=soort_of,
)
def test_a_way_of_changing_is_read_back_as_it_was_kept(wijze: Wijze) -> None:
    assert wijze == read_wijze(msgspec.json.encode(wijze))


def test_an_amount_is_rounded_as_was_chosen() -> None:
    was = toewijzing(
        7,
        ingangsdatum=date(2026, 1, 1),
        einddatum=date(2026, 12, 31),
        volume=None,
        eenheid=None,
        frequentie=None,
        budget=123_449,
    )
    for afronding, expected in ((1, 127_152), (100, 127_200), (500, 127_000), (10_000, 130_000)):
        wijze = Indexatie(vanaf=date(2026, 1, 1), basispunten=300, afronding=afronding)
        found = planned(wijze, was, VANDAAG)
        assert found.versie is not None
        # 3% of 1.234,49 is 37,0347: on the cent 1.271,52.
        assert expected == found.versie.budget


@example(14_444, 350, 100)
@given(BEDRAGEN, st.integers(-5_000, 5_000), st.sampled_from([1, 5, 10, 100, 2_500]))
def test_an_indexed_amount_is_the_nearest_of_those_that_were_chosen(
    budget: int, basispunten: int, afronding: int
) -> None:
    no_omvang = dict.fromkeys(("volume", "eenheid", "frequentie"))
    was = toewijzing(7, ingangsdatum=VANDAAG, einddatum=VANDAAG, budget=budget, **no_omvang)
    wijze = Indexatie(vanaf=VANDAAG, basispunten=basispunten, afronding=afronding)
    versie = planned(wijze, was, VANDAAG).versie
    after = budget if versie is None else versie.budget or 0
    off = Fraction(budget * (10_000 + basispunten), 10_000) - after
    # 144,44 with 3,5% is 149,4954: in whole euros 149, also where that is 149,50 in cents.
    assert -Fraction(afronding, 2) <= off < Fraction(afronding, 2)

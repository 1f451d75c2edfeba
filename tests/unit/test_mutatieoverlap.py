"""A batch may not put a product twice into a 301 for one day: who of a client is refused."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from gateway.ledger.mutaties.plan import Gepland
from gateway.records.toewijzing import ToegewezenProduct
from gateway.store.mutaties.weigeren import Situatie, overlapping

VANDAAG, JULI = date(2026, 3, 1), date(2026, 7, 1)


def product(nummer: int, code: str | None, **changes: Any) -> ToegewezenProduct:
    """A year of care, under the Jeugdwet unless the category is another."""
    given: dict[str, Any] = dict.fromkeys(ToegewezenProduct._fields)
    given |= {"toewijzingnummer": nummer, "productcode": code, "productcategorie": "45"}
    given |= {"ingangsdatum": date(2026, 1, 1), "einddatum": date(2026, 12, 31)}
    return ToegewezenProduct(**(given | changes))


def to(nummer: int, code: str, naar: str, **changes: Any) -> Gepland:
    """An assignment that goes on as another product from July."""
    was = product(nummer, code)
    ends = was._replace(einddatum=date(2026, 6, 30))
    goes_on = was._replace(toewijzingnummer=0, productcode=naar, ingangsdatum=JULI)
    return Gepland(was, ends, goes_on, **changes)


def refused(situatie: Situatie, wet: str = "jeugdwet", **before: Any) -> set[int]:
    return set(overlapping(situatie, wet, before.get("refused", {})))


def test_what_does_not_overlap_goes() -> None:
    hier = [product(9, "45A05", einddatum=date(2026, 6, 30))]
    assert set() == refused(Situatie(VANDAAG, [to(1, "45A04", "45A05")], hier))


def test_one_that_follows_into_another_is_refused() -> None:
    assert {1} == refused(Situatie(VANDAAG, [to(1, "45A04", "45A05")], [product(9, "45A05")]))


def test_two_that_become_the_same_are_both_refused() -> None:
    plans = [to(1, "45A04", "45A05"), to(2, "45A03", "45A05"), to(3, "45A06", "45A07")]
    assert {1, 2} == refused(Situatie(VANDAAG, plans))


def test_places_may_be_changed_when_both_go_and_not_when_one_stays() -> None:
    """1 would free what 2 becomes; as 1 is refused for another reason, 2 is too."""
    plans = [to(1, "45A04", "45A05"), to(2, "45A03", "45A04")]
    assert set() == refused(Situatie(VANDAAG, plans))
    assert {2} == refused(Situatie(VANDAAG, plans), refused={1: ("UP031", "")})


def test_what_is_refused_and_over_is_in_no_message() -> None:
    over = product(1, "45A04", einddatum=date(2026, 2, 1))
    plans = [Gepland(over), to(2, "45A03", "45A04")]
    assert set() == refused(Situatie(VANDAAG, plans), refused={1: ("", "")})


def test_where_others_overlapped_already_nothing_of_the_client_goes() -> None:
    hier = [product(8, "45A09"), product(9, "45A09")]
    assert {1} == refused(Situatie(VANDAAG, [to(1, "45A04", "45A05")], hier))


def test_a_change_that_ends_an_overlap_goes() -> None:
    was = product(1, "45A09")
    plans = [Gepland(was, was._replace(einddatum=date(2026, 1, 1), reden_wijziging="13"))]
    assert set() == refused(Situatie(VANDAAG, plans, [product(9, "45A09")]))


def test_elsewhere_counts_what_is_there_and_a_number_is_no_name() -> None:
    """The other municipality may have an assignment under the same number."""
    plans = [to(1, "45A04", "45A05", gemeente="0166"), to(2, "45A03", "45A06", gemeente="0166")]
    assert {1} == refused(Situatie(VANDAAG, plans, [], [product(2, "45A05")]))
    assert set() == refused(Situatie(VANDAAG, plans, [product(9, "45A05")]))


def test_what_comes_there_from_a_third_counts_too() -> None:
    """Assignments at two parties go on as the same at one, in one batch."""
    beside = Situatie(VANDAAG, [to(1, "45A04", "45A05", aanbieder="99000003")])
    same = to(2, "45A03", "45A05", aanbieder="99000003")
    beside.take_in(same, is_refused=True, is_there=False)
    assert set() == refused(beside)
    beside.take_in(same, is_refused=False, is_there=False)
    assert {1} == refused(beside)


def test_a_clash_elsewhere_that_is_not_from_here_holds_nothing_up_here() -> None:
    own = Situatie(VANDAAG, [to(1, "45A04", "45A06", aanbieder="99000003")])
    own.elders.append(product(9, "45A05"))
    own.take_in(to(2, "45A03", "45A05", aanbieder="99000003"), is_refused=False, is_there=False)
    assert set() == refused(own)


def test_what_the_batch_makes_free_there_is_free() -> None:
    own = Situatie(VANDAAG, [to(1, "45A04", "45A05", aanbieder="99000003")])
    there = to(9, "45A05", "45A06")
    own.take_in(there, is_refused=False, is_there=True)
    assert set() == refused(own)
    own.take_in(there, is_refused=True, is_there=True)
    assert {1} == refused(own)


@pytest.mark.parametrize(("wet", "found"), [("wmo", set()), ("jeugdwet", {1})])
def test_one_can_need_two_aids(wet: str, found: set[int]) -> None:
    plan = to(1, "12004", "12005")
    aids = {"productcategorie": "12"}
    plan = Gepland(*(one and one._replace(**aids) for one in plan[:3]))  # type: ignore[arg-type]
    assert found == refused(Situatie(VANDAAG, [plan], [product(9, "12005", **aids)]), wet)

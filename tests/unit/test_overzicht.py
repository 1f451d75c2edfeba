"""The statement line by line: what each amount is, and that the parts are the whole."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.ledger.overzicht import (
    BETAALD,
    ONDERWEG,
    TERUG,
    VERREKEND,
    Betaling,
    Overzichtregel,
    sum_of,
)
from gateway.ledger.verhaal import Boekregel, stories
from tests.properties.profiel import examples
from tests.unit.test_verhaal import credit, line

PAID, BACK = date(2025, 6, 1), date(2025, 5, 20)


def shown(*lines: Boekregel, betaling: Betaling | None = None) -> list[Overzichtregel]:
    return [Overzichtregel(one, betaling) for one in stories(lines)]


def test_a_granted_line_that_was_credited_keeps_its_amount_and_names_what_was_taken_back() -> None:
    first, second = shown(line(1), credit(2, "R1"))
    assert (50000, 50000, 0, -50000) == (
        first.ingediend,
        first.toegekend,
        first.afgewezen,
        first.gecrediteerd,
    )
    assert (-50000, -50000, 0) == (second.ingediend, second.toegekend, second.gecrediteerd)
    assert 0 == sum_of([first, second]).toegekend


def test_a_rejected_line_and_one_that_waits_were_asked_for_and_not_granted() -> None:
    waits = line(2, toegekend=False)._replace(wacht=True)
    one, two = shown(line(1, toegekend=False), waits)
    assert (50000, 0, 50000, 0) == (one.ingediend, one.toegekend, one.afgewezen, one.wacht)
    assert (50000, 0, 0, 50000) == (two.ingediend, two.toegekend, two.afgewezen, two.wacht)


@pytest.mark.parametrize(
    ("betaling", "sinds", "betaald"),
    [
        (Betaling("B1", 50000, BETAALD, PAID), PAID, 50000),
        (Betaling("B1", 50000, BETAALD, PAID, BACK, "B2"), PAID, 50000),
        (Betaling("B1", 50000, VERREKEND, PAID), PAID, 50000),
        (Betaling("B1", 50000), None, 0),
        (Betaling("B1", 50000, ONDERWEG, None, BACK, "B2"), None, 0),
        (Betaling("B1", 50000, TERUG, None, BACK), BACK, 0),
    ],
)
def test_only_what_was_paid_for_good_is_paid(
    betaling: Betaling, sinds: date | None, betaald: int
) -> None:
    (one,) = shown(line(1), betaling=betaling)
    assert (sinds, betaald) == (betaling.sinds, one.betaald)


LINES = st.lists(
    st.tuples(
        st.integers(1, 100_000),
        st.sampled_from(["D", "C"]),
        st.sampled_from(["toegekend", "afgewezen", "wacht"]),
    ),
    max_size=20,
)


@examples(60)
@given(LINES)
def test_what_is_asked_is_granted_rejected_or_waits_to_the_cent(lines: list[Any]) -> None:
    made = [
        line(
            number,
            toegekend=state == "toegekend",
            ingediend_bedrag=amount,
            debet_credit=kind,
            vorig_referentienummer=f"R{number - 1}" if kind == "C" else None,
        )._replace(wacht=state == "wacht")
        for number, (amount, kind, state) in enumerate(lines, start=1)
    ]
    som = sum_of(shown(*made))
    assert som.ingediend == som.toegekend + som.afgewezen + som.wacht
    assert len(lines) == som.regels

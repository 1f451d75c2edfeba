"""What a replay adds up: the same however it is added, or nothing at all."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cli.replay import period_of
from gateway.errors import CouldNotFinish, WrongUse
from gateway.pipeline.effect import Celsleutel, Effect, Telling, together
from gateway.pipeline.ports import Partijen
from gateway.pipeline.replay import repriced
from tests.checks.bouw import prijs
from tests.rules.bouw import record

CENTS = st.integers(-1_000_000, 1_000_000)
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["11111111", "22222222"]),
        st.sampled_from(["0193", "0150"]),
        st.sampled_from(["licht", "zwaar"]),
        st.builds(Telling, st.integers(0, 9), st.integers(0, 9), CENTS, CENTS, CENTS),
    )
)


def effect_of(rows: list[tuple[str, str, str, Telling]]) -> Effect:
    effect = Effect()
    for aanbieder, gemeente, mate, row in rows:
        effect.add(Partijen(gemeente, "wmo", aanbieder), row)
        effect.of_cel(Celsleutel("proef", mate, (("intensiteit", mate),))).add(row)
        effect.opgeslagen += row.voor
    return effect


@given(ROWS)
def test_every_way_of_adding_up_gives_the_total(
    rows: list[tuple[str, str, str, Telling]],
) -> None:
    effect = effect_of(rows)
    effect.reconcile()
    assert effect.totaal == together(effect.dimensies().values())
    assert effect.totaal.verschil == effect.totaal.na - effect.totaal.voor


@pytest.mark.parametrize("groep", ["aanbieders", "gemeenten", "cellen"])
def test_a_cent_that_gets_lost_stops_the_report(groep: str) -> None:
    effect = effect_of([("11111111", "0193", "licht", Telling(1, 0, 100, 100, 100))])
    next(iter(getattr(effect, groep).values())).na += 1
    with pytest.raises(CouldNotFinish, match="sluit niet aan"):
        effect.reconcile()


def test_what_the_store_says_was_granted_counts_too() -> None:
    effect = effect_of([("11111111", "0193", "licht", Telling(1, 0, 100, 100, 100))])
    effect.opgeslagen += 1
    with pytest.raises(CouldNotFinish, match="opslag"):
        effect.reconcile()


OLD = {"soort": "pxq", "eenheid": "04", "bedrag": 50}
THREE = {"geleverd_volume": 3, "ingediend_bedrag": 150}
TRAJECT = {"soort": "traject", "eenheid": "83"}
EURO = {"eenheid": "83", "geleverd_volume": 500, "producttarief": "", "ingediend_bedrag": 500}


@pytest.mark.parametrize(
    ("line", "voor", "na", "expected"),
    [
        # volume times the new price, whatever the line asked for
        (THREE, OLD, {"bedrag": 60}, 180),
        # the price stays the same: so does the amount, also where it was another one
        ({**THREE, "ingediend_bedrag": 147}, OLD, {"bedrag": 50}, 147),
        # while the new price is not known the old one is right too, but it costs the new one
        (THREE, OLD, {"bedrag": 60, "juiste": [60, 50], "onbekend": True}, 180),
        # minutes by the price of an hour
        (
            {"eenheid": "01", "geleverd_volume": 90, "ingediend_bedrag": 75},
            OLD,
            {"bedrag": 60},
            90,
        ),
        # half of the old price becomes half of the new one, half a cent up
        (EURO, {**TRAJECT, "bedrag": 1000}, {"bedrag": 1101}, 551),
        # a new cell for a line in euros tells nothing of what part of it the line is
        (EURO, None, {**TRAJECT, "bedrag": 1101}, 500),
        # what has no price per line stays as it is
        (THREE, OLD, {"soort": "taak"}, 150),
    ],
)
def test_a_line_is_repriced(
    line: dict[str, Any], voor: dict[str, Any] | None, na: dict[str, Any], expected: int
) -> None:
    debet = record("prestatie", {"volgnr": 1, "eenheid": "04", **line})
    old = None if voor is None else prijs(voor)
    new = prijs({**(voor or {}), **na})
    assert expected == repriced(debet, old, new)
    assert -expected == repriced(debet._replace(debet_credit="C"), old, new)


@pytest.mark.parametrize(
    ("text", "begin", "eind"),
    [
        ("2025", date(2025, 1, 1), date(2025, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2025-01..2025-06", date(2025, 1, 1), date(2025, 6, 30)),
        ("2024..2025", date(2024, 1, 1), date(2025, 12, 31)),
        ("2024-11..2025", date(2024, 11, 1), date(2025, 12, 31)),
    ],
)
def test_a_period_is_whole_months(text: str, begin: date, eind: date) -> None:
    assert (begin, eind) == period_of(text)


@pytest.mark.parametrize(
    "text",
    ["", "25", "2025-00", "2025-13", "2025-1", "2025-02..2025-01", "0000", "2025-01-01", "²025"],
)
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(WrongUse, match="--period"):
        period_of(text)

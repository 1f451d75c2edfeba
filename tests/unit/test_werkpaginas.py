"""What pages are laid out by: amounts and dates in an address, charts, timelines and files."""

from __future__ import annotations

from datetime import date

import pytest

from gateway.errors import WrongUse
from gateway.store.werk.voorraad import Filter
from gateway.web.pages.grafiek import BREED, HOOG, ONDER, grafiek
from gateway.web.pages.tijdlijn import LINKS, Strook, tijdlijn
from gateway.web.pages.zoekvelden import cents, zoekvraag
from gateway.web.uitvoer import Bedrag, as_csv


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1.234,50", 123450), ("1234,5", 123450), ("0", 0), ("€ 12", 1200), ("1.234.567", 123456700)],
)
def test_amounts_are_read_as_people_write_them(text: str, expected: int) -> None:
    assert expected == cents(text)


@pytest.mark.parametrize("text", ["1,234.50", "12.5", "1.23,4", "-5", "", "1e5", "1,234", "9" * 16])
def test_any_other_amount_is_refused(text: str) -> None:
    with pytest.raises(WrongUse):
        cents(text)


def test_a_filter_is_read_from_its_address_and_written_back() -> None:
    vraag = zoekvraag(
        {"gemeente": "0193", "vanaf": "100", "eigenaar": "mij", "na": "x", "wet": " "}, "anna"
    )
    assert Filter(gemeente="0193", vanaf=10000, eigenaar="anna") == vraag.filter
    assert "/w?gemeente=0193&vanaf=100&eigenaar=mij&volgorde=termijn" == vraag.naar(
        "/w", volgorde="termijn"
    )
    assert "/w?gemeente=0193&vanaf=100" == vraag.naar("/w", eigenaar=None)
    assert "" == zoekvraag({"eigenaar": "niemand"}, "anna").filter.eigenaar


def test_bars_stand_on_each_other_within_the_drawing() -> None:
    made = grafiek("Jeugdwet", [("mei 2026", 800_00, 200_00), ("juni 2026", 0, -5_00)], 900_00)
    first, second = made.staven
    assert (HOOG - ONDER, HOOG - ONDER) == (
        first.toegekend_y + first.toegekend_hoog,
        second.toegekend_y,
    )
    assert first.toegekend_y == pytest.approx(first.afgewezen_y + first.afgewezen_hoog)
    assert first.afgewezen_hoog == pytest.approx(first.toegekend_hoog / 4, abs=0.2)
    assert (0, 0) == (second.toegekend_hoog, second.afgewezen_hoog)
    assert first.afgewezen_y >= 0
    assert second.x + second.breed <= BREED
    assert made.plafond_y is not None
    assert first.afgewezen_y < made.plafond_y < first.toegekend_y


def test_a_ceiling_far_above_the_bars_is_told_and_not_drawn() -> None:
    made = grafiek("Wmo", [("mei 2026", 100_00, 0)], 1_000_000_00)
    assert (1_000_000_00, None) == (made.plafond, made.plafond_y)
    assert () == tuple(grafiek("Wmo", []).staven)


def test_a_timeline_keeps_its_rows_in_order_and_its_days_in_proportion() -> None:
    made = tijdlijn(
        [
            Strook("Toewijzing", date(2026, 1, 1), None, "toewijzing"),
            Strook("Regel", date(2026, 3, 1), date(2026, 3, 31), "regel"),
            Strook("Start", date(2026, 1, 5), date(2026, 1, 5), "start"),
        ]
    )
    assignment, line, start = made.stroken
    assert ["Toewijzing", "Regel", "Start"] == [one.strook.naam for one in made.stroken]
    assert assignment.loopt_door
    assert start.is_moment
    assert LINKS <= assignment.x < start.x < line.x
    assert assignment.breed > 3 * line.breed
    assert all(one.x + one.breed <= made.breed for one in made.stroken)
    assert "jan 2026" == made.maanden[0][1]


def test_nothing_in_a_file_is_worked_out_by_a_spreadsheet() -> None:
    body = as_csv(("a", "b"), [("=1+1", Bedrag(-123456)), ("@x;y", None), ("gewoon", 7)])
    assert [
        "a;b",
        "'=1+1;-1234,56",
        '"\'@x;y";',
        "gewoon;7",
    ] == body.decode("utf-8-sig").splitlines()

"""The page of faults names every case, and no test that is not there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "fouten.md"
CASES = set(range(1, 76))
NUMBERED = re.compile(r"^def (test_((?:\d\d_)+)\w+)\(", re.M)
ROW = re.compile(r"^\| (\d+) \|(.*)\|$", re.M)
NAMED = re.compile(r"`(test_\w+)`")


def shown() -> dict[int, list[str]]:
    """The tests that the page names per case."""
    rows = ROW.findall(PAGE.read_text(encoding="utf-8"))
    return {int(number): NAMED.findall(told) for number, told in rows}


def written(folder: Path) -> str:
    """The text of all tests in a folder and below it."""
    return "\n".join(path.read_text(encoding="utf-8") for path in folder.rglob("test_*.py"))


def test_every_case_is_on_the_page_with_a_test() -> None:
    assert sorted(CASES) == list(shown())
    assert [] == [number for number, tests in shown().items() if not tests]


def test_the_page_names_no_test_that_is_not_there() -> None:
    there = set(re.findall(r"^def (test_\w+)\(", written(ROOT / "tests"), re.M))
    assert set() == {one for tests in shown().values() for one in tests} - there


def test_every_test_with_a_number_is_on_the_page_under_it() -> None:
    numbered = NUMBERED.findall(written(ROOT / "tests" / "faults"))
    assert len(numbered) > 20
    on_page = shown()
    missing = [
        (name, number)
        for name, numbers in numbered
        for number in map(int, numbers.strip("_").split("_"))
        if name not in on_page.get(number, [])
    ]
    assert [] == missing


@pytest.mark.parametrize("number", sorted(CASES))
def test_a_number_stands_for_one_row(number: int) -> None:
    assert 1 == len(re.findall(rf"^\| {number} \|", PAGE.read_text(encoding="utf-8"), re.M))

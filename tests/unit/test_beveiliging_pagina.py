"""The page of security has every demand of the list, and names what is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "beveiliging.md"
DEMANDS = [*range(1, 49)]
ROW = re.compile(r"^\| (\d+) \| [^|]+ \| ([^|]+) \| ([^|]+) \|$", re.M)
NAMED = re.compile(r"`([^`]+)`")


def rows() -> list[tuple[int, list[str], list[str]]]:
    """Of each demand the places and the tests that the page names."""
    found = ROW.findall(PAGE.read_text(encoding="utf-8"))
    return [(int(nr), NAMED.findall(where), NAMED.findall(tests)) for nr, where, tests in found]


def test_every_demand_has_a_place_and_a_test() -> None:
    assert DEMANDS == [number for number, _, _ in rows()]
    assert [] == [number for number, where, tests in rows() if not where or not tests]


def test_the_page_names_nothing_that_is_not_there() -> None:
    written = "\n".join(
        path.read_text(encoding="utf-8") for path in ROOT.rglob("tests/**/test_*.py")
    )
    there = set(re.findall(r"^def (test_\w+)\(", written, re.M))
    assert set() == {one for _, _, tests in rows() for one in tests} - there
    places = {one for _, where, _ in rows() for one in where}
    assert set() == {
        one
        for one in places
        if not any((root / one).is_file() for root in (ROOT / "gateway", ROOT))
    }

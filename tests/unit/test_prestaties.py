"""What is told of the figures is what was measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.beurten import in_turns, medians
from tests.benchmarks.bladzijde import (
    FIGURES,
    LARGE,
    PAGE,
    PLOT,
    PROMISES,
    figures_page,
    large_page,
    plot_of,
    promises_page,
)
from tests.benchmarks.verslag import (
    NIET_GEMETEN,
    Eis,
    Verslag,
    cijfer_rijen,
    getal,
    read_eisen,
    read_verslag,
)

LAGER = Eis(sleutel="a", naam="A", eenheid="ms", moet=50, streef=20, beter="lager")
HOGER = Eis(sleutel="b", naam="B", eenheid="×", moet=20, streef=50, beter="hoger")


def test_the_pages_and_the_plot_tell_the_figures_that_stand_beside_them() -> None:
    verslag, eisen = read_verslag(FIGURES), read_eisen()
    assert figures_page(verslag, eisen) == PAGE.read_text(encoding="utf-8")
    assert large_page(verslag) == LARGE.read_text(encoding="utf-8")
    assert promises_page(verslag, eisen) == PROMISES.read_text(encoding="utf-8")
    assert plot_of(verslag, eisen) == PLOT.read_text(encoding="utf-8")


def test_another_figure_makes_another_page_and_another_plot() -> None:
    verslag, eisen = read_verslag(FIGURES), read_eisen()
    verslag.cijfer(eisen[0].sleutel, 1.23)
    assert f"| {eisen[0].naam} | 1,23 × |" in figures_page(verslag, eisen)
    assert "1,23 ×" in plot_of(verslag, eisen)


def test_every_figure_of_the_page_has_a_must() -> None:
    assert set() == set(read_verslag(FIGURES).cijfers) - {one.sleutel for one in read_eisen()}


@pytest.mark.parametrize(
    ("eis", "waarde", "oordeel"),
    [
        (LAGER, 20, "streefwaarde"),
        (LAGER, 50, "ja"),
        (LAGER, 50.1, "nee"),
        (HOGER, 50, "streefwaarde"),
        (HOGER, 20, "ja"),
        (HOGER, 19.9, "nee"),
        (HOGER, None, NIET_GEMETEN),
    ],
)
def test_a_figure_is_held_against_its_must(eis: Eis, waarde: float | None, oordeel: str) -> None:
    assert oordeel == eis.oordeel(waarde)


def test_what_was_not_measured_is_told() -> None:
    verslag = Verslag("kort")
    verslag.cijfer("a", 12.5)
    expected = [
        ("A", "12,5 ms", "≤ 50 ms", "≤ 20 ms", "streefwaarde"),
        ("B", "-", "≥ 20 ×", "≥ 50 ×", NIET_GEMETEN),
    ]
    assert expected == cijfer_rijen(verslag, [LAGER, HOGER])


def test_figures_are_read_as_they_were_written(tmp_path: Path) -> None:
    verslag = Verslag("kort", "2026-01-01", "twee kernen", {"a": 1.5})
    verslag.detail("groep", "wat", 2.0, "ms")
    verslag.write(tmp_path / "nieuw" / "cijfers.json")
    assert verslag == read_verslag(tmp_path / "nieuw" / "cijfers.json")


def test_what_is_measured_again_takes_the_place_of_what_was_there() -> None:
    verslag = Verslag("kort")
    for groep, waarde in (("a", 1.0), ("b", 2.0), ("a", 3.0)):
        verslag.detail(groep, "wat", waarde, "ms")
    assert [("a", 3.0), ("b", 2.0)] == [(one.groep, one.waarde) for one in verslag.details]
    assert 3.0 == verslag.waarde("a", "wat")


@pytest.mark.parametrize(
    ("waarde", "text"), [(1234.5, "1.234"), (100, "100"), (12.34, "12,3"), (2.0, "2"), (0.5, "0,5")]
)
def test_a_number_is_written_with_the_digits_that_say_something(waarde: float, text: str) -> None:
    assert text == getal(waarde)


def test_ways_are_measured_in_turns() -> None:
    told: list[str] = []
    ways = {name: lambda n, own=name: told.append(f"{own}{n}") or float(n) for name in "ab"}
    assert {"a": [0.0, 1.0, 2.0], "b": [0.0, 1.0, 2.0]} == in_turns(3, ways)
    assert ["a0", "b0", "a1", "b1", "a2", "b2"] == told
    assert {"a": 1.0, "b": 1.0} == medians(3, ways)

"""The conformance matrix has no empty cell for what is handled, and the page says what it says."""

from __future__ import annotations

import pytest

from gateway.cli.rules import conformance
from gateway.pipeline.process import HANDLERS
from gateway.rules.matrix import Vak
from tests.unit.regels_pagina import TARGET, text

MATRIX = conformance()


@pytest.mark.parametrize("nummer", sorted(HANDLERS))
def test_no_cell_of_a_handled_message_is_empty(nummer: str) -> None:
    vakken = [one for one in MATRIX if one.bericht == nummer]
    assert vakken
    assert [] == [f"{one.code} {one.wet}" for one in vakken if one.is_empty]


def test_every_rule_that_is_judged_on_a_heenbericht_has_a_retourcode() -> None:
    judged = [one for one in MATRIX if one.level > 1 and one.bericht != "325"]
    assert [] == [one.code for one in judged if not one.retourcodes]


def test_a_cell_without_a_function_or_a_case_is_empty() -> None:
    whole = Vak("TR307", "323", "wmo", 3, ("9307",), "prestatie_periode.x", 1, 1)
    assert not whole.is_empty
    for missing in ((None, 1, 1), ("x", 0, 1), ("x", 1, 0)):
        assert Vak("TR307", "323", "wmo", 3, ("9307",), *missing).is_empty


def test_the_page_of_the_rules_is_what_the_tests_give() -> None:
    """Run `make cases` and `make pages` after adding a case."""
    assert text() == TARGET.read_text(encoding="utf-8")

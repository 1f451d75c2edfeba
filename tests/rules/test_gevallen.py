"""The numbers of cases that `gateway rules` shows are those of the case files."""

from __future__ import annotations

import tomllib

from tests.rules.gevallen import TARGET, counted


def test_the_counts_that_users_see_are_those_of_the_case_files() -> None:
    """Run `make cases` after adding a case."""
    assert TARGET.read_text(encoding="utf-8") == counted()


def test_every_rule_has_cases_on_both_sides() -> None:
    """A rule that is only shown on one side is not shown."""
    cases = tomllib.loads(counted())
    assert [c for c, n in cases.items() if not n["positive"] or not n["negative"]] == []

"""Runs every case file of a rule that has a function."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from gateway.rules.registry import judge, load_rules
from tests.rules.bouw import build

HERE = Path(__file__).parent
RULES = load_rules()
# Of what people read; a date to be filled in in a message is told as it has to stand there.
DAG_VAN_MACHINE = re.compile(r"\d{4}-\d{2}-\d{2}")
FILLED_IN = {"CS139"}


def cases() -> list[Any]:
    """Every case of every file that belongs to a registered rule."""
    found = []
    for code in sorted(RULES):
        path = HERE / f"{code}.toml"
        if not path.exists():
            continue
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        for case in document["case"]:
            name = f"{code} {case['name']}"
            found.append(pytest.param(code, document["batch"], case, id=name))
    return found


@pytest.mark.parametrize(("code", "batch", "case"), cases())
def test_a_rule_finds_exactly_the_offenders_that_its_case_names(
    code: str, batch: str, case: dict[str, Any]
) -> None:
    """`offends` is false, true (one), a number, or the references or paths of the offenders."""
    given = dict(case)
    given.pop("name")
    expected, text = given.pop("offends"), given.pop("text", None)
    findings = list(judge(build(given.pop("batch", batch), given), [RULES[code]]))
    if isinstance(expected, list):
        assert [f.reference or f.path for f in findings] == expected
    else:
        assert len(findings) == int(expected)
    if text is not None:
        assert [f.text for f in findings] == [text] * len(findings)
    for one in findings:
        told = f"{one.text} {one.found} {one.expected}"
        assert "99990" not in told
        assert code in FILLED_IN or DAG_VAN_MACHINE.search(told) is None


@pytest.mark.parametrize("code", sorted(RULES))
def test_every_rule_shows_both_sides(code: str) -> None:
    """A rule without a case that offends, or without one that does not, proves nothing."""
    document = tomllib.loads((HERE / f"{code}.toml").read_text(encoding="utf-8"))
    sides = {bool(case["offends"]) for case in document["case"]}
    assert sides == {True, False}

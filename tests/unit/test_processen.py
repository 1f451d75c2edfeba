"""The rules for people and processes: who or what sees to each, and that it exists."""

from __future__ import annotations

import importlib
from functools import reduce
from pathlib import Path

import pytest

from gateway.errors import WrongUse
from gateway.periods.termijnen import read_termijnen
from gateway.rules.catalogus import read_catalogus, read_processen

PROJECT = Path(__file__).parents[2]
MAPPINGS = PROJECT / "mappings"
# Every code of the standard, of all seven series.
CODES = (PROJECT / "tests/standard/regelcodes.txt").read_text(encoding="utf-8").split()
TERMIJNEN = read_termijnen(MAPPINGS)
PROCESSEN = read_processen(MAPPINGS, TERMIJNEN)
NIET_SOFTWARE = 40
FOR_PEOPLE = ("OP", "IV", "UP")


def test_every_rule_of_the_standard_is_in_one_of_the_tables() -> None:
    expected = {code for code in CODES if code.startswith(FOR_PEOPLE)}
    assert (303, 146) == (len(set(CODES)), len(expected))
    assert expected == PROCESSEN.keys()
    assert set(CODES) - expected == read_catalogus(MAPPINGS).feiten.keys()


def test_no_rule_waits() -> None:
    assert [] == [code for code, one in PROCESSEN.items() if one.nog_niet]


def test_no_more_than_forty_are_not_for_software() -> None:
    assert NIET_SOFTWARE >= len([one for one in PROCESSEN.values() if one.niet_software])


def test_a_rule_on_the_clock_has_a_term_that_is_followed() -> None:
    unfollowed = {code for code, one in TERMIJNEN.items() if one.volgt == "nee"}
    named = {one.klok for one in PROCESSEN.values()} - {None}
    assert set() == named & unfollowed
    assert named == TERMIJNEN.keys() - unfollowed


def resolve(name: str) -> object:
    """What a name below `gateway` stands for; raises when there is no such thing."""
    parts = name.split(".")
    module = importlib.import_module(f"gateway.{parts[0]}.{parts[1]}")
    return reduce(getattr, parts[2:], module)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (c, one.implemented)
        for c, one in PROCESSEN.items()
        if one.implemented not in (None, "schema")
    ],
)
def test_what_a_rule_names_exists(code: str, name: str) -> None:
    assert callable(resolve(name)), code


GOOD = 'statement = "x"\nijw = []\niwmo = []\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[OP001", "dit is geen geldige TOML in UTF-8"),
        ("OP001 = 1", "OP001 heeft statement, ijw en iwmo nodig"),
        (f"[OP001]\n{GOOD}", "OP001 heeft statement, ijw en iwmo nodig, en precies één van"),
        (f'[OP001]\n{GOOD}klok = "retour"\nnog_niet = "x"', "OP001 heeft statement"),
        (f'[OP001]\n{GOOD}klok = "retour"\nextra = 1', "OP001 heeft statement"),
        (f'[OP001]\n{GOOD}klok = "ooit"', "OP001 noemt de termijn ooit, en die bestaat niet"),
    ],
)
def test_a_mistake_is_told_in_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "processen.toml").write_text(text, encoding="utf-8")
    with pytest.raises(WrongUse) as refused:
        read_processen(tmp_path, {"retour"})
    assert str(refused.value).startswith(f"processen.toml: {said}")

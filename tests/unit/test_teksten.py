"""Every retourcode and every check has a text that its reader can act on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.cli.rules import described_rules
from gateway.errors import WrongUse
from gateway.messages.codelijsten import read_codelijsten
from gateway.messages.teksten import Tekst, read_teksten

MAPPINGS = Path(__file__).parents[2] / "mappings"
TEKSTEN = read_teksten(MAPPINGS / "teksten")
ALL = {**TEKSTEN.retourcodes, **TEKSTEN.checks, **TEKSTEN.niveau1}
ENGLISH = re.compile(r"\b(?:the|and|not|with|without|that|who|are|has|have|when|no)\b", re.I)
LONGEST_SENTENCE = 25  # words; what is longer is hard to read at level B1


def english_in(text: str) -> list[str]:
    """The words of a text that only English has."""
    return ENGLISH.findall(text)


def test_every_retourcode_has_a_text() -> None:
    codes = read_codelijsten(MAPPINGS / "codelijsten").lijsten["WJ001"].codes
    assert set(codes) == set(TEKSTEN.retourcodes)


def test_the_catalogue_of_checks_is_complete() -> None:
    numbers = [*range(101, 129), 138, *range(190, 196)]
    assert [f"S{number}" for number in numbers] == sorted(TEKSTEN.checks)


@pytest.mark.parametrize("code", ALL)
def test_a_text_is_made_of_short_sentences(code: str) -> None:
    text = ALL[code]
    for part in (text.wat, text.doe):
        assert re.fullmatch(r"[A-Z].*[.?]", part)
        for sentence in re.split(r"[.?:] ", part):
            assert len(sentence.split()) <= LONGEST_SENTENCE, sentence


def test_every_rule_says_what_it_asks_in_one_dutch_sentence_of_its_own() -> None:
    """A rule without one, and one without a rule, is refused where the rules are read."""
    said = {one["code"]: one["statement"] for one in described_rules()}
    assert 303 == len(said) == len(set(said.values()))
    for code, sentence in said.items():
        assert re.fullmatch(r"[A-Z][^.]*([.][^ ][^.]*)*[.]", sentence), code
        assert LONGEST_SENTENCE >= len(sentence.split()), code
        assert [] == english_in(sentence), code


def test_why_no_software_sees_to_a_rule_is_told_in_dutch() -> None:
    told = [one["niet_software"] for one in described_rules() if one.get("niet_software")]
    assert told
    assert [] == [one for one in told if english_in(one)]


def test_a_text_is_found_by_its_code() -> None:
    assert "De hele declaratie is toegekend." == TEKSTEN.retourcodes["8001"].wat
    assert TEKSTEN.checks["S101"] == TEKSTEN.of("S101")
    assert TEKSTEN.retourcodes["0611"] == TEKSTEN.of("0611")
    assert TEKSTEN.of("TR307") is None
    assert {"XML", "XSD"} == set(TEKSTEN.niveau1)


GOED = '[S101]\nwat = "Dit is er."\ndoe = "Doe dit."\n'


def test_three_files_make_the_texts(tmp_path: Path) -> None:
    for name in ("retourcodes.toml", "niveau1.toml"):
        (tmp_path / name).write_text("", encoding="utf-8")
    (tmp_path / "checks.toml").write_text(GOED, encoding="utf-8")
    assert {"S101": Tekst("Dit is er.", "Doe dit.")} == read_teksten(tmp_path).checks


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[S101", "checks.toml: dit is geen geldige TOML in UTF-8"),
        ("S101 = 1", "checks.toml: S101 heeft een tekst wat"),
        ('[S101]\nwat = "Dit."', "checks.toml: S101 heeft een tekst wat"),
        (GOED + 'meer = "a"', "checks.toml: S101 heeft een tekst wat"),
        (GOED.replace("Doe dit.", " "), "checks.toml: S101 heeft een tekst wat"),
    ],
)
def test_a_mistake_in_a_text_is_told_in_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    for name in ("retourcodes.toml", "niveau1.toml"):
        (tmp_path / name).write_text("", encoding="utf-8")
    (tmp_path / "checks.toml").write_text(text, encoding="utf-8")
    with pytest.raises(WrongUse) as refused:
        read_teksten(tmp_path)
    assert str(refused.value).startswith(said)


def test_texts_that_are_not_there_are_told(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match=r"retourcodes\.toml: dit bestand is niet te lezen"):
        read_teksten(tmp_path)

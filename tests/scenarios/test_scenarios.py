"""Every story, under every law that it is told for, through the command line from end to end."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import etree

from gateway.records.masker import is_bsn
from tests.scenarios import uitkomst
from tests.scenarios.verhaal import Tabel, Verhaal, namen, read

DONE, WITH_FINDINGS = 0, 1
GOOD = {"accepted", "duplicate"}
NINE_DIGITS = re.compile(r"(?<![0-9])[0-9]{9}(?![0-9])")


@pytest.mark.parametrize(("naam", "wet"), namen(), ids=lambda one: one)
def test_story_ends_as_the_standard_prescribes(naam: str, wet: str, tmp_path: Path) -> None:
    verhaal = read(naam, wet)
    out = tmp_path / "out"
    uitkomst.write(verhaal, tmp_path / "in")
    exit_code = uitkomst.process(verhaal, tmp_path / "in", out)
    assert exit_code in (DONE, WITH_FINDINGS)
    outcomes = uitkomst.outcomes(out)
    expected = [uitkomst.expected(verhaal, stap) for stap in verhaal.stappen]
    actual = [
        uitkomst.actual(stap, wanted, outcome, out)
        for stap, wanted, outcome in zip(verhaal.stappen, expected, outcomes, strict=True)
    ]
    assert expected == actual
    assert exit_code == (DONE if {one["verdict"] for one in actual} <= GOOD else WITH_FINDINGS)
    for outcome, found in zip(outcomes, actual, strict=True):
        assert set() == uitkomst.unexplained_codes(outcome, found)
    check_outcomes(verhaal, outcomes)
    check_answers(verhaal, outcomes, tmp_path / "in", out)


def check_outcomes(verhaal: Verhaal, outcomes: list[Tabel]) -> None:
    """What every outcome says of its message, and never a BSN."""
    for stap, outcome in zip(verhaal.stappen, outcomes, strict=True):
        for finding in outcome["findings"]:
            numbers = NINE_DIGITS.findall(" ".join(str(value) for value in finding.values()))
            assert [] == [number for number in numbers if is_bsn(number)]
        if stap.records and outcome["message"] is not None:
            header = stap.one("Header")
            assert [header.afzender, header.ontvanger, header.identificatie, verhaal.wet] == [
                outcome[name] for name in ("sender", "receiver", "identification", "wet")
            ]


def check_answers(verhaal: Verhaal, outcomes: list[Tabel], sent: Path, out: Path) -> None:
    """Every answer obeys its XSD and repeats its heenbericht, and there are no others."""
    named = [outcome["answer"] for outcome in outcomes if outcome["answer"]]
    folder = out / "answers"
    there = {f"answers/{path.name}" for path in folder.iterdir()} if folder.exists() else set()
    assert set(named) == there
    for outcome in outcomes:
        if outcome["answer"] is None:
            continue
        path = out / outcome["answer"]
        assert outcome["file"].rpartition(".")[0] == path.name.split(".")[0]
        uitkomst.schema(path.name.split(".")[1]).assertValid(etree.parse(path))
        if outcome["file"].endswith(".json"):
            continue
        heen = (sent / outcome["file"]).read_bytes()
        assert [] == uitkomst.unlike_heenbericht(heen, path, verhaal.klok.isoformat())

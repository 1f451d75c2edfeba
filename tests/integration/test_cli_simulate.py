"""`gateway simulate`: a region is made, and the judge is scored on what is known of it."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.cli import run

SIZE = "600"


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("simulate") / "regio"
    assert 0 == run(["simulate", "--out", str(folder), "--seed", "71", "--size", SIZE])
    return folder


@pytest.fixture
def part(region: Path, tmp_path: Path) -> Path:
    """The first messages of the region, which are sent before any invoice, with their truth."""
    folder = tmp_path / "deel"
    (folder / "messages").mkdir(parents=True)
    shutil.copytree(region / "agreements", folder / "agreements")
    shutil.copy(region / "clock", folder)
    kept = sorted((region / "messages").iterdir())[:25]
    for path in kept:
        shutil.copy(path, folder / "messages")
    names = {path.name for path in kept}
    write_truth(folder, [one for one in truth_of(region) if one["file"] in names])
    return folder


def truth_of(folder: Path) -> list[dict[str, Any]]:
    lines = (folder / "truth.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def write_truth(folder: Path, truth: list[dict[str, Any]]) -> None:
    lines = "".join(f"{json.dumps(one)}\n" for one in truth)
    (folder / "truth.jsonl").write_text(lines, "utf-8")


def rows_of(screen: str) -> Iterator[list[str]]:
    """The rows of the table: its name, three numbers, precision and recall."""
    for line in screen.splitlines():
        cells = [cell.strip() for cell in line.strip("│ ").split("│")]
        if len(cells) == 6:
            yield cells


def test_a_region_is_a_folder_with_messages_agreements_clock_and_truth(region: Path) -> None:
    assert {"messages", "agreements", "clock", "truth.jsonl"} == {
        path.name for path in region.iterdir()
    }
    assert "2026-07-28" == (region / "clock").read_text("utf-8")
    names = {path.name for path in (region / "messages").iterdir()}
    truth = truth_of(region)
    assert names == {one["file"] for one in truth}
    assert {("file", "reference", "codes", "signals", "rules")} == {tuple(one) for one in truth}


def test_the_judge_says_everything_that_was_planted_and_nothing_else(
    region: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(["simulate", "--score", str(region)])

    screen = capsys.readouterr().out
    assert 0 == code, screen
    rows = list(rows_of(screen))
    assert {("1.000", "1.000")} == {(precision, recall) for *_, precision, recall in rows}
    planted = {name: int(count) for name, count, *_ in rows}
    assert {"CS002", "S105", "TR304 Client", "TR304 Prestatie", "TR418"} < planted.keys()
    assert 0 not in planted.values()
    assert screen.splitlines()[-1] == f"{sum(planted.values())} oordelen, alles goed."


def test_a_judge_that_says_something_else_is_noticed_and_named(
    region: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "anders"
    shutil.copytree(region, folder)
    truth = truth_of(folder)
    wrong = next(one for one in truth if one["rules"] == ["TR418"])
    wrong.update(codes=["9346"], rules=["TR346"])
    write_truth(folder, truth)

    assert 1 == run(["simulate", "--score", str(folder)])

    told = capsys.readouterr().out.splitlines()[-4:]
    where = f"{wrong['file']}, {wrong['reference']}"
    assert sorted(told) == [
        f"{where}: 0611 is ten onrechte gezegd",
        f"{where}: 9346 is niet gezegd",
        f"{where}: TR346 is niet gezegd",
        f"{where}: TR418 is ten onrechte gezegd",
    ]


def test_a_part_of_a_region_has_no_case_of_most_rules(
    part: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert 1 == run(["simulate", "--score", str(part)])

    told = capsys.readouterr().out.splitlines()
    for name in ("TR418", "TR304 Client", "TR304 Prestatie", "CS002", "S105", "S190"):
        assert f"{name}: in deze regio is geen geval ingebouwd" in told
    assert not [line for line in told if line.startswith("TR019: ")]


def test_no_more_than_twenty_differences_are_listed(
    part: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    truth = [{**one, "signals": ["S999"]} for one in truth_of(part)]
    write_truth(part, truth)

    assert 1 == run(["simulate", "--score", str(part)])

    told = capsys.readouterr().out
    assert 20 == told.count("is niet gezegd") + told.count("is ten onrechte gezegd")
    assert "en nog " in told


def test_an_environment_that_would_change_the_judgement_is_left_out(
    part: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEWAY_GEMEENTEN", "0363")

    run(["simulate", "--score", str(part)])

    assert "gezegd" not in capsys.readouterr().out


def test_no_finding_is_told_twice(region: Path, tmp_path: Path) -> None:
    out = tmp_path / "uit"
    arguments = ["process", str(region / "messages"), "--out", str(out)]
    arguments += ["--agreements", str(region / "agreements")]
    arguments += ["--clock", (region / "clock").read_text("utf-8")]
    assert 1 == run(arguments)

    for line in (out / "outcomes.jsonl").read_text("utf-8").splitlines():
        findings = Counter(json.dumps(one) for one in json.loads(line)["findings"])
        assert [] == [one for one, times in findings.items() if times > 1]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            [],
            "noem --out MAP om een regio te maken, --score MAP om er een te scoren, of --network ",
        ),
        (["--out", "a", "--score", "b"], "noem --out MAP"),
        (["--out", "nieuw", "--size", "0"], "een regio heeft 1 tot en met"),
        (["--score", "nergens"], "nergens/truth.jsonl: dit bestand is niet te lezen"),
    ],
)
def test_wrong_use_is_one_sentence(
    arguments: list[str],
    sentence: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)

    assert 2 == run(["simulate", *arguments])

    assert f"gateway: {sentence}" in capsys.readouterr().err


def test_a_folder_with_something_in_it_is_left_alone(
    part: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(part.rglob("*"))

    assert 2 == run(["simulate", "--out", str(part)])

    assert "deze map is niet leeg" in capsys.readouterr().err
    assert before == sorted(part.rglob("*"))


@pytest.mark.parametrize("line", ["geen json", "{}", '{"file": 1, "rules": 2}'])
def test_a_truth_that_is_none_is_told(
    line: str, part: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (part / "truth.jsonl").write_text(line, "utf-8")

    assert 2 == run(["simulate", "--score", str(part)])

    assert "dit is geen waarheid van gateway simulate" in capsys.readouterr().err


def test_the_judge_finds_every_fault_of_a_year_and_no_other(tmp_path: Path) -> None:
    year = tmp_path / "jaar"
    chosen = ["--months", "12", "--gemeente", "0164", "--gemeente", "0193"]
    assert 0 == run(["simulate", "--out", str(year), "--seed", "5", "--size", "600", *chosen])
    assert 0 == run(["simulate", "--score", str(year)])

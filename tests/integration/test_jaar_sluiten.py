"""The page about closing a year does what it says: every command is run, and the year closes."""

import shlex
from pathlib import Path

import pytest

from gateway.cli import run
from tests.bladzijde import blocks_of
from tests.integration.berichten import PROJECT

PAGE = PROJECT / "docs" / "jaar-sluiten.md"


def test_the_year_of_the_page_closes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    closed = []
    for line in "".join(blocks_of(PAGE)).splitlines():
        words = shlex.split(line)[1:]
        code = run(words)
        told = capsys.readouterr().out
        if words[:2] == ["ledger", "close"]:
            closed.append((code, told))
        else:
            assert code in (0, 1), line
    whole, groups, lines, pack = closed
    assert {0} == {code for code, _ in closed}
    assert all("2026 sluit: 14 bewijzen, geen cent verschil" in one[1] for one in (whole, pack))
    assert "wacht op de 325" in groups[1]
    assert " regels, samen € " in lines[1].replace("\N{NO-BREAK SPACE}", " ")
    assert "\n0 regels" not in lines[1]

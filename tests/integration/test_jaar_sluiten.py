"""The page about closing a year does what it says: every command is run, and the year closes."""

import shlex
from pathlib import Path

import pytest

from gateway.cli import run
from tests.bladzijde import blocks_of
from tests.integration.berichten import PROJECT, read_once

PAGE = PROJECT / "docs" / "jaar-sluiten.md"


def expanded(word: str) -> list[str]:
    """The files that a shell makes of a word."""
    return sorted(map(str, Path().glob(word))) if "*" in word else [word]


def test_the_year_of_the_page_closes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GATEWAY_BETALEN", "betalen.toml")
    (tmp_path / "betalen.toml").write_text(PAGE.read_text().split("```toml")[1].split("```")[0])
    closed, paid = [], []
    for line in "".join(blocks_of(PAGE)).splitlines():
        words = [found for word in shlex.split(line)[1:] for found in expanded(word)]
        who = "bram" if words[0] == "proposals" else "anna"
        monkeypatch.setattr("gateway.cli.geld.wie.account", lambda who=who: who)
        with read_once():
            code = run(words)
        told, error = capsys.readouterr()
        if words[:2] == ["ledger", "close"]:
            closed.append((code, told))
        else:
            assert code in (0, 1), (line, error)
        if words[:2] == ["ledger", "payments"]:
            paid.append(told)
    make = ["ledger", "payments", "make", "--gemeente", "0193", "--store", "sqlite:///jaar.db"]
    assert 2 == run([*make, "--clock", "2026-03-31"])
    assert "--clock 2026-03-31: kies de dag waarop" in capsys.readouterr().err
    assert "betaalrun 1 (concept): 1 betaling," in paid[0]
    assert "betaalrun 1 is betaald op 2026-03-02" in paid[-1]
    whole, groups, lines, pack = closed
    assert {0} == {code for code, _ in closed}
    assert all("2026 sluit: 17 bewijzen, geen cent verschil" in one[1] for one in (whole, pack))
    assert "wacht op de 325" in groups[1]
    assert "ZORG-0193-1-99000003" in lines[1]
    assert " regels, samen € " in lines[1].replace("\N{NO-BREAK SPACE}", " ")
    assert "\n0 regels" not in lines[1]

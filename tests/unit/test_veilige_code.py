"""Our own code opens no shell and brings nothing to life from bytes; the linter sees to it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
CODE = {path: path.read_text(encoding="utf-8") for path in (ROOT / "gateway").rglob("*.py")}
# Unpickling, eval, YAML with objects in it, and a shell: nowhere, whatever the reason.
NEVER = re.compile(r"S30[1267]|S403|S506|S60[245]")
WAIVED = re.compile(r"# noqa: ([A-Z0-9, ]+)")
ALIVE = re.compile(r"^\s*(?:import|from) (?:pickle|marshal|shelve|yaml|dill)\b", re.M)


def test_no_shell_is_opened_and_nothing_is_unpickled_or_evaluated() -> None:
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]
    assert "S" in lint["lint"]["select"]
    assert [] == [code for code in lint["lint"]["ignore"] if re.match(r"S\d", code)]
    waived = {
        code
        for text in CODE.values()
        for found in WAIVED.findall(text)
        for code in re.findall(r"[A-Z]+[0-9]+", found)
    }
    assert set() == {code for code in waived if NEVER.fullmatch(code)}
    assert [] == [path.name for path, text in CODE.items() if ALIVE.search(text)]

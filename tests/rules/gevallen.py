"""Counts the cases per rule; `python -m tests.rules.gevallen` writes them where users see them."""

from __future__ import annotations

import tomllib
from pathlib import Path

HERE = Path(__file__).parent
TARGET = HERE.parent.parent / "mappings" / "gevallen.toml"
HEAD = "# Cases per rule: positive (nothing offends) and negative; made by `make cases`.\n"


def counted() -> str:
    """The text of the data file, from the case files."""
    lines = [HEAD]
    for path in sorted(HERE.glob("[A-Z][A-Z][0-9]*.toml")):
        cases = tomllib.loads(path.read_text(encoding="utf-8"))["case"]
        negative = sum(1 for case in cases if case["offends"])
        lines.append(
            f"{path.stem} = {{ positive = {len(cases) - negative}, negative = {negative} }}\n"
        )
    return "".join(lines)


if __name__ == "__main__":
    TARGET.write_text(counted(), encoding="utf-8")

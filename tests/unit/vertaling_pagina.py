"""The page with where every element goes; `python -m tests.unit.vertaling_pagina` writes it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from gateway.cli.translation import translations, waar
from gateway.config import Settings
from gateway.messages.vertaling import Vertaling

TARGET = Path(__file__).parents[2] / "docs" / "vertaling.md"
WETTEN = {"JW": "iJw", "WMO": "iWmo"}
HEAD = """\
# Waar elk element van een bericht blijft

Deze bladzijde is gemaakt uit de berichttypen en `mappings/vertaling.toml` (`make pages`).
`gateway translation` toont hetzelfde per bericht.

Van elk element staat er in welk veld van een record het wordt gelezen, en onder welke naam de
backoffice het krijgt: in `records.jsonl` (`Toewijzing`, `Levering` en zo verder), in
`outcomes.jsonl`, of in een gebeurtenis (`retour-ontvangen`). Wat de backoffice niet krijgt, heeft
een reden. Het hele bericht blijft altijd bewaard, byte voor byte.
"""


def text() -> str:
    """What the page says."""
    found = sorted(translations(Settings()), key=lambda one: one.bericht[-3:])
    sections = [
        _section(nummer, list(both))
        for nummer, both in groupby(found, lambda one: one.bericht[-3:])
    ]
    return "\n".join([HEAD, *sections])


def _section(nummer: str, both: Sequence[Vertaling]) -> str:
    laws: dict[tuple[str, str, str], list[str]] = {}
    for one in both:
        veld = f"`{one.veld}`" if one.veld else "-"
        laws.setdefault((one.element, veld, waar(one)), []).append(one.bericht[:-3])
    rows = [
        f"| {element}{_only(wetten)} | {veld} | {where} |\n"
        for (element, veld, where), wetten in laws.items()
    ]
    head = f"## Bericht {nummer}\n\n| element | veld | waar |\n|---|---|---|\n"
    return head + "".join(rows)


def _only(wetten: Sequence[str]) -> str:
    """Which law alone has an element; nothing where both have it."""
    return "" if len(wetten) == len(WETTEN) else f" (alleen {WETTEN[wetten[0]]})"


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")

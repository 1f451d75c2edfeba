"""The page with every rule of the standard; `python -m tests.unit.regels_pagina` writes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

from gateway.cli.rules import conformance
from gateway.config import data_folder
from gateway.periods.termijnen import Termijn, read_termijnen
from gateway.pipeline.process import HANDLERS
from gateway.rules.catalogus import Procesregel, read_processen
from gateway.rules.matrix import Vak

TARGET = Path(__file__).parents[2] / "docs" / "regels.md"
WETTEN = (("jeugdwet", "iJw"), ("wmo", "iWmo"))
HEAD = """\
# De regels van de standaard

Deze bladzijde is gemaakt uit de tests (`make cases` en `make pages`). `gateway rules` toont wat
elke regel vraagt, `gateway rules --matrix` deze tabellen.

Elke regel staat bij elk bericht waarvoor zij geldt. Bij iJw en iWmo staat hoeveel gevallen laten
zien dat de regel zwijgt als alles klopt, en hoeveel dat zij spreekt als er iets mis is: `4 / 2`.
Bij *code* staat de retourcode; een regel van het schema (niveau 1) en een regel over een antwoord
hebben er geen.
"""
PROCES_HEAD = """\
## Regels voor mensen en processen

Deze regels (OP, IV en UP) toetst niemand met een retourcode. Bij elk staat wie of wat ervoor zorgt.

| regel | iJw | iWmo | waar |
|---|---|---|---|
"""


def text() -> str:
    """What the page says."""
    mappings = data_folder("mappings")
    termijnen = read_termijnen(mappings)
    processen = read_processen(mappings, termijnen)
    sections = [HEAD, *_messages(conformance()), _proces_table(processen.values(), termijnen)]
    return "\n".join(sections)


def _messages(vakken: Iterable[Vak]) -> Iterator[str]:
    for nummer, of_message in groupby(vakken, key=lambda one: one.bericht):
        handled = "" if nummer in HANDLERS else "\nDit bericht wordt nog niet behandeld.\n"
        head = f"## Bericht {nummer}\n{handled}\n| regel | niveau | code | iJw | iWmo | door |\n"
        yield head + "|---|---|---|---|---|---|\n" + "".join(_rows(of_message))


def _rows(vakken: Iterable[Vak]) -> Iterator[str]:
    for code, both in groupby(vakken, key=lambda one: one.code):
        rule = list(both)
        one = rule[0]
        codes = ", ".join(one.retourcodes) or "-"
        sides = " | ".join(_side(rule, wet) for wet, _ in WETTEN)
        by = f"`{one.implemented}`" if one.implemented else "nog niet"
        yield f"| {code} | {one.level} | {codes} | {sides} | {by} |\n"


def _side(rule: Sequence[Vak], wet: str) -> str:
    return next((f"{one.positive} / {one.negative}" for one in rule if one.wet == wet), "-")


def _proces_table(processen: Iterable[Procesregel], termijnen: dict[str, Termijn]) -> str:
    rows = []
    for one in processen:
        ijw, iwmo = (_numbers(numbers) for numbers in (one.ijw, one.iwmo))
        rows.append(f"| {one.code} | {ijw} | {iwmo} | {_seen_to(one, termijnen)} |\n")
    return PROCES_HEAD + "".join(rows)


def _numbers(numbers: Sequence[str]) -> str:
    return ", ".join(numbers) or "-"


def _seen_to(one: Procesregel, termijnen: dict[str, Termijn]) -> str:
    if one.klok:
        return f"klok: {termijnen[one.klok].naam}"
    if one.niet_software:
        return f"niet voor software: {one.niet_software}"
    return f"nog niet: {one.nog_niet}" if one.nog_niet else f"`{one.implemented}`"


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")

"""`gateway rules`: every rule of the standard, what it demands, where it is implemented."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Mapping
from typing import Any

import click
import msgspec

from gateway.config import data_folder
from gateway.errors import WrongUse
from gateway.rules.catalogus import SCHEMA_LEVEL, Regelfeit, read_catalogus
from gateway.rules.registry import Rule, load_rules

BY_SCHEMA = "schema"


@click.command("rules")
@click.argument("code", required=False)
@click.option("--json", "as_json", is_flag=True, help="Eén JSON-document op de uitvoer.")
def command(code: str | None, as_json: bool) -> int:
    """Toont alle regels, of één regel met zijn uitleg."""
    described = described_rules()
    if code is not None:
        described = [one for one in described if one["code"] == code.upper()]
        if not described:
            raise WrongUse(f"regel {code} bestaat niet")
    if as_json:
        sys.stdout.write(msgspec.json.encode({"rules": described}).decode() + "\n")
    elif code is not None:
        _print_one(described[0])
    else:
        _print_all(described)
    return 0


def described_rules() -> list[dict[str, Any]]:
    """Every rule as the JSON of `gateway rules` has it, in order of its code."""
    mappings = data_folder("mappings")
    functions = load_rules()
    cases = tomllib.loads((mappings / "gevallen.toml").read_text(encoding="utf-8"))
    return [
        _described(feit, functions.get(feit.code), cases)
        for feit in read_catalogus(mappings).feiten.values()
    ]


def _described(
    feit: Regelfeit, function: Rule | None, cases: Mapping[str, Mapping[str, int]]
) -> dict[str, Any]:
    by_schema = BY_SCHEMA if feit.level == SCHEMA_LEVEL else None
    return {
        "code": feit.code,
        "kind": feit.kind,
        "level": feit.level,
        "ijw": list(feit.ijw),
        "iwmo": list(feit.iwmo),
        "retourcodes": list(feit.retourcodes),
        "statement": function.statement if function else feit.statement,
        "implemented": function.function if function else by_schema,
        "cases": cases.get(feit.code, {"positive": 0, "negative": 0}),
    }


def _print_all(described: list[dict[str, Any]]) -> None:
    for one in described:
        first = str(one["statement"]).split("\n\n")[0].replace("\n", " ")
        codes = ",".join(one["retourcodes"]) or "-"
        where = one["implemented"] or "nog niet"
        print(f"{one['code']:6} niveau {one['level']}  {codes:5}  {where:44}  {first}")


def _print_one(one: dict[str, Any]) -> None:
    print(f"{one['code']} (niveau {one['level']})")
    print(f"iJw: {', '.join(one['ijw']) or '-'}   iWmo: {', '.join(one['iwmo']) or '-'}")
    print(f"retourcode: {', '.join(one['retourcodes']) or '-'}")
    print(f"uitgevoerd door: {one['implemented'] or 'nog niet'}")
    cases = one["cases"]
    print(f"gevallen: {cases['positive']} zonder en {cases['negative']} met overtreding")
    print()
    print(one["statement"])

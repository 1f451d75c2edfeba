"""`gateway rules`: every rule of the standard, what it demands, where it is implemented."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click
import msgspec

from gateway.config import data_folder, read_settings
from gateway.errors import WrongUse
from gateway.inlezen import load_types
from gateway.periods.termijnen import read_termijnen
from gateway.rules.catalogus import (
    SCHEMA_LEVEL,
    Procesregel,
    Regelfeit,
    read_catalogus,
    read_processen,
)
from gateway.rules.matrix import BY_SCHEMA, Gevallen, Vak, matrix, read_gevallen
from gateway.rules.registry import Rule, load_rules

SIDES = ("positive", "negative")


@click.command("rules")
@click.argument("code", required=False)
@click.option("--matrix", "as_matrix", is_flag=True, help="Regel, bericht en wet, met gevallen.")
@click.option("--json", "as_json", is_flag=True, help="Eén JSON-document op de uitvoer.")
def command(code: str | None, as_matrix: bool, as_json: bool) -> int:
    """Toont alle regels, of één regel met wat zij vraagt."""
    if as_matrix:
        return _show_matrix(code, as_json)
    described, releases = described_rules(), described_releases(code)
    if code is not None:
        described = [one for one in described if one["code"].upper() == code.upper()]
        if not described and not any(one["rules"] for one in releases):
            raise WrongUse(f"regel {code} bestaat niet")
    if as_json:
        document = {"rules": described, "releases": releases}
        sys.stdout.write(msgspec.json.encode(document).decode() + "\n")
    elif code is not None:
        for one in described:
            _print_one(one)
        _print_changes(releases)
    else:
        _print_all(described)
    return 0


def conformance() -> list[Vak]:
    """Every rule on every message of each law."""
    mappings = data_folder("mappings")
    return list(matrix(read_catalogus(mappings), load_rules(), read_gevallen(mappings)))


def _show_matrix(code: str | None, as_json: bool) -> int:
    vakken = [one for one in conformance() if code is None or one.code == code.upper()]
    if not vakken:
        raise WrongUse(f"regel {code} staat niet in de matrix")
    if as_json:
        document = {"matrix": [_described_vak(one) for one in vakken]}
        sys.stdout.write(msgspec.json.encode(document).decode() + "\n")
    else:
        _print_matrix(vakken)
    return 0


def _described_vak(vak: Vak) -> dict[str, Any]:
    return {
        "code": vak.code,
        "message": vak.bericht,
        "wet": vak.wet,
        "level": vak.level,
        "implemented": vak.implemented,
        "positive": vak.positive,
        "negative": vak.negative,
        "retourcodes": list(vak.retourcodes),
    }


def _print_matrix(vakken: Sequence[Vak]) -> None:
    print(f"{'regel':6} {'bericht':7} {'wet':8} niveau  code   goed  fout  uitgevoerd door")
    for one in vakken:
        codes = ",".join(one.retourcodes) or "-"
        where = one.implemented or "nog niet"
        print(
            f"{one.code:6} {one.bericht:7} {one.wet:8} {one.level:6}  {codes:5} "
            f"{one.positive:5} {one.negative:5}  {where}"
        )


def described_rules() -> list[dict[str, Any]]:
    """Every rule as the JSON of `gateway rules` has it: those of messages, then of processes."""
    mappings = data_folder("mappings")
    functions = load_rules()
    cases = read_gevallen(mappings)
    of_messages = [
        _described(feit, functions.get(feit.code), cases)
        for feit in read_catalogus(mappings).feiten.values()
    ]
    processen = read_processen(mappings, read_termijnen(mappings))
    return of_messages + [_described_proces(one) for one in processen.values()]


def described_releases(code: str | None = None) -> list[dict[str, Any]]:
    """Every release as the JSON has it, with what it changes in the rules, or in one of them."""
    wanted = None if code is None else code.upper()
    return [
        {
            "release": one.naam,
            "vanaf": one.vanaf,
            "tot": one.tot,
            "regelset": one.regelset,
            "rules": {
                name: dict(given)
                for name, given in one.regels.items()
                if wanted is None or name == wanted
            },
        }
        for one in load_types(read_settings(os.environ)).uitgaven
    ]


def _described(feit: Regelfeit, function: Rule | None, cases: Gevallen) -> dict[str, Any]:
    by_schema = BY_SCHEMA if feit.level == SCHEMA_LEVEL else None
    return {
        "code": feit.code,
        "kind": feit.kind,
        "level": feit.level,
        "ijw": list(feit.ijw),
        "iwmo": list(feit.iwmo),
        "retourcodes": list(feit.retourcodes),
        "statement": feit.statement,
        "implemented": function.function if function else by_schema,
        "cases": {side: cases.get(feit.code, {}).get(side, 0) for side in SIDES},
    }


def _described_proces(regel: Procesregel) -> dict[str, Any]:
    """A rule for people and processes has no level and no case files; it tells who sees to it."""
    return {
        "code": regel.code,
        "kind": regel.kind,
        "level": None,
        "ijw": list(regel.ijw),
        "iwmo": list(regel.iwmo),
        "retourcodes": [],
        "statement": regel.statement,
        "implemented": regel.implemented,
        "cases": {"positive": 0, "negative": 0},
        "klok": regel.klok,
        "niet_software": regel.niet_software,
        "nog_niet": regel.nog_niet,
    }


def _niveau(one: Mapping[str, Any]) -> str:
    return "proces" if one["level"] is None else f"niveau {one['level']}"


def _where(one: Mapping[str, Any]) -> str:
    if one.get("klok"):
        return f"op de klok: {one['klok']}"
    if one.get("niet_software"):
        return "niet voor software"
    return str(one["implemented"] or "nog niet")


def _print_all(described: list[dict[str, Any]]) -> None:
    for one in described:
        codes = ",".join(one["retourcodes"]) or "-"
        print(f"{one['code']:7} {_niveau(one):8}  {codes:5}  {_where(one):44}  {one['statement']}")


def _print_one(one: dict[str, Any]) -> None:
    print(f"{one['code']} ({_niveau(one)})")
    print(f"iJw: {', '.join(one['ijw']) or '-'}   iWmo: {', '.join(one['iwmo']) or '-'}")
    print(f"retourcode: {', '.join(one['retourcodes']) or '-'}")
    print(f"uitgevoerd door: {_where(one)}")
    cases = one["cases"]
    if one["level"] is not None:
        print(f"gevallen: {cases['positive']} zonder en {cases['negative']} met overtreding")
    print()
    print(one["statement"])
    why = one.get("niet_software") or one.get("nog_niet")
    if why:
        print(f"\n{why}")


def _print_changes(releases: Sequence[Mapping[str, Any]]) -> None:
    """What releases change in the rule that is shown."""
    for release in releases:
        for changed in release["rules"].values():
            told = ", ".join(f"{key} = {value}" for key, value in changed.items())
            since = "" if release["vanaf"] is None else f", vanaf {release['vanaf']}"
            print(f"\nin {release['release']}{since}: {told}")

"""Counts the cases per rule, message and law; `python -m tests.rules.gevallen` writes them."""

from __future__ import annotations

import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gateway.rules.catalogus import SCHEMA_LEVEL, Catalogus, Regelfeit, read_catalogus
from tests.conformiteit.muteer import gevallen, goede

HERE = Path(__file__).parent
MAPPINGS = HERE.parent.parent / "mappings"
TARGET = MAPPINGS / "gevallen.toml"
HEAD = """\
# Cases per rule: positive (nothing offends) and negative, in all and per message of each law as
# [positive, negative]; made by `make cases`.
"""
WET = {"JW": "jeugdwet", "WMO": "wmo"}
PREFIX = {wet: prefix for prefix, wet in WET.items()}
NUMBERS = {"declaratie": "323", "antwoord": "325", "toewijzing": "301"}

Side = bool  # whether something offends
Counts = dict[str, dict[str, Counter[Side]]]


def counted() -> str:
    """The text of the data file, from the case files and the mutations."""
    catalogus = read_catalogus(MAPPINGS)
    found = counts(catalogus)
    return HEAD + "".join(f"{code} = {_line(found[code])}\n" for code in sorted(found))


def counts(catalogus: Catalogus) -> Counts:
    """The number of cases on each side, per rule and message; "" where a case has no message."""
    found: Counts = defaultdict(lambda: defaultdict(Counter))
    for path in sorted(HERE.glob("[A-Z][A-Z][0-9]*.toml")):
        feit = catalogus.feiten.get(path.stem)
        for message, offends in _of_file(path, feit):
            found[path.stem][message][offends] += 1
    for geval in gevallen():
        found[geval.code][geval.naam][True] += 1
    for geval in goede():
        for code, feit in catalogus.feiten.items():
            if feit.level > SCHEMA_LEVEL and feit.applies_to(WET[geval.wet], geval.bericht):
                found[code][geval.naam][False] += 1
    return found


def _line(per_message: dict[str, Counter[Side]]) -> str:
    total: Counter[Side] = sum(per_message.values(), Counter())
    parts = [f"positive = {total[False]}", f"negative = {total[True]}"]
    for message in sorted(name for name in per_message if name):
        one = per_message[message]
        parts.append(f"{message} = [{one[False]}, {one[True]}]")
    return f"{{ {', '.join(parts)} }}"


def _of_file(path: Path, feit: Regelfeit | None) -> Iterator[tuple[str, Side]]:
    """The message and side of every case of a file."""
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    for case in document["case"]:
        offends = bool(case["offends"])
        if "message" not in case:
            message = _judged(document["batch"], case)
            yield message if _applies(feit, message) else "", offends
        elif document.get("wetten_verschillen", False):
            yield case["message"], offends
        else:
            nummer = case["message"][-3:]
            both = [f"{prefix}{nummer}" for prefix in case.get("wetten", WET)]
            yield from ((name, offends) for name in both if _applies(feit, name))


def _judged(batch: str, case: dict[str, Any]) -> str:
    """The message that a case of a rule with a function is about."""
    kind = case.get("batch", batch)
    wet = case.get("wet") or case.get("feiten", {}).get("wet", "jeugdwet")
    if kind in NUMBERS:
        return PREFIX[wet] + NUMBERS[kind]
    stopt = "stop" in case or "stops" in case or case.get("bericht", "305") == "307"
    return PREFIX[wet] + ("307" if stopt else "305")


def _applies(feit: Regelfeit | None, message: str) -> bool:
    prefix, nummer = message[:-3], message[-3:]
    return feit is not None and feit.applies_to(WET[prefix], nummer)


if __name__ == "__main__":
    TARGET.write_text(counted(), encoding="utf-8")

"""Reads the mutations of each rule and makes messages of them.

A file per message, such as `323.toml`.  `eerder` are the messages that go before it, and `basis`
is a change that makes it a message that all rules accept.  Then per rule a change that breaks it:

* `set` gives an element another text, `remove` takes elements away, `copy` repeats an element
  right after itself, `after` puts new elements after one that is there;
* a value may be a table with a value per law, `{ JW = "45A02", WMO = "02A02" }`, and so may what
  is taken away: `{ JW = "Antwoord/Woonplaatsbeginsel" }`; `wetten` are the laws that have the rule;
* `eerder` replaces what goes before: messages by number, or changes with the `bericht` they are of;
* `ook` are the rules that speak too, because the same mistake breaks them;
* `klok` is the day of receipt, `agreements` a file with agreements next to the mutations.

Paths are below the root and name elements without their namespace.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree

HERE = Path(__file__).parent
BERICHTEN = HERE.parent / "rules" / "berichten"
KLOK = "2025-12-05"
WETTEN = ("JW", "WMO")
CHANGE = {"set", "remove", "copy", "after"}
KEYS = CHANGE | {"eerder", "ook", "klok", "agreements", "wetten"}

Tabel = dict[str, Any]
Element = Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Geval:
    """A rule on a message under a law, and the messages in order; the last one breaks the rule."""

    code: str
    wet: str
    bericht: str
    ook: tuple[str, ...]
    klok: str
    agreements: Path | None
    stappen: list[tuple[str, Tabel]] = field(hash=False)

    @property
    def naam(self) -> str:
        """The type of the message that breaks the rule, such as JW323."""
        return f"{self.wet}{self.bericht}"


@cache
def document(bericht: str) -> Tabel:
    """The file of a message."""
    return tomllib.loads((HERE / f"{bericht}.toml").read_text(encoding="utf-8"))


def berichten() -> list[str]:
    """The numbers of the messages that have a file, and a base message to change."""
    found = sorted(path.stem for path in HERE.glob("3*.toml"))
    return [bericht for bericht in found if (BERICHTEN / f"JW{bericht}.xml").exists()]


def gevallen() -> Iterator[Geval]:
    """Every rule that is broken on a message, under each law."""
    for bericht in berichten():
        whole = document(bericht)
        for code, given in whole.items():
            if not code[2:].isdigit():
                continue
            if unknown := given.keys() - KEYS:
                raise ValueError(f"{bericht}, {code}: nobody understands {sorted(unknown)}")
            for wet in given.get("wetten", WETTEN):
                yield _geval(bericht, code, wet, given)


def goede() -> Iterator[Geval]:
    """Every message as it is when nothing breaks a rule."""
    for bericht in berichten():
        for wet in WETTEN:
            yield _geval(bericht, "", wet, {})


def _geval(bericht: str, code: str, wet: str, given: Tabel) -> Geval:
    whole = document(bericht)
    eerder = given.get("eerder", whole.get("eerder", []))
    stappen = [_stap(one) for one in eerder]
    stappen.append((bericht, {key: given[key] for key in CHANGE & given.keys()}))
    agreements = given.get("agreements")
    return Geval(
        code=code,
        wet=wet,
        bericht=bericht,
        ook=tuple(given.get("ook", ())),
        klok=given.get("klok", KLOK),
        agreements=HERE / agreements if agreements else None,
        stappen=stappen,
    )


def _stap(one: str | Tabel) -> tuple[str, Tabel]:
    if isinstance(one, str):
        return one, {}
    return one["bericht"], {key: one[key] for key in CHANGE & one.keys()}


def write(geval: Geval, folder: Path) -> list[Path]:
    """The messages of a case as files, in the order of sending."""
    folder.mkdir(parents=True)
    paths = []
    for number, (bericht, change) in enumerate(geval.stappen):
        paths.append(folder / f"{number:02}-{bericht}.xml")
        paths[-1].write_bytes(made(geval.wet, bericht, change))
    return paths


def made(wet: str, bericht: str, change: Tabel) -> bytes:
    """The bytes of a good message with a change."""
    root = etree.parse(BERICHTEN / f"{wet}{bericht}.xml").getroot()
    mutate(root, document(bericht).get("basis", {}), wet)
    mutate(root, change, wet)
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True))


def mutate(root: Element, change: Tabel, wet: str) -> None:
    """Apply a change: repeat, take away, put in, and last give other texts."""
    for path in change.get("copy", ()):
        element = find(root, path)
        element.addnext(deepcopy(element))
    removed = [one for one in change.get("remove", ()) if isinstance(one, str) or wet in one]
    for element in [find(root, one if isinstance(one, str) else one[wet]) for one in removed]:
        element.getparent().remove(element)
    for path, new in change.get("after", {}).items():
        element = find(root, path)
        for name, value in reversed(new.items()):
            element.addnext(_new(root, element.tag, name, _value(value, wet), wet))
    for path, text in change.get("set", {}).items():
        find(root, path).text = _value(text, wet)


def _new(root: Element, sibling: str, name: str, value: Any, wet: str) -> Element:
    """An element in the namespace of its sibling; what is in it is of the base schema."""
    made_ = etree.Element(f"{{{etree.QName(sibling).namespace}}}{name}")
    if isinstance(value, dict):
        inside = f"{{{root.nsmap['ijw' if wet == 'JW' else 'iwmo']}}}"
        for child, text in value.items():
            made_.append(_new(root, f"{inside}{child}", child, _value(text, wet), wet))
    else:
        made_.text = value
    return made_


def _value(value: Any, wet: str) -> Any:
    if isinstance(value, dict) and value.keys() == set(WETTEN):
        return value[wet]
    return value


def find(root: Element, path: str) -> Element:
    """The element at a path; raises when there is none."""
    found = root.find("/".join(f"{{*}}{step}" for step in path.split("/")))
    if found is None:
        raise ValueError(f"{path} is not in the message")
    return found

"""Cuts one class out of a message to show it, with the element at fault marked and Bsns hidden."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from gateway.messages.reader import events, new_parser
from gateway.records.masker import mask

_INDEX = re.compile(r"\[\d+\]$")
MOST_LINES = 200


@dataclass(frozen=True, slots=True)
class Uittrekselregel:
    """A line of XML as it is shown: how deep it stands, and whether it is at fault."""

    diepte: int
    tekst: str
    is_fout: bool


def uittreksel(chunks: Iterable[bytes], pad: str, fout: Iterable[str]) -> list[Uittrekselregel]:
    """The class at an XPath by local names (`/Bericht/Client[2]/...`), at most `MOST_LINES` lines.

    `fout` are the paths below it of the elements at fault, "" for the class itself.  Empty when
    there is no such class, or when the message cannot be read.
    """
    try:
        found = _class_at(chunks, pad)
    except etree.XMLSyntaxError:
        return []
    if found is None:
        return []
    wrong = set(fout)
    lines = []
    for line in _lines(found, "", 0, wrong):
        lines.append(line)
        if len(lines) == MOST_LINES:
            break
    return lines


def _class_at(chunks: Iterable[bytes], pad: str) -> etree._Element | None:
    """The element at a path; what stands before it is thrown away on the way."""
    wanted = [_step(one) for one in pad.strip("/").split("/")]
    parser = new_parser(None, None)
    path: list[tuple[str, int]] = []
    seen: list[Counter[str]] = [Counter()]
    for event, element in events(parser, chunks):
        if event == "start":
            name = _name(element)
            seen[-1][name] += 1
            path.append((name, seen[-1][name]))
            seen.append(Counter())
            continue
        if path == wanted:
            return element
        is_inside = path[: len(wanted)] == wanted
        path.pop()
        seen.pop()
        if not is_inside:
            element.clear()
    return None


def _lines(
    element: etree._Element, below: str, depth: int, wrong: set[str]
) -> Iterator[Uittrekselregel]:
    name, children = _name(element), list(element)
    is_wrong = below in wrong
    if not children:
        yield Uittrekselregel(depth, f"<{name}>{mask(element.text or '')}</{name}>", is_wrong)
        return
    yield Uittrekselregel(depth, f"<{name}>", is_wrong)
    for child in children:
        deeper = f"{below}/{_name(child)}".lstrip("/")
        yield from _lines(child, deeper, depth + 1, wrong)
    yield Uittrekselregel(depth, f"</{name}>", is_wrong)


def fouten_in(pad: str, findings: Sequence[tuple[str, str]]) -> list[str]:
    """Which elements below a class are at fault, by the pad and element of findings on it."""
    found = []
    for other, element in findings:
        if other == pad:
            found.append(element)
        elif other.startswith(f"{pad}/"):
            steps = [*other[len(pad) + 1 :].split("/"), *([element] if element else [])]
            found.append("/".join(_INDEX.sub("", one) for one in steps))
    return found


def _step(told: str) -> tuple[str, int]:
    name, _, number = told.partition("[")
    return name, int(number.rstrip("]")) if number else 1


def _name(element: etree._Element) -> str:
    return str(etree.QName(element).localname)

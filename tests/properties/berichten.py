"""Draws any message that its XSD allows, out of the fact tables that a test holds the XSDs to.

Shrinks towards a message without optional parts, without repeats and with the first code of every
list.  A message is a tree of (tag, inside), so that it shrinks part by part.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any
from xml.etree import ElementTree

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tests.standard.tables import Element, Facets, load_messages, members, root_of, simple_types

NAMEN = sorted(load_messages())
REPEATS = 3
LONGEST = 60  # of a text without a limit of its own

# What XML can hold; a carriage return would be read as a line feed, and blanks are judged apart.
_SIGNS = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Zl", "Zp"))
_BLANK = " \t\n"
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZàéïöüç"
_DIGITS = "0123456789"
_LITERAL = re.compile(r"[0-9A-Za-z]+")
Node = tuple[str, Any]


@cache
def messages(naam: str) -> SearchStrategy[bytes]:
    """The bytes of any valid message of a type such as JW323."""
    namespace, root = root_of(naam)
    return _nodes(naam, namespace, root).map(_bytes)


def _bytes(node: Node) -> bytes:
    content: bytes = ElementTree.tostring(_tree(node), encoding="utf-8", xml_declaration=True)
    return content


def _tree(node: Node) -> ElementTree.Element:
    tag, inside = node
    element = ElementTree.Element(tag)
    if isinstance(inside, str):
        element.text = inside
    else:
        element.extend(_tree(child) for child in inside)
    return element


def _nodes(naam: str, namespace: str, element: Element) -> SearchStrategy[Node]:
    """One element with everything inside it."""
    tag = f"{{{namespace}}}{element['name']}"
    inside = members(naam, element)
    if inside is None:
        return values(load_messages()[naam]["standard"], element).map(lambda text: (tag, text))
    parts = [_occurrences(naam, inside[0], member) for member in inside[1]]
    return st.tuples(*parts).map(lambda found: (tag, tuple(one for part in found for one in part)))


def _occurrences(naam: str, namespace: str, member: Element) -> SearchStrategy[list[Node]]:
    """An element as often as it may stand there."""
    most = REPEATS if member["max"] == "unbounded" else member["max"]
    return st.lists(_nodes(naam, namespace, member), min_size=member["min"], max_size=most)


def values(standard: str, element: Element) -> SearchStrategy[str]:
    """Any value that an element may have."""
    facets = simple_types(standard)[element["type"]]
    if "enumerations" in facets:
        return st.sampled_from(facets["enumerations"])
    if facets["base"] != "xs:string":
        fixed = element.get("pattern")
        return st.just(fixed) if fixed else _BASES[facets["base"]](facets)
    pattern = element.get("pattern") or "".join(facets.get("patterns", []))
    if _LITERAL.fullmatch(pattern):
        return st.just(pattern)
    return _BY_PATTERN[pattern](facets)


def _integers(facets: Facets) -> SearchStrategy[str]:
    """Whole numbers, also as people and programs may write them."""
    number = st.integers(facets["minInclusive"], facets["maxInclusive"])
    return st.tuples(st.sampled_from(("{}", "0{}", "+{}", " {} ")), number).map(
        lambda both: both[0].format(both[1])
    )


def _dates(_: Facets) -> SearchStrategy[str]:
    return st.dates().map(lambda day: day.isoformat())


def _times(_: Facets) -> SearchStrategy[str]:
    return st.times().map(lambda time: time.isoformat())


def _text(alphabet: Any, facets: Facets) -> SearchStrategy[str]:
    shortest, longest = facets.get("minLength", 0), facets.get("maxLength", LONGEST)
    return st.text(alphabet, min_size=shortest, max_size=longest)


def _filled(facets: Facets) -> SearchStrategy[str]:
    """A text that is not only blanks: a sign with any text around it, as long as it may be."""
    longest = facets.get("maxLength", LONGEST) - 1
    around = st.text(_SIGNS, max_size=longest)
    return st.builds(
        lambda sign, text, at: text[:at] + sign + text[at:],
        _SIGNS.filter(lambda sign: sign not in _BLANK),
        around,
        st.integers(0, longest),
    )


def _lines(facets: Facets) -> SearchStrategy[str]:
    """A text of one line or more."""
    return st.lists(_filled(facets | {"maxLength": 20}), min_size=1, max_size=3).map("\n".join)


def _digits(count: int) -> Any:
    return lambda _: st.text(_DIGITS, min_size=count, max_size=count)


def _versions(_: Facets) -> SearchStrategy[str]:
    number = st.integers(0, 120).map(str)
    return st.tuples(number, number, number).map(".".join)


_BASES = {"xs:integer": _integers, "xs:date": _dates, "xs:time": _times}
_BY_PATTERN = {
    "": lambda facets: _text(_SIGNS, facets),
    "[0-9]{4}": _digits(4),
    "[0-9]{8}": _digits(8),
    "[0-9]{9}": _digits(9),
    "[0-9]*": lambda facets: _text(_DIGITS, facets),
    r".*[^\s].*": _filled,
    r"([.\s]*\S+[.\s]*)+": _lines,
    "([a-zA-ZÀ-ỳ])+": lambda facets: _text(_LETTERS, facets),
    "([a-zA-Z0-9])+": lambda facets: _text(_DIGITS + "abcXYZ", facets),
    r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)": _versions,
}

"""Makes valid messages out of the fact tables, the same ones for the same seed."""

import re
from collections.abc import Iterator
from random import Random
from xml.etree import ElementTree

from tests.standard.tables import Element, Facets, load_messages, members, root_of, simple_types

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZàéïöüç"
_TEXT = _LETTERS + "0123456789   .,-'&<>€"
_LENGTH_WITHOUT_LIMIT = 90
_REPEATS = (1, 1, 1, 2, 3)
_FILLINGS = (0.0, 0.5, 0.8, 1.0)


def make_message(message: str, rng: Random) -> bytes:
    """One valid message: sometimes bare, sometimes with everything that may be in it."""
    namespace, root = root_of(message)
    node = _make(message, root, namespace, rng, rng.choice(_FILLINGS))
    content: bytes = ElementTree.tostring(node, encoding="utf-8", xml_declaration=True)
    return content


def walk(message: str, root: ElementTree.Element) -> Iterator[tuple[ElementTree.Element, Element]]:
    """Every node of a valid message with what the tables say of it."""
    yield from _walk(message, root, root_of(message)[1])


def make_value(standard: str, element: Element, rng: Random) -> str:
    """A value of the type of an element, often one on the edge of what is allowed."""
    facets = simple_types(standard)[element["type"]]
    if "enumerations" in facets:
        return str(rng.choice(facets["enumerations"]))
    if facets["base"] in _BASES:
        return str(element.get("pattern") or _BASES[facets["base"]](facets, rng))
    pattern = element.get("pattern") or "".join(facets.get("patterns", []))
    return _make_string(facets, pattern, rng)


def _make(
    message: str, element: Element, namespace: str, rng: Random, filling: float
) -> ElementTree.Element:
    node = ElementTree.Element(f"{{{namespace}}}{element['name']}")
    inside = members(message, element)
    if inside is None:
        node.text = make_value(load_messages()[message]["standard"], element, rng)
        return node
    for member in inside[1]:
        if member["min"] or rng.random() < filling:
            for _ in range(1 if member["max"] == 1 else rng.choice(_REPEATS)):
                node.append(_make(message, member, inside[0], rng, filling))
    return node


def _walk(
    message: str, node: ElementTree.Element, element: Element
) -> Iterator[tuple[ElementTree.Element, Element]]:
    yield node, element
    inside = members(message, element)
    by_name = {member["name"]: member for member in inside[1]} if inside else {}
    for child in node:
        yield from _walk(message, child, by_name[child.tag.partition("}")[2]])


def _make_string(facets: Facets, pattern: str, rng: Random) -> str:
    length = _length(facets, rng)
    if not re.search(r"[\[(.\\]", pattern):
        return pattern or _word(_TEXT, length, rng)
    if digits := re.fullmatch(r"\[0-9\]\{(\d)\}", pattern):
        return _word("0123456789", int(digits[1]), rng)
    return _BY_PATTERN[pattern](length, rng)


def _length(facets: Facets, rng: Random) -> int:
    shortest, longest = facets.get("minLength", 0), facets.get("maxLength", _LENGTH_WITHOUT_LIMIT)
    return int(rng.choice((shortest, longest, rng.randint(shortest, longest))))


def _word(alphabet: str, length: int, rng: Random) -> str:
    return "".join(rng.choices(alphabet, k=length))


def _filled(alphabet: str, length: int, rng: Random) -> str:
    text = _word(alphabet, length, rng)
    at = rng.randrange(length)
    return text[:at] + rng.choice(_LETTERS) + text[at + 1 :]


def _version(_: int, rng: Random) -> str:
    return ".".join(str(rng.choice((0, 1, 9, 10, 120))) for _ in range(3))


def _make_integer(facets: Facets, rng: Random) -> str:
    lowest, highest = facets["minInclusive"], facets["maxInclusive"]
    return str(rng.choice((lowest, highest, rng.randint(lowest, highest))))


def _make_date(_: Facets, rng: Random) -> str:
    year, month, day = rng.randint(1900, 2030), rng.randint(1, 12), rng.randint(1, 28)
    return rng.choice((f"{year}-{month:02}-{day:02}", f"{year}-12-31", "2024-02-29"))


def _make_time(_: Facets, rng: Random) -> str:
    return f"{rng.randrange(24):02}:{rng.randrange(60):02}:{rng.choice(('00', '59', '07.250'))}"


_BASES = {"xs:integer": _make_integer, "xs:date": _make_date, "xs:time": _make_time}
_BY_PATTERN = {
    "[0-9]*": lambda length, rng: _word("0123456789", length, rng),
    r".*[^\s].*": lambda length, rng: _filled(_TEXT, length, rng),
    r"([.\s]*\S+[.\s]*)+": lambda length, rng: _filled(_TEXT + "\n\t", length, rng),
    "([a-zA-ZÀ-ỳ])+": lambda length, rng: _word(_LETTERS, length, rng),
    "([a-zA-Z0-9])+": lambda length, rng: _word("abcXYZ0189", length, rng),
    r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)": _version,
}

"""Judges a message by the fact tables alone, so that the XSDs are held against a second opinion.

It shares nothing with the schemas: its own parser (xml.etree), its own facets, its own calendar.
"""

import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from xml.etree import ElementTree

from tests.standard.tables import Element, Facets, load_messages, members, root_of, simple_types

_XML_BLANKS = " \t\r\n"
_ZONE = r"(Z|[+-](0\d|1[0-3]):[0-5]\d|[+-]14:00)?"
_DATE = re.compile(r"(-?)(\d{4,})-(\d\d)-(\d\d)" + _ZONE, re.ASCII)
_TIME = re.compile(r"(([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?|24:00:00(\.0+)?)" + _ZONE, re.ASCII)
_INTEGER = re.compile(r"[+-]?\d+", re.ASCII)
_SCHEMA_HINTS = {
    "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation",
    "{http://www.w3.org/2001/XMLSchema-instance}noNamespaceSchemaLocation",
}


def is_valid(message: str, content: bytes) -> bool:
    """Whether the tables allow these bytes as that message."""
    return next(faults(message, content), None) is None


def faults(message: str, content: bytes) -> Iterator[str]:
    """What the tables find wrong, one path and reason at a time."""
    root = ElementTree.fromstring(content)
    namespace, element = root_of(message)
    if root.tag != f"{{{namespace}}}{element['name']}":
        yield f"/{root.tag}: is not the root of {message}"
        return
    yield from _element_faults(message, element, root, "")


def _element_faults(
    message: str, element: Element, node: ElementTree.Element, path: str
) -> Iterator[str]:
    here = f"{path}/{element['name']}"
    if not _SCHEMA_HINTS.issuperset(node.attrib):
        yield f"{here}: has an attribute"
    inside = members(message, element)
    if inside is not None:
        yield from _class_faults(message, inside, node, here)
    elif len(node):
        yield f"{here}: has elements inside its value"
    else:
        standard = load_messages()[message]["standard"]
        pattern = element.get("pattern")
        if not value_is_valid(standard, element["type"], pattern, node.text or ""):
            yield f"{here}: value is not a {element['type']}"


def _class_faults(
    message: str, inside: tuple[str, list[Element]], node: ElementTree.Element, path: str
) -> Iterator[str]:
    texts = [node.text, *(child.tail for child in node)]
    if any(text and text.strip(_XML_BLANKS) for text in texts):
        yield f"{path}: has text between its elements"
    namespace, elements = inside
    children = list(node)
    at = 0
    for element in elements:
        start = at
        while at < len(children) and children[at].tag == f"{{{namespace}}}{element['name']}":
            yield from _element_faults(message, element, children[at], path)
            at += 1
        if at - start < element["min"]:
            yield f"{path}/{element['name']}: is missing"
        if element["max"] != "unbounded" and at - start > element["max"]:
            yield f"{path}/{element['name']}: stands there too often"
    if at < len(children):
        yield f"{path}/{children[at].tag}: does not belong here"


@cache
def value_is_valid(standard: str, type_name: str, pattern: str | None, value: str) -> bool:
    """Whether a text is a value of a simple type, with the extra pattern of one element."""
    facets = simple_types(standard)[type_name]
    if facets["base"] != "xs:string":
        value = re.sub(f"[{_XML_BLANKS}]+", " ", value).strip(" ")
    patterns = [*facets.get("patterns", []), *([pattern] if pattern else [])]
    return (
        _BASES[facets["base"]](value, facets)
        and all(_compile(each).fullmatch(value) for each in patterns)
        and ("enumerations" not in facets or value in facets["enumerations"])
    )


@cache
def _compile(pattern: str) -> re.Pattern[str]:
    # In an XSD a dot outside brackets stops at either line break, in Python only at \n.
    pieces = re.split(r"(\[[^\]]*\]|\\.)", pattern)
    pieces[::2] = [piece.replace(".", r"[^\n\r]") for piece in pieces[::2]]
    return re.compile("".join(pieces), re.ASCII)


def _is_string(value: str, facets: Facets) -> bool:
    shortest, longest = facets.get("minLength", 0), facets.get("maxLength", len(value))
    return bool(shortest <= len(value) <= longest)


def _is_integer(value: str, facets: Facets) -> bool:
    if _INTEGER.fullmatch(value) is None:
        return False
    return bool(facets["minInclusive"] <= int(value) <= facets["maxInclusive"])


def _is_date(value: str, _: Facets) -> bool:
    found = _DATE.fullmatch(value)
    if found is None:
        return False
    year, month, day = found.group(2, 3, 4)
    if int(year) == 0 or (len(year) > 4 and year.startswith("0")):
        return False
    # The calendar repeats every 400 years, and Python's own ends at 9999.
    try:
        date(int(year) % 400 + 400, int(month), int(day))
    except ValueError:
        return False
    return True


def _is_time(value: str, _: Facets) -> bool:
    return _TIME.fullmatch(value) is not None


_BASES = {
    "xs:string": _is_string,
    "xs:integer": _is_integer,
    "xs:date": _is_date,
    "xs:time": _is_time,
}

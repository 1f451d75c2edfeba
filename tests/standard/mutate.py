"""Breaks a valid message in one place; the tables then say whether it is still valid."""

import copy
from collections.abc import Callable
from random import Random
from xml.etree import ElementTree

from tests.standard.generate import walk
from tests.standard.tables import Element, base_namespace, load_messages, members, simple_types

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_XML = "{http://www.w3.org/XML/1998/namespace}"
_ATTRIBUTES = {"id": "1", f"{_XML}lang": "nl", f"{_XSI}nil": "true", f"{_XSI}schemaLocation": "a b"}
_WRONG_VALUES = {
    "xs:string": ("", " ", "\n", "?", "123456789A", "X" * 5, "é.", "0" * 4),
    "xs:integer": ("", " ", "-1", "1.0", "1e3", "een", "1 000", "0x1", "--1"),
    "xs:date": ("", "2025-02-29", "2025-13-01", "01-02-2025", "2025-1-1", "20250101"),
    "xs:time": ("", "24:00:01", "12:60:00", "12:00", "120000", "12:00:60"),
}
# Spellings that look wrong and are right, or look right and are wrong.
_ODD_VALUES = {
    "xs:string": ("\u00a0", "a\nb", " x ", "\t", "ÿ", "Ā", "€", "01", "1.0.0", "01.0.0"),
    "xs:integer": ("+1", "007", " 5 ", "\n3\n", "-0", "+0", "- 1", "²", "٣"),
    "xs:date": (" 2025-01-31 ", "2024-02-29", "2100-02-29", "2025-01-01Z", "2025-01-01+01:00"),
    "xs:time": ("24:00:00", "23:59:59.999", " 12:00:00 ", "12:00:00Z", "12:00:00+01:00"),
}

Nodes = list[tuple[ElementTree.Element, Element]]
Mutation = Callable[[str, Nodes, Random], None]


def mutate(message: str, content: bytes, mutation: Mutation, rng: Random) -> bytes:
    """The same message, changed in one place."""
    root = ElementTree.fromstring(content)
    mutation(message, list(walk(message, root)), rng)
    changed: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return changed


def drop_element(_: str, nodes: Nodes, rng: Random) -> None:
    """Leave out one element."""
    parent, at = _any_child(nodes, rng)
    del parent[at]


def swap_neighbours(_: str, nodes: Nodes, rng: Random) -> None:
    """Let two neighbours of different names change places."""
    pairs = [
        (parent, at)
        for parent, _ in nodes
        for at in range(len(parent) - 1)
        if parent[at].tag != parent[at + 1].tag
    ]
    parent, at = rng.choice(pairs)
    parent[at], parent[at + 1] = parent[at + 1], parent[at]


def repeat_element(_: str, nodes: Nodes, rng: Random) -> None:
    """Put an element there twice."""
    parent, at = _any_child(nodes, rng)
    parent.insert(at, copy.deepcopy(parent[at]))


def put_wrong_value(message: str, nodes: Nodes, rng: Random) -> None:
    """Fill an element with something of another kind."""
    node, base = _any_value(message, nodes, rng)
    node.text = rng.choice(_WRONG_VALUES[base])


def put_odd_value(message: str, nodes: Nodes, rng: Random) -> None:
    """Fill an element with a spelling that people disagree about."""
    node, base = _any_value(message, nodes, rng)
    node.text = rng.choice(_ODD_VALUES[base])


def put_too_much(message: str, nodes: Nodes, rng: Random) -> None:
    """Go one beyond the longest text or the highest number."""
    types = simple_types(load_messages()[message]["standard"])
    limits = [
        (node, types[element["type"]])
        for node, element in nodes
        if {"maxLength", "maxInclusive"} & types.get(element["type"], {}).keys()
    ]
    node, facets = rng.choice(limits)
    if "maxInclusive" in facets:
        node.text = str(facets["maxInclusive"] + 1)
    else:
        node.text = ((node.text or "") + "1" * facets["maxLength"])[: facets["maxLength"] + 1]


def change_namespace(message: str, nodes: Nodes, rng: Random) -> None:
    """Move an element to the namespace of another schema, or to none."""
    node = rng.choice(nodes)[0]
    namespace, name = node.tag[1:].split("}")
    own = load_messages()[message]["namespace"]
    others = {own, base_namespace("iwmo"), base_namespace("ijw"), f"{own}/v2", own.upper()}
    chosen = rng.choice([*sorted(others - {namespace}), ""])
    node.tag = f"{{{chosen}}}{name}" if chosen else name


def add_element(message: str, nodes: Nodes, rng: Random) -> None:
    """Put an element where the tables know none, or one from elsewhere in the message."""
    parent = rng.choice(nodes)[0]
    stranger = ElementTree.Element(f"{{{load_messages()[message]['namespace']}}}Extra")
    guest = rng.choice((stranger, copy.deepcopy(rng.choice(nodes[1:])[0])))
    parent.insert(rng.randint(0, len(parent)), guest)


def add_attribute(_: str, nodes: Nodes, rng: Random) -> None:
    """Give an element an attribute; only a hint where the schema is may stand anywhere."""
    node = rng.choice(nodes)[0]
    name = rng.choice(list(_ATTRIBUTES))
    node.set(name, _ATTRIBUTES[name])


def add_text(message: str, nodes: Nodes, rng: Random) -> None:
    """Write text, or only blanks, between the elements of a class."""
    classes = [node for node, element in nodes if members(message, element)]
    rng.choice(classes).text = rng.choice((" \n\t", "tekst", "\u00a0"))


def empty_element(_: str, nodes: Nodes, rng: Random) -> None:
    """Take everything out of an element."""
    node = rng.choice(nodes)[0]
    node[:] = []
    node.text = None


def change_case(_: str, nodes: Nodes, rng: Random) -> None:
    """Spell the name of an element in small letters."""
    node = rng.choice(nodes)[0]
    namespace, name = node.tag.split("}")
    node.tag = f"{namespace}}}{name.lower()}"


MUTATIONS: tuple[Mutation, ...] = (
    drop_element,
    swap_neighbours,
    repeat_element,
    put_wrong_value,
    put_odd_value,
    put_too_much,
    change_namespace,
    add_element,
    add_attribute,
    add_text,
    empty_element,
    change_case,
)


def _any_child(nodes: Nodes, rng: Random) -> tuple[ElementTree.Element, int]:
    parent = rng.choice([node for node, _ in nodes if len(node)])
    return parent, rng.randrange(len(parent))


def _any_value(message: str, nodes: Nodes, rng: Random) -> tuple[ElementTree.Element, str]:
    types = simple_types(load_messages()[message]["standard"])
    kinds = [(node, types.get(element["type"])) for node, element in nodes]
    values = [(node, facets["base"]) for node, facets in kinds if facets]
    # First the kind, then the element: texts would otherwise crowd out times and dates.
    base = rng.choice(sorted({base for _, base in values}))
    return rng.choice([value for value in values if value[1] == base])

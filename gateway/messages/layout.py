"""Reads from the XSDs which elements a message has, in which order and in which namespace.

Only the small grammar of our own schemas is understood: complex types that are one sequence of
elements, in the schema of the message and in the base schema beside it.  Anything else is
refused, because a message would otherwise be written wrongly.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from gateway.errors import GatewayError, WrongUse
from gateway.messages.definition import Berichttype

_XS = "{http://www.w3.org/2001/XMLSchema}"
_FACETS = (f"{_XS}pattern", f"{_XS}enumeration")
_LITERAL = re.compile(r"[0-9A-Za-z]+")


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a message; `constant` is the only value that it can have, if there is one."""

    name: str
    namespace: str
    children: tuple[Element, ...] = ()
    repeats: bool = False
    constant: str | None = None

    def child(self, name: str) -> Element | None:
        """The child with this local name, None when there is none."""
        return next((one for one in self.children if one.name == name), None)

    def leaves(self, prefix: str = "") -> Iterator[str]:
        """The path below this element of everything that holds a value, in document order."""
        for one in self.children:
            path = f"{prefix}{one.name}"
            if one.children:
                yield from one.leaves(f"{path}/")
            else:
                yield path


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """The elements of one message type, from Bericht down; made once, compared by identity."""

    kind: Berichttype
    bericht: Element


def read_layout(folder: Path, kind: Berichttype) -> Layout:
    """The layout of a message type from the XSDs in `folder`; raises GatewayError."""
    path = folder / kind.schema
    try:
        return Layout(kind, _Types(path).root())
    except (etree.XMLSyntaxError, OSError, KeyError, ValueError) as error:
        raise GatewayError(f"schema {path.name} is niet te lezen als opbouw: {error}") from error


def check_maps(layout: Layout) -> None:
    """Every map names classes and elements that there are; raises WrongUse.

    One that is read by position names all elements of its class in their order.
    """
    where = f"{layout.kind.uitgave.naam}/{layout.kind.naam}.toml"
    for one in layout.kind.maps:
        element: Element | None = layout.bericht
        for step in one.steps:
            element = element and element.child(step.removesuffix("[]"))
        if element is None:
            raise WrongUse(f"{where}: het schema heeft geen {'/'.join(one.steps)}")
        leaves = list(element.leaves())
        if lost := [at for at in one.elements if at not in leaves]:
            raise WrongUse(f"{where}: map {one.name}: het schema heeft geen {lost[0]}")
        if one.by_position and leaves != list(one.elements):
            raise WrongUse(
                f"{where}: map {one.name} leest op plaats en noemt dan elk element, in volgorde"
            )


class _Types:
    """The complex types of a message and its base schema, by namespace and name."""

    def __init__(self, path: Path) -> None:
        self._types: dict[tuple[str, str], etree._Element] = {}
        self._schema = self._add(path)

    def _add(self, path: Path) -> etree._Element:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
        schema = etree.parse(path, parser).getroot()
        for one in schema.iterchildren(f"{_XS}import"):
            self._add(path.parent / one.attrib["schemaLocation"])
        for one in schema.iterchildren(f"{_XS}complexType"):
            self._types[schema.attrib["targetNamespace"], one.attrib["name"]] = one
        return schema

    def root(self) -> Element:
        """The one global element, with everything below it."""
        (declared,) = self._schema.iterchildren(f"{_XS}element")
        return self._element(declared, self._schema.attrib["targetNamespace"])

    def _element(self, declared: etree._Element, namespace: str) -> Element:
        inside = self._type_of(declared, namespace)
        return Element(
            name=declared.attrib["name"],
            namespace=namespace,
            children=() if inside is None else self._children(*inside),
            repeats=declared.get("maxOccurs", "1") != "1",
            constant=_constant(declared),
        )

    def _type_of(
        self, declared: etree._Element, namespace: str
    ) -> tuple[etree._Element, str] | None:
        """The complex type of an element and its namespace, None for an element with a value."""
        if (own := declared.find(f"{_XS}complexType")) is not None:
            return own, namespace
        prefix, _, name = declared.get("type", "").rpartition(":")
        where = declared.nsmap.get(prefix or None, "")
        found = self._types.get((where, name))
        return None if found is None else (found, where)

    def _children(self, inside: etree._Element, namespace: str) -> tuple[Element, ...]:
        name = inside.get("name", "een type zonder naam")
        content = [one for one in inside if one.tag != f"{_XS}annotation"]
        if [one.tag for one in content] != [f"{_XS}sequence"]:
            raise ValueError(f"{name} is geen enkele sequence")
        if any(one.tag != f"{_XS}element" or "name" not in one.attrib for one in content[0]):
            raise ValueError(f"{name} bevat iets anders dan eigen elementen")
        return tuple(self._element(one, namespace) for one in content[0])


def _constant(declared: etree._Element) -> str | None:
    """The value of an element that can have only one, such as BerichtVersie."""
    if fixed := declared.get("fixed"):
        return str(fixed)
    facets = declared.findall(f"{_XS}simpleType/{_XS}restriction/*")
    values = [one.attrib["value"] for one in facets if one.tag in _FACETS]
    return values[0] if len(values) == 1 and _LITERAL.fullmatch(values[0]) else None

"""Reads a class by the position of its elements: asking an element for its name costs most.

A class is one sequence in its XSD, so the elements that are there follow from which optional ones
are absent, and those are few.  What is read this way counts only once the XSD has said yes to the
whole message, as with every other value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lxml import etree

from gateway.messages.definition import Berichttype, Field, Map

# What fills a field: the text at a place, made into a value.
Step = tuple[int, Callable[[str], Any] | None]


@dataclass(frozen=True, slots=True)
class _Optional:
    """An element that may be absent: name, path, and place when nothing else is absent."""

    tag: str
    at: str
    place: int


class Positions:
    """The places of one map, one plan for every set of absent elements that has come by."""

    def __init__(self, one: Map, kind: Berichttype) -> None:
        self._fields = one.fields
        self._elements = _elements(one.fields)
        self._optional = [
            _Optional(
                qualified(kind, *_split(field.at)), field.at, self._elements.index(field.at) + 1
            )
            for field in one.fields
            if field.optional
        ]
        self._plans: dict[tuple[str, ...], list[Step]] = {}

    def take(self, element: etree._Element, others: list[Any]) -> list[Any] | None:
        """The values of all fields, None when the element does not have the shape of its class.

        `others` are the values that come from elsewhere, in the order of their fields.
        """
        nodes = [*element.iter()]
        absent = self._absent(nodes)
        if absent is None:
            return None
        plan = self._plans.get(absent) or self._plan(absent)
        texts = [node.text for node in nodes]
        # The text of the class itself is nothing: it stands for what is absent.
        texts[0] = None
        texts += others
        return [
            texts[place] if convert is None else convert(texts[place]) for place, convert in plan
        ]

    def _absent(self, nodes: list[etree._Element]) -> tuple[str, ...] | None:
        """The paths of the optional elements that are not there; None for another shape."""
        missing = len(self._elements) + 1 - len(nodes)
        if missing == 0:
            return ()
        absent: list[str] = []
        for one in self._optional:
            place = one.place - len(absent)
            if place >= len(nodes) or nodes[place].tag != one.tag:
                absent.append(one.at)
                if len(absent) == missing:
                    return tuple(absent)
        return None

    def _plan(self, absent: tuple[str, ...]) -> list[Step]:
        """Where every field stands when these elements are absent."""
        present = [at for at in self._elements if at not in absent]
        places = {at: place for place, at in enumerate(present, start=1)}
        other = len(present) + 1
        plan: list[Step] = []
        for field in self._fields:
            if not field.at:
                plan.append((other, None))
                other += 1
            elif field.at in places:
                plan.append((places[field.at], None if field.convert is str else field.convert))
            else:
                plan.append((0, None))
        self._plans[absent] = plan
        return plan


def qualified(kind: Berichttype, parent: str, leaf: str) -> str:
    """The name of a leaf with its namespace.

    Elements of a class are in the message's namespace, those of a CDT_ type in the base one.
    """
    return f"{{{kind.basis_namespace if parent else kind.namespace}}}{leaf}"


def _split(at: str) -> tuple[str, str]:
    parent, _, leaf = at.rpartition("/")
    return parent, leaf


def _elements(fields: tuple[Field, ...]) -> list[str]:
    """The paths of all elements in document order, the wrappers around leaves included."""
    found: dict[str, None] = {}
    for field in fields:
        steps = field.at.split("/") if field.at else []
        for depth in range(1, len(steps) + 1):
            found["/".join(steps[:depth])] = None
    return list(found)

"""Reads a class by the position of its elements: asking an element for its name costs most.

A class is one sequence in its XSD, so the elements that are there follow from which optional ones
are absent, and those are few.  What is read this way counts only once the XSD has said yes to the
whole message, as with every other value.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from lxml import etree

from gateway.messages.definition import Berichttype, Map
from gateway.records.extra import Extra

Converter = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class _Optional:
    """An element that may be absent: name, path, and place when nothing else is absent."""

    tag: str
    at: str
    place: int


@dataclass(frozen=True, slots=True)
class _Plan:
    """How a record is filled for one set of absent elements.

    `pick` takes its fields from what is at hand; `converts` are the places in the record at which
    a text becomes a value.
    """

    pick: Callable[[list[Any]], tuple[Any, ...]]
    converts: list[tuple[int, Converter]]


class Positions:
    """The places of one map, one plan for every set of absent elements that has come by.

    Its record is a named tuple.
    """

    def __init__(self, one: Map, kind: Berichttype) -> None:
        self._fields = one.fields
        record: Any = one.record
        self._make: Callable[[list[Any]], Any] = record._make
        # What a map does not name has its default, at the end of the record.
        named = {field.name for field in one.fields}
        defaults = record._field_defaults.items()
        self._tail = [value for name, value in defaults if name not in named]
        self._extra = one.extra
        self._names = [field.name for field in one.extra]
        self._elements = _elements(one.elements)
        self._size = len(self._elements) + 1
        absent = {field.at for field in (*one.fields, *one.extra) if field.optional}
        self._optional = [
            _Optional(qualified(kind, *_split(at)), at, self._elements.index(at) + 1)
            for at in one.elements
            if at in absent
        ]
        self._plans: dict[tuple[str, ...], _Plan] = {}

    def take(self, element: etree._Element, given: tuple[Any, ...]) -> Any | None:
        """The record, None when the element does not have the shape of its class.

        `given` are the path, the number of the record, and then what comes from elsewhere in the
        order of its fields.
        """
        nodes = [*element.iter()]
        absent = self._absent(nodes)
        if absent is None:
            return None
        plan = self._plans.get(absent) or self._plan(absent)
        texts: list[Any] = [node.text for node in nodes]
        # The text of the class itself is nothing: it stands for what is absent.
        texts[0] = None
        texts += given
        texts += self._tail
        values = [*plan.pick(texts)]
        for place, convert in plan.converts:
            values[place] = convert(values[place])
        if self._names:
            # `extra` is the last of the tail, and what belongs in it stands behind.
            count = len(self._names)
            found = values[-count:]
            del values[-count:]
            values[-1] = extra_of(self._names, found)
        return self._make(values)

    def _absent(self, nodes: list[etree._Element]) -> tuple[str, ...] | None:
        """The paths of the optional elements that are not there; None for another shape."""
        missing = self._size - len(nodes)
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

    def _plan(self, absent: tuple[str, ...]) -> _Plan:
        """Where every field stands when these elements are absent."""
        present = [at for at in self._elements if at not in absent]
        places = {at: place for place, at in enumerate(present, start=1)}
        pad, number, other = range(len(present) + 1, len(present) + 4)
        picked = [pad]
        converts: list[tuple[int, Converter]] = []
        for field in self._fields:
            if field.at in places and field.convert is not str:
                converts.append((len(picked), field.convert))
            if field.at:
                picked.append(places.get(field.at, 0))
            elif field.counts:
                picked.append(number)
            else:
                picked.append(other)
                other += 1
        picked += range(other, other + len(self._tail))
        for field in self._extra:
            if field.at in places and field.convert is not str:
                converts.append((len(picked), field.convert))
            picked.append(places.get(field.at, 0))
        plan = _Plan(itemgetter(*picked), converts)
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


def extra_of(names: Sequence[str], values: Sequence[Any]) -> Extra:
    """The elements beyond the record that are there."""
    named = zip(names, values, strict=True)
    return tuple((name, value) for name, value in named if value is not None)


def _elements(leaves: Sequence[str]) -> list[str]:
    """The paths of all elements in document order, the wrappers around leaves included."""
    found: dict[str, None] = {}
    for leaf in leaves:
        steps = leaf.split("/")
        for depth in range(1, len(steps) + 1):
            found["/".join(steps[:depth])] = None
    return list(found)

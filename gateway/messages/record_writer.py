"""Writes canonical records as a message: the way back of the reader, through the same maps.

Records come in document order, a class before what stands inside it, and leave as text piece by
piece, so that a message of any size is written in constant memory.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from typing import Any
from xml.sax.saxutils import escape

from gateway.messages.definition import NOWHERE, Berichttype, Field, Map
from gateway.messages.layout import Element, Layout

NEWLINE = "\r\n"
PIECE = 64 * 1024
_SPECIAL = re.compile(r"[&<>\r\n]")
# A bare carriage return would be read as a line feed; a line feed is written as the lines are.
_BREAKS = {"\r": "&#13;", "\n": NEWLINE}

Named = tuple[str, Any]
Path = tuple[str, ...]
Present = tuple[bool, ...]


def write_message(kind: Berichttype, records: Iterable[Named], layout: Layout) -> Iterator[bytes]:
    """The message as pieces of UTF-8 without byte order mark, its lines ended by CRLF.

    `records` are (map name, record) in document order, as the reader gives them.  Raises
    ValueError for a record that has no place where it comes.
    """
    held: list[str] = []
    size = 0
    for text in _Writing(_plan_of(kind, layout)).run(records):
        held.append(text)
        size += len(text)
        if size >= PIECE:
            yield "".join(held).encode()
            held, size = [], 0
    yield "".join(held).encode()


@dataclass(frozen=True, slots=True, eq=False)
class _Step:
    """One class, or one wrapper around classes, that holds records; known by its path."""

    name: str
    begin: str
    end: str
    position: int
    repeats: bool
    is_class: bool


@dataclass(slots=True)
class _Open:
    """A step that is open: how it ends, and the place of the child that was opened last."""

    step: _Step | None
    end: str
    position: int = -1


class _Writing:
    """The state of writing one message: the steps that are open, from Bericht down."""

    def __init__(self, plan: _Plan) -> None:
        self._plan = plan
        self._open = [_Open(None, plan.end)]

    def run(self, records: Iterable[Named]) -> Iterator[str]:
        """The text of the whole message."""
        yield self._plan.begin
        maps = self._plan.maps
        for name, record in records:
            one = maps[name]
            yield self._enter(one)
            begin, end = one.texts(record)
            yield begin
            self._push(one.path[-1], end)
        yield self._close(0)

    def _enter(self, one: _Prepared) -> str:
        """Close what does not stand around the class, and open the wrappers that do."""
        path, depth = one.path, 1
        while depth < min(len(path), len(self._open)) and self._open[depth].step is path[depth - 1]:
            depth += 1
        text = self._close(depth)
        for wrapper in path[depth - 1 : -1]:
            if wrapper.is_class:
                raise ValueError(f"{one.name} comes without the {wrapper.name} around it")
            text += wrapper.begin
            self._push(wrapper, wrapper.end)
        return text

    def _push(self, step: _Step, end: str) -> None:
        around = self._open[-1]
        if step.position < around.position or (
            step.position == around.position and not step.repeats
        ):
            raise ValueError(f"{step.name} comes too late or twice")
        around.position = step.position
        self._open.append(_Open(step, end))

    def _close(self, depth: int) -> str:
        ended = self._open[depth:]
        del self._open[depth:]
        return "".join(one.end for one in reversed(ended))


class _Plan:
    """The maps of one message type, prepared once for writing many messages."""

    def __init__(self, kind: Berichttype, layout: Layout) -> None:
        tags = _Tags(kind)
        bericht = layout.bericht
        self.begin = f'<?xml version="1.0" encoding="UTF-8"?>{NEWLINE}{tags.root}{NEWLINE}'
        self.end = f"{tags.close(bericht)}{NEWLINE}"
        classes = {_names(one) for one in kind.maps}
        paths = {names[:n] for names in classes for n in range(1, len(names) + 1)}
        steps = {path: _step(path, bericht, tags, path in classes) for path in paths}
        self.maps = {one.name: _Prepared(one, bericht, steps, tags) for one in kind.maps}


def _names(one: Map) -> Path:
    return tuple(step.removesuffix("[]") for step in one.steps)


def _step(path: Path, bericht: Element, tags: _Tags, is_class: bool) -> _Step:
    around = _element(bericht, path[:-1])
    element = _element(bericht, path)
    return _Step(
        name=element.name,
        begin=f"{tags.open(element)}{NEWLINE}",
        end=f"{tags.close(element)}{NEWLINE}",
        position=around.children.index(element),
        repeats=element.repeats,
        is_class=is_class,
    )


def _element(bericht: Element, path: Path) -> Element:
    element = bericht
    for name in path:
        found = element.child(name)
        if found is None:
            raise ValueError(f"the schema has no {'/'.join(path)}")
        element = found
    return element


class _Tags:
    """The tags of elements: `jw323:` for those of the message, `ijw:` for those of its base."""

    def __init__(self, kind: Berichttype) -> None:
        self._prefixes = {
            kind.namespace: kind.naam.lower(),
            kind.basis_namespace: kind.standaard,
        }
        declared = (f'xmlns:{p}="{namespace}"' for namespace, p in self._prefixes.items())
        self.root = f"<{kind.naam.lower()}:Bericht {' '.join(declared)}>"

    def open(self, element: Element) -> str:
        """The start tag."""
        return f"<{self._prefixes[element.namespace]}:{element.name}>"

    def close(self, element: Element) -> str:
        """The end tag."""
        return f"</{self._prefixes[element.namespace]}:{element.name}>"


@dataclass(frozen=True, slots=True)
class _Leaf:
    """An element with a value: that of field `index`, or always the same text."""

    begin: str
    end: str
    index: int | None = None
    constant: str = ""

    def is_there(self, present: Present) -> bool:
        """Whether the element is written."""
        return self.index is None or present[self.index]

    def render(self, _: Present) -> str:
        """The element with a place for its value."""
        return f"{self.begin}{self.constant if self.index is None else '%s'}{self.end}"


@dataclass(frozen=True, slots=True)
class _Group:
    """An element of a base type, written when any of its parts has a value."""

    begin: str
    end: str
    parts: tuple[_Leaf | _Group, ...]

    def is_there(self, present: Present) -> bool:
        """Whether the element is written."""
        return any(part.is_there(present) for part in self.parts)

    def render(self, present: Present) -> str:
        """The element with places for the values that are there."""
        inside = (part.render(present) for part in self.parts if part.is_there(present))
        return f"{self.begin}{''.join(inside)}{self.end}"


Part = _Leaf | _Group


class _Prepared:
    """One map with everything looked up that is the same for every record.

    Which fields have a value differs from record to record, but not in many ways: the text around
    the values is kept per way.
    """

    def __init__(self, one: Map, bericht: Element, steps: dict[Path, _Step], tags: _Tags) -> None:
        names = _names(one)
        element = _element(bericht, names)
        places = {path: place for place, path in enumerate(element.leaves())}
        written = [spec for spec in (*one.fields, *one.extra) if spec.at and spec.at != NOWHERE]
        if lost := [spec.at for spec in written if spec.at not in places]:
            raise ValueError(f"the schema has no {lost[0]} in {one.tag}")
        written.sort(key=lambda spec: places[spec.at])
        self.name = one.name
        self.path = tuple(steps[names[:n]] for n in range(1, len(names) + 1))
        self._values = _getter(written)
        self._shown = [_shown(spec, element, tags) for spec in written]
        holes = {path[-1] for path in steps if path[:-1] == names}
        fields = {spec.at: index for index, spec in enumerate(written)}
        self._head, self._tail = _around(element, holes, fields, tags)
        self._templates: dict[Present, tuple[str, str, int]] = {}

    def texts(self, record: Any) -> tuple[str, str]:
        """The text of a record up to what stands inside it, and the text after that."""
        values = self._values(record)
        present = tuple([value is not None and value != () for value in values])
        if present not in self._templates:
            self._templates[present] = self._template(present)
        head, tail, count = self._templates[present]
        shown = [
            show(value)
            for show, value, there in zip(self._shown, values, present, strict=True)
            if there
        ]
        return head % tuple(shown[:count]), tail % tuple(shown[count:])

    def _template(self, present: Present) -> tuple[str, str, int]:
        """The text before and after the classes inside, with how many values stand before."""
        head, tail = (
            "".join(f"{part.render(present)}{NEWLINE}" for part in parts if part.is_there(present))
            for parts in (self._head, self._tail)
        )
        step = self.path[-1]
        return f"{step.begin}{head}", f"{tail}{step.end}", head.count("%s")


def _around(
    element: Element, holes: set[str], fields: Mapping[str, int], tags: _Tags
) -> tuple[list[Part], list[Part]]:
    """The parts of a class with a value, before and after the children that hold records."""
    head: list[Part] = []
    tail: list[Part] = []
    parts = head
    for child in element.children:
        if child.name in holes:
            if tail:
                raise ValueError(f"{tail[-1].begin} stands between two classes")
            parts = tail
            continue
        if (part := _part(child, child.name, fields, tags)) is not None:
            parts.append(part)
    return head, tail


def _part(element: Element, path: str, fields: Mapping[str, int], tags: _Tags) -> Part | None:
    """How an element is written; None for one that no field fills."""
    begin, end = tags.open(element), tags.close(element)
    if element.children:
        parts = (_part(one, f"{path}/{one.name}", fields, tags) for one in element.children)
        return _Group(begin, end, tuple(part for part in parts if part is not None))
    if path in fields:
        return _Leaf(begin, end, fields[path])
    return None if element.constant is None else _Leaf(begin, end, constant=element.constant)


def _getter(written: list[Field]) -> Callable[[Any], tuple[Any, ...]]:
    """Gives these fields of a record, always as a tuple."""
    names = [spec.name for spec in written]
    if any(spec.extra for spec in written):
        return lambda record: tuple(_value_of(record, spec) for spec in written)
    if len(names) > 1:
        return attrgetter(*names)
    return lambda record: tuple(getattr(record, name) for name in names)


def _value_of(record: Any, spec: Field) -> Any:
    """A field of a record, or what it holds beyond its fields."""
    return dict(record.extra).get(spec.name) if spec.extra else getattr(record, spec.name)


def _shown(spec: Field, element: Element, tags: _Tags) -> Callable[[Any], str]:
    """Turns the value of a field into text; one that repeats brings the tags in between."""
    if not spec.many:
        return _text
    leaf = _element(element, tuple(spec.at.split("/")))
    joint = tags.close(leaf) + tags.open(leaf)
    return lambda values: joint.join(map(_text, values))


def _text(value: object) -> str:
    """A value as it stands in a message."""
    text = str(value)
    return escape(text, _BREAKS) if _SPECIAL.search(text) else text


@lru_cache(maxsize=64)
def _plan_of(kind: Berichttype, layout: Layout) -> _Plan:
    return _Plan(kind, layout)

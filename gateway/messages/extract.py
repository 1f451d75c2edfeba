"""Turns the elements of a message into canonical records, as the maps of its type say."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from lxml import etree

from gateway.messages.definition import Berichttype, Field, Map, UnreadableValue
from gateway.messages.positions import Positions, extra_of, qualified
from gateway.records.finding import SchemaError

Values = dict[str, Any]
Named = tuple[str, Any]


class Extractor:
    """The maps of one message type, prepared once for reading many messages."""

    def __init__(self, kind: Berichttype) -> None:
        prepared = {one.name: _Prepared(one, kind) for one in kind.maps}
        self.ends: dict[str, list[_Prepared]] = {}
        for one in prepared.values():
            one.early = prepared.get(one.early_name)
            self.ends.setdefault(one.tag, []).append(one)
        self.tags = sorted(self.ends)

    def begin(self) -> Extraction:
        """A fresh state for one message."""
        return Extraction(self)


class Extraction:
    """The state of reading one message: the last record of each map, and how many there were."""

    def __init__(self, extractor: Extractor) -> None:
        spots = {one: _Spot(one) for maps in extractor.ends.values() for one in maps}
        for spot in spots.values():
            spot.early = spots[spot.one.early] if spot.one.early else None
        self._ends = {tag: [spots[one] for one in maps] for tag, maps in extractor.ends.items()}
        self._repeated = [spot for spot in spots.values() if spot.one.repeats]
        self._last: dict[str, Any] = {}
        self.unreadable: SchemaError | None = None

    def take(self, elements: list[etree._Element]) -> list[Named]:
        """The records of classes that ended, each behind those of the classes around it.

        Empties the list, and only then gives memory back: lxml would move an element that is
        still held to a place of its own first, which costs a fifth of reading it.
        """
        records = self.told(elements)
        elements.clear()
        for spot in self._repeated:
            spot.release()
        return records

    def told(self, elements: list[etree._Element]) -> list[Named]:
        """The same, of elements that stay as they are."""
        records: list[Named] = []
        for element in elements:
            spots = self._ends.get(element.tag, ())
            spot = spots[0] if len(spots) == 1 else _meant(spots, element)
            if spot is None:
                continue
            if spot.parent is not element.getparent():
                if not spot.one.is_at(element):
                    continue  # a class of another parent, such as its RetourCodes, has no map
                self._enter(spot, element, records)
            spot.latest = element
            # A class that had to be told for the sake of one inside it is not told again.
            if not spot.one.map.before or spot.told is not element:
                self._emit(spot, element, records)
        return records

    def _enter(self, spot: _Spot, element: etree._Element, records: list[Named]) -> None:
        """The first class of its kind below this parent: what stands around it is told first.

        A class is complete before its end once something inside it ends.
        """
        spot.parent = element.getparent()
        spot.index = 0
        outer = spot.early
        if outer is not None:
            holder = element
            for _ in range(spot.one.steps_up):
                holder = holder.getparent()
            if outer.told is not holder:
                outer.told = holder
                if outer.parent is not holder.getparent():
                    self._enter(outer, holder, records)
                self._emit(outer, holder, records)
        if self.unreadable is None:
            spot.prefix = spot.one.prefix(self._last)
            spot.others = spot.one.others(self._last)

    def _emit(self, spot: _Spot, element: etree._Element, records: list[Named]) -> None:
        if self.unreadable is not None:
            return
        spot.index += 1
        spot.total += 1
        one = spot.one
        pad = f"{spot.prefix}[{spot.index}]" if one.repeats else spot.prefix
        try:
            record = one.build(element, (pad, spot.total, *spot.others))
        except UnreadableValue as error:
            self.unreadable = _unreadable(element, pad, str(error))
        except (ValueError, TypeError, KeyError):
            # Either the XSD refuses it too, or it is a year that no calendar of ours has.
            self.unreadable = _unreadable(element, pad, "een datum van 0001-01-01 tot 9999-12-31")
        else:
            self._last[one.name] = record
            records.append((one.name, record))


class _Spot:
    """Where the reading of one map is: its parent in hand, and what is the same below it."""

    __slots__ = ("early", "index", "latest", "one", "others", "parent", "prefix", "told", "total")

    def __init__(self, one: _Prepared) -> None:
        self.one = one
        self.early: _Spot | None = None
        self.parent: etree._Element | None = None
        self.told: etree._Element | None = None
        self.latest: etree._Element | None = None
        self.prefix = ""
        self.others: tuple[Any, ...] = ()
        self.index = 0
        self.total = 0

    def release(self) -> None:
        """Give back what stands before the latest element; the parser may be at work behind it."""
        if self.latest is not None:
            parent = self.latest.getparent()
            del parent[: parent.index(self.latest)]
            self.latest = None


class _Prepared:
    """One map with everything looked up that is the same for every element."""

    def __init__(self, one: Map, kind: Berichttype) -> None:
        self.map = one
        self.name = one.name
        self.tag = f"{{{kind.namespace}}}{one.tag}"
        self.repeats = one.steps[-1].endswith("[]")
        self._parent_tag = f"{{{kind.namespace}}}{one.parent}"
        self._record = _with_extra(one) if one.extra else one.record
        # The innermost class around this one that is complete before its end.
        around = [m for m in kind.maps if m.before and m is not one and _holds(m, one)]
        early = max(around, key=lambda m: len(m.steps), default=None)
        self.early_name = early.name if early else ""
        self.steps_up = len(one.steps) - len(early.steps) if early else 0
        self.early: _Prepared | None = None
        self._around = _nearest_repeating(one, kind.maps)
        skip = len(self._around.steps) if self._around else 0
        self._below = "".join(f"/{step.removesuffix('[]')}" for step in one.steps[skip:])
        # The tree may already be parsed beyond the child that completes a class: stop there.
        self._stops = frozenset(f"{{{kind.namespace}}}{child}" for child in one.before)
        self._by_path = _needs_paths(one)
        self._many = frozenset(f.at for f in one.fields if f.many)
        self._sources = [f.source for f in one.fields if f.source]
        self._names = [f.name for f in one.fields if f.source]
        read = (*one.fields, *one.extra)
        self._plan = [(_key(f, kind, by_path=self._by_path), _convert(f)) for f in read]
        self._positions = Positions(one, kind) if one.by_position else None

    def is_at(self, element: etree._Element) -> bool:
        """Whether this element is the class that the map means."""
        parent = element.getparent()
        return parent is not None and parent.tag == self._parent_tag

    def prefix(self, last: dict[str, Any]) -> str:
        """XPath of the class without its number, by local names."""
        around = last[self._around.name].pad if self._around else "/Bericht"
        return f"{around}{self._below}"

    def others(self, last: dict[str, Any]) -> tuple[Any, ...]:
        """The values that come from the records around this class, in the order of its fields."""
        return tuple(
            [
                getattr(last[owner], attribute) if owner in last else None
                for owner, attribute in self._sources
            ]
        )

    def build(self, element: etree._Element, given: tuple[Any, ...]) -> Any:
        """The record of an element; raises ValueError or TypeError for an unreadable value.

        `given` are the path, the number of the record and what comes from around the class.
        """
        if self._positions is not None:
            record = self._positions.take(element, given)
            if record is not None:
                return record
        values: Values = {}
        if self._by_path:
            self._fill(values, element)
        else:
            values.update([(child.tag, child.text) for child in element.iter()])
        pad, values["#"], *others = given
        values.update(zip(self._names, others, strict=True))
        get = values.get
        return self._record(
            pad,
            *[
                get(key) if convert is None or (text := get(key)) is None else convert(text)
                for key, convert in self._plan
            ],
        )

    def _fill(self, values: Values, parent: etree._Element, prefix: str = "") -> None:
        """Texts by path below the class; of what may be repeated a list under `path[]`."""
        for child in parent:
            tag = child.tag
            if tag in self._stops:
                return
            path = prefix + tag[tag.rfind("}") + 1 :]
            if len(child):
                self._fill(values, child, path + "/")
            elif path in self._many:
                values.setdefault(path + "[]", []).append(child.text)
            else:
                values[path] = child.text


def _meant(spots: Iterable[_Spot], element: etree._Element) -> _Spot | None:
    """Of maps whose classes share a name the one that is meant here."""
    return next((spot for spot in spots if spot.one.is_at(element)), None)


def _holds(outer: Map, inner: Map) -> bool:
    """Whether the class of one map stands around that of another."""
    return inner.steps[: len(outer.steps)] == outer.steps


def _with_extra(one: Map) -> Callable[..., Any]:
    """Makes a record of its path and fields and, behind them, what it has beyond its fields."""
    record, count = one.record, len(one.fields) + 1
    names = [field.name for field in one.extra]

    def make(*values: Any) -> Any:
        return record(*values[:count], extra=extra_of(names, values[count:]))

    return make


def _needs_paths(one: Map) -> bool:
    """Whether the names of the leaves alone do not tell them apart."""
    names = [spec.at.rpartition("/")[2] for spec in (*one.fields, *one.extra) if spec.at]
    return (
        bool(one.before) or len(set(names)) != len(names) or any(spec.many for spec in one.fields)
    )


def _nearest_repeating(one: Map, maps: tuple[Map, ...]) -> Map | None:
    """The innermost repeating class around this one: it gives the first part of the XPath."""
    around = [
        m
        for m in maps
        if m is not one and m.steps[-1].endswith("[]") and one.steps[: len(m.steps)] == m.steps
    ]
    return max(around, key=lambda m: len(m.steps), default=None)


def _key(spec: Field, kind: Berichttype, *, by_path: bool) -> str:
    """Under which key the value of a field stands among the values of its element."""
    if spec.counts:
        return "#"
    if spec.source:
        return spec.name
    if by_path:
        return spec.at + "[]" if spec.many else spec.at
    parent, _, leaf = spec.at.rpartition("/")
    return qualified(kind, parent, leaf)


def _convert(spec: Field) -> Callable[[Any], Any] | None:
    if spec.source or spec.counts or spec.convert is str:
        return tuple if spec.many else None
    return spec.convert


def _unreadable(element: etree._Element, pad: str, expected: str) -> SchemaError:
    """A value that the validator takes but that cannot be right."""
    line = int(element.sourceline or 0)
    return SchemaError(
        line=line,
        pad=pad,
        found="een waarde die niet past",
        expected=expected,
        text=f"regel {line}, {pad}: gevonden een waarde die niet past, verwacht {expected}",
    )

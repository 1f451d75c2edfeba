"""Walks several sorted streams side by side, each item held once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

Key = TypeVar("Key", int, str, tuple[int, int])
Item = TypeVar("Item")


class Volger(Generic[Key, Item]):
    """Follows a stream of (key, item) that is sorted by key, while keys are asked in order."""

    def __init__(self, stream: Iterable[tuple[Key, Item]]) -> None:
        self._stream: Iterator[tuple[Key, Item]] = iter(stream)
        self._next: tuple[Key, Item] | None = next(self._stream, None)

    @property
    def next_key(self) -> Key | None:
        """The key of what comes next; None at the end."""
        return None if self._next is None else self._next[0]

    def before(self, key: Key) -> Iterator[tuple[Key, Item]]:
        """What nobody asked for: the items left over with a smaller key."""
        while self._next is not None and self._next[0] < key:
            yield self._next
            self._next = next(self._stream, None)

    def at(self, key: Key) -> Iterator[Item]:
        """The items of a key; what is not taken stays, and is left over for `before`."""
        while self._next is not None and self._next[0] == key:
            _, item = self._next
            self._next = next(self._stream, None)
            yield item

    def rest(self) -> Iterator[tuple[Key, Item]]:
        """Everything left over."""
        while self._next is not None:
            yield self._next
            self._next = next(self._stream, None)

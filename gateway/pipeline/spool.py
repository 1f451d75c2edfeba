"""Holds what does not fit in memory between two passes: chunks of rows in an unnamed file.

A message of a few thousand lines never leaves memory.  The file has no name, so that nothing is
left behind, whatever happens.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Generic, TypeVar

import msgspec

from gateway.records.declaratie import Prestatie
from gateway.records.extra import Extra
from gateway.records.finding import Finding

Item = TypeVar("Item")
CHUNK = 2_000
CHUNKS_IN_MEMORY = 5
IN_MEMORY = 256 * 1024

_ENCODE = msgspec.msgpack.Encoder()


class Spool(Generic[Item]):
    """Items in the order in which they were added, to be read back in chunks, any number of times.

    The first few chunks stay as they are; only what comes after them is written out.  `item` is
    the type of the items, of which named tuples cost least.
    """

    def __init__(self, item: Any) -> None:
        self._decoder: Any = msgspec.msgpack.Decoder(list[item])
        self._kept: list[list[Item]] = []
        self._file: Any = None
        self._sizes: list[int] = []
        self._chunk: list[Item] = []
        self.count = 0

    def add(self, item: Item) -> None:
        """Add one item at the end."""
        if len(self._chunk) >= CHUNK:
            self._put_away()
        self._chunk.append(item)
        self.count += 1

    def extend(self, items: list[Item]) -> None:
        """Add many items at the end; a whole chunk at once is cheapest."""
        if len(items) == CHUNK and not self._chunk:
            self._chunk = items
            self.count += CHUNK
            self._put_away()
            return
        for item in items:
            self.add(item)

    def _put_away(self) -> None:
        """The chunk in hand is full: keep it, or write it out."""
        if len(self._kept) < CHUNKS_IN_MEMORY:
            self._kept.append(self._chunk)
        else:
            body = _ENCODE.encode(self._chunk)
            if self._file is None:
                self._file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed in close
            self._file.seek(0, 2)
            self._file.write(body)
            self._sizes.append(len(body))
        self._chunk = []

    def chunks(self) -> Iterator[list[Item]]:
        """All items from the first, in lists of at most CHUNK."""
        yield from self._kept
        place = 0
        for size in self._sizes:
            self._file.seek(place)
            body = self._file.read(size)
            place += size
            yield self._decoder.decode(body)
        if self._chunk:
            yield self._chunk

    def __iter__(self) -> Iterator[Item]:
        for chunk in self.chunks():
            yield from chunk

    def close(self) -> None:
        """Give the file back."""
        if self._file is not None:
            self._file.close()
            self._file = None
        self._kept, self._sizes, self._chunk = [], [], []

    def __enter__(self) -> Spool[Item]:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def row_spool() -> Spool[tuple[Any, ...]]:
    """A spool of plain rows, such as the lines to be stored."""
    return Spool(tuple)


def prestatie_spool() -> Spool[Prestatie]:
    """A spool of invoice lines."""
    return Spool(Prestatie)


def afgekeurd_spool() -> Spool[tuple[Prestatie, tuple[str, ...]]]:
    """A spool of rejected lines with their retourcodes."""
    return Spool(tuple[Prestatie, tuple[str, ...]])


def finding_spool() -> Spool[Finding]:
    """A spool of findings."""
    return Spool(Finding)


def extra_spool() -> Spool[Extra]:
    """A spool of what lines have beyond their fields."""
    return Spool(Extra)


def bewijs_spool() -> Spool[tuple[int, bytes]]:
    """A spool of receipts, each with the number of its line."""
    return Spool(tuple[int, bytes])

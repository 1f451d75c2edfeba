"""Holds what does not fit in memory between two passes: chunks of rows in an unnamed file.

A message of a few thousand lines never leaves memory.  The file has no name, so that nothing is
left behind, whatever happens.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from operator import attrgetter
from types import TracebackType
from typing import Any, Generic, TypeVar

import msgspec

from gateway.records.declaratie import Prestatie
from gateway.records.finding import Evidence, Finding

Item = TypeVar("Item")
CHUNK = 2_000
CHUNKS_IN_MEMORY = 5
IN_MEMORY = 4 * 1024 * 1024

_ENCODE = msgspec.msgpack.Encoder()


class Spool(Generic[Item]):
    """Items in the order in which they were added, to be read back in chunks, any number of times.

    The first few chunks stay as they are; only what comes after them is written out.
    """

    def __init__(
        self, pack: Callable[[Item], Any], unpack: Callable[[Any], Item], row: Any = Any
    ) -> None:
        self._pack = pack
        self._unpack = unpack
        self._decoder = msgspec.msgpack.Decoder(list[row])
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

    def _put_away(self) -> None:
        """The chunk in hand is full: keep it, or write it out."""
        if len(self._kept) < CHUNKS_IN_MEMORY:
            self._kept.append(self._chunk)
        else:
            body = _ENCODE.encode([self._pack(item) for item in self._chunk])
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
            yield [self._unpack(row) for row in self._decoder.decode(body)]
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


def row_spool() -> Spool[Sequence[Any]]:
    """A spool of plain rows, such as the lines to be stored."""
    return Spool(lambda row: row, lambda row: row)


PrestatieRow = tuple[
    str, int, str, str, str | None, int, str, str, date, date, int, str, int | None, int, str
]
_PRESTATIE = attrgetter(
    "pad",
    "volgnr",
    "bsn",
    "referentienummer",
    "vorig_referentienummer",
    "toewijzingnummer",
    "productcategorie",
    "productcode",
    "begindatum",
    "einddatum",
    "geleverd_volume",
    "eenheid",
    "producttarief",
    "ingediend_bedrag",
    "debet_credit",
)


def prestatie_spool() -> Spool[Prestatie]:
    """A spool of invoice lines."""
    return Spool(_PRESTATIE, lambda row: Prestatie(*row), PrestatieRow)


def afgekeurd_spool() -> Spool[tuple[Prestatie, tuple[str, ...]]]:
    """A spool of rejected lines with their retourcodes."""
    return Spool(
        lambda item: (_PRESTATIE(item[0]), item[1]),
        lambda row: (Prestatie(*row[0]), row[1]),
        tuple[PrestatieRow, tuple[str, ...]],
    )


_FINDING = attrgetter(
    "rule",
    "retourcode",
    "effect",
    "klasse",
    "pad",
    "element",
    "reference",
    "found",
    "expected",
    "text",
)
_EVIDENCE = attrgetter("overeenkomst", "versie", "cel", "ingediend", "verwacht")


def finding_spool() -> Spool[Finding]:
    """A spool of findings."""
    return Spool(
        lambda f: (_FINDING(f), None if f.evidence is None else _EVIDENCE(f.evidence)),
        lambda row: Finding(*row[0], evidence=None if row[1] is None else Evidence(*row[1])),
    )

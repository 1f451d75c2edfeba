"""Keeps the bytes of a message exactly: in pieces of 1 MiB, each compressed on its own."""

from __future__ import annotations

import hashlib
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.errors import CouldNotFinish
from gateway.store.bulk import insert_all
from gateway.store.engine import Database
from gateway.store.kluis import DAMAGED, Kluis, Place, kluis_of

PIECE = 1024 * 1024
LEVEL = 1
SMALL = 16 * 1024
HEAD = 64 * 1024
# Up to so many bytes it costs less to write them as one value than row by row.
TOGETHER = 128 * 1024
IN_MEMORY = 1024 * 1024


def cut(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of exactly PIECE, the last one shorter."""
    held: list[bytes] = []
    size = 0
    for chunk in chunks:
        held.append(chunk)
        size += len(chunk)
        if size >= PIECE:
            whole = b"".join(held)
            end = size - size % PIECE
            for begin in range(0, end, PIECE):
                yield whole[begin : begin + PIECE]
            held, size = [whole[end:]], size - end
    if size:
        yield b"".join(held)


def _compressed(piece: bytes) -> bytes:
    """A small piece gets a small window: making a large one would cost most of its time."""
    if len(piece) > SMALL:
        return zlib.compress(piece, LEVEL)
    small = zlib.compressobj(LEVEL, zlib.DEFLATED, 13, 6)
    return small.compress(piece) + small.flush()


class Packed:
    """Compressed bytes waiting to be stored, with what is known of them; made in one reading.

    What does not fit in memory stands in an unnamed file, so that nothing is left behind.
    """

    def __init__(self, chunks: Iterable[bytes]) -> None:
        digest = hashlib.sha256()
        self.head = b""
        self.size = 0
        self._sizes: list[int] = []
        self._file: Any = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115
        try:
            for piece in cut(chunks):
                self.head = self.head or piece[:HEAD]
                self.size += len(piece)
                digest.update(piece)
                packed = _compressed(piece)
                self._sizes.append(len(packed))
                self._file.write(packed)
        except BaseException:
            self._file.close()
            raise
        self.sha256 = digest.hexdigest()

    @property
    def count(self) -> int:
        """How many pieces there are."""
        return len(self._sizes)

    def pieces(self) -> Iterator[bytes]:
        """The compressed pieces in order."""
        self._file.seek(0)
        for size in self._sizes:
            yield self._file.read(size)

    def close(self) -> None:
        """Give the file back."""
        self._file.close()


def store_pieces(
    connection: Connection, table: sa.Table, owned: Iterable[tuple[int, Packed]]
) -> None:
    """Store compressed pieces under their owners, about a piece's worth of bytes at a time.

    They are enciphered where the store has a key.
    """
    key = table.c[0].name
    seal = kluis_of(connection).seal
    rows: list[dict[str, Any]] = []
    size = 0
    for owner, packed in owned:
        for number, piece in enumerate(packed.pieces()):
            data = seal(piece, (table.name, owner, number))
            rows.append({key: owner, "nr": number, "data": data})
            size += len(data)
            if size >= PIECE:
                connection.execute(sa.insert(table), rows)
                rows, size = [], 0
    if size <= TOGETHER:
        insert_all(connection, table, rows)
    else:
        connection.execute(sa.insert(table), rows)


@dataclass(frozen=True, slots=True)
class StoredPieces:
    """The bytes of a stored message in pieces; can be read more than once.

    Each piece is a read of its own, so that a slow reader keeps no transaction open.
    """

    database: Database
    table: sa.Table
    owner: int
    count: int

    def __iter__(self) -> Iterator[bytes]:
        return self.starting_at(0)

    def starting_at(self, first: int) -> Iterator[bytes]:
        """The pieces from one number on."""
        table = self.table
        query = sa.select(table.c.data).where(
            table.c[0] == sa.bindparam("owner"), table.c.nr == sa.bindparam("number")
        )
        for number in range(first, self.count):
            with self.database.reading() as connection:
                given = {"owner": self.owner, "number": number}
                data = connection.execute(query, given).scalar_one_or_none()
            if data is None:
                raise CouldNotFinish(DAMAGED)
            yield self.opened(data, number)

    def opened(self, data: bytes, number: int) -> bytes:
        """A piece as it was before it was stored."""
        place = (self.table.name, self.owner, number)
        return unpacked(kluis_of(self.database.engine), data, place)


def unpacked(kluis: Kluis, data: bytes, place: Place) -> bytes:
    """A piece as it was before it was stored; raises CouldNotFinish for one that is damaged."""
    try:
        return zlib.decompress(kluis.open(data, place))
    except zlib.error:
        raise CouldNotFinish(DAMAGED) from None


@dataclass(frozen=True, slots=True)
class WithFirst:
    """The same, where the first piece was read along with something else: mostly that is all.

    Raises CouldNotFinish for pieces that are lost or damaged.
    """

    first: bytes | None
    pieces: StoredPieces

    def __iter__(self) -> Iterator[bytes]:
        if self.first is not None:
            yield self.pieces.opened(self.first, 0)
        yield from self.pieces.starting_at(1)

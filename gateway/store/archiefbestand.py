"""An archive file: a zip with messages as they came and what was answered, and a manifest.

The manifest is the last entry: a JSON document per line for each message, with the sha-256 of the
message and of every entry that belongs to it.  A file gets its name when it is whole.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo
from zlib import error as ZlibError  # noqa: N812 - named as an exception

import msgspec

from gateway.errors import CouldNotFinish, WrongUse
from gateway.store.schijf import sync_folder

MANIFEST = "manifest.jsonl"
CHUNK = 256 * 1024
IN_MEMORY = 4 * 1024 * 1024
# The same messages always give the same file.
MOMENT = (1980, 1, 1, 0, 0, 0)
ONLY_OURS = 0o600


class Entry(msgspec.Struct, frozen=True):
    """An entry of the zip: its name, its size in bytes, and their sha-256."""

    name: str
    size: int
    sha256: str


class Regel(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the manifest: a message, what became of it, and its entries; the first is itself.

    `sha256` is what the inbox knew it by.
    """

    inbox: int
    name: str
    transport: str | None
    sender: str | None
    receiver: str
    municipality: str | None
    code: str | None
    identification: str | None
    verdict: str | None
    received: str
    finished: str
    sha256: str
    entries: list[Entry]


_REGEL = msgspec.json.Decoder(Regel)
_DAMAGED = (BadZipFile, ZlibError, EOFError, KeyError, msgspec.DecodeError, NotImplementedError)


@dataclass(slots=True)
class Schrijver:
    """An archive that is being written."""

    _zip: ZipFile
    _manifest: IO[bytes]

    def add(self, name: str, chunks: Iterable[bytes]) -> Entry:
        """Write an entry as its bytes come; gives what the manifest says of it."""
        digest, size = hashlib.sha256(), 0
        info = ZipInfo(name, MOMENT)
        info.compress_type = ZIP_DEFLATED
        info.external_attr = ONLY_OURS << 16
        with self._zip.open(info, "w", force_zip64=True) as entry:
            for chunk in chunks:
                entry.write(chunk)
                digest.update(chunk)
                size += len(chunk)
        return Entry(name, size, digest.hexdigest())

    def tell(self, regel: Regel) -> None:
        """Put a message in the manifest."""
        self._manifest.write(msgspec.json.encode(regel) + b"\n")

    def end(self) -> None:
        """Write the manifest."""
        self._manifest.seek(0)
        self.add(MANIFEST, iter(lambda: self._manifest.read(CHUNK), b""))


@contextmanager
def written(path: Path) -> Iterator[Schrijver]:
    """Write an archive; it has its name and is safe on disk when the block ends without error."""
    partial = path.with_name(f".{path.name}.tmp")
    try:
        handle = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_TRUNC, ONLY_OURS)
        with (
            os.fdopen(handle, "w+b") as file,
            SpooledTemporaryFile(max_size=IN_MEMORY) as manifest,
        ):
            with ZipFile(file, "w", ZIP_DEFLATED) as archive:
                schrijver = Schrijver(archive, manifest)
                yield schrijver
                schrijver.end()
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise CouldNotFinish(f"archief {path} is niet te schrijven ({error.strerror})") from error


def file_sha256(path: Path) -> str | None:
    """The sha-256 of a whole file, None when it is not there."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CouldNotFinish(f"archief {path} is niet te lezen ({error.strerror})") from error


def problems(path: Path) -> Iterator[str]:
    """What is wrong with an archive, held against its own manifest; nothing for a good one."""
    try:
        with _opened(path) as archive:
            yield from _problems(archive)
    except _DAMAGED:
        yield "is geen archief, of is beschadigd"


def regels(path: Path) -> Iterator[Regel]:
    """The manifest of an archive; raises CouldNotFinish for a file that is damaged."""
    with _readable(path) as archive:
        yield from _regels(archive)


def regel_of(path: Path, inbox_id: int) -> Regel:
    """What the manifest says of one message; raises WrongUse when it is not in there."""
    found = next((one for one in regels(path) if one.inbox == inbox_id), None)
    if found is None:
        raise WrongUse(f"{path}: bericht {inbox_id} staat niet in dit archief")
    return found


def message(path: Path, inbox_id: int) -> Iterator[bytes]:
    """The bytes of one message of an archive; raises WrongUse when it is not in there."""
    entry = regel_of(path, inbox_id).entries[0]
    with _readable(path) as archive, archive.open(entry.name) as stream:
        yield from _chunks(stream)


def _problems(archive: ZipFile) -> Iterator[str]:
    left = {name for name in archive.namelist() if name != MANIFEST}
    for regel in _regels(archive):
        if not regel.entries or regel.entries[0].sha256 != regel.sha256:
            yield f"bericht {regel.inbox} is niet het bericht dat binnenkwam"
        for entry in regel.entries:
            if entry.name not in left:
                yield f"{entry.name} ontbreekt"
                continue
            left.remove(entry.name)
            if _found(archive, entry.name) != (entry.size, entry.sha256):
                yield f"{entry.name} is veranderd"
    yield from (f"{name} staat niet in het manifest" for name in sorted(left))


def _found(archive: ZipFile, name: str) -> tuple[int, str] | None:
    """Size and sha-256 of an entry, None when it cannot be read."""
    digest, size = hashlib.sha256(), 0
    try:
        with archive.open(name) as stream:
            for chunk in _chunks(stream):
                digest.update(chunk)
                size += len(chunk)
    except _DAMAGED:
        return None
    return size, digest.hexdigest()


def _regels(archive: ZipFile) -> Iterator[Regel]:
    with archive.open(MANIFEST) as stream:
        for line in stream:
            yield _REGEL.decode(line)


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    return iter(lambda: stream.read(CHUNK), b"")


@contextmanager
def _readable(path: Path) -> Iterator[ZipFile]:
    try:
        with _opened(path) as archive:
            yield archive
    except _DAMAGED as error:
        raise CouldNotFinish(f"{path} is geen archief, of is beschadigd") from error


@contextmanager
def _opened(path: Path) -> Iterator[ZipFile]:
    try:
        file: Any = path.open("rb")
    except OSError as error:
        raise WrongUse(f"{path}: dit bestand is niet te lezen ({error.strerror})") from error
    with file, ZipFile(file) as archive:
        yield archive

"""Reads a zip with messages, as a stranger sent it: what it says is held against limits first.

One member that cannot be taken loses nobody else; a zip that is no package of messages, or that
could take more room than anything here has, is refused as a whole before a byte is unpacked.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from io import SEEK_END
from typing import BinaryIO, NamedTuple

from gateway.errors import PakketGeweigerd
from gateway.records.masker import mask

MOST = 30
# Of messages together, in times what one may be.
TOGETHER = 4
# XML with many lines alike packs to a fiftieth at most; what is small may do what it likes.
RATIO, SMALL = 200, 1024 * 1024
LONGEST_NAME = 200
MAGIC = b"PK"
XML, ZIP = ".xml", ".zip"

# The end of a zip, which says how long its list of members is; the list of the larger kind.
_END, _LARGER = b"PK\x05\x06", b"PK\x06\x07"
_END_SIZE, _LARGER_SIZE, _LONGEST_REMARK = 22, 20, 65_535
_COUNTS = struct.Struct("<4s4H2LH")
# So many members have no longer list than this, and none is read that is longer.
_LIST = 64 * 1024
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)


class Lid(NamedTuple):
    """A member: its name to show, and its bytes, or why it is not taken."""

    naam: str
    inhoud: bytes | None = None
    reden: str | None = None


def read_pakket(file: BinaryIO, bytecap: int) -> Iterator[Lid]:
    """The members in the order of the zip, one at a time.

    `bytecap` is how large the zip, and each message in it, may be.  Raises PakketGeweigerd, before
    the first member, for a zip that is refused as a whole.
    """
    _refuse_long_list(file, bytecap)
    try:
        opened = zipfile.ZipFile(file)
    except _BROKEN:
        raise PakketGeweigerd("dit is geen zip, of hij is beschadigd") from None
    with opened:
        members = opened.infolist()
        _refuse(members, bytecap)
        for info in members:
            yield _read(opened, info, bytecap)


def _refuse_long_list(file: BinaryIO, bytecap: int) -> None:
    """Look at the size, and the length of the list of members, before anything reads it."""
    size = file.seek(0, SEEK_END)
    if size > bytecap:
        raise PakketGeweigerd(f"een pakket is hoogstens {bytecap} bytes")
    file.seek(max(0, size - _END_SIZE - _LARGER_SIZE - _LONGEST_REMARK))
    tail = file.read()
    place = len(tail) - _END_SIZE
    if tail[place : place + 4] != _END or tail[-2:] != b"\0\0":
        place = tail.rfind(_END)
    if place < 0 or len(tail) - place < _END_SIZE:
        raise PakketGeweigerd("dit is geen zip, of hij is beschadigd")
    _, *_, count, length, _, _ = _COUNTS.unpack_from(tail, place)
    if tail[place - _LARGER_SIZE : place].startswith(_LARGER) or count > MOST or length > _LIST:
        raise PakketGeweigerd(f"in een pakket gaan hoogstens {MOST} berichten")
    file.seek(0)


def _refuse(members: Sequence[zipfile.ZipInfo], bytecap: int) -> None:
    if not members:
        raise PakketGeweigerd("in dit pakket zit geen bericht")
    if len(members) > MOST:
        raise PakketGeweigerd(f"in een pakket gaan hoogstens {MOST} berichten")
    if sum(one.file_size for one in members) > TOGETHER * bytecap:
        raise PakketGeweigerd(
            f"de berichten in een pakket zijn samen hoogstens {TOGETHER * bytecap} bytes"
        )
    reached = 0
    for one in sorted(members, key=lambda one: one.header_offset):
        if one.header_offset < reached:
            raise PakketGeweigerd("in dit pakket liggen berichten over elkaar heen")
        reached = one.header_offset + one.compress_size


def _read(opened: zipfile.ZipFile, info: zipfile.ZipInfo, bytecap: int) -> Lid:
    naam = shown(info.orig_filename)
    reden = _problem(info, bytecap)
    if reden is not None:
        return Lid(naam, reden=reden)
    try:
        with opened.open(info) as member:
            # Never more than was said: the bytes that come out are counted, not believed.
            inhoud = member.read(info.file_size + 1)
    except _BROKEN:
        return Lid(naam, reden="is beschadigd")
    if len(inhoud) != info.file_size:
        return Lid(naam, reden="is niet zo groot als het pakket zegt")
    if inhoud.startswith(MAGIC):
        return Lid(naam, reden="is zelf een zip")
    return Lid(naam, inhoud)


def _problem(info: zipfile.ZipInfo, bytecap: int) -> str | None:
    """Why a member is not unpacked, by what the zip says of it."""
    naam = info.orig_filename
    size, packed = info.file_size, max(1, info.compress_size)
    refusals = (
        (_is_path(naam), "heeft een map of een ander teken in zijn naam dat niet mag"),
        (naam.lower().endswith(ZIP), "is zelf een zip"),
        (not naam.lower().endswith(XML), "heet niet naar een bericht: de naam eindigt op .xml"),
        (bool(info.flag_bits & _ENCRYPTED), "is versleuteld"),
        (info.compress_type not in _METHODS, "is ingepakt op een manier die wij niet kennen"),
        (size == 0, "is leeg"),
        (size > bytecap, f"is groter dan {bytecap} bytes"),
        (size > SMALL and size > RATIO * packed, "is verdacht sterk ingepakt"),
    )
    return next((reden for is_so, reden in refusals if is_so), None)


def _is_path(naam: str) -> bool:
    """Whether a name is more than a plain one."""
    return (
        not naam.isprintable()
        or any(sign in naam for sign in "/\\:")
        or naam.startswith(".")
        or len(naam) > LONGEST_NAME
    )


def shown(naam: str) -> str:
    """A name as it can be told: short, printable and without a Bsn."""
    plain = "".join(sign if sign.isprintable() else "?" for sign in naam[:LONGEST_NAME])
    return mask(plain)

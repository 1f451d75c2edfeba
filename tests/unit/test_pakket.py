"""A zip is held against its limits before it is unpacked; a bad member loses no other."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable

import pytest

from gateway.errors import PakketGeweigerd
from gateway.messages.pakket import MOST, RATIO, SMALL, Lid, read_pakket

CAP = 4 * SMALL
GOOD = b"<Bericht/>"


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as file:
        for naam, body in members:
            file.writestr(zipfile.ZipInfo(naam), body, method)
    return made.getvalue()


def read(body: bytes, cap: int = CAP) -> list[Lid]:
    return list(read_pakket(io.BytesIO(body), cap))


def changed(body: bytes, where: int, value: bytes) -> bytes:
    """A zip whose first member says something else in the list of members."""
    place = body.index(b"PK\x01\x02") + where
    return body[:place] + value + body[place + len(value) :]


def test_members_come_in_the_order_of_the_zip() -> None:
    made = zipped(("b.xml", GOOD), ("a.XML", GOOD + b" "))
    assert [Lid("b.xml", GOOD), Lid("a.XML", GOOD + b" ")] == read(made)


FLAGS, METHOD, CRC, SIZE = 8, 10, 16, 24


@pytest.mark.parametrize(
    ("naam", "body", "spoil", "reden"),
    [
        ("map/a.xml", GOOD, None, "heeft een map of een ander teken in zijn naam dat niet mag"),
        ("../a.xml", GOOD, None, "heeft een map of een ander teken in zijn naam dat niet mag"),
        ("C:a.xml", GOOD, None, "heeft een map of een ander teken in zijn naam dat niet mag"),
        (".a.xml", GOOD, None, "heeft een map of een ander teken in zijn naam dat niet mag"),
        ("map/", b"", None, "heeft een map of een ander teken in zijn naam dat niet mag"),
        ("a\x1b.xml", GOOD, None, "heeft een map of een ander teken in zijn naam dat niet mag"),
        ("a.zip", zipped(("a.xml", GOOD)), None, "is zelf een zip"),
        ("a.xml", zipped(("a.xml", GOOD)), None, "is zelf een zip"),
        ("a.json", b"{}", None, "heet niet naar een bericht: de naam eindigt op .xml"),
        ("a.xml", b"", None, "is leeg"),
        ("a.xml", bytes(range(256)) * (CAP // 256 + 1), None, f"is groter dan {CAP} bytes"),
        ("a.xml", b"<" * (SMALL + 1), None, "is verdacht sterk ingepakt"),
        ("a.xml", GOOD, lambda z: changed(z, FLAGS, b"\x01"), "is versleuteld"),
        (
            "a.xml",
            GOOD,
            lambda z: changed(z, METHOD, struct.pack("<H", zipfile.ZIP_LZMA)),
            "is ingepakt op een manier die wij niet kennen",
        ),
        ("a.xml", GOOD, lambda z: changed(z, CRC, b"\0\0\0\0"), "is beschadigd"),
        ("a.xml", GOOD, lambda z: changed(z, SIZE, struct.pack("<L", 3)), "is beschadigd"),
        (
            "a.xml",
            GOOD,
            lambda z: changed(z, SIZE, struct.pack("<L", 30)),
            "is niet zo groot als het pakket zegt",
        ),
    ],
)
def test_a_bad_member_is_told_and_loses_no_other(
    naam: str, body: bytes, spoil: Callable[[bytes], bytes] | None, reden: str
) -> None:
    made = zipped((naam, body), ("goed.xml", GOOD))
    bad, good = read(made if spoil is None else spoil(made))
    assert (None, reden) == (bad.inhoud, bad.reden)
    assert Lid("goed.xml", GOOD) == good


def test_what_packs_well_is_taken_up_to_the_ratio() -> None:
    line = b"<Prestatie><ReferentieNummer>%08d</ReferentieNummer></Prestatie>"
    body = b"".join(line % number for number in range(40_000))
    made = zipped(("a.xml", body))
    assert SMALL < len(body) < RATIO * len(made)
    assert [Lid("a.xml", body)] == read(made)


def full(count: int) -> bytes:
    return zipped(*((f"{number}.xml", GOOD) for number in range(count)))


def overlapping() -> bytes:
    """Two entries in the list of members that are the same bytes."""
    one = zipped(("a.xml", GOOD))
    start = one.index(b"PK\x01\x02")
    end = one.index(b"PK\x05\x06")
    entry = one[start:end]
    counts = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 2, 2, 2 * len(entry), start, 0)
    return one[:start] + 2 * entry + counts


def lying() -> bytes:
    """A zip that says it has one member, and lists too many."""
    made = full(MOST + 1)
    place = made.rindex(b"PK\x05\x06") + 8
    return made[:place] + struct.pack("<2H", 1, 1) + made[place + 4 :]


def endless() -> bytes:
    """A zip with a list that would take long to read."""
    one = zipped(("a.xml", GOOD))
    start, end = one.index(b"PK\x01\x02"), one.index(b"PK\x05\x06")
    many = one[start:end] * 2_000
    counts = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, len(many), start, 0)
    return one[:start] + many + counts


MANY = f"in een pakket gaan hoogstens {MOST} berichten"
NO_ZIP = "dit is geen zip, of hij is beschadigd"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", NO_ZIP),
        (b"<Bericht/>", NO_ZIP),
        (zipped(("a.xml", GOOD))[:-30], NO_ZIP),
        (zipped(), "in dit pakket zit geen bericht"),
        (full(MOST + 1), MANY),
        (lying(), MANY),
        (endless(), MANY),
        (overlapping(), "in dit pakket liggen berichten over elkaar heen"),
        (
            zipped(*((f"{n}.xml", b"<" * CAP) for n in range(5))),
            f"de berichten in een pakket zijn samen hoogstens {4 * CAP} bytes",
        ),
    ],
    ids=["nothing", "xml", "cut", "empty", "many", "lies", "endless", "overlaps", "large"],
)
def test_a_zip_that_is_no_package_is_refused_as_a_whole(body: bytes, told: str) -> None:
    with pytest.raises(PakketGeweigerd) as refused:
        read(body)
    assert told == str(refused.value)


def test_as_many_as_may_be_are_taken() -> None:
    assert MOST == sum(one.inhoud is not None for one in read(full(MOST)))


def test_no_byte_is_unpacked_of_what_says_it_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("unpacked")

    made = zipped(("a.xml", b"<" * (SMALL + 1)))
    monkeypatch.setattr(zipfile.ZipFile, "open", never)
    (lid,) = read(made)
    assert "is verdacht sterk ingepakt" == lid.reden


def test_a_name_is_told_without_a_bsn() -> None:
    assert "*****0006.xml" == read(zipped(("999900006.xml", GOOD)))[0].naam

"""Messages to offer: families of an assignment, its start and two invoices, each of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.integration.berichten import bericht

CENTS = 85_000


@dataclass(frozen=True, slots=True)
class Message:
    """A message under the number of its transport; `cents` is what it asks for."""

    id: str
    body: bytes
    gets_answer: bool = True
    cents: int | None = None


def family(number: int) -> list[Message]:
    """The messages of one provider: a 301, a 305, a 323 that is granted and one that is not."""
    return [
        Message(f"f{number:04}-a", _of(number, "JW301"), gets_answer=False),
        Message(f"f{number:04}-b", _of(number, "JW305")),
        Message(f"f{number:04}-c", _of(number, "JW323"), cents=CENTS),
        Message(f"f{number:04}-d", _of(number, "JW323", "B"), cents=CENTS),
    ]


def messages(first: int = 1) -> Iterator[Message]:
    """Messages without end, one family after the other."""
    number = first
    while True:
        yield from family(number)
        number += 1


def flood(count: int) -> Iterator[Message]:
    """So many small messages of one provider, who has no assignment for any of them."""
    body = _of(0, "JW305")
    for number in range(count):
        yield Message(f"v{number:06}", body.replace(b"305A00000", f"V{number:08}".encode()))


def _of(number: int, naam: str, version: str = "A") -> bytes:
    text = bericht(naam)
    for old, new in (
        ("12345678", f"{60_000_000 + number}"),
        ("100001", f"{200_000 + 2 * number}"),
        ("100002", f"{200_001 + 2 * number}"),
        (f"{naam}-0001", f"{naam[-3:]}{version}{number:05}"),
        ("D202503", f"D{version}{number}"),
        ("2025-03-00", f"{version}{number}-"),
    ):
        text = text.replace(old, new)
    return text.encode()

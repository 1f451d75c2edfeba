"""One page of a list, read on from a key: as fast at the millionth row as at the first."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from gateway.errors import WrongUse

T = TypeVar("T")
Sleutel = tuple[str | int | float | None, ...]
_SLEUTEL = msgspec.json.Decoder(Sleutel)


@dataclass(frozen=True, slots=True)
class Blad(Generic[T]):
    """Some rows, and where the next ones begin (None at the end)."""

    rijen: Sequence[T]
    volgende: str | None


def blad_of(rows: Sequence[Any], omvang: int, make: Callable[[Any], T], *key: str) -> Blad[T]:
    """The page from one row more than fits on it; `key` names the columns that it is sorted by."""
    shown = rows[:omvang]
    more = len(rows) > omvang
    place = tuple(getattr(shown[-1], name) for name in key) if more else None
    return Blad([make(row) for row in shown], None if place is None else write_place(place))


def write_place(key: Sleutel) -> str:
    """A place in a list, to be asked for later."""
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).decode().rstrip("=")


def read_place(text: str) -> Sleutel:
    """The key of a place; raises WrongUse for what we did not write."""
    try:
        return _SLEUTEL.decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, msgspec.DecodeError, ValueError):
        raise WrongUse("deze plaats in de lijst bestaat niet") from None


def place_of(text: str, *soorten: type) -> Sleutel:
    """The key of a place, of values of these kinds; raises WrongUse for any other."""
    found = read_place(text)
    if len(found) != len(soorten) or not all(map(_is, found, soorten)):
        raise WrongUse("deze plaats in de lijst bestaat niet")
    return found


def _is(value: str | int | float | None, soort: type) -> bool:
    """Whether a value is of a kind, and a number one that a database knows."""
    if soort is float:
        return isinstance(value, int | float) and abs(value) < _LARGEST
    return isinstance(value, soort) and (not isinstance(value, int) or abs(value) < _LARGEST)


_LARGEST = 2**63

"""Reads a decision receipt back: which line it is about, and where two of them differ."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from gateway.deviations.receipt import SOORT, Document
from gateway.errors import WrongUse
from gateway.records.masker import mask

SHOWN = 60
# What stands last on a receipt: what the judgement rests on, and not the judgement.
GROUNDS = ("peil", "regelset", "kennis")
HASH = re.compile('"[0-9a-f]{64}"')
_ABSENT = object()


class Aangewezenregel(msgspec.Struct, frozen=True):
    """The part of a receipt that tells which line of its message it is about."""

    regelnummer: int


class Aangewezen(msgspec.Struct, frozen=True):
    """The part of a receipt that tells which line it is about."""

    gemeente: str
    wet: str
    aanbieder: str
    identificatie: str
    regel: Aangewezenregel


def read_receipt(body: bytes) -> Document:
    """The document in a file; raises WrongUse when it is no receipt."""
    try:
        found: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        raise WrongUse("dit bestand is geen bewijs: het is geen JSON") from None
    if not isinstance(found, dict) or found.get("soort") != SOORT:
        raise WrongUse("dit bestand is geen bewijs van gateway explain")
    return found


def pointed_at(document: Document) -> Aangewezen:
    """Which line a receipt is about; raises WrongUse when that is not in it."""
    try:
        return msgspec.convert(document, Aangewezen)
    except msgspec.ValidationError:
        raise WrongUse("in dit bewijs staat niet om welke regel het gaat") from None


def first_difference(told: Document, again: Document) -> str:
    """The first place at which two receipts differ, in the order of the second one."""
    found = _difference("", told, again)
    if found is None:
        return "de inhoud is gelijk, maar de bytes niet: het bewijs is anders opgemaakt"
    place, before, after = found
    same = "; het oordeel zelf is gelijk" if place.startswith(GROUNDS) else ""
    sides = f"in het bewijs staat {_shown(before)}, opnieuw beoordeeld {_shown(after)}"
    return f"{place}: {sides}{same}"


def _difference(place: str, told: Any, again: Any) -> tuple[str, Any, Any] | None:
    if type(told) is not type(again):
        return place, told, again
    if isinstance(again, dict):
        pairs = [
            (f"{place}.{key}" if place else key, told.get(key, _ABSENT), again.get(key, _ABSENT))
            for key in dict.fromkeys([*again, *told])
        ]
    elif isinstance(again, list):
        if len(told) != len(again) and not (told and again):
            return place, told, again
        longest = max(len(told), len(again))
        pairs = [(f"{place}[{n + 1}]", _at(told, n), _at(again, n)) for n in range(longest)]
    else:
        return None if told == again else (place, told, again)
    return next(filter(None, (_difference(*pair) for pair in pairs)), None)


def _at(items: list[Any], index: int) -> Any:
    return items[index] if index < len(items) else _ABSENT


def _shown(value: Any) -> str:
    if value is _ABSENT:
        return "niets"
    text = msgspec.json.encode(value).decode()
    if HASH.fullmatch(text):
        return text
    return mask(text if len(text) <= SHOWN else f"{text[:SHOWN]}…")

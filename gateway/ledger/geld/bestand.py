"""Reads a settings file of an operator into a type; a mistake is one sentence that says where."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from gateway.errors import WrongUse

T = TypeVar("T")
# Where msgspec leaves out which key of a table it is, and how it says that the key itself is wrong.
_ANY, _KEY, _AT = "[...]", "`key` in ", " - at "
_NUMBER = re.compile(r"\[(\d+)\]")
_MISTAKES = (
    (r".*missing required field `(.*)`", "{} ontbreekt"),
    (r".*unknown field `(.*)`", "{} is geen bekende sleutel"),
    (r"Invalid enum value '?(.*?)'?", "{} kan hier niet"),
    (r"Expected `str` matching regex '\^?(.*?)\$?'", "hier hoort een tekst van de vorm {}"),
    (r"Expected `int` >= (\d+)", "hier hoort een geheel getal van ten minste {}"),
    (r"Expected `int` <= (\d+)", "hier hoort een geheel getal van hoogstens {}"),
    (r"Expected `str` of length >= (\d+)", "hier hoort een tekst van ten minste {} teken"),
    (r"Expected `str` of length <= (\d+)", "hier hoort een tekst van hoogstens {} tekens"),
    (r"Expected `int.*", "hier hoort een geheel getal"),
    (r"Expected `str.*", "hier hoort een tekst"),
    (r"Expected `date.*|Invalid RFC3339 encoded date", "hier hoort een datum"),
    (r"Expected `object.*", "hier hoort een tabel"),
)


def read_bestand(path: Path, kind: type[T]) -> T:
    """The content of a TOML file; raises WrongUse that names file, place and mistake."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise WrongUse(f"{path.name}: dit bestand is niet te lezen") from None
    except ValueError:
        raise WrongUse(f"{path.name}: dit is geen geldige TOML in UTF-8") from None
    try:
        return msgspec.convert(document, kind)
    except msgspec.ValidationError as error:
        raise WrongUse(f"{path.name}: {_told(document, kind, str(error))}") from None


def _told(document: dict[str, Any], kind: type, said: str) -> str:
    what, _, at = said.partition(_AT)
    place = at.removeprefix(_KEY).strip("`").removeprefix("$").removeprefix(".")
    fits = ((re.fullmatch(shape, what), told) for shape, told in _MISTAKES)
    mistake = next(
        (told.format(*one.groups()) for one, told in fits if one), "deze waarde kan hier niet"
    )
    if not place:
        return mistake
    return f"{_named(document, kind, place + _ANY if _KEY in at else place)}: {mistake}"


def _named(document: dict[str, Any], kind: type, place: str) -> str:
    """The place with the key of the first part of a table that is wrong, and numbers from one."""
    table, has_parts, rest = place.partition(_ANY)
    parts = document.get(table, {}) if has_parts else {}
    for key, value in parts.items():
        try:
            msgspec.convert({**document, table: {key: value}}, kind)
        except msgspec.ValidationError:
            return f"{table}.{key}{rest}"
    return _NUMBER.sub(lambda found: f".{int(found[1]) + 1}", place)

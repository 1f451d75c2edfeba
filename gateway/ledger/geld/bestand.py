"""Reads a settings file of an operator into a type; a mistake is one sentence that says where."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TypeVar

import msgspec

from gateway.errors import WrongUse

T = TypeVar("T")
_AT = re.compile(r" - at `\$\.?([^`]*)`$")


def read_bestand(path: Path, kind: type[T]) -> T:
    """The content of a TOML file; raises WrongUse that names the file and the place in it."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise WrongUse(f"{path.name}: dit bestand is niet te lezen") from None
    except ValueError:
        raise WrongUse(f"{path.name}: dit is geen geldige TOML in UTF-8") from None
    try:
        return msgspec.convert(document, kind)
    except msgspec.ValidationError as error:
        found = _AT.search(str(error))
        place = found[1] if found and found[1] else "het bestand"
        raise WrongUse(f"{path.name}: {place} heeft een sleutel of waarde die niet kan") from None

"""The manifest that stands in a folder beside what was written there, and tells what it is."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import msgspec

from gateway.errors import WrongUse

M = TypeVar("M", bound=msgspec.Struct)
MANIFEST = "manifest.json"


def read_manifest_of(folder: Path, kind: type[M], wat: str) -> M:
    """The manifest of what `wat` is the word for.

    Raises WrongUse where there is none that can be read.
    """
    try:
        return msgspec.json.decode((folder / MANIFEST).read_bytes(), type=kind)
    except OSError:
        raise WrongUse(f"in {folder} staat geen {wat}: {MANIFEST} is niet te lezen") from None
    except msgspec.DecodeError:
        raise WrongUse(f"{folder / MANIFEST} is geen manifest van een {wat}") from None


def write_manifest(folder: Path, manifest: msgspec.Struct) -> None:
    """Put a manifest beside what it tells of."""
    text = msgspec.json.format(msgspec.json.encode(manifest), indent=2)
    (folder / MANIFEST).write_bytes(text + b"\n")

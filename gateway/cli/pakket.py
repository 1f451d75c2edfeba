"""Files as they are named on a command line: a zip stands for the messages in it.

Its limits are those of every other way in (`messages.pakket`).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from gateway.cli.check import read_file
from gateway.cli.sentences import reason_of
from gateway.errors import PakketGeweigerd, WrongUse
from gateway.messages.pakket import ZIP, read_pakket


class Stuk(NamedTuple):
    """A file, or a message of a zip: its bytes, or why it is not taken."""

    path: Path
    inhoud: bytes = b""
    reden: str | None = None


def read_stukken(path: Path, cap: int) -> list[Stuk]:
    """What a file holds; `cap` is how large a message and a zip may be.

    Raises WrongUse for one that cannot be read.
    """
    if not _is_zip(path):
        return [Stuk(path, read_file(path, cap))]
    try:
        with path.open("rb") as file:
            leden = list(read_pakket(file, cap))
    except PakketGeweigerd as refusal:
        return [Stuk(path, reden=str(refusal))]
    except OSError as error:
        raise WrongUse(f"{path}: dit bestand is niet te lezen ({reason_of(error)})") from error
    return [Stuk(path / one.naam, one.inhoud or b"", one.reden) for one in leden]


def unpacked(paths: Sequence[Path], folder: Path, cap: int) -> list[Path]:
    """The same files with each zip replaced by its messages, as files below a folder.

    Raises WrongUse for a zip of which anything cannot be taken.
    """
    found: list[Path] = []
    for nr, path in enumerate(paths):
        found += _in_files(path, folder / str(nr), cap) if _is_zip(path) else [path]
    return found


def _in_files(path: Path, folder: Path, cap: int) -> list[Path]:
    stukken = read_stukken(path, cap)
    for one in stukken:
        if one.reden is not None:
            raise WrongUse(f"{one.path}: {one.reden}")
    folder.mkdir()
    return [_written(one, folder) for one in stukken]


def _written(stuk: Stuk, folder: Path) -> Path:
    path = folder / stuk.path.name
    try:
        path.write_bytes(stuk.inhoud)
    except OSError as error:
        raise WrongUse(f"{stuk.path}: niet uit te pakken ({reason_of(error)})") from error
    return path


def _is_zip(path: Path) -> bool:
    return path.suffix.lower() == ZIP and not path.is_dir()

"""Looks before the start whether the XSDs are the right ones: there, unchanged, of their release.

A folder with a file SHA256SUMS, as `sha256sum *.xsd` writes it, has the XSDs that it lists and no
others.  Ours have one; an operator may leave it out of a folder of his own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from lxml import etree

from gateway.errors import WrongUse
from gateway.messages.definition import Berichttype
from gateway.messages.reader import schema_folder

SUMS = "SHA256SUMS"


def check_schemas(kinds: Iterable[Berichttype], folders: Sequence[Path]) -> None:
    """Raises WrongUse that names the file, and its hash, of the first XSD that is not right."""
    expected = {
        schema_folder(folders, kind) / kind.schema: etree.QName(kind.root).namespace
        for kind in kinds
    }
    for folder in dict.fromkeys(path.parent for path in expected):
        _check_sums(folder)
    for path, namespace in expected.items():
        found = _namespace(path)
        if found != namespace:
            raise WrongUse(
                f"schema {path} (sha256 {_sha256(path)}) hoort bij {found}, verwacht {namespace}"
            )


def _check_sums(folder: Path) -> None:
    if not (folder / SUMS).is_file():
        return
    listed = {folder / name: sha256 for sha256, name in _sums(folder / SUMS)}
    for path in sorted({*listed, *folder.glob("*.xsd")}):
        found = _sha256(path)
        if found != listed.get(path):
            raise WrongUse(
                f"schema {path} is veranderd: sha256 is {found}, en volgens {SUMS} "
                f"{listed.get(path, 'is het er niet')}"
            )


def _sums(file: Path) -> Iterator[tuple[str, str]]:
    """The hash and the name on each line."""
    try:
        for line in file.read_text(encoding="utf-8").splitlines():
            sha256, _, name = line.partition(" ")
            yield sha256, name.lstrip(" *")
    except (OSError, UnicodeDecodeError):
        raise WrongUse(f"{file} is niet te lezen") from None


def _sha256(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        raise WrongUse(f"schema {path} ontbreekt of is niet te lezen") from None


def _namespace(path: Path) -> str | None:
    """The namespace that an XSD is of."""
    sha256 = _sha256(path)
    try:
        found: str | None = etree.parse(path).getroot().get("targetNamespace")
    except etree.XMLSyntaxError:
        raise WrongUse(f"schema {path} (sha256 {sha256}) is geen XML") from None
    return found

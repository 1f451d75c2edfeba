"""Reads the rows of a file that a provider sends: CSV or a workbook of Excel."""

from __future__ import annotations

import csv
import hashlib
import io
import tomllib
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from gateway.errors import WrongUse
from gateway.ledger.jaareinde.opgave import KOLOMMEN

LARGEST_FILE = 256 * 1024 * 1024
# So much a workbook may hold once it is unpacked.
LARGEST_BOOK = 2 * 1024 * 1024 * 1024
_XLSX = b"PK\x03\x04"
_SNIFFED = 4_096


class Vertaling(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a file differs from ours: its headings, the sheet, and the row that has the headings."""

    kolommen: Mapping[str, str] = {}
    blad: str | None = None
    koprij: int = 1


def read_vertaling(path: Path | None) -> Vertaling:
    """The translation in a TOML file, none without one; raises WrongUse for what is none."""
    if path is None:
        return Vertaling()
    try:
        found = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Vertaling)
    except OSError as error:
        raise WrongUse(f"{path}: dit bestand is niet te lezen ({error.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise WrongUse(f"{path} is geen vertaling van kolommen: {error}") from None
    unknown = sorted(found.kolommen.keys() - set(KOLOMMEN))
    if unknown or found.koprij < 1:
        wat = f"de kolom {unknown[0]}" if unknown else f"koprij {found.koprij}"
        raise WrongUse(f"{path}: {wat} bestaat niet; kolommen zijn {', '.join(KOLOMMEN)}")
    return found


def read_file(path: Path) -> tuple[bytes, str]:
    """The bytes of a file with their sha-256; raises WrongUse where it cannot be read."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise WrongUse(f"{path} is groter dan 256 MB")
        body = path.read_bytes()
    except OSError as error:
        raise WrongUse(f"{path}: dit bestand is niet te lezen ({error.strerror})") from None
    return body, hashlib.sha256(body).hexdigest()


def rows_in(body: bytes, vertaling: Vertaling) -> Iterator[Sequence[Any]]:
    """The rows from the headings on; raises WrongUse for what is no CSV and no workbook."""
    rows = _of_workbook(body, vertaling.blad) if body.startswith(_XLSX) else _of_csv(body)
    for nr, row in enumerate(rows, start=1):
        if nr >= vertaling.koprij:
            yield row


def _of_csv(body: bytes) -> Iterator[Sequence[str]]:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = body.decode("cp1252", errors="replace")
    if "\0" in text:
        raise WrongUse("dit bestand is geen CSV en geen werkmap van Excel (.xlsx)")
    head = text[:_SNIFFED].partition("\n")[0]
    mark = max(";\t,", key=head.count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    except csv.Error as error:
        raise WrongUse(f"dit bestand is geen goede CSV: {error}") from None


def _of_workbook(body: bytes, blad: str | None) -> Iterator[Sequence[Any]]:
    # Imported here: most commands read no workbook.
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            if sum(one.file_size for one in packed.infolist()) > LARGEST_BOOK:
                raise WrongUse("deze werkmap is uitgepakt te groot")
        book = load_workbook(io.BytesIO(body), read_only=True, data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError):
        raise WrongUse("deze werkmap van Excel is beschadigd") from None
    try:
        if blad is not None and blad not in book.sheetnames:
            raise WrongUse(f"in deze werkmap is geen blad {blad}")
        sheet = book[blad] if blad is not None else book.worksheets[0]
        yield from sheet.iter_rows(values_only=True)
    finally:
        book.close()

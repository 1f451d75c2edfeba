"""Reads the rows of a file that a provider sends: CSV or a workbook of Excel."""

from __future__ import annotations

import csv
import io
import tomllib
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from gateway.errors import WrongUse
from gateway.ledger.jaareinde.opgave import KOLOMMEN

LARGEST_FILE = 256 * 1024 * 1024
# What stands further to the right is no column of ours.
LAST_COLUMN = 256
_XLSX = b"PK\x03\x04"
_SNIFFED = 4_096


class Ruimte(NamedTuple):
    """How much of a file is read: rows, and the bytes of a workbook once it is unpacked."""

    rijen: int
    uitgepakt: int


# By who works on the machine, and by who sends a file to it.
BY_COMMAND = Ruimte(5_000_000, 2 * 1024 * 1024 * 1024)
BY_HTTP = Ruimte(200_000, 128 * 1024 * 1024)


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


def read_file(path: Path) -> bytes:
    """The bytes of a file; raises WrongUse where it cannot be read."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise WrongUse(f"{path} is groter dan 256 MB")
        return path.read_bytes()
    except OSError as error:
        raise WrongUse(f"{path}: dit bestand is niet te lezen ({error.strerror})") from None


def rows_in(
    body: bytes, vertaling: Vertaling, ruimte: Ruimte = BY_COMMAND
) -> Iterator[Sequence[Any]]:
    """The rows from the headings on; raises WrongUse for what is no CSV and no workbook.

    So it does for a file with more rows than there is room for.
    """
    is_book = body.startswith(_XLSX)
    rows = _of_workbook(body, vertaling.blad, ruimte.uitgepakt) if is_book else _of_csv(body)
    for nr, row in enumerate(rows, start=1):
        if nr > ruimte.rijen:
            raise WrongUse(f"dit bestand heeft meer dan {ruimte.rijen} rijen")
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
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    try:
        yield from rows
    except csv.Error:
        raise WrongUse(f"dit bestand is geen goede CSV: zie regel {rows.line_num}") from None


def _of_workbook(body: bytes, blad: str | None, most: int) -> Iterator[Sequence[Any]]:
    # Imported here: most commands read no workbook.
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            if sum(one.file_size for one in packed.infolist()) > most:
                raise WrongUse("deze werkmap is uitgepakt te groot")
        book = load_workbook(io.BytesIO(body), read_only=True, data_only=True)
        with closing(book):
            if blad is not None and blad not in book.sheetnames:
                raise WrongUse(f"in deze werkmap is geen blad {blad}")
            sheet = book[blad] if blad is not None else book.worksheets[0]
            # What a workbook says of its own size is often wrong.
            sheet.reset_dimensions()
            yield from sheet.iter_rows(values_only=True, max_col=LAST_COLUMN)
    except WrongUse:
        raise
    except Exception:
        # It has no errors of its own: what is broken raises whatever it meets.
        raise WrongUse("deze werkmap van Excel is beschadigd") from None

"""Workbooks that somebody else made: read as they are, and refused in a sentence when broken."""

from __future__ import annotations

import io
import zipfile

import pytest
from openpyxl import Workbook

from gateway.errors import WrongUse
from gateway.store.jaareinde.rekenblad import BY_HTTP, Ruimte, Vertaling, rows_in

ROWS = [("bedrag", "referentienummer"), (1, "R1"), (2, "R2")]
SHEET = "xl/worksheets/sheet1.xml"


def workbook(*changes: tuple[str, str]) -> bytes:
    """The rows as a workbook, whose sheet was changed by hand."""
    book, made, changed = Workbook(), io.BytesIO(), io.BytesIO()
    for row in ROWS:
        book.active.append(row)
    book.save(made)
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(changed, "w") as target:
        for name in source.namelist():
            text = source.read(name)
            for old, new in changes if name == SHEET else ():
                assert old.encode() in text
                text = text.replace(old.encode(), new.encode())
            target.writestr(name, text)
    return changed.getvalue()


def read(body: bytes, ruimte: Ruimte = BY_HTTP) -> list[tuple[object, ...]]:
    return [tuple(row)[:2] for row in rows_in(body, Vertaling(), ruimte)]


@pytest.mark.parametrize("size", ["A1", "A1:XFD1048576"])
def test_what_a_workbook_says_of_its_own_size_does_not_matter(size: str) -> None:
    assert ROWS == read(workbook(('ref="A1:B3"', f'ref="{size}"')))


@pytest.mark.parametrize(
    ("old", "new"),
    [('<row r="3"', '<row r="drie"'), ("</sheetData>", ""), ('r="A2"', 'r="2A2"')],
)
def test_a_sheet_that_is_broken_halfway_is_refused(old: str, new: str) -> None:
    with pytest.raises(WrongUse, match="beschadigd"):
        read(workbook((old, new)))


def test_a_row_far_away_does_not_keep_anybody_busy() -> None:
    with pytest.raises(WrongUse, match="meer dan 1000 rijen"):
        read(workbook(('<row r="3"', '<row r="900000000"')), BY_HTTP._replace(rijen=1_000))


def test_a_workbook_that_is_much_larger_unpacked_is_refused() -> None:
    with pytest.raises(WrongUse, match="uitgepakt te groot"):
        read(workbook(), BY_HTTP._replace(uitgepakt=1_000))

"""Writes a list as a file for a spreadsheet: CSV, or Excel; nothing in it is ever a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

import xlsxwriter

from gateway.periods.bedragen import euros
from gateway.records.rekenblad import inert

Cel = str | int | None


class Bedrag(int):
    """An amount in eurocents: shown in euros."""


def as_csv(koppen: Sequence[str], rijen: Iterable[Sequence[Cel]]) -> bytes:
    """Semicolons and a mark at the start, as spreadsheets in Dutch expect them."""
    told = io.StringIO()
    writer = csv.writer(told, delimiter=";", lineterminator="\r\n")
    writer.writerow(koppen)
    for rij in rijen:
        writer.writerow([cel_text(one) for one in rij])
    return told.getvalue().encode("utf-8-sig")


def as_xlsx(koppen: Sequence[str], rijen: Iterable[Sequence[Cel]]) -> bytes:
    """One sheet, written row by row; texts stay texts and amounts are numbers of euros."""
    made = io.BytesIO()
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(made, options) as book:
        sheet = book.add_worksheet("Lijst")
        bold, money = book.add_format({"bold": True}), book.add_format({"num_format": "#,##0.00"})
        sheet.freeze_panes(1, 0)
        for place, kop in enumerate(koppen):
            sheet.write_string(0, place, kop, bold)
        for number, rij in enumerate(rijen, start=1):
            for place, one in enumerate(rij):
                if isinstance(one, Bedrag):
                    sheet.write_number(number, place, int(one) / 100, money)
                elif isinstance(one, int):
                    sheet.write_number(number, place, one)
                elif one is not None:
                    sheet.write_string(number, place, one)
    return made.getvalue()


def cel_text(cel: Cel) -> str:
    """A cell as a text that no spreadsheet works out; amounts in euros without a sign for them."""
    if cel is None:
        return ""
    if isinstance(cel, Bedrag):
        return euros(cel).removeprefix("€\N{NO-BREAK SPACE}").replace(".", "")
    if isinstance(cel, int):
        return str(cel)
    return inert(cel)

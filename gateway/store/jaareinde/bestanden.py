"""Writes the files of a pack: lists that a spreadsheet opens as they are, a row at a time."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import chain
from pathlib import Path

from gateway.records.masker import mask
from gateway.records.rekenblad import inert

Cel = str | int | date | None
Schrijf = Callable[[Sequence[Cel]], None]


class Bedrag(int):
    """An amount in eurocents: written in euros, with a comma."""


@contextmanager
def lijst(folder: Path, naam: str, koppen: Sequence[str]) -> Iterator[Schrijf]:
    """What writes rows to a new list: semicolons and a mark at the start, as Dutch sheets expect.

    No text in it is worked out by a spreadsheet, or shows a Bsn.
    """
    with (folder / naam).open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
        writer.writerow(koppen)
        yield lambda row: writer.writerow([_text(one) for one in row])


def rows_without(file: Path, kop: str) -> Iterator[Sequence[str]]:
    """The rows of a list as text, its headings in front, without one of its columns."""
    with file.open(encoding="utf-8-sig", newline="") as opened:
        rows = csv.reader(opened, delimiter=";")
        koppen = next(rows, [])
        place = koppen.index(kop) if kop in koppen else len(koppen)
        yield from ([*row[:place], *row[place + 1 :]] for row in chain([koppen], rows))


def write_list(
    folder: Path, naam: str, koppen: Sequence[str], rijen: Iterable[Sequence[Cel]]
) -> None:
    """A list that is written at once."""
    with lijst(folder, naam, koppen) as write:
        for rij in rijen:
            write(rij)


def _text(cel: Cel) -> str:
    match cel:
        case None:
            return ""
        case Bedrag():
            whole, rest = divmod(abs(cel), 100)
            return f"{'-' if cel < 0 else ''}{whole},{rest:02d}"
        case str():
            return inert(mask(cel))
        case date():
            return cel.isoformat()
        case _:
            return str(cel)

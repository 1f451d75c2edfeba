"""Tables on a terminal that may be long: rows are printed as they come, in columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, islice

from gateway.cli.scherm import visible

# So many rows decide how wide the columns are; a later cell that is wider pushes its row.
LOOKED_AT = 500
GAP = "  "


def print_table(
    headings: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[str] = ()
) -> int:
    """Print rows below their headings and return how many there were.

    `right` are the headings of columns with amounts, which are set to the right.
    """
    waiting = iter(rows)
    first = list(islice(waiting, LOOKED_AT))
    widths = [max(map(len, cells)) for cells in zip(headings, *first, strict=True)]
    to_right = {number for number, heading in enumerate(headings) if heading in set(right)}
    count = -2
    rule = ["-" * width for width in widths]
    for row in chain([headings, rule], first, waiting):
        print(_line(row, widths, to_right))
        count += 1
    return count


def _line(row: Sequence[str], widths: Sequence[int], to_right: set[int]) -> str:
    cells = (
        visible(cell).rjust(width) if number in to_right else visible(cell).ljust(width)
        for number, (cell, width) in enumerate(zip(row, widths, strict=True))
    )
    return GAP.join(cells).rstrip()

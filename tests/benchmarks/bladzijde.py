"""Draws the tables and the plot of docs/prestaties.md, docs/grote-schaal.md and docs/beloften.md.

They are made of the figures that stand beside them.  `python -m tests.benchmarks.bladzijde [FILE]`;
with a file its figures are kept first.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path

from tests.benchmarks import schaal
from tests.benchmarks.verslag import (
    Eis,
    Verslag,
    cijfer_rijen,
    detail_rijen,
    getal,
    read_eisen,
    read_verslag,
)

DOCS = Path(__file__).parents[2] / "docs"
FIGURES, PLOT = DOCS / "prestaties.json", DOCS / "prestaties.svg"
PAGE, LARGE = DOCS / "prestaties.md", DOCS / "grote-schaal.md"
PROMISES = DOCS / "beloften.md"
HEADS = {
    "eisen": ("cijfer", "gemeten", "moet", "streven", "gehaald"),
    "details": ("onderdeel", "wat", "gemeten"),
}
WIDTH, NAME, BAR, HIGH = 960, 560, 260, 26
# A bar as long as this is exactly good enough; longer than twice that is cut off.
ENOUGH, MOST = BAR / 2, 2.0
COLOURS = {"streefwaarde": "#1a7f37", "ja": "#2f6db5", "nee": "#b3261e"}


def figures_page(verslag: Verslag, eisen: Sequence[Eis]) -> str:
    """What the page of the figures says with its tables made again; its other text stays."""
    parts = {
        "machine": _gemeten(verslag),
        "eisen": _table(HEADS["eisen"], cijfer_rijen(verslag, eisen)),
        "details": _table(HEADS["details"], detail_rijen(verslag)),
    }
    return _filled(PAGE, parts)


def promises_page(verslag: Verslag, eisen: Sequence[Eis]) -> str:
    """The same for the page of what is promised: the musts alone."""
    musts = _table(HEADS["eisen"], cijfer_rijen(verslag, eisen))
    return _filled(PROMISES, {"machine": _gemeten(verslag), "eisen": musts})


def large_page(verslag: Verslag) -> str:
    """The same for the page of many machines."""
    made = {name: _table(head, rows) for name, (head, rows) in schaal.tables(verslag).items()}
    return _filled(LARGE, {"machine": _gemeten(verslag), **made})


def _gemeten(verslag: Verslag) -> str:
    return f"Gemeten op {verslag.datum}: {verslag.machine} (vorm: {verslag.vorm}).\n"


def _filled(page: Path, parts: Mapping[str, str]) -> str:
    text = page.read_text(encoding="utf-8")
    for name, part in parts.items():
        begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.S)
        text, times = pattern.subn(lambda _, own=begin + part + end: own, text)
        if times != 1:
            raise SystemExit(f"{page.name} has no place for {name}")
    return text


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(one)} |\n" for one in lines)


def plot_of(verslag: Verslag, eisen: Sequence[Eis]) -> str:
    """How far every figure is from its must, as bars: up to the line is good enough."""
    measured = [one for one in eisen if one.sleutel in verslag.cijfers]
    height = HIGH * (len(measured) + 2)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        'font-family="sans-serif" font-size="13">',
        "<title>Elk cijfer ten opzichte van wat moet</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
    ]
    for place, eis in enumerate(measured):
        parts += _bar(eis, verslag.cijfers[eis.sleutel], HIGH * (place + 1))
    line = NAME + ENOUGH
    parts += [
        f'<line x1="{line}" y1="{HIGH / 2}" x2="{line}" y2="{height - HIGH}" stroke="#222222"/>',
        f'<text x="{line}" y="{height - HIGH / 3}" text-anchor="middle">'
        "tot deze lijn is goed genoeg</text>",
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _bar(eis: Eis, waarde: float, y: int) -> list[str]:
    """The bar of a figure: shorter is better, whichever side of the figure is."""
    share = waarde / eis.moet if eis.beter == "lager" else eis.moet / waarde
    length = min(share, MOST) * ENOUGH
    colour = COLOURS[eis.oordeel(waarde)]
    return [
        f'<text x="{NAME - 8}" y="{y + 4}" text-anchor="end">{escape(eis.naam)}</text>',
        f'<rect x="{NAME}" y="{y - 8}" width="{length:.1f}" height="16" fill="{colour}"/>',
        f'<text x="{NAME + BAR + 8}" y="{y + 4}">{getal(waarde)} {eis.eenheid}</text>',
    ]


def main() -> None:
    """Keep the figures of a run when a file is named, and draw everything again."""
    if len(sys.argv) > 1:
        shutil.copyfile(sys.argv[1], FIGURES)
    verslag, eisen = read_verslag(FIGURES), read_eisen()
    PAGE.write_text(figures_page(verslag, eisen), encoding="utf-8")
    LARGE.write_text(large_page(verslag), encoding="utf-8")
    PROMISES.write_text(promises_page(verslag, eisen), encoding="utf-8")
    PLOT.write_text(plot_of(verslag, eisen), encoding="utf-8")


if __name__ == "__main__":
    main()

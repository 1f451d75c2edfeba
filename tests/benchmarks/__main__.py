"""`make bench`: what the gateway costs and can bear, side by side in one run; never a timed test.

`make bench BENCH=--short` is a quick form.  What takes long has an option of its own (`--month`,
`--store`, `--work`), whose figures are added to those of the run before.  See docs/prestaties.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from tests.benchmarks import (
    geheugen,
    groot,
    klein,
    latentie,
    maand,
    naspelen,
    vol,
    werkvoorraad,
)
from tests.benchmarks.verslag import (
    Verslag,
    as_text,
    cijfer_rijen,
    detail_rijen,
    new_verslag,
    read_eisen,
    read_verslag,
)
from tests.opslag import SOORTEN

DEFAULT = Path("data/prestaties.json")
VOL = vol.Maat(lines=10_000, rounds=3)
Part = Callable[[Verslag], None]


SHORT: Sequence[Part] = (
    partial(groot.measure, maat=groot.Maat(lines=400, naive_lines=20, rounds=1)),
    partial(geheugen.measure, small=200, large=600, rounds=1),
    partial(klein.measure, maat=klein.Maat(count=5, naive_count=2, rounds=1)),
    partial(latentie.measure, maat=latentie.Maat(seconds=1, rounds=1)),
    partial(naspelen.measure, lines=300, rounds=1),
    partial(vol.measure, stored=500, maat=vol.Maat(lines=100, rounds=1)),
    partial(maand.measure, scale=0.00002),
    partial(werkvoorraad.measure, maat=werkvoorraad.Maat(invoices=100, rounds=1)),
)
LONG: Sequence[Part] = (
    partial(groot.measure, maat=groot.Maat(lines=100_000, naive_lines=2_000, rounds=3)),
    partial(geheugen.measure, small=10_000, large=500_000, rounds=3),
    partial(klein.measure, maat=klein.Maat(count=1_000, naive_count=40, rounds=3)),
    partial(latentie.measure, maat=latentie.Maat(seconds=10, rounds=3)),
    partial(naspelen.measure, lines=20_000, rounds=3),
)


def main() -> None:
    """Measure part after part, of which nothing is lost when a later one fails, and print."""
    given = parser().parse_args()
    adds = (given.month or given.store or given.work) and given.json.exists()
    verslag = read_verslag(given.json) if adds else new_verslag("kort" if given.short else "lang")
    for part in _parts(given):
        part(verslag)
        verslag.write(given.json)
    show(verslag)
    print(f"\ngeschreven: {given.json}")


def _parts(given: argparse.Namespace) -> Sequence[Part]:
    if given.month:
        return [partial(maand.measure, scale=given.scale)]
    if given.work:
        maat = werkvoorraad.Maat(given.work, rounds=10)
        return [partial(werkvoorraad.measure, maat=maat, soorten=given.on or SOORTEN)]
    if given.store:
        return [partial(vol.measure, stored=given.store, maat=VOL)]
    return SHORT if given.short else LONG


def show(verslag: Verslag) -> None:
    """Print both tables."""
    print(f"\n{verslag.datum}, {verslag.machine}\n")
    print(as_text(detail_rijen(verslag)))
    print()
    print(as_text(cijfer_rijen(verslag, read_eisen())))


def parser() -> argparse.ArgumentParser:
    """What may be given to the command."""
    made = argparse.ArgumentParser(prog="make bench", description=__doc__)
    made.add_argument("--short", action="store_true", help="quick, on little data")
    made.add_argument("--month", action="store_true", help="only a national month")
    made.add_argument("--scale", type=float, default=0.02, help="which part of it; 1 is all")
    made.add_argument(
        "--store", type=int, nargs="?", const=5_000_000, help="only a store with so many lines"
    )
    made.add_argument(
        "--work",
        type=int,
        nargs="?",
        const=75_000,
        help="only the pages, with so many invoices of 40 lines; one line in three has a finding",
    )
    made.add_argument("--on", action="append", choices=SOORTEN, help="with --work: on which store")
    made.add_argument("--json", type=Path, default=DEFAULT, help="where the figures go")
    return made


if __name__ == "__main__":
    main()

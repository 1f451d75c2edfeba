"""A small agreement to change one thing of: as records, and as the text of a file."""

from dataclasses import replace
from datetime import date

from gateway.records.overeenkomst import Cel, Overeenkomst

AGB, ANDERE_AGB = "99000001", "99000002"
DAG = date(2025, 3, 1)

HEAD = """
[overeenkomst]
id = "proef"
naam = "Proef"
versie = "1"
wetten = ["jeugdwet"]
gemeenten = ["0193", "0150"]
variant = "output"
peildatum = "ingangsdatum"
dimensies = ["profiel"]
"""
CEL = """
[[cel]]
profiel = "1"
productcategorie = "45"
productcode = "45P11"
eenheid = "83"
soort = "traject"
bedrag = 265000
vanaf = 2025-01-01
"""
CONTRACT = """
[[aanbieder]]
agb = "99000001"
cellen = [{ profiel = "1" }]
"""


def cel(**changes: object) -> Cel:
    made = Cel(
        rij=1,
        dimensies=(("profiel", "1"),),
        productcategorie="45",
        productcode="45P11",
        eenheid="83",
        soort="traject",
        bedrag=100,
        vanaf=date(2025, 1, 1),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def overeenkomst(*cellen: Cel, **changes: object) -> Overeenkomst:
    made = Overeenkomst(
        id="proef",
        naam="Proef",
        versie="1",
        wetten=("jeugdwet",),
        gemeenten=("0193", "0150"),
        variant="output",
        peildatum="ingangsdatum",
        dimensies=("profiel",),
        cellen=tuple(replace(one, rij=n) for n, one in enumerate(cellen, start=1)),
        bestand="proef.toml",
    )
    return replace(made, **changes)  # type: ignore[arg-type]

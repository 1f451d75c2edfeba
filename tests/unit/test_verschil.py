"""Two versions of an agreement beside each other."""

from dataclasses import replace
from datetime import date

from gateway.agreements.verschil import compare
from gateway.records.overeenkomst import Cel, Overeenkomst

OUD = date(2025, 1, 1)
NIEUW = date(2026, 1, 1)


def cel(rij: int, profiel: str, bedrag: int = 1000, vanaf: date = OUD, **changes: object) -> Cel:
    made = Cel(
        rij=rij,
        dimensies=(("profiel", profiel),),
        productcategorie="45",
        productcode=f"45P{profiel}",
        eenheid="83",
        soort="traject",
        bedrag=bedrag,
        vanaf=vanaf,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def overeenkomst(*cellen: Cel) -> Overeenkomst:
    return Overeenkomst(
        id="a",
        naam="A",
        versie="1",
        wetten=("jeugdwet",),
        gemeenten=("0193",),
        variant="output",
        peildatum="ingangsdatum",
        dimensies=("profiel",),
        cellen=cellen,
    )


def test_cells_are_the_same_other_new_or_gone() -> None:
    een = overeenkomst(cel(1, "1"), cel(2, "2"), cel(3, "3"))
    ander = overeenkomst(cel(1, "1"), cel(2, "2", 1250), cel(3, "4"))
    found = [(one.soort, one.cel.naam, one.bedrag) for one in compare(een, ander)]
    assert [
        ("anders", "profiel=2", 250),
        ("nieuw", "profiel=4", None),
        ("vervallen", "profiel=3", None),
        ("gelijk", "profiel=1", 0),
    ] == found


def test_where_a_cell_stands_in_its_file_makes_no_difference() -> None:
    een, ander = overeenkomst(cel(1, "1"), cel(2, "2")), overeenkomst(cel(1, "2"), cel(2, "1"))
    assert {"gelijk"} == {one.soort for one in compare(een, ander)}


def test_a_period_is_held_against_the_one_that_begins_on_the_same_day() -> None:
    een = overeenkomst(cel(1, "1", 1000, OUD, tot=date(2025, 12, 31)), cel(2, "1", 1100, NIEUW))
    ander = overeenkomst(cel(1, "1", 1200, NIEUW))
    found = [(one.soort, one.bedrag) for one in compare(een, ander)]
    assert [("anders", 100), ("vervallen", None)] == found


def test_a_price_that_only_begins_later_is_the_same_cell() -> None:
    found = compare(overeenkomst(cel(1, "1", 1000, OUD)), overeenkomst(cel(1, "1", 1100, NIEUW)))
    assert [("anders", 100, ["bedrag", "vanaf"])] == [
        (one.soort, one.bedrag, list(one.velden)) for one in found
    ]

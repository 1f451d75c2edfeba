"""What look-up answers: the cell, the contract and the price that is right."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from gateway.agreements.match import (
    Tariefvraag,
    find_place,
    index,
    instalments,
    right_prices,
)
from gateway.records.overeenkomst import Aanbiedercontract, Cel, Plaats, Prijs, Termijn
from tests.unit.agreement_builders import AGB, ANDERE_AGB, DAG, cel, overeenkomst


def vraag(**changes: object) -> Tariefvraag:
    made = Tariefvraag("jeugdwet", "0193", "45P11", "83", AGB, begindatum=DAG, ingangsdatum=DAG)
    return replace(made, **changes)  # type: ignore[arg-type]


# Look-up.


def test_lookup_takes_the_row_of_the_day_and_both_ends_count() -> None:
    first = cel(tot=date(2025, 6, 30))
    table = index([overeenkomst(first, cel(vanaf=date(2025, 7, 1), bedrag=200))])

    def bedrag(dag: date) -> int | None:
        found = table.lookup("jeugdwet", "0150", "45P11", "83", AGB, dag)
        return found.cel.bedrag if found else None

    assert [None, 100, 100, 200] == [
        bedrag(date.fromisoformat(dag))
        for dag in ("2024-12-31", "2025-01-01", "2025-06-30", "2025-07-01")
    ]


def test_the_more_specific_price_goes_before_the_general_one() -> None:
    table = index(
        [
            overeenkomst(
                cel(bedrag=1),
                cel(bedrag=2, gemeenten=("0193",)),
                cel(bedrag=3, aanbieders=(AGB,)),
                cel(bedrag=4, aanbieders=(AGB,), gemeenten=("0193",)),
            )
        ]
    )

    def bedrag(gemeente: str, aanbieder: str) -> int | None:
        found = table.lookup("jeugdwet", gemeente, "45P11", "83", aanbieder, DAG)
        return found.cel.bedrag if found else None

    assert [4, 3, 2, 1] == [
        bedrag(gemeente, aanbieder)
        for aanbieder in (AGB, ANDERE_AGB)
        for gemeente in ("0193", "0150")
    ]


def test_a_cell_decides_before_its_agreement_what_it_names_itself() -> None:
    own = cel(variant="inspanning", peildatum="productperiode", bekendgemaakt_op=DAG)
    inherited = Plaats(overeenkomst(cel(), bekendgemaakt_op=date(2024, 1, 1)), cel())
    assert ("output", "ingangsdatum") == (inherited.variant, inherited.peildatum)
    assert date(2024, 1, 1) == inherited.bekendgemaakt_op
    override = Plaats(overeenkomst(own), own)
    assert ("inspanning", "productperiode") == (override.variant, override.peildatum)
    assert override.known_on(DAG)
    assert not override.known_on(DAG - timedelta(days=1))


def test_products_and_units_are_known_per_municipality() -> None:
    table = index([overeenkomst(cel(gemeenten=("0193",)), cel(eenheid="82", tot=DAG))])
    assert table.has_product("jeugdwet", "0193", "45P11")
    assert table.has_product("jeugdwet", "0150", "45P11")
    assert not table.has_product("jeugdwet", "0150", "45P12")
    assert not table.has_product("wmo", "0193", "45P11")
    assert {"82", "83"} == table.units("jeugdwet", "0193", "45P11", DAG)
    assert {"83"} == table.units("jeugdwet", "0193", "45P11", DAG + timedelta(days=1))
    assert {"82"} == table.units("jeugdwet", "0150", "45P11", DAG)


def test_cells_for_other_providers_can_be_left_out() -> None:
    table = index([overeenkomst(cel(aanbieders=(AGB,)))])
    assert table.has_product("jeugdwet", "0193", "45P11")
    assert table.has_product("jeugdwet", "0193", "45P11", aanbieder=AGB)
    assert not table.has_product("jeugdwet", "0193", "45P11", aanbieder=ANDERE_AGB)
    assert not table.units("jeugdwet", "0193", "45P11", DAG, aanbieder=ANDERE_AGB)


def test_categories_are_told_per_law_and_never_from_the_other_law() -> None:
    both = overeenkomst(
        cel(productcode="AAAAA", tot=date(2025, 6, 30)),
        cel(productcode="AAAAA", productcategorie="50", vanaf=date(2025, 7, 1)),
        cel(productcode="BBBBB", productcategorie="10"),
        wetten=("jeugdwet", "wmo"),
    )
    table = index([both])
    assert {"AAAAA": {"45", "50"}} == table.categories("jeugdwet")
    assert {"BBBBB": {"10"}} == table.categories("wmo")
    assert {"45"} == table.categories_on("jeugdwet", "0193", "AAAAA", DAG)
    assert not table.categories_on("wmo", "0193", "AAAAA", DAG)
    assert not index([]).categories("wmo")


def test_the_parts_of_a_trajectory_add_up_to_the_cent() -> None:
    halves = (Termijn("start", 50), Termijn("einde"))
    thirds = (Termijn("start", 33), Termijn("midden", 33), Termijn("einde", 34))
    assert (51, 50) == instalments(cel(bedrag=101, termijnen=halves))
    assert (33, 33, 35) == instalments(cel(bedrag=101, termijnen=thirds))
    assert (101,) == instalments(cel(bedrag=101))


# Contracts.


@pytest.mark.parametrize(
    ("contract", "admitted"),
    [
        ({}, True),
        ({"agb": ANDERE_AGB}, False),
        ({"gemeenten": ("0193",)}, True),
        ({"gemeenten": ("0150",)}, False),
        ({"vanaf": DAG, "tot": DAG}, True),
        ({"vanaf": DAG + timedelta(days=1)}, False),
        ({"tot": DAG - timedelta(days=1)}, False),
        ({"cellen": ((("profiel", "1"),),)}, True),
        ({"cellen": ((("profiel", "2"),),)}, False),
        ({"cellen": ((("profiel", "2"),), (("productcode", "45P11"),))}, True),
        ({"cellen": ((("profiel", "1"), ("productcategorie", "50")),)}, False),
        ({"geblokkeerd": True}, True),
    ],
)
def test_a_contract_admits_a_provider_for_cell_municipality_and_day(
    contract: dict[str, object], admitted: bool
) -> None:
    row = replace(Aanbiedercontract(agb=AGB), **contract)  # type: ignore[arg-type]
    table = index([overeenkomst(cel(), aanbieders=(row,))])
    plaats = table.lookup("jeugdwet", "0193", "45P11", "83", AGB, DAG)
    assert plaats is not None
    assert admitted == table.contracted(plaats, AGB, "0193", DAG)


def test_an_agreement_without_providers_admits_everyone() -> None:
    table = index([overeenkomst(cel())])
    assert table.contracted(Plaats(table.alle[0], cel()), AGB, "0193", DAG)


# The price that is right.

OUD = cel(bedrag=100, tot=date(2025, 12, 31))
NIEUW = cel(bedrag=110, vanaf=date(2026, 1, 1), bekendgemaakt_op=date(2026, 2, 10))
JANUARI = date(2026, 1, 1)


def prijs(
    *cellen: Cel, bekend_op: date, begindatum: date = JANUARI, **changes: object
) -> Prijs | None:
    table = index([overeenkomst(*cellen, peildatum="productperiode", **changes)])
    return right_prices(table, vraag(begindatum=begindatum), bekend_op)


def juiste(found: Prijs | None) -> tuple[int, ...]:
    return found.juiste if found else ()


def test_until_publication_the_last_published_price_is_right_beside_the_new_one() -> None:
    found = prijs(OUD, NIEUW, bekend_op=date(2026, 2, 9))
    assert found is not None
    assert (110, 100) == found.juiste
    assert found.onbekend_voor_afzender
    assert found.may_reject
    assert ("83", "traject", 110) == (found.eenheid, found.soort, found.plaats.cel.bedrag)


def test_from_publication_on_only_the_new_price_is_right() -> None:
    found = prijs(OUD, NIEUW, bekend_op=date(2026, 2, 10))
    assert (110,) == juiste(found)
    assert found is not None
    assert not found.onbekend_voor_afzender
    assert found.may_reject


def test_a_period_before_the_change_has_only_the_old_price() -> None:
    before = date(2025, 12, 1)
    assert (100,) == juiste(prijs(OUD, NIEUW, bekend_op=date(2026, 1, 5), begindatum=before))


def test_without_any_published_price_nobody_may_be_rejected() -> None:
    found = prijs(NIEUW, bekend_op=date(2026, 2, 9))
    assert (110,) == juiste(found)
    assert found is not None
    assert found.onbekend_voor_afzender
    assert not found.may_reject


def test_the_price_before_that_is_itself_unpublished_is_skipped() -> None:
    middle = cel(
        bedrag=105,
        vanaf=date(2025, 7, 1),
        tot=date(2025, 12, 31),
        bekendgemaakt_op=date(2026, 3, 1),
    )
    first = replace(OUD, tot=date(2025, 6, 30))
    assert (110, 100) == juiste(prijs(first, middle, NIEUW, bekend_op=date(2026, 1, 5)))


def test_an_unpublished_price_for_one_provider_leaves_the_general_price_right() -> None:
    own = cel(bedrag=120, aanbieders=(AGB,), bekendgemaakt_op=date(2026, 3, 1))
    assert (120, 100) == juiste(prijs(cel(), own, bekend_op=date(2026, 2, 1)))
    assert (120,) == juiste(prijs(cel(), own, bekend_op=date(2026, 3, 1)))


def test_the_agreement_tells_when_its_prices_were_published() -> None:
    published = date(2026, 3, 1)
    found = prijs(cel(), bekend_op=date(2026, 2, 1), bekendgemaakt_op=published)
    assert found is not None
    assert found.onbekend_voor_afzender


def test_the_reference_date_is_that_of_the_assignment_or_of_the_line() -> None:
    later = cel(bedrag=110, vanaf=date(2026, 1, 1))
    asked = vraag(ingangsdatum=date(2025, 6, 1), begindatum=JANUARI)
    output = index([overeenkomst(OUD, later)])
    effort = index([overeenkomst(OUD, later, peildatum="productperiode")])
    bekend = date(2026, 2, 1)
    assert (100,) == juiste(right_prices(output, asked, bekend))
    assert (110,) == juiste(right_prices(effort, asked, bekend))
    without = replace(asked, ingangsdatum=None)
    assert (110,) == juiste(right_prices(output, without, bekend))


def test_no_cell_is_no_price() -> None:
    assert prijs(OUD, bekend_op=DAG) is None
    assert find_place(index([]), vraag()) is None

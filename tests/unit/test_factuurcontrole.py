"""An invoice outside the traffic is held against what a line in it is held against."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from gateway.agreements.match import Overeenkomsten, index
from gateway.ledger.geld.factuurcontrole import (
    Bekend,
    Eerder,
    Factuur,
    Factuurregel,
    Handtoewijzing,
    check,
)
from gateway.records.overeenkomst import Aanbiedercontract, Cel, Overeenkomst

MEI, EIND = date(2026, 5, 1), date(2026, 5, 31)
REGEL = Factuurregel(1, "45A04", "04", MEI, EIND, 10, 9000, 90_000)
FACTUUR = Factuur(
    gemeente="0193",
    wet="jeugdwet",
    aanbieder="12345678",
    factuurnummer="F1",
    factuurdatum=date(2026, 6, 2),
    regels=[REGEL],
)
HAND = Handtoewijzing(
    nummer=1,
    productcode="45A04",
    eenheid="04",
    begindatum=MEI,
    einddatum=EIND,
    volume=10,
    bedrag=None,
)


def afspraken(*, geblokkeerd: bool = False, agb: str = "12345678") -> Overeenkomsten:
    cel = Cel(
        rij=1,
        dimensies=(),
        productcategorie="45",
        productcode="45A04",
        eenheid="04",
        soort="pxq",
        bedrag=9000,
        vanaf=date(2026, 1, 1),
    )
    one = Overeenkomst(
        id="proef",
        naam="Proef",
        versie="1",
        wetten=("jeugdwet",),
        gemeenten=("0193",),
        variant="inspanning",
        peildatum="productperiode",
        dimensies=(),
        cellen=(cel,),
        aanbieders=(Aanbiedercontract(agb=agb, geblokkeerd=geblokkeerd),),
    )
    return index([one])


def found(
    bekend: Bekend | None = None, *regels: Factuurregel, **agreed: Any
) -> list[tuple[str, int | None]]:
    some = check(
        replace(FACTUUR, regels=regels or [REGEL]), bekend or Bekend(), afspraken(**agreed)
    )
    return [(one.controle, one.regel) for one in some]


def test_what_fits_gives_nothing() -> None:
    assert [] == found(Bekend(toewijzing=HAND))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"tarief": 9001, "bedrag": 90_010}, ["tarief"]),
        ({"tarief": None}, ["tarief"]),
        ({"bedrag": 90_001}, ["optelling"]),
        ({"productcode": "45A99"}, ["afspraak"]),
        ({"eenheid": "14"}, ["afspraak"]),
        ({"einddatum": date(2026, 6, 3)}, ["periode"]),
    ],
)
def test_a_line_that_does_not_fit_is_told(changes: dict[str, Any], expected: list[str]) -> None:
    assert [(one, 1) for one in expected] == found(None, REGEL._replace(**changes))


def test_an_hour_price_is_right_for_minutes_too() -> None:
    minutes = REGEL._replace(eenheid="01", volume=61, tarief=150, bedrag=9150)
    assert [] == found(None, minutes)
    # An hour costs 90.00: 61 minutes are 91.50, and half a cent a minute is within rounding.
    assert [] == found(None, minutes._replace(bedrag=9180))
    assert [("optelling", 1)] == found(None, minutes._replace(bedrag=9181))


def test_a_provider_without_a_contract_or_that_is_blocked_is_told() -> None:
    assert [("contract", 1)] == found(agb="87654321")
    assert [("contract", 1)] == found(geblokkeerd=True)


def test_the_same_care_twice_is_told() -> None:
    earlier = Eerder("F0", "45A04", EIND, date(2026, 6, 30))
    assert [("dubbel", 1)] == found(Bekend(eerder=[earlier]))
    assert [] == found(Bekend(eerder=[earlier._replace(begindatum=date(2026, 6, 1))]))
    assert [] == found(Bekend(eerder=[earlier._replace(productcode="45A05")]))
    assert [("berichtenverkeer", 1)] == found(Bekend(eerder=[earlier._replace(declaratie=True)]))
    assert [("dubbel", 2)] == found(None, REGEL, REGEL._replace(volgnr=2))


def test_an_assignment_is_a_limit_in_days_volume_and_amount() -> None:
    assert [("omvang", None)] == found(Bekend(toewijzing=HAND, gebruikt_volume=1))
    assert [("omvang", None)] == found(
        Bekend(toewijzing=replace(HAND, volume=None, bedrag=90_000), gebruikt_bedrag=1)
    )
    assert [] == found(Bekend(toewijzing=replace(HAND, volume=None, bedrag=90_000)))
    late = replace(HAND, begindatum=date(2026, 5, 2))
    assert [("periode", 1)] == found(Bekend(toewijzing=late))
    assert [] == found(Bekend(toewijzing=replace(HAND, einddatum=None)))
    assert [("omvang", 1)] == found(Bekend(toewijzing=replace(HAND, productcode="45A05")))

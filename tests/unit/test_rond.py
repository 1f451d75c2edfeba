"""What stands beside our own 301: its families, the cells of its assignments, those around it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from gateway.agreements.match import index
from gateway.pipeline.geen_feiten import NoFacts
from gateway.pipeline.ports import Partijen
from gateway.pipeline.rond import with_agreements
from gateway.records.batch import Toewijzingbatch
from gateway.records.overeenkomst import Cel, Overeenkomst
from gateway.records.toewijzing import ToegewezenProduct
from tests.rules.bouw import build, record
from tests.unit.agreement_builders import AGB, ANDERE_AGB, cel, overeenkomst

PARTIJEN = Partijen("0193", "jeugdwet", AGB)
KIND, ZUSJE = "999900006", "999900018"
PRODUCT = {"productcode": "45P11", "eenheid": "83", "frequentie": "6", "volume": 100}
EEN_TEGELIJK = overeenkomst(cel(), stapelen=False, gezinskenmerk="Gezin ")


class Feiten(NoFacts):
    """Facts with assignments, found by client or by the family that a version names."""

    def __init__(self, *known: ToegewezenProduct) -> None:
        self._known = known
        self.asked: list[Any] = []

    def toewijzingen_rond(
        self, gemeente: str, bsns: Iterable[str], gezinnen: Iterable[str]
    ) -> Sequence[tuple[str, ToegewezenProduct]]:
        self.asked.append((gemeente, list(bsns), list(gezinnen)))
        clients, families = set(bsns), set(gezinnen)
        return [
            ("jeugdwet", one) for one in self._known if one.bsn in clients or one.gezin in families
        ]

    def toewijzingen(
        self, gemeente: str, wet: str, nummers: Iterable[int]
    ) -> Mapping[int, tuple[ToegewezenProduct, ...]]:
        found: dict[int, tuple[ToegewezenProduct, ...]] = {}
        for one in self._known:
            if one.toewijzingnummer in set(nummers):
                found[one.toewijzingnummer] = (*found.get(one.toewijzingnummer, ()), one)
        return found


def known(**changes: Any) -> ToegewezenProduct:
    """An assignment that stood already."""
    made: ToegewezenProduct = record(
        "toewijzing", {**PRODUCT, "toewijzingnummer": 20001, **changes}
    )
    return made


def around(feiten: Feiten, *alle: Overeenkomst, **changes: Any) -> Toewijzingbatch:
    """A 301 of one assignment with everything that the agreements say."""
    batch = build("toewijzing", {"product": {**PRODUCT, **changes}})
    assert isinstance(batch, Toewijzingbatch)
    return with_agreements(index(alle), PARTIJEN, batch, feiten)


def numbers(batch: Toewijzingbatch) -> list[int]:
    return [one.toewijzing.toewijzingnummer for one in batch.andere]


def test_others_are_asked_for_only_where_a_check_looks_at_them() -> None:
    feiten = Feiten(known())
    assert [] == numbers(around(feiten, overeenkomst(cel())))
    assert [] == feiten.asked
    assert [20001] == numbers(around(feiten, EEN_TEGELIJK))
    assert [("0193", [KIND], [])] == feiten.asked


def test_the_old_indication_that_comes_later_looks_for_what_replaced_it() -> None:
    nieuw = overeenkomst(cel(productcode="45P12"), id="nieuw", vervangt=("proef",))
    feiten = Feiten(known(productcode="45P12", aanbieder=ANDERE_AGB))
    (other,) = around(feiten, overeenkomst(cel()), nieuw).andere
    assert other.prijs is not None
    assert "nieuw" == other.prijs.plaats.overeenkomst.id


def test_the_latest_version_of_another_assignment_counts() -> None:
    later = known(toewijzingstijd="10:00:00", volume=200)
    (other,) = around(Feiten(later, known()), EEN_TEGELIJK).andere
    assert 200 == other.toewijzing.volume


@pytest.mark.parametrize(
    ("commentaar", "gezin"),
    [
        ("Gezin 17", "17"),
        ("Zie gesprek.\nGezin 17, drie kinderen", "17"),
        ("(Gezin 17)", "17"),
        ("Gezin A.17.", "A.17"),
        ("Gezin ", None),
        ("Gezin ...", None),
        ("Het gezin 17", None),
        ("", None),
    ],
)
def test_a_family_is_named_in_the_comment_of_an_assignment(
    commentaar: str, gezin: str | None
) -> None:
    batch = around(Feiten(), EEN_TEGELIJK, commentaar=commentaar)
    assert [gezin] == [one.gezin for one in batch.producten]


def test_an_assignment_of_the_family_is_found() -> None:
    sister = known(bsn=ZUSJE, gezin="17")
    assert [20001] == numbers(around(Feiten(sister), EEN_TEGELIJK, commentaar="Gezin 17"))
    assert [] == numbers(around(Feiten(sister), EEN_TEGELIJK, commentaar="Gezin 18"))


@pytest.mark.parametrize(
    "later",
    [
        {"gezin": "", "einddatum": date(2025, 1, 1), "reden_wijziging": "13"},
        {"gezin": ""},
        {"gezin": "18"},
    ],
)
def test_an_assignment_that_left_the_family_or_was_deleted_is_not(later: dict[str, Any]) -> None:
    first = known(bsn=ZUSJE, gezin="17")
    second = known(bsn=ZUSJE, toewijzingstijd="10:00:00", **later)
    assert [] == numbers(around(Feiten(first, second), EEN_TEGELIJK, commentaar="Gezin 17"))


BUDGET = {"soort": "budget", "eenheid": "04", "bedrag": 500000}
GEEN = {"productcode": "", "volume": "", "eenheid": "", "frequentie": "", "budget": 500000}


@pytest.mark.parametrize(
    ("cellen", "found"),
    [
        ([cel(**BUDGET)], True),
        ([cel(**BUDGET), cel(productcode="45P12")], True),
        ([cel(**BUDGET), cel(**BUDGET, productcode="45P12")], False),
        ([cel(**BUDGET, per="client-jaar")], False),
        ([cel(**BUDGET, productcategorie="54")], False),
        ([cel(**BUDGET, vanaf=date(2025, 1, 2))], False),
        ([cel(**BUDGET, tot=date(2025, 1, 1))], True),
        ([cel(**BUDGET, gemeenten=("0150",))], False),
        ([cel(**BUDGET, aanbieders=(ANDERE_AGB,))], False),
        ([cel(**BUDGET, wet="wmo")], False),
    ],
)
def test_a_budget_finds_the_one_cell_of_its_category(cellen: list[Cel], found: bool) -> None:
    batch = around(Feiten(), overeenkomst(*cellen), **GEEN)
    prijs = batch.prijzen.get(10072)
    assert found == (prijs is not None)
    assert prijs is None or ((), "budget") == (prijs.juiste, prijs.soort)


def test_a_budget_without_a_category_finds_no_cell() -> None:
    given = {**GEEN, "productcategorie": ""}
    assert {} == around(Feiten(), overeenkomst(cel(**BUDGET)), **given).prijzen


@pytest.mark.parametrize(
    ("cellen", "found"),
    [
        ([cel(soort="taak", eenheid="16")], True),
        ([cel(soort="taak", eenheid="16"), cel(soort="pxq", eenheid="04")], False),
        ([cel(soort="pxq", eenheid="16")], False),
        ([cel(soort="taak", eenheid="16", tot=date(2024, 12, 31), vanaf=date(2024, 1, 1))], False),
        ([cel(soort="taak", eenheid="16", aanbieders=(ANDERE_AGB,))], False),
    ],
)
def test_a_product_that_is_paid_by_the_task_alone_is_that_in_every_unit(
    cellen: list[Cel], found: bool
) -> None:
    batch = around(Feiten(), overeenkomst(*cellen))
    assert found == (10072 in batch.prijzen)
    assert ["taak"] * found == [plaats.cel.soort for plaats in batch.plaatsen]


def test_without_an_agreement_nothing_is_added() -> None:
    elsewhere = replace(EEN_TEGELIJK, gemeenten=("0150",))
    batch = around(Feiten(known()), elsewhere, commentaar="Gezin 17")
    assert (False, {}, []) == (batch.heeft_overeenkomst, batch.prijzen, numbers(batch))

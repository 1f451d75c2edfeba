"""Running totals of one 323: each pot is fetched once, and grows with what is granted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from gateway.agreements.match import index
from gateway.pipeline.geen_feiten import NoFacts
from gateway.pipeline.ports import Partijen
from gateway.pipeline.potten import Potbron, Potten
from gateway.records.batch import Clientpot, Jaarpot
from gateway.records.declaratie import Prestatie
from gateway.records.overeenkomst import Aanbiedercontract, Drempels, Plaats, Prijs
from tests.rules.bouw import record
from tests.unit.agreement_builders import AGB, cel, overeenkomst

PARTIJEN = Partijen("0193", "jeugdwet", AGB)
GEMEENTE, AANBIEDER = Jaarpot("gemeente", "proef", 2025), Jaarpot("aanbieder", "proef", 2025)


class Feiten(NoFacts):
    """Facts with some spending, that remember what was asked."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def besteed(
        self, gemeenten: Iterable[str], jaren: Iterable[int], aanbieder: str | None
    ) -> Mapping[tuple[str, str, int], int]:
        self.asked.append((list(gemeenten), sorted(jaren), aanbieder))
        return {("jeugdwet", "45P11", 2025): 1000, ("jeugdwet", "45X99", 2025): 50}

    def besteed_aan(
        self, gemeente: str, wet: str, bsns: Iterable[str], productcodes: Iterable[str]
    ) -> Mapping[Clientpot, int]:
        self.asked.append((sorted(bsns), sorted(productcodes)))
        return {Clientpot(bsn, "45P11", 2025): 700 for bsn in bsns}


def bron(**changes: Any) -> tuple[Potbron, Prijs]:
    """An agreement with a ceiling and an allowance, and the price of its cell."""
    made = overeenkomst(
        cel(),
        drempels=Drempels(plafond={"0193": 5000}),
        aanbieders=(Aanbiedercontract(agb=AGB, jaarbedrag=2000),),
    )
    made = replace(made, **changes)
    return Potbron(index([made]), PARTIJEN), Prijs((100,), Plaats(made, made.cellen[0]))


def line(volgnr: int, **changes: Any) -> Prestatie:
    made: Prestatie = record(
        "prestatie", {"volgnr": volgnr, "productcode": "45P11", "ingediend_bedrag": 300, **changes}
    )
    return made


def test_a_pot_begins_with_what_earlier_messages_were_granted_on_the_agreement() -> None:
    source, prijs = bron()
    potten, feiten, lines = Potten(), Feiten(), [line(1), line(2)]
    prijzen = dict.fromkeys((1, 2, 3), prijs)
    potten.fill(source, lines, prijzen, feiten)
    assert {GEMEENTE: 1000, AANBIEDER: 1000} == potten.jaar
    potten.add(source, lines, prijzen)
    potten.fill(source, [line(3)], prijzen, feiten)
    assert {GEMEENTE: 1600, AANBIEDER: 1600} == potten.jaar
    assert sorted([(["0193"], [2025], None), (["0150", "0193"], [2025], AGB)], key=str) == sorted(
        feiten.asked, key=str
    )


def test_a_credit_takes_from_the_pot() -> None:
    source, prijs = bron()
    potten, lines = Potten(), [line(1, debet_credit="C", vorig_referentienummer="R0")]
    potten.fill(source, lines, {1: prijs}, Feiten())
    potten.add(source, lines, {1: prijs})
    assert 700 == potten.jaar[GEMEENTE]


def test_a_budget_of_a_client_is_kept_per_client_and_year() -> None:
    source, prijs = bron(
        cellen=(cel(soort="budget", per="client-jaar"),), drempels=Drempels(), aanbieders=()
    )
    potten, feiten, lines = Potten(), Feiten(), [line(1), line(2, bsn="999900018")]
    prijzen = dict.fromkeys((1, 2), prijs)
    potten.fill(source, lines, prijzen, feiten)
    potten.add(source, lines[:1], prijzen)
    potten.fill(source, lines, prijzen, feiten)
    assert {
        Clientpot("999900006", "45P11", 2025): 1000,
        Clientpot("999900018", "45P11", 2025): 700,
    } == potten.client
    assert 1 == len(feiten.asked)


def test_without_ceilings_allowances_or_budgets_nothing_is_asked() -> None:
    source, prijs = bron(drempels=Drempels(), aanbieders=())
    potten, feiten = Potten(), Feiten()
    potten.fill(source, [line(1)], {1: prijs}, feiten)
    potten.add(source, [line(1)], {1: prijs})
    assert ([], {}, {}) == (feiten.asked, potten.jaar, potten.client)


def test_what_the_part_before_is_granted_counts_for_the_later_part_in_a_next_chunk() -> None:
    made = overeenkomst(cel(), cel(productcode="45P12", hoort_bij="45P11"))
    source = Potbron(index([made]), PARTIJEN)
    before, later = (Prijs((100,), Plaats(made, one)) for one in made.cellen)
    first, second = line(1), line(2, productcode="45P12")
    feiten, potten = Feiten(), Potten()
    potten.fill(source, [first], {1: before}, feiten)
    potten.add(source, [first], {1: before})
    potten.fill(source, [second], {2: later}, feiten)
    assert {Clientpot(first.bsn, "45P11", 2025): 700 + 300} == potten.client

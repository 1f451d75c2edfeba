"""What ends soon, what is left of ceilings and allowances, and use that nobody declares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from gateway.agreements.match import Overeenkomsten, index
from gateway.ledger.aflopend import Afloop, Product, Venster, of_agreements, of_assignment
from gateway.ledger.gebruik import Taakgebruik, Zorg, task_use
from gateway.ledger.radar import look
from gateway.ledger.ruimte import Besteding, Ruimte, rooms
from gateway.ledger.tempo import Gebruik, Lopend
from gateway.ledger.verrekening import Afname
from gateway.records.overeenkomst import Aanbiedercontract, Cel, Drempels, Uitgestapt
from tests.rules.bouw import EMPTY, record
from tests.unit.agreement_builders import AGB, ANDERE_AGB, cel, overeenkomst

VANDAAG = date(2025, 12, 1)
VENSTER = Venster(VANDAAG, 60)
OUDEJAAR = date(2025, 12, 31)
NIEUWJAAR = date(2026, 1, 1)


def lopend(nummer: int = 1, **changes: Any) -> Lopend:
    """A running assignment of the product of the small agreement."""
    base = {
        "toewijzingnummer": nummer,
        "aanbieder": AGB,
        "productcode": "45P11",
        "eenheid": "83",
        "frequentie": "6",
        "volume": 1000,
        "einddatum": date(2026, 6, 30),
    }
    return Lopend(
        gemeente="0193", wet="jeugdwet", client="x", toewijzing=record("toewijzing", base | changes)
    )


def ends(*cellen: Cel, running: Counter[Product] | None = None, **changes: Any) -> list[Afloop]:
    """What of an agreement ends within the window."""
    made = index([overeenkomst(*cellen, **changes)])
    return list(of_agreements(made, VENSTER, running or Counter()))


# --- what ends --------------------------------------------------------------------------------


def test_the_window_has_its_first_and_its_last_day() -> None:
    assert [False, True, True, False, False] == [
        VENSTER.has(day)
        for day in (date(2025, 11, 30), VANDAAG, date(2026, 1, 30), date(2026, 1, 31), None)
    ]
    assert date.max == Venster(VANDAAG, 10**9).laatste


def test_an_assignment_ends_on_its_last_day() -> None:
    (one,) = of_assignment(lopend(7, einddatum=OUDEJAAR), VENSTER)
    assert ("toewijzing", OUDEJAAR, "7 (45P11)", "0193", AGB, 1) == (
        one.soort,
        one.datum,
        one.wat,
        one.gemeente,
        one.aanbieder,
        one.lopend,
    )
    assert [] == list(of_assignment(lopend(einddatum=EMPTY), VENSTER))
    assert [] == list(of_assignment(lopend(), VENSTER))


@pytest.mark.parametrize(
    ("key", "soort"),
    [
        ("tot", "prijs"),
        ("toewijsbaar_tot", "toewijzen"),
        ("indicatie_tot", "indicaties"),
        ("declarabel_tot", "declareren"),
    ],
)
def test_every_last_day_of_a_cell_is_told(key: str, soort: str) -> None:
    running = Counter(
        {
            ("jeugdwet", "0193", "45P11", AGB): 3,
            ("jeugdwet", "0150", "45P11", ANDERE_AGB): 2,
            ("jeugdwet", "0193", "45P12", AGB): 9,
            ("wmo", "0193", "45P11", AGB): 9,
            ("jeugdwet", "0164", "45P11", AGB): 9,
        }
    )
    (one,) = ends(cel(**{key: OUDEJAAR}), running=running)
    assert (soort, OUDEJAAR, "proef: profiel=1", 5) == (one.soort, one.datum, one.wat, one.lopend)


def test_a_price_is_followed_by_the_next_one() -> None:
    old, new = cel(tot=OUDEJAAR), cel(vanaf=NIEUWJAAR)
    assert [True] == [one.opvolger for one in ends(old, new)]
    assert [False] == [one.opvolger for one in ends(old)]
    assert [False] == [one.opvolger for one in ends(old, replace(new, gemeenten=("0193",)))]
    assert [None] == [one.opvolger for one in ends(cel(toewijsbaar_tot=OUDEJAAR))]


def test_a_price_of_one_provider_is_followed_by_the_price_for_all() -> None:
    own = cel(tot=OUDEJAAR, aanbieders=(AGB,))
    (one,) = ends(own, cel())
    assert (True, AGB) == (one.opvolger, one.aanbieder)


def test_a_contract_ends_unless_it_goes_on() -> None:
    ending = Aanbiedercontract(agb=AGB, tot=OUDEJAAR, gemeenten=("0193",))
    running = Counter({("jeugdwet", "0193", "45P11", agb): 2 for agb in (AGB, ANDERE_AGB)})
    (one,) = ends(cel(), aanbieders=(ending,), running=running)
    assert ("contract", OUDEJAAR, "proef", "0193", AGB, 2) == (
        one.soort,
        one.datum,
        one.wat,
        one.gemeente,
        one.aanbieder,
        one.lopend,
    )
    assert [] == ends(cel(), aanbieders=(ending, Aanbiedercontract(agb=AGB, vanaf=NIEUWJAAR)))
    later = Aanbiedercontract(agb=AGB, vanaf=date(2026, 1, 2))
    assert 1 == len(ends(cel(), aanbieders=(ending, later)))
    assert [] == ends(cel(), aanbieders=(Aanbiedercontract(agb=AGB),))


def test_a_municipality_that_leaves_is_told_on_its_last_day() -> None:
    running = Counter({("jeugdwet", code, "45P11", AGB): 4 for code in ("0193", "0150")})
    (one,) = ends(cel(), uitgestapt=(Uitgestapt("0150", NIEUWJAAR),), running=running)
    assert ("gemeente stapt uit", OUDEJAAR, "0150", 4) == (
        one.soort,
        one.datum,
        one.gemeente,
        one.lopend,
    )


def test_a_municipality_that_left_before_is_not_told() -> None:
    assert [] == ends(cel(), uitgestapt=(Uitgestapt("0150", date(2025, 6, 1)),))


def test_nothing_comes_after_the_last_day_of_the_calendar() -> None:
    made = index([overeenkomst(cel(tot=date.max), aanbieders=(Aanbiedercontract(agb=AGB),))])
    (one,) = of_agreements(made, Venster(date(9999, 12, 1), 60), Counter())
    assert (date.max, True) == (one.datum, one.opvolger)


def test_of_another_municipality_nothing_is_told() -> None:
    made = index([overeenkomst(cel(tot=OUDEJAAR))])
    assert [] == list(of_agreements(made, VENSTER, Counter(), "0164"))
    assert 1 == len(list(of_agreements(made, VENSTER, Counter(), "0150")))


# --- what is left -----------------------------------------------------------------------------

AGREEMENT = overeenkomst(
    cel(),
    drempels=Drempels(plafond={"0193": 1000}, melding_jaarbedrag=60),
    aanbieders=(Aanbiedercontract(agb=AGB, jaarbedrag=500), Aanbiedercontract(agb=ANDERE_AGB)),
)


def spent(cents: int, **changes: Any) -> dict[Besteding, int]:
    """Spending on the agreement in 2025."""
    own = Besteding("0193", "jeugdwet", AGB, "45P11", 2025)
    return {own._replace(**changes): cents}


def test_ceilings_and_allowances_are_told_with_what_is_used() -> None:
    used = spent(200) | spent(100, gemeente="0150") | spent(150, aanbieder=ANDERE_AGB)
    assert [
        Ruimte("jaarbedrag", "proef", AGB, 2025, 500, 300, 60),
        Ruimte("plafond", "proef", "0193", 2025, 1000, 350, 100),
    ] == rooms(index([AGREEMENT]), used, 2025)


def test_people_hear_of_it_at_the_percentage_that_they_chose() -> None:
    found = rooms(index([AGREEMENT]), spent(299), 2025)
    assert [(59, False), (29, False)] == [(one.percentage, one.is_reached) for one in found]
    assert rooms(index([AGREEMENT]), spent(300), 2025)[0].is_reached
    assert 100 == Ruimte("plafond", "proef", "0193", 2025, 0, 0, 100).percentage


@pytest.mark.parametrize("change", [{"productcode": "45X99"}, {"wet": "wmo"}, {"gemeente": "0164"}])
def test_only_products_and_municipalities_of_the_agreement_count(change: dict[str, str]) -> None:
    assert {0} == {one.gebruikt for one in rooms(index([AGREEMENT]), spent(9, **change), 2025)}


def test_the_year_before_is_told_as_long_as_it_was_used() -> None:
    found = rooms(index([AGREEMENT]), spent(100), 2026)
    assert [(2025, 100), (2025, 100), (2026, 0), (2026, 0)] == sorted(
        (one.jaar, one.gebruikt) for one in found
    )
    assert {2027} == {one.jaar for one in rooms(index([AGREEMENT]), spent(100), 2027)}


def test_versions_of_an_agreement_share_their_spending() -> None:
    new = replace(AGREEMENT, versie="2", bestand="2.toml", cellen=(cel(productcode="45P12"),))
    used = spent(100) | spent(50, productcode="45P12")
    found = rooms(index([AGREEMENT, new]), used, 2025)
    assert [150, 150] == [one.gebruikt for one in found]


def test_of_one_municipality_its_ceiling_and_the_allowances_are_told() -> None:
    agreements = index([AGREEMENT])
    assert ["plafond", "jaarbedrag"] == [o.soort for o in rooms(agreements, {}, 2025, "0193")]
    assert ["jaarbedrag"] == [one.soort for one in rooms(agreements, {}, 2025, "0150")]
    assert [] == rooms(agreements, {}, 2025, "0164")


# --- use --------------------------------------------------------------------------------------

ZORG = Zorg("0193", "jeugdwet", AGB, "45", "45P11", False, 5, 2, 1)


def test_use_of_a_task_is_told_beside_its_amount() -> None:
    task = cel(soort="taak", bedrag=9000)
    assert [Taakgebruik(ZORG, "proef", "profiel=1", 9000)] == task_use(
        index([overeenkomst(task)]), [ZORG], 2025
    )


def test_a_start_without_a_number_is_told_without_an_agreement_too() -> None:
    own = replace(cel(soort="taak"), aanbieders=(ANDERE_AGB,))
    for agreements in (index(()), index([overeenkomst(own)])):
        assert [Taakgebruik(ZORG, None, None, None)] == task_use(agreements, [ZORG], 2025)
        assert [] == task_use(agreements, [ZORG._replace(met_nummer=True)], 2025)


def test_a_cell_of_another_year_says_nothing() -> None:
    made = index([overeenkomst(cel(soort="taak", tot=OUDEJAAR))])
    assert [None] == [one.bedrag for one in task_use(made, [ZORG], 2026)]


# --- all of it --------------------------------------------------------------------------------


class Bron:
    """A store with a few facts."""

    def __init__(self, *lopend: Lopend) -> None:
        self._lopend = lopend
        self.asked: list[Sequence[str]] = []

    def lopend(self) -> Iterator[Lopend]:
        return iter(self._lopend)

    def besteed(self) -> dict[Besteding, int]:
        return spent(100)

    def afname(self, productcodes: Sequence[str]) -> Sequence[Afname]:
        self.asked.append(productcodes)
        return ()

    def zorg(self, productcodes: Sequence[str], vandaag: date) -> Sequence[Zorg]:
        self.asked.append(productcodes)
        return [ZORG]


def seen(bron: Bron, agreements: Overeenkomsten) -> Any:
    return look(bron, agreements, VENSTER)


def test_only_assignments_that_run_are_looked_at() -> None:
    bron = Bron(
        lopend(1, ingangsdatum=date(2025, 12, 2)),
        lopend(2, einddatum=date(2025, 11, 30)),
        lopend(3, einddatum=VANDAAG),
        lopend(4, einddatum=EMPTY),
        lopend(5, einddatum=EMPTY, productcode=EMPTY),
    )
    radar = seen(bron, index(()))
    assert (3, ["3 (45P11)"]) == (radar.lopend, [one.wat for one in radar.aflopend])


def test_what_ends_first_stands_first() -> None:
    agreements = index([overeenkomst(cel(tot=OUDEJAAR))])
    radar = seen(Bron(lopend(1, einddatum=OUDEJAAR), lopend(2, einddatum=VANDAAG)), agreements)
    assert ["toewijzing", "prijs", "toewijzing"] == [one.soort for one in radar.aflopend]
    assert [1, 2, 1] == [one.lopend for one in radar.aflopend]


def test_the_kind_of_the_cell_tells_a_trajectory_from_a_budget() -> None:
    used = Gebruik(date(2025, 1, 1), date(2025, 11, 30), "83", 1000, 1000)
    one = replace(lopend(), gebruik=(used,))
    assert 1 == len(seen(Bron(one), index([overeenkomst(cel(soort="budget"))])).uitputting)
    assert [] == seen(Bron(one), index([overeenkomst(cel())])).uitputting
    assert [] == seen(Bron(one), index(())).uitputting


def test_only_what_is_needed_is_asked_of_the_store() -> None:
    bron = Bron()
    cells = (cel(soort="taak"), cel(soort="lumpsum", productcode="45P12", aanbieders=(AGB,)))
    radar = seen(bron, index([overeenkomst(*cells)]))
    assert [["45P11", "45P12"], ["45P12"]] == bron.asked
    assert [AGB] == [one.aanbieder for one in radar.verrekening]
    assert [100] == [one.bedrag for one in radar.gebruik]
    other = Bron()
    seen(other, index(()))
    assert [[]] == other.asked

"""The calculation on a receipt, for every kind of cell."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.agreements.maandbedrag import month_due
from gateway.deviations.berekening import (
    Voorgaand,
    agreed_amounts,
    bedrag_steps,
    ruimte_steps,
)
from gateway.records.batch import Declaratiebatch, Stand
from tests.checks.bouw import build_batch, prijs
from tests.unit.agreement_builders import cel

Steps = list[tuple[str, int]]
DAGEN = st.dates(date(2024, 1, 1), date(2026, 12, 31))
PXQ = {"soort": "pxq", "eenheid": "04", "bedrag": 5000}


def batch_of(**case: Any) -> Declaratiebatch:
    batch = build_batch("declaratie", case)
    assert isinstance(batch, Declaratiebatch)
    return batch


def amounts(**case: Any) -> Steps:
    batch = batch_of(**case)
    (line,) = batch.prestaties
    steps = bedrag_steps(batch, line, batch.prijzen.get(line.volgnr))
    return [(one["stap"], one["uitkomst"]) for one in steps]


def room(voorgaand: Voorgaand | None = None, **case: Any) -> Steps:
    batch = batch_of(**case)
    line = batch.prestaties[0]
    found = ruimte_steps(batch, line, voorgaand or Voorgaand(), batch.prijzen.get(line.volgnr))
    return [(one["stap"], one["uitkomst"]) for one in found]


# --- What is asked for ------------------------------------------------------------------------


def test_hours_times_the_price_of_an_hour() -> None:
    line = {"eenheid": "04", "geleverd_volume": 8, "producttarief": 5100, "ingediend_bedrag": 40800}
    assert [
        ("volume 8 x tarief 5100", 40800),
        ("ingediend bedrag", 40800),
        ("afgesproken prijs 5000 x volume 8", 40000),
        ("ingediend min afgesproken", 800),
    ] == amounts(prestatie=line, cel=PXQ)


def test_minutes_by_the_price_of_an_hour_are_rounded_half_up() -> None:
    line = {"eenheid": "01", "geleverd_volume": 7, "producttarief": 83, "ingediend_bedrag": 583}
    assert [
        ("ingediend bedrag", 583),
        ("afgesproken uurtarief 5000 x 7 minuten / 60, half naar boven", 583),
        ("ingediend min afgesproken", 0),
    ] == amounts(prestatie=line, cel=PXQ)


def test_both_prices_are_told_while_the_new_one_is_not_known() -> None:
    line = {"eenheid": "04", "geleverd_volume": 2, "producttarief": 4900, "ingediend_bedrag": 9800}
    found = amounts(prestatie=line, cel={**PXQ, "juiste": [5000, 4900]})
    assert [10000, 9800, -200] == [amount for _, amount in found[2:]]


def test_a_piece_of_output() -> None:
    line = {"eenheid": "82", "geleverd_volume": 1, "producttarief": 500, "ingediend_bedrag": 500}
    found = amounts(prestatie=line, cel={"soort": "stuk", "eenheid": "82", "bedrag": 500})
    assert ("afgesproken prijs 500 x volume 1", 500) in found


def test_a_trajectory_with_its_instalments_to_the_cent() -> None:
    termijnen = [
        {"moment": "start", "deel": 33},
        {"moment": "plan", "deel": 33},
        {"moment": "eind"},
    ]
    given_cel = {"soort": "traject", "eenheid": "83", "bedrag": 1001, "termijnen": termijnen}
    line = {"eenheid": "83", "geleverd_volume": 330, "producttarief": "", "ingediend_bedrag": 330}
    assert [
        ("bedrag is volume in centen", 330),
        ("ingediend bedrag", 330),
        ("afgesproken prijs van het hele traject", 1001),
        ("termijn 1 van 3 (start): 33 % van 1001, half naar boven", 330),
        ("termijn 2 van 3 (plan): 33 % van 1001, half naar boven", 330),
        ("termijn 3 van 3 (eind): de rest", 341),
    ] == amounts(prestatie=line, cel=given_cel)


def test_an_amount_per_month_with_a_broken_first_month() -> None:
    given_cel = {
        "soort": "periode",
        "eenheid": "83",
        "bedrag": 31000,
        "gebroken_begin": "naar-rato",
    }
    line = {
        "eenheid": "83",
        "begindatum": date(2025, 3, 11),
        "einddatum": date(2025, 3, 31),
        "geleverd_volume": 31000,
        "producttarief": "",
        "ingediend_bedrag": 31000,
    }
    found = amounts(prestatie=line, toewijzing={"ingangsdatum": date(2025, 3, 11)}, cel=given_cel)
    assert [
        ("afgesproken bedrag per maand", 31000),
        ("gebroken maand, naar-rato: 21 van 31 dagen, half naar boven", 21000),
        ("ingediend min afgesproken", 10000),
    ] == found[2:]


@pytest.mark.parametrize(
    ("changes", "sentence", "amount"),
    [
        ({"soort": "budget", "per": "client-jaar"}, "budget per cliënt en jaar", 265000),
        ({"soort": "lumpsum"}, "bedrag voor de hele periode; geen prijs per regel", 265000),
        ({"soort": "taak"}, "bedrag voor de hele periode; geen prijs per regel", 265000),
    ],
)
def test_what_has_no_price_per_line_tells_its_amount(
    changes: dict[str, Any], sentence: str, amount: int
) -> None:
    assert (sentence, amount) in amounts(cel={**changes, "eenheid": "04"})


def test_a_credit_tells_what_it_undoes() -> None:
    credit = {"debet_credit": "C", "vorig_referentienummer": "RN9", "ingediend_bedrag": 700}
    debet = {"referentienummer": "RN9", "ingediend_bedrag": 900}
    assert [
        ("bedrag van de toegekende debetregel", 900),
        ("ingediend bedrag van deze creditregel", -700),
    ] == amounts(prestatie=credit, debet=debet, cel=PXQ)
    assert [] == room(prestatie=credit, debet=debet, cel=PXQ)


def test_a_line_in_euros_has_no_amount_by_a_price_per_unit() -> None:
    batch = batch_of(prestatie={"eenheid": "83"})
    assert () == agreed_amounts(batch.prestaties[0], prijs({}))


# --- The room on the assignment ---------------------------------------------------------------


def test_the_room_counts_earlier_messages_and_this_one_apart() -> None:
    line = {"eenheid": "04", "geleverd_volume": 3}
    toewijzing = {"volume": 20, "eenheid": "04", "frequentie": "6"}
    voorgaand = Voorgaand(vooraf=Stand(volume=120), in_bericht=Stand(volume=60))
    assert [
        ("ruimte in deze periode (uren)", 20),
        ("volume van deze regel (uren)", 3),
        ("ruimte in de hele toewijzing (minuten)", 1200),
        ("toegekend vóór dit bericht (minuten)", 120),
        ("toegekend in dit bericht vóór deze regel (minuten)", 60),
        ("deze regel (minuten)", 180),
        ("over na deze regel (minuten)", 840),
    ] == room(voorgaand, prestatie=line, toewijzing=toewijzing)


def test_a_budget_is_counted_in_cents() -> None:
    line = {"eenheid": "04", "geleverd_volume": 1, "producttarief": 300, "ingediend_bedrag": 300}
    toewijzing = {"volume": "", "eenheid": "", "frequentie": "", "budget": 1000}
    voorgaand = Voorgaand(vooraf=Stand(bedrag=800), in_bericht=Stand(bedrag=50))
    assert [
        ("budget van de toewijzing", 1000),
        ("toegekend vóór dit bericht (centen)", 800),
        ("toegekend in dit bericht vóór deze regel (centen)", 50),
        ("deze regel (centen)", 300),
        ("over na deze regel (centen)", -150),
    ] == room(voorgaand, prestatie=line, toewijzing=toewijzing)


def test_the_budget_of_a_client_is_counted_over_the_year() -> None:
    found = room(
        Voorgaand(client=50_000),
        prestatie={"ingediend_bedrag": 1000},
        cel={"soort": "budget", "per": "client-jaar", "bedrag": 56_200, "eenheid": "04"},
    )
    assert [50_000, 5_200] == [amount for _, amount in found[-2:]]


def test_the_version_that_the_sender_knew_is_told_beside_the_latest() -> None:
    found = room(
        prestatie={"eenheid": "04"},
        toewijzing={"volume": 5, "eenheid": "04", "frequentie": "6"},
        eerdere_versie={"volume": 9, "eenheid": "04", "frequentie": "6"},
    )
    period = [(step, amount) for step, amount in found if step.startswith("ruimte in deze")]
    assert [
        ("ruimte in deze periode (uren)", 5),
        ("ruimte in deze periode (uren), zoals de afzender die kende", 9),
    ] == period


# --- A month ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("begin", "eind", "regels", "expected"),
    [
        (date(2025, 1, 1), None, ("geen", "geen"), 31000),
        (date(2025, 3, 2), None, ("vol", "vol"), 31000),
        (date(2025, 3, 2), None, ("geen", "vol"), 0),
        (date(2025, 3, 2), None, ("naar-rato", "geen"), 30000),
        (date(2025, 1, 1), date(2025, 3, 30), ("geen", "naar-rato"), 30000),
        (date(2025, 1, 1), date(2025, 3, 31), ("geen", "geen"), 31000),
        (date(2025, 3, 11), date(2025, 3, 20), ("naar-rato", "naar-rato"), 10000),
        (date(2025, 3, 11), date(2025, 3, 20), ("naar-rato", "vol"), 21000),
        (date(2025, 3, 11), date(2025, 3, 20), ("naar-rato", "geen"), 0),
    ],
)
def test_a_broken_month_is_paid_as_the_cell_says(
    begin: date, eind: date | None, regels: tuple[str, str], expected: int
) -> None:
    one = cel(soort="periode", bedrag=31000, gebroken_begin=regels[0], gebroken_eind=regels[1])
    assert expected == month_due(one, date(2025, 3, 1), begin, eind).bedrag


@given(dag=DAGEN, begin=DAGEN, eind=st.none() | DAGEN, bedrag=st.integers(0, 1_000_000))
def test_a_month_is_never_due_for_more_than_its_amount(
    dag: date, begin: date, eind: date | None, bedrag: int
) -> None:
    for regel in ("vol", "geen", "naar-rato"):
        one = cel(soort="periode", bedrag=bedrag, gebroken_begin=regel, gebroken_eind=regel)
        due = month_due(one, dag, begin, eind)
        assert 0 <= due.bedrag <= bedrag
        if due.regel in (None, "vol"):
            assert bedrag == due.bedrag

"""What a large installation needs follows from what was measured and what is assumed."""

from __future__ import annotations

import pytest

from tests.benchmarks.schaal import (
    NAMES,
    Kosten,
    Uur,
    arrivals,
    drukste_uur,
    duur,
    read_aannames,
    workers_for,
)

KOSTEN = Kosten(
    bericht=0.01,
    regel=0.0001,
    database_bericht=0.002,
    database_regel=0.00002,
    bytes_bericht=5_000,
    bytes_regel=400,
)
AANNAMES = {
    "regels": 1_000_000,
    "andere": 500_000,
    "regels_per_declaratie": 40,
    "drukste_dag_declaraties": 0.2,
    "drukste_dag_andere": 0.1,
    "drukste_uur": 0.25,
    "bezetting": 0.6,
    "bezetting_storing": 0.85,
    "zones": 3,
    "gemeenten": 10,
    "aanbieders_per_gemeente": 5,
}


def test_every_assumption_has_a_name_for_readers() -> None:
    assert read_aannames().keys() == NAMES.keys()


def test_the_busiest_hour_is_a_share_of_a_share_of_the_month() -> None:
    assert Uur(1_250, 50_000, 12_500) == drukste_uur(AANNAMES)


def test_work_is_that_of_messages_and_of_their_lines() -> None:
    uur = Uur(declaraties=100, regels=4_000, andere=300)
    assert pytest.approx(400 * 0.01 + 4_000 * 0.0001) == uur.werk(KOSTEN)
    assert pytest.approx(400 * 0.002 + 4_000 * 0.00002) == uur.database(KOSTEN)


@pytest.mark.parametrize(
    ("messages", "workers"),
    [
        (1, 3),  # one in every zone at least
        (360_000, 3),  # a full worker: 1.67 as a rule, 1.76 while a zone is away
        (612_000, 3),  # 2.83 and 3.0
        (613_000, 6),  # 2.84 and 3.005
    ],
)
def test_workers_are_enough_when_a_zone_is_away(messages: int, workers: int) -> None:
    assert workers == workers_for(Uur(0, 0, messages), KOSTEN, AANNAMES)


def test_as_much_comes_in_an_hour_as_it_has() -> None:
    uur = Uur(declaraties=5_000, regels=200_000, andere=15_000)
    found = list(arrivals(uur, KOSTEN, AANNAMES))
    assert pytest.approx(uur.berichten, rel=0.03) == len(found)
    assert pytest.approx(uur.werk(KOSTEN), rel=0.1) == sum(one.werk for one in found)
    assert [one.moment for one in found] == sorted(one.moment for one in found)
    assert 50 == len({one.paar for one in found})


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.02, "20 ms"), (1.5, "1,5 s"), (90, "1,5 min"), (7200, "2 uur")]
)
def test_a_time_is_told_in_the_unit_that_people_use(seconds: float, text: str) -> None:
    assert text == duur(seconds)

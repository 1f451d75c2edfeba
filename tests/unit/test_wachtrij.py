"""The simulated queue does what theory says, and what the gateway does."""

from __future__ import annotations

from itertools import accumulate
from math import factorial
from random import Random

import pytest

from tests.benchmarks.wachtrij import Bericht, Bezetting, Regels, simulate

COUNT = 60_000


def poisson(rate: float, service: float, seed: int) -> list[Bericht]:
    """Messages that come and take as they like, each between other parties."""
    rng = Random(seed)
    moments = accumulate(rng.expovariate(rate) for _ in range(COUNT))
    return [Bericht(m, n, rng.expovariate(1 / service)) for n, m in enumerate(moments)]


def erlang_c(workers: int, load: float) -> float:
    """The chance that a message has to wait; `load` is the work a second."""
    last = load**workers / factorial(workers) * workers / (workers - load)
    return last / (sum(load**k / factorial(k) for k in range(workers)) + last)


@pytest.mark.parametrize(("workers", "rate"), [(1, 0.5), (1, 0.8), (2, 1.6), (5, 4.0)])
def test_the_mean_time_is_that_of_theory(workers: int, rate: float) -> None:
    seeds = range(3)
    found = [simulate(poisson(rate, 1.0, seed), [Bezetting(0, workers)]) for seed in seeds]
    expected = erlang_c(workers, rate) / (workers - rate) + 1.0
    mean = sum(sum(one.tijden) for one in found) / (COUNT * len(found))
    assert pytest.approx(expected, rel=0.06) == mean


def test_work_and_time_are_counted() -> None:
    found = simulate([Bericht(0.0, 1, 2.0), Bericht(1.0, 2, 2.0)], [Bezetting(0, 1)])
    assert ([2.0, 3.0], 4.0, 4.0, 1) == (
        found.tijden,
        found.gewerkt,
        found.einde,
        found.langste_rij,
    )


def test_messages_between_the_same_parties_are_never_in_two_hands() -> None:
    same = [Bericht(0.0, 1, 1.0) for _ in range(4)]
    others = [Bericht(0.0, number, 1.0) for number in range(4)]
    assert 4.0 == simulate(same, [Bezetting(0, 2)]).einde
    assert 2.0 == simulate(others, [Bezetting(0, 2)]).einde


def test_who_waits_for_the_same_parties_keeps_nobody_else_waiting() -> None:
    berichten = [Bericht(0.0, 1, 5.0), Bericht(0.0, 1, 1.0), Bericht(0.0, 2, 1.0)]
    assert [1.0, 5.0, 6.0] == simulate(berichten, [Bezetting(0, 2)]).tijden


def test_a_handful_shares_what_it_costs_beside_its_messages() -> None:
    berichten = [Bericht(0.0, number, 1.0) for number in range(4)]
    alone = simulate(berichten, [Bezetting(1, 1)], Regels(handvol=1, vast=10.0))
    together = simulate(berichten, [Bezetting(1, 1)], Regels(handvol=4, vast=10.0))
    assert (45.0, 15.0) == (alone.einde, together.einde)


def test_messages_between_the_same_parties_may_be_in_one_hand() -> None:
    same = [Bericht(0.0, 1, 1.0) for _ in range(4)]
    assert 14.0 == simulate(same, [Bezetting(1, 2)], Regels(handvol=4, vast=9.0)).einde


def test_a_message_is_known_when_the_relay_looks() -> None:
    found = simulate([Bericht(0.3, 1, 0.25)], [Bezetting(0, 1)], Regels(tik=0.5))
    assert pytest.approx([0.45]) == found.tijden


def test_workers_that_go_finish_what_they_have_and_take_nothing_new() -> None:
    berichten = [Bericht(0.0, 1, 4.0), Bericht(0.0, 2, 4.0), Bericht(2.0, 3, 1.0)]
    bezetting = [Bezetting(0, 2), Bezetting(1, 0), Bezetting(10, 1)]
    assert [4.0, 4.0, 9.0] == simulate(berichten, bezetting).tijden

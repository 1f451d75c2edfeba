"""Measures ways in turns, so that a slow moment of the machine hits all of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from statistics import median
from typing import TypeVar

T = TypeVar("T")
Way = Callable[[int], float]


def in_turns(rounds: int, ways: Mapping[str, Callable[[int], T]]) -> dict[str, list[T]]:
    """What every way gives, round after round; it is told which round it is."""
    given: dict[str, list[T]] = {name: [] for name in ways}
    for number in range(rounds):
        for name, way in ways.items():
            given[name].append(way(number))
    return given


def medians(rounds: int, ways: Mapping[str, Way]) -> dict[str, float]:
    """The median per way of what it gives in so many rounds."""
    return {name: median(found) for name, found in in_turns(rounds, ways).items()}


def timed(work: Callable[[], object]) -> float:
    """Seconds of one call."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin

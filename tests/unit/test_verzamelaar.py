"""What several threads ask for at the same time is done in one go, and each gets its own answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from gateway.errors import MessageRefused, TemporaryFailure
from gateway.store.verzamelaar import Verzamelaar

PATIENCE = 10.0


class Werk:
    """Doubles numbers, and keeps what it was asked together; the first question waits for `go`."""

    def __init__(self, fails: Callable[[Sequence[int]], None] = lambda numbers: None) -> None:
        self.asked: list[list[int]] = []
        self.go = threading.Event()
        self._fails = fails

    def do(self, numbers: Sequence[int]) -> Sequence[int]:
        self.asked.append(list(numbers))
        if len(self.asked) == 1:
            assert self.go.wait(PATIENCE)
        self._fails(numbers)
        return [2 * number for number in numbers]


@contextmanager
def asking(werk: Werk, numbers: Sequence[int], most: int = 50) -> Iterator[list[Future[int]]]:
    """One thread for every number, which come in order: the first is busy while the others come."""
    samen: Verzamelaar[int, int] = Verzamelaar(werk.do, most, singly=(MessageRefused,))
    with ThreadPoolExecutor(len(numbers)) as pool:
        told = []
        for place, number in enumerate(numbers):
            told.append(pool.submit(samen.answer, number))
            until = time.monotonic() + PATIENCE
            while len(samen._waiting) < place or not werk.asked:
                assert time.monotonic() < until
                time.sleep(0.001)
        werk.go.set()
        yield told


def test_who_comes_alone_waits_for_nobody() -> None:
    werk = Werk()
    werk.go.set()
    samen: Verzamelaar[int, int] = Verzamelaar(werk.do, 50, singly=())
    assert [2, 4] == [samen.answer(1), samen.answer(2)]
    assert [[1], [2]] == werk.asked


def test_who_comes_meanwhile_is_taken_along() -> None:
    werk = Werk()
    with asking(werk, [1, 2, 3, 4]) as told:
        assert [2, 4, 6, 8] == [one.result(PATIENCE) for one in told]
    assert [[1], [2, 3, 4]] == werk.asked


def test_no_more_at_once_than_may_be() -> None:
    werk = Werk()
    with asking(werk, [1, 2, 3, 4], most=2) as told:
        assert [2, 4, 6, 8] == [one.result(PATIENCE) for one in told]
    assert [[1], [2, 3], [4]] == werk.asked


def refuse_three(numbers: Sequence[int]) -> None:
    if 3 in numbers:
        raise MessageRefused("drie")


def test_what_is_wrong_with_one_is_not_told_to_the_others() -> None:
    werk = Werk(refuse_three)
    with asking(werk, [1, 2, 3, 4]) as told:
        assert [2, 4, 8] == [told[place].result(PATIENCE) for place in (0, 1, 3)]
        with pytest.raises(MessageRefused, match="drie"):
            told[2].result(PATIENCE)
    assert [[1], [2, 3, 4], [2], [3], [4]] == werk.asked


def away(numbers: Sequence[int]) -> None:
    if 1 not in numbers:
        raise TemporaryFailure("weg")


def test_what_is_nobodys_fault_is_told_to_all_of_them() -> None:
    werk = Werk(away)
    with asking(werk, [1, 2, 3]) as told:
        assert 2 == told[0].result(PATIENCE)
        for one in told[1:]:
            with pytest.raises(TemporaryFailure, match="weg"):
                one.result(PATIENCE)
    assert [[1], [2, 3]] == werk.asked

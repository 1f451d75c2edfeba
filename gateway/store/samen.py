"""Does works side by side in one thread: what all of them ask is answered in one go.

Each work runs up to where it asks something, and goes on once all have come so far.  So code that
asks where it needs to know something is written as if it were alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from greenlet import getcurrent, greenlet

T = TypeVar("T")


class _Work(greenlet):  # type: ignore[misc]
    """One of the works."""


def is_beside_others() -> bool:
    """Whether who calls this is one of several works."""
    return isinstance(getcurrent(), _Work)


def ask(question: object) -> Any:
    """The answer to a question of a work; waits for the others."""
    return getcurrent().parent.switch(question)


def side_by_side(
    works: Sequence[Callable[[], T]], answer: Callable[[Sequence[Any]], Sequence[Any]]
) -> list[T]:
    """What the works give; what one of them or `answer` raises ends all others."""
    running = [_Work(work) for work in works]
    try:
        told = [one.switch() for one in running]
        while asking := [place for place, one in enumerate(running) if not one.dead]:
            answers = answer([told[place] for place in asking])
            for place, given in zip(asking, answers, strict=True):
                told[place] = running[place].switch(given)
        return told
    finally:
        for one in running:
            if not one.dead:
                one.throw()

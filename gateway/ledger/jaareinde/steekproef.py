"""Draws a money-unit sample: every euro that was granted has the same chance to be looked at.

The amounts are laid behind each other in a fixed order, and from a start that the seed decides
every so many cents a line is hit (systematic selection).  A line of at least the interval is always
looked at and stands apart: of those nothing has to be estimated.  Method: monetary unit sampling as
in the audit guides on sampling (AICPA, NBA); the seed makes the draw repeatable.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from gateway.ledger.geld.specificatie import DECLARATIE, Bron


class Post(NamedTuple):
    """A line of the population: which one, of whom, what it comes to (cents).

    `stuk_id` is the message that it is in, or the invoice outside the traffic (`bron`).
    """

    stuk_id: int
    regelnr: int
    aanbieder: str
    bedrag: int
    bron: Bron = DECLARATIE


class Trekking(NamedTuple):
    """A line that is in the sample; `is_hoog` when it is at least the interval."""

    post: Post
    is_hoog: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """How is drawn: every `interval` cents from `start` on (1 up to the interval)."""

    interval: int
    start: int


def plan_of(populatie: int, omvang: int, zaad: str) -> Plan:
    """The plan for a population in eurocents and a sample of so many.

    The start is made of the seed by sha-256, which is the same everywhere and in every version.
    """
    interval = max(populatie // omvang, 1)
    drawn = int.from_bytes(hashlib.sha256(zaad.encode()).digest())
    return Plan(interval, drawn % interval + 1)


def drawn(posten: Iterable[Post], plan: Plan) -> Iterator[Trekking]:
    """The lines that are in the sample, in the order of the population."""
    wanted, passed = plan.start, 0
    for post in posten:
        if post.bedrag >= plan.interval:
            yield Trekking(post, is_hoog=True)
            continue
        passed += post.bedrag
        if passed >= wanted:
            wanted += plan.interval
            yield Trekking(post, is_hoog=False)

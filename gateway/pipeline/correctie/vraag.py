"""What is asked of the correction assistant: of whom, over which months, and for what reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from gateway.pipeline.ports import Partijen


class Reden(StrEnum):
    """Why lines are looked at."""

    AFGEWEZEN = "afgewezen"  # refused lines, and what of them can be claimed again
    TARIEF = "tarief"  # granted lines whose right price is another one now
    TOEWIJZING = "toewijzing"  # granted lines that a later 301 put outside their assignment


@dataclass(frozen=True, slots=True, kw_only=True)
class Wijze:
    """How lines are looked at.

    `codes` narrows refused lines down to those with one of these retourcodes.  `inkorten` allows
    that a ProductPeriode is cut to the days of its assignment: whether all of the volume was
    delivered in what is left only the provider knows.
    """

    reden: Reden
    codes: frozenset[str] = frozenset()
    inkorten: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Correctievraag:
    """Lines of Declaraties with a period that begins from..to, between these parties."""

    partijen: Partijen
    wijze: Wijze
    begin: date
    eind: date

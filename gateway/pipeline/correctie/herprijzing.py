"""What is asked of a re-pricing of granted lines, and what it comes to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from gateway.ledger.correctie.regels import Correctie
from gateway.ledger.correctie.totaal import Totalen
from gateway.pipeline.ports import Partijen
from gateway.pipeline.proef import Meld


class Herprijsd(NamedTuple):
    """A granted line whose right price is another one, with the parties that it is between."""

    partijen: Partijen
    correctie: Correctie


@dataclass(frozen=True, slots=True, kw_only=True)
class Herprijsvraag:
    """Agreement files (name and bytes), and which granted lines are priced by them.

    Those of Declaraties of some municipalities, with a period that begins from..to.
    """

    naam: str
    bestanden: Sequence[tuple[str, bytes]]
    begin: date
    eind: date
    gemeenten: frozenset[str]


@dataclass(frozen=True, slots=True)
class Herprijsuitkomst:
    """The sums, and the first of the lines."""

    vraag: Herprijsvraag
    totalen: Totalen
    declaraties: int
    niet_geraakt: int
    eerste: Sequence[Herprijsd]


DoeHerprijzing = Callable[[Herprijsvraag, Meld], Herprijsuitkomst]

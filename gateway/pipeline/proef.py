"""What is asked of a replay with a proposal, and what it comes to; see `replay` for the judging."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from gateway.pipeline.effect import Effect
from gateway.pipeline.ports import Partijen
from gateway.pipeline.replay import Steekproef, Verandering


@dataclass(frozen=True, slots=True, kw_only=True)
class Proefvraag:
    """A proposal (the bytes of an agreement file) and which invoices are judged by it.

    Those of some municipalities, with a DeclaratiePeriode that begins from..to.
    """

    naam: str
    voorstel: bytes
    begin: date
    eind: date
    gemeenten: frozenset[str]


@dataclass(frozen=True, slots=True)
class Omslag:
    """A line that would be granted instead of rejected, or the other way round."""

    inbox_id: int
    partijen: Partijen
    declaratienummer: str
    verandering: Verandering


@dataclass(frozen=True, slots=True)
class Vervanging:
    """An agreement of the proposal and the versions that it replaces; none where it is added."""

    id: str
    versie: str
    vervangt: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proefuitkomst:
    """The effect of a proposal; `omslagen` are the first of the lines that flip."""

    vraag: Proefvraag
    voorstel: Sequence[Vervanging]
    effect: Effect
    steekproef: Steekproef
    omslagen: Sequence[Omslag]


# Tells how many of how many invoices are done; may raise to have it end.
Meld = Callable[[int, int], None]
DoeProef = Callable[[Proefvraag, Meld], Proefuitkomst]

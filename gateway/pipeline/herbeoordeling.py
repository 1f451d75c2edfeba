"""Judges a stored 323 again, read-only, on the facts as they stood when it was judged.

A message is judged in its order and as a whole, because its lines count for each other: credits
come first, and volumes add up.  Nothing is composed and nothing is written.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager

from gateway.deviations.receipt import Document
from gateway.errors import WrongUse
from gateway.messages.reader import Source
from gateway.pipeline.beoordeling import Afwijzing, Beoordeling, Deel
from gateway.pipeline.bewijzen import Bewijzen
from gateway.pipeline.kennis import Kennis
from gateway.pipeline.lezing import Lezing, read_declaratie
from gateway.pipeline.ports import Claim, FactSource, Store

# What was taken in once is never too large afterwards.
NO_CAP = sys.maxsize


class Herbeoordeling:
    """A 323 in hand once more; `bij_oordeel` is the hash of what its judgement knew."""

    def __init__(
        self, beoordeling: Beoordeling, facts: FactSource, bij_oordeel: str | None
    ) -> None:
        self._beoordeling = beoordeling
        self._facts = facts
        self._bewijzen = Bewijzen(beoordeling, bij_oordeel)

    @property
    def lezing(self) -> Lezing:
        """The message as it was read."""
        return self._beoordeling.lezing

    def refused(self) -> Afwijzing | None:
        """Why the message is rejected as a whole; None when its lines are judged."""
        return self._beoordeling.refused_inside() or self._beoordeling.refused_outside(self._facts)

    def delen(self) -> Iterator[Deel]:
        """The judged lines, in processing order; to be walked through once, to the end."""
        self._beoordeling.refused_clients(self._facts)
        yield from self._beoordeling.delen(self._facts)

    def bewijzen(self, deel: Deel, regelnrs: Set[int]) -> Iterator[tuple[int, Document]]:
        """The receipts of some lines of a part, each with the number of its line."""
        return self._bewijzen.of(deel, regelnrs)


@contextmanager
def judged_again(
    store: Store, claim: Claim, kennis: Kennis, bij_oordeel: str | None
) -> Iterator[Herbeoordeling]:
    """The message of a claim, to be judged again from its raw bytes with any knowledge."""
    message = kennis.reader.open(Source(store.message(claim.inbox_id), NO_CAP))
    if message.kind.nummer != "323":
        raise WrongUse(f"bericht {claim.inbox_id} is geen declaratie maar een {message.kind.naam}")
    lezing = read_declaratie(message)
    try:
        with store.facts(claim) as facts:
            beoordeling = Beoordeling(message.kind, lezing, claim, kennis.of(message.kind))
            yield Herbeoordeling(beoordeling, facts, bij_oordeel)
    finally:
        lezing.close()


def bewijs_of(opnieuw: Herbeoordeling, regelnr: int) -> Document | None:
    """The receipt of one line; None when the message is now rejected as a whole.

    Raises WrongUse when there is no such line in it.
    """
    found = bewijzen_of(opnieuw, {regelnr})
    return None if found is None else found[regelnr]


def bewijzen_of(opnieuw: Herbeoordeling, regelnrs: Set[int]) -> Mapping[int, Document] | None:
    """The receipts of some lines by their number; None when the message is now rejected whole.

    Raises WrongUse when one of those lines is not in it.
    """
    if opnieuw.refused() is not None:
        return None
    found = dict[int, Document]()
    for deel in opnieuw.delen():
        found.update(opnieuw.bewijzen(deel, regelnrs))
        if len(found) == len(regelnrs):
            return found
    raise _no_such_line(min(regelnrs - found.keys()))


def bsn_of(lezing: Lezing, regelnr: int) -> str:
    """The Bsn of the client of a line; raises WrongUse when there is no such line."""
    for chunk in lezing.chunks():
        for line in chunk:
            if line.volgnr == regelnr:
                return line.bsn
    raise _no_such_line(regelnr)


def last_with(lezing: Lezing, referentienummer: str) -> int | None:
    """The number of the last line with a ReferentieNummer in document order."""
    numbers = [
        line.volgnr
        for chunk in lezing.chunks()
        for line in chunk
        if line.referentienummer == referentienummer
    ]
    return max(numbers, default=None)


def _no_such_line(regelnr: int) -> WrongUse:
    return WrongUse(f"regel {regelnr} is niet bekend: zoveel regels heeft het bericht niet")

"""Looks up what the guard of a 301 has to know of assignments that are lowered."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.answers.vermindering import Verleden, Vermindering
from gateway.pipeline.ports import FactSource, Partijen


def past_of(partijen: Partijen, found: Sequence[Vermindering], facts: FactSource) -> Verleden:
    """What was granted, delivered and agreed on them; one query per kind, none for nothing."""
    nummers = sorted({one.nummer for one in found})
    if not nummers:
        return Verleden()
    leveringen = facts.leveringen_op(partijen, nummers)
    return Verleden(
        stand=facts.stand(partijen, nummers),
        tot=facts.gedeclareerd_tot(partijen, nummers),
        toegekend=facts.toegekend(partijen.gemeente, partijen.wet, nummers),
        begonnen=leveringen.starts.keys(),
        gestopt={
            nummer: max(one.einddatum for one in definitief)
            for nummer, stops in leveringen.stops.items()
            if (definitief := [one for one in stops if not one.is_tijdelijk])
        },
        instemmingen=facts.instemmingen(partijen, nummers),
    )

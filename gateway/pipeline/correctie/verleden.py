"""Granted lines for which another price is right by other agreements: a change of the past."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gateway.pipeline.correctie.prijs import priced
from gateway.pipeline.correctie.zoeker import Prijsbron, standing
from gateway.pipeline.gather import own_versions
from gateway.pipeline.ports import Beoordeeld, FactSource
from gateway.records.declaratie import Prestatie
from gateway.records.overeenkomst import Prijs


def changed_in_past(
    beoordeeld: Beoordeeld, facts: FactSource, prijzen: Prijsbron
) -> Iterator[Prestatie]:
    """The granted debets of a message that are to be credited for another price by the second.

    As a re-pricing lists them: without what was credited since, and what is right by that price.
    Where there is no price any more a line counts as well.
    """
    partijen = beoordeeld.partijen
    voor, na = prijzen(beoordeeld)
    for chunk in beoordeeld.regels:
        lines = [line for line in chunk if not line.retourcodes and not line.is_credit]
        nummers = {line.toewijzingnummer for line in lines}
        versies = own_versions(
            facts.toewijzingen(partijen.gemeente, partijen.wet, nummers), partijen
        )
        latest = {nummer: found[-1] for nummer, found in versies.items()}
        old, new = voor.of_lines(lines, latest), na.of_lines(lines, latest)
        changed = [line for line in lines if _changes(line, old, new)]
        stands = standing(partijen, changed, facts)
        yield from (line for line in changed if line.referentienummer in stands)


def _changes(line: Prestatie, old: Mapping[int, Prijs], new: Mapping[int, Prijs]) -> bool:
    before, after = old.get(line.volgnr), new.get(line.volgnr)
    if _price(before) == _price(after):
        return False
    return after is None or priced(line, after, before) != line


def _price(prijs: Prijs | None) -> tuple[str, int] | None:
    if prijs is None or not prijs.juiste:
        return None
    return prijs.eenheid, prijs.juiste[0]
